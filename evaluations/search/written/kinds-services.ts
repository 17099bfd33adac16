import { arnIn, nameOf, tagList, tell } from './kind-parts.ts';
import { containers } from './kinds-containers.ts';
import type { Kind } from './kind.ts';

/** What applications lean on: messages, secrets, keys, alarms, roles. */
export const services: Readonly<Record<string, Kind>> = {
  ...containers,
  queue: {
    type: 'sqs:queue',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'sqs', nameOf(entry)),
    put(answers, entry) {
      const { region, account, id, arn, fields } = entry;
      const url = `https://sqs.${region}.amazonaws.com/${account}/${id}`;
      answers.add(region, 'sqs list-queues', { value: url });
      const attributes = { is_fifo: fields['fifo'] === 'yes' };
      answers.read('sqs get-queue-attributes', url, [{ arn, attributes }]);
      tell(answers, entry);
    },
  },
  topic: {
    type: 'sns:topic',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'sns', nameOf(entry)),
    put(answers, entry) {
      const { region, arn, fields } = entry;
      answers.add(region, 'sns list-topics', { value: arn });
      const attributes = { display_name: fields['display'] };
      const search_words = [fields['display']];
      answers.read('sns get-topic-attributes', arn, [{ arn, attributes, search_words }]);
      tell(answers, entry);
    },
  },
  secret: {
    type: 'secretsmanager:secret',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'secretsmanager', `secret:${nameOf(entry)}-AbCdEf`),
    put(answers, entry) {
      const { region, id, name, arn, fields } = entry;
      const { description } = fields;
      const item = { id, name, arn, tags: tagList(entry), attributes: { description } };
      const search_words = [description];
      answers.add(region, 'secretsmanager list-secrets', { ...item, search_words });
    },
  },
  alarm: {
    type: 'cloudwatch:alarm',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'cloudwatch', `alarm:${nameOf(entry)}`),
    defaults: { state: 'OK' },
    put(answers, { region, id, name, arn, fields }) {
      const { state, description, metric } = fields;
      const search_words = [description, metric];
      const item = { id, name, arn, state, attributes: { description, metric }, search_words };
      answers.add(region, 'cloudwatch describe-alarms', item);
    },
  },
  role: {
    type: 'iam:role',
    isGlobal: true,
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'iam', `role/${nameOf(entry)}`),
    put(answers, { id, name, arn, fields }) {
      const { description } = fields;
      const item = { id, name, arn, attributes: { path: '/', description } };
      answers.add('any', 'iam list-roles', { ...item, search_words: [description] });
    },
  },
  kms: {
    type: 'kms:key',
    idPrefix: 'mrk',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'kms', `key/${entry.id}`),
    defaults: { state: 'Enabled' },
    put(answers, entry) {
      const { region, id, arn, fields } = entry;
      answers.add(region, 'kms list-keys', { value: id });
      const item = { arn, name: fields['description'], state: fields['state'] };
      answers.read('kms describe-key', id, [item]);
      tell(answers, entry);
    },
  },
  stack: {
    type: 'cloudformation:stack',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'cloudformation', `stack/${nameOf(entry)}/51af3dc0`),
    defaults: { state: 'CREATE_COMPLETE' },
    put(answers, entry) {
      const { region, id, name, arn, fields } = entry;
      const { description, state } = fields;
      const item = { id, name, arn, state, tags: tagList(entry), attributes: { description } };
      const search_words = [description];
      answers.add(region, 'cloudformation describe-stacks', { ...item, search_words });
    },
  },
};
