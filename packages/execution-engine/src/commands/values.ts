import { z } from 'zod';

/** A string that can stand in argv: anything without NUL, which the kernel would cut it at. */
export const Argument = z
  .string()
  .refine((text) => !text.includes('\0'), 'must not contain a NUL character');

/** A name of a program or a path: like {@link Argument}, and not empty. */
export const NonEmptyArgument = Argument.refine((text) => text !== '', 'must not be empty');
