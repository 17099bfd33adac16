import type { DiscoveredResource } from '../resource.ts';
import { defineServiceScanner } from '../service-scanner.ts';
import { readEventSources } from './lambda-event-sources.ts';
import { readFunctions } from './lambda-functions.ts';

/**
 * Lambda functions with their aliases, and what feeds events to them. One call per region; where there are functions one more for
 * tags, one for versions, one for event sources, and one for the aliases of each function that has versions.
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
    let none = context.wanted('lambda:function') === null;
    const counted = async function* (): AsyncGenerator<DiscoveredResource> {
      try {
        for await (const found of readFunctions(context)) {
          none = false;
          yield found;
        }
      } catch (error) {
        none = false;
        throw error;
      }
    };
    yield* context.tolerate(counted());
    // Without functions there is nothing that events could be fed to.
    if (!none) yield* context.tolerate(readEventSources(context));
  },
});
