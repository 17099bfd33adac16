import type { ExecutionEngine } from 'cloudops-execution-engine';
import { describe, expectTypeOf, it } from 'vitest';
import type { MiniLmEmbedder } from '../../src/embedding/minilm.ts';
import type { PermissionEvaluator } from '../../src/iam/simulate.ts';
import type { CommandRunner, Embedder, PermissionSource } from '../../src/ports.ts';

describe('the ports', () => {
  it('are satisfied by the engine, the embedder and the permission evaluator as they are', () => {
    expectTypeOf<ExecutionEngine>().toExtend<CommandRunner>();
    expectTypeOf<MiniLmEmbedder>().toExtend<Embedder>();
    expectTypeOf<PermissionEvaluator>().toExtend<PermissionSource>();
  });
});
