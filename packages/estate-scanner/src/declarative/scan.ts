import { canBeList } from '../aws/always-named.ts';
import { AwsCallError } from '../aws/errors.ts';
import { isObject, type JsonObject } from '../aws/pages.ts';
import { ScanError } from '../errors.ts';
import { OncePerSession } from '../once-per-session.ts';
import type { DiscoveredResource, Json } from '../resource.ts';
import type { ScanContext } from '../scan-context.ts';
import type { DeclaredResource, DeclaredStep } from './declaration.ts';
import { arnOf, toDiscovered } from './found.ts';
import { itemsIn } from './nothing.ts';
import { projectionOf, textsOf } from './query.ts';
import { type TagsByArn, readTags } from './tagging.ts';

type Parameters = Record<string, Json>;

/** One type of a scan, and whom to tell what is wrong with its declaration: what is right of it is found all the same. */
interface TypeScan {
  context: ScanContext;
  declared: DeclaredResource;
  onFault: (message: string) => void;
}

interface Settled {
  found: JsonObject[];
  failure: AwsCallError | null;
}

const tagsByType = new OncePerSession<TagsByArn>();

/**
 * Finds everything that is declared. A type whose calls fail, or whose expressions find nothing, leaves the others as they are.
 *
 * @throws ScanError `INVALID_SCANNER`, once all was read: things are there of which the declaration says nothing
 */
export async function* scanDeclared(
  context: ScanContext,
  resources: readonly DeclaredResource[],
): AsyncGenerator<DiscoveredResource> {
  const faults: ScanError[] = [];
  for (const declared of resources) {
    if (context.wanted(declared.type)?.length === 0) continue;
    yield* context.tolerate(scanType(context, declared, faults));
  }
  const [first] = faults;
  if (first !== undefined) throw first;
}

async function* scanType(
  context: ScanContext,
  declared: DeclaredResource,
  faults: ScanError[],
): AsyncGenerator<DiscoveredResource> {
  const { type, through = [], arn, id } = declared;
  let unnamed = 0;
  let wrong: string | undefined;
  const onFault = (message: string): void => {
    wrong ??= message;
  };
  try {
    for await (const item of follow({ context, declared, onFault }, through, {})) {
      const tags = await tagsOf(context, declared, item);
      const found = toDiscovered(declared, item, context, tags);
      if (found === null) unnamed += 1;
      else yield found;
    }
  } catch (error) {
    if (!ScanError.is(error) || error.code !== 'INVALID_SCANNER') throw error;
    faults.push(error);
  }
  if (wrong !== undefined) faults.push(invalid(`${type}: ${wrong}`));
  if (unnamed === 0) return;
  const expressions = [arn, id].filter((expression) => expression !== undefined).join(', ');
  faults.push(invalid(`${type}: ${unnamed} items have neither an ARN nor an id at ${expressions}`));
}

function invalid(message: string): ScanError {
  return new ScanError('INVALID_SCANNER', message);
}

/** Follows the calls up to the last one; each gives those behind it a parameter. */
async function* follow(
  scan: TypeScan,
  steps: readonly DeclaredStep[],
  parameters: Parameters,
): AsyncGenerator<JsonObject> {
  const [step, ...rest] = steps;
  if (step === undefined) {
    yield* lastCall(scan, parameters);
    return;
  }
  const { context } = scan;
  const inputs = context.mapResources(namesOf(scan, step, parameters), (name) =>
    settle(follow(scan, rest, { ...parameters, [step.as]: name })),
  );
  // One that is refused is in the report, and costs none of the others.
  for await (const settled of inputs) yield* context.tolerate(unpack(settled));
}

/** What was found before a failure is kept. */
async function* unpack({ found, failure }: Settled): AsyncGenerator<JsonObject> {
  yield* found;
  if (failure !== null) throw failure;
}

/** The names that a step finds, in portions where the next call takes several. */
async function* namesOf(
  { context, onFault }: TypeScan,
  step: DeclaredStep,
  parameters: Parameters,
): AsyncGenerator<Json> {
  const [service, operation] = callOf(step.call);
  const list = context.list(service, operation, {
    query: textsOf(step.items),
    parameters: { ...step.parameters, ...parameters },
  });
  let portion: Json[] = [];
  for await (const { value } of itemsIn(list, step, onFault)) {
    if (typeof value !== 'string') {
      const kind = Array.isArray(value) ? 'a list' : typeof value;
      throw invalid(
        `items of "${step.call}" must be texts, since each becomes ${step.as}; there is ${kind}`,
      );
    }
    if (step.atOnce === undefined) yield value;
    else portion.push(value);
    if (portion.length === step.atOnce) {
      yield portion;
      portion = [];
    }
  }
  if (portion.length > 0) yield portion;
}

async function* lastCall(
  { context, declared: { list, read, ...declared }, onFault }: TypeScan,
  found: Parameters,
): AsyncGenerator<JsonObject> {
  const last = list ?? read;
  if (last === undefined) return;
  const [service, operation] = callOf(last.call);
  const parameters = { ...last.parameters, ...found };
  const query = projectionOf(last.items, declared);
  if (list !== undefined) {
    const { pageSize } = list;
    const options = { query, parameters, ...(pageSize !== undefined && { pageSize }) };
    yield* itemsIn(context.list(service, operation, options), list, onFault);
    return;
  }
  const isAnswer = (output: Json): boolean => canBeList(service, output);
  const output = await context.aws(service, operation, parameters, { query, isAnswer });
  if (Array.isArray(output)) yield* itemsIn(output.filter(isObject), last, onFault);
}

/** What a source yields, and the AWS failure that ended it. What is gone since it was listed is no failure. */
async function settle(source: AsyncIterable<JsonObject>): Promise<Settled> {
  const found: JsonObject[] = [];
  try {
    for await (const item of source) found.push(item);
    return { found, failure: null };
  } catch (error) {
    if (AwsCallError.is(error, 'not_found')) return { found, failure: null };
    if (AwsCallError.is(error)) return { found, failure: error };
    throw error;
  }
}

async function tagsOf(
  context: ScanContext,
  declared: DeclaredResource,
  item: JsonObject,
): Promise<Record<string, string> | null> {
  const { taggedAs, type } = declared;
  const arn = arnOf(declared, item, context);
  if (taggedAs === undefined || arn === null) return null;
  const region = context.region === 'global' ? null : context.region;
  const tags = await tagsByType.get(context, `${context.region} ${taggedAs}`, () =>
    readTags(context, region, [taggedAs], type),
  );
  return tags === null ? null : (tags.get(arn) ?? {});
}

function callOf(call: string): [service: string, operation: string] {
  const [service = '', operation = ''] = call.split(' ');
  return [service, operation];
}
