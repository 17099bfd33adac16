import { arnIn, flag, nameOf, tagList, tell } from './kind-parts.ts';
import type { Entry, Written } from './entry.ts';
import type { Kind } from './kind.ts';

/** Where data lies: databases, tables, caches, buckets. */
export const databases: Readonly<Record<string, Kind>> = {
  db: {
    type: 'rds:db',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'rds', `db:${nameOf(entry)}`),
    defaults: { state: 'available' },
    put(answers, entry, written) {
      const { fields } = entry;
      answers.add(entry.region, 'rds describe-db-instances', {
        ...databaseItem(entry, written),
        class: fields['class'],
        public: fields['public'] === 'yes',
        cluster: fields['cluster'],
        source: fields['source'],
        vpc: written.idsIn(entry, 'vpc')[0],
      });
    },
  },
  dbcluster: {
    type: 'rds:cluster',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'rds', `cluster:${nameOf(entry)}`),
    defaults: { state: 'available' },
    put(answers, entry, written) {
      answers.add(entry.region, 'rds describe-db-clusters', {
        ...databaseItem(entry, written),
        members: written.idsIn(entry, 'members'),
      });
    },
  },
  table: {
    type: 'dynamodb:table',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'dynamodb', `table/${nameOf(entry)}`),
    defaults: { state: 'ACTIVE' },
    put(answers, entry) {
      const { region, id, arn, fields } = entry;
      answers.add(region, 'dynamodb list-tables', { value: id });
      answers.read('dynamodb describe-table', id, [{ arn, state: fields['state'] }]);
      tell(answers, entry);
    },
  },
  cache: {
    type: 'elasticache:cluster',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'elasticache', `cluster:${nameOf(entry)}`),
    defaults: { state: 'available' },
    put(answers, entry) {
      const { id, name, arn, fields, region } = entry;
      answers.add(region, 'elasticache describe-cache-clusters', {
        id,
        name,
        arn,
        state: fields['state'],
        attributes: { engine: fields['engine'], node_type: fields['node'] },
        search_words: [fields['engine']],
      });
      tell(answers, entry);
    },
  },
  bucket: {
    type: 's3:bucket',
    idOf: nameOf,
    arnOf: (entry) => `arn:aws:s3:::${nameOf(entry)}`,
    put(answers, entry) {
      const { id, fields, region } = entry;
      const created = fields['created'];
      answers.add('any', 's3api list-buckets', { name: id, region, created });
      if (fields['encrypted'] !== 'no') {
        answers.read('s3api get-bucket-encryption', id, { algorithm: 'AES256' });
      }
      if (fields['versioned'] === 'yes') {
        answers.read('s3api get-bucket-versioning', id, { status: 'Enabled' });
      }
      const blocked = fields['public'] !== 'yes';
      const block = { acls: blocked, ignore: blocked, policy: blocked, restrict: blocked };
      answers.read('s3api get-public-access-block', id, block);
      tell(answers, entry);
    },
  },
};

function databaseItem(entry: Entry, written: Written) {
  const { id, arn, fields } = entry;
  return {
    id,
    arn,
    state: fields['state'],
    tags: tagList(entry),
    engine: fields['engine'],
    encrypted: flag(fields['encrypted']),
    multi_az: flag(fields['multi']) ?? false,
    groups: written.idsIn(entry, 'groups'),
  };
}
