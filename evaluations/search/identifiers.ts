import type { Estate, Fact } from './estate.ts';
import type { Question } from './questions.ts';

/** Questions by id, as people paste them: whole, or the beginning. */
export function identifierQuestions(estate: Estate): Question[] {
  const first = (app: string, type: string): Fact => {
    const found = [...estate.facts.values()].find((fact) => fact.app === app && fact.type === type);
    if (found === undefined) throw new Error(`there is no ${type} of ${app}`);
    return found;
  };
  const instance = first('payments', 'ec2:instance');
  const volume = first('search', 'ec2:volume');
  const bucket = first('etl', 's3:bucket');
  return [
    [instance.id, { id: instance.id }],
    [instance.id.slice(0, 9), { id: instance.id }],
    [`what is ${volume.id}`, { id: volume.id }],
    [`arn:aws:s3:::${bucket.id}`, { id: bucket.id }],
    [bucket.id.slice(0, 16), { app: 'etl' }],
  ];
}
