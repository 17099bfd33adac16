import { Answers, type Item } from './lister.ts';

/** What is known of a resource when it is made: what the labels of questions go by, whatever its texts say. */
export interface Fact {
  app: string;
  type: string;
  env: string | null;
  region: string;
  team: string | null;
  /** The machine role, bucket or function it is. */
  part: string;
  state: string | null;
  isPublic: boolean;
  id: string;
}

/** One resource to be: its facts, and what a list of the CLI says of it. */
export type Planned = Partial<Fact> & Pick<Fact, 'app' | 'type' | 'id'> & { item: Item };

/** An estate that is written down: what AWS answers, and the facts by `region type/id`. */
export class Estate {
  readonly answers = new Answers();
  readonly facts = new Map<string, Fact>();
  #ids = 0;

  add(region: string, call: string, planned: Planned): void {
    const { item, ...fact } = planned;
    this.know(region, fact);
    this.answers.add(region, call, { id: fact.id, ...item });
  }

  /** For what takes more than one list: the facts alone. */
  know(region: string, fact: Omit<Planned, 'item'>): void {
    this.facts.set(`${fact.type}/${fact.id}`, {
      env: null,
      team: null,
      part: '',
      state: null,
      isPublic: false,
      ...fact,
      region,
    });
  }

  /** Ids like those of EC2, the same in every run. */
  newId(kind: string): string {
    this.#ids += 1;
    const hex = ((this.#ids * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0');
    return `${kind}-0${hex}${String(this.#ids).padStart(8, '0')}`;
  }
}
