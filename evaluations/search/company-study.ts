import { Estate } from './estate.ts';
import { heldOut } from './held-out.ts';
import { identifierQuestions } from './identifiers.ts';
import { addNetworks } from './network.ts';
import { answers, type Question, questions } from './questions.ts';
import type { Asked, Study } from './study.ts';
import { addWorkloads } from './workloads.ts';

const account = '123456789012';

/** A shop that sells online: applications of many teams, in one account. */
export function companyStudy(): Study {
  const estate = new Estate();
  addNetworks(estate);
  addWorkloads(estate);
  const facts = [...estate.facts].map(
    ([id, fact]) => [`${account}-${fact.region}-${id}`, fact] as const,
  );
  const asked = (list: readonly Question[]): Asked[] =>
    list.map(([text, wanted]) => {
      const right = new Set(facts.flatMap(([key, fact]) => (answers(fact, wanted) ? [key] : [])));
      if (right.size === 0) throw new Error(`no resource answers "${text}"`);
      return { text, right };
    });
  return {
    estate: 'company',
    accounts: new Map([[account, estate.answers]]),
    regions: [...new Set([...estate.facts.values()].map(({ region }) => region))],
    keys: new Set(facts.map(([key]) => key)),
    sets: {
      tuned: asked([...questions, ...identifierQuestions(estate)]),
      'held out': asked(heldOut),
    },
  };
}
