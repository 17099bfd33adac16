/** Routes of the Lambda API: method, path below the version, operation. The first match wins. */
const routes: readonly (readonly [string, RegExp, string])[] = [
  ['GET', /^functions$/, 'ListFunctions'],
  ['POST', /^functions$/, 'CreateFunction'],
  ['GET', /^functions\/[^/]+$/, 'GetFunction'],
  ['DELETE', /^functions\/[^/]+$/, 'DeleteFunction'],
  ['POST', /^functions\/[^/]+\/invocations$/, 'Invoke'],
  ['GET', /^functions\/[^/]+\/configuration$/, 'GetFunctionConfiguration'],
  ['PUT', /^functions\/[^/]+\/configuration$/, 'UpdateFunctionConfiguration'],
  ['PUT', /^functions\/[^/]+\/code$/, 'UpdateFunctionCode'],
  ['GET', /^functions\/[^/]+\/policy$/, 'GetPolicy'],
  ['POST', /^functions\/[^/]+\/policy$/, 'AddPermission'],
  ['GET', /^functions\/[^/]+\/versions$/, 'ListVersionsByFunction'],
  ['POST', /^functions\/[^/]+\/versions$/, 'PublishVersion'],
  ['GET', /^functions\/[^/]+\/aliases$/, 'ListAliases'],
  ['POST', /^functions\/[^/]+\/aliases$/, 'CreateAlias'],
  ['GET', /^functions\/[^/]+\/aliases\/[^/]+$/, 'GetAlias'],
  ['PUT', /^functions\/[^/]+\/concurrency$/, 'PutFunctionConcurrency'],
  ['GET', /^functions\/[^/]+\/concurrency$/, 'GetFunctionConcurrency'],
  ['DELETE', /^functions\/[^/]+\/concurrency$/, 'DeleteFunctionConcurrency'],
  ['GET', /^functions\/[^/]+\/url$/, 'GetFunctionUrlConfig'],
  ['GET', /^event-source-mappings$/, 'ListEventSourceMappings'],
  ['POST', /^event-source-mappings$/, 'CreateEventSourceMapping'],
  ['GET', /^layers$/, 'ListLayers'],
  ['GET', /^account-settings$/, 'GetAccountSettings'],
  ['GET', /^tags\/.+$/, 'ListTags'],
  ['POST', /^tags\/.+$/, 'TagResource'],
  ['DELETE', /^tags\/.+$/, 'UntagResource'],
];

/** The Lambda operation behind a request, or null where it is not one of those listed here. */
export function lambdaOperation(method: string, url: URL): string | null {
  const path = url.pathname.replace(/^\/\d{4}-\d{2}-\d{2}\//, '').replace(/\/$/, '');
  const route = routes.find(([verb, pattern]) => verb === method && pattern.test(path));
  return route?.[2] ?? null;
}
