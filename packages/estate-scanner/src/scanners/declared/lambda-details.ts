import { defineServiceScanner } from '../../service-scanner.ts';

/** Lambda layers, each with its latest version. One list per region. */
export const lambdaDetailsScanner = defineServiceScanner({
  service: 'lambda-details',
  requiredPermissions: ['lambda:ListLayers'],
  resources: [
    {
      type: 'lambda:layer',
      words: 'Lambda layer, code that functions share',
      actions: { onResource: ['lambda:PublishLayerVersion'] },
      list: { call: 'lambda list-layers', items: 'Layers', pageSize: 50 },
      arn: 'LayerArn',
      id: 'LayerName',
      name: 'LayerName',
      // A layer is made with its first version, of which the list tells nothing.
      attributes: {
        latest_version: 'LatestMatchingVersion.Version',
        latest_version_at: 'LatestMatchingVersion.CreatedDate',
        description: 'LatestMatchingVersion.Description',
        runtimes: 'LatestMatchingVersion.CompatibleRuntimes',
        architectures: 'LatestMatchingVersion.CompatibleArchitectures',
      },
      search_words: ['LatestMatchingVersion.Description'],
    },
  ],
});
