import { defineServiceScanner } from '../service-scanner.ts';
import { readEventSources } from './lambda-event-sources.ts';
import { readFunctions } from './lambda-functions.ts';

/**
 * Lambda functions with their aliases, and what feeds events to them. Two calls per region: event sources outlive the functions that
 * they were made for, so they are listed whether there are any or not. Where there are functions one more for tags, one for versions, and
 * one for the aliases of each function that has versions.
 */
export const lambdaScanner = defineServiceScanner({
  service: 'lambda',
  resourceTypes: ['lambda:function', 'lambda:event-source-mapping'],
  requiredPermissions: [
    'lambda:ListFunctions',
    'lambda:GetFunction',
    'lambda:ListVersionsByFunction',
    'lambda:ListAliases',
    'lambda:ListEventSourceMappings',
    'lambda:GetEventSourceMapping',
    'tag:GetResources',
  ],
  words: {
    'lambda:function': 'Lambda function, serverless code',
    'lambda:event-source-mapping': 'Lambda trigger, event source mapping',
  },
  actions: {
    'lambda:function': {
      onResource: [
        'lambda:InvokeFunction',
        'lambda:GetFunction',
        'lambda:UpdateFunctionCode',
        'lambda:UpdateFunctionConfiguration',
        'lambda:PublishVersion',
        'lambda:PutFunctionConcurrency',
        'lambda:TagResource',
        'lambda:DeleteFunction',
      ],
    },
    'lambda:event-source-mapping': {
      onResource: ['lambda:UpdateEventSourceMapping', 'lambda:DeleteEventSourceMapping'],
    },
  },
  async *scan(context) {
    yield* context.merge([
      context.tolerate(readFunctions(context)),
      context.tolerate(readEventSources(context)),
    ]);
  },
});
