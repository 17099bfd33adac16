import { RequestError, type RequestErrorCode } from '../../src/errors.ts';
import { validatePlaybook } from '../../src/playbook/validate.ts';
import { now, someRequest } from './playbooks.ts';

interface Refusal {
  code: RequestErrorCode;
  pointers: string[];
}

/** Why a playbook is refused, null where it is not; what is thrown of another kind is thrown on. */
export function refusalOf(document: unknown, request = someRequest()): Refusal | null {
  try {
    validatePlaybook(document, request, now);
    return null;
  } catch (error) {
    if (!RequestError.is(error)) throw error;
    const { errors } = error.details;
    const pointers = Array.isArray(errors)
      ? errors.map((found: unknown) =>
          typeof found === 'object' && found !== null && 'pointer' in found
            ? String(found.pointer)
            : '',
        )
      : [];
    return { code: error.code, pointers };
  }
}
