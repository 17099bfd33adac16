import { knownCondition, own, wordCondition } from './conditions.ts';
import { longestRun, narrowerTypes, shareConditions } from './phrases.ts';
import type { NounPhrase, Sentence, Stated } from './sentence.ts';
import { MAX_TOKENS, tokenize, type Token } from './tokens.ts';
import { singular, TYPE_WORDS, type TypeWord } from './type-words.ts';
import * as vocabulary from './vocabulary.ts';

/** Reads a message. Never fails: what it cannot read is in the result. */
export function parseSentence(text: string): Sentence {
  const tokens = tokenize(text);
  const reader = new SentenceReader(tokens);
  return { ...reader.read(), tooLong: tokens.length > MAX_TOKENS };
}

/** Goes through a message word by word, once, and sorts each into its place in a {@link Sentence}. */
class SentenceReader {
  readonly #tokens: readonly Token[];
  readonly #sentence: Sentence = {
    verb: null,
    foreignVerb: null,
    negated: false,
    phrases: [],
    exclusions: [],
    assignments: [],
    restrictions: [],
    furtherVerbs: [],
    tooLong: false,
  };
  /** Conditions that wait for their noun. */
  #pending: Stated[] = [];
  /** Conditions behind a noun since the last "and", where there was one: the next noun takes them over. */
  #sinceAnd: Stated[] | null = null;
  /** What is said now is left out: only the next condition, or all the rest. */
  #excluding: 'no' | 'next' | 'rest' = 'no';
  /** After a preposition: what comes belongs to the noun before. */
  #trailing = false;
  /** After "and", "or" or a comma. */
  #joined = false;
  /** After "tagged": key=value states a condition even where tags are set. */
  #tagged = false;
  #afterType = -1;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The sentence; call it once. */
  read(): Sentence {
    for (let at = 0; at < this.#tokens.length;) {
      const token = this.#tokens[at];
      if (token === undefined) break;
      const taken = token.quoted ? this.#takeCondition(token) : this.#takeWord(token, at);
      const isJoint = /^(?:and|or|nor|&|\+)$/.test(token.word);
      this.#joined = isJoint || (this.#tokens[at + taken - 1]?.pause ?? false);
      if (this.#joined) this.#sinceAnd = [];
      at += taken;
    }
    this.#closeRest();
    shareConditions(this.#sentence.phrases);
    return this.#sentence;
  }

  /** Takes one word, or a run that belongs together, and says how many words that was. */
  #takeWord(token: Token, at: number): number {
    const { word } = token;
    const next = this.#tokens[at + 1]?.word;
    if (/^(?:and|or|nor|&|\+)$/.test(word)) return 1;
    const verb = longestRun(this.#tokens, at, (words) => own(vocabulary.VERBS, words));
    if (verb !== null && this.#takeVerb(verb.value, verb.said)) return verb.length;
    if (this.#takeSplitVerb(word, at)) return 1;
    const type = longestRun(this.#tokens, at, typeOf);
    if (type !== null) {
      this.#takeType(type.value, at, type.length);
      return type.length;
    }
    if (/^(?:don't|dont|never)$/.test(word) || (word === 'not' && this.#sentence.verb === null)) {
      this.#sentence.negated = true;
      return 1;
    }
    if (word.startsWith('non-') && word.length > 4) return this.#takeNegatedWord(token);
    if (vocabulary.NEGATORS.has(word) || (word === 'other' && next === 'than')) {
      this.#startExclusion(word === 'not' || word === 'without' ? 'next' : 'rest');
      return word === 'other' || (word === 'but' && next === 'not') ? 2 : 1;
    }
    if (this.#sentence.verb === null && vocabulary.FOREIGN_VERBS.has(word)) {
      this.#sentence.foreignVerb ??= token.raw;
      return 1;
    }
    if (isRestriction(word)) {
      this.#sentence.restrictions.push(token.raw);
      return 1;
    }
    if (vocabulary.PREPOSITIONS.has(word)) {
      this.#trailing = true;
      this.#tagged ||= /^(?:tagged|labell?ed|having)$/.test(word);
      return 1;
    }
    return vocabulary.NOISE.has(word) ? 1 : this.#takeCondition(token);
  }

  #takeVerb(verb: vocabulary.Verb, said: string): boolean {
    if (this.#sentence.verb === null) {
      // A foreign verb that came first is what the sentence is about.
      if (this.#sentence.foreignVerb === null) this.#sentence.verb = verb;
      return true;
    }
    const isNoun = verb === 'tag' || ((verb === 'list' || verb === 'describe') && !this.#joined);
    if (!isNoun) this.#sentence.furtherVerbs.push(said);
    return !isNoun;
  }

  #takeSplitVerb(word: string, at: number): boolean {
    const particles = own(vocabulary.SPLIT_VERBS, word);
    if (particles === undefined || this.#sentence.verb !== null) return false;
    const particle = this.#tokens
      .slice(at + 1)
      .find((token) => Object.hasOwn(particles, token.word));
    if (particle === undefined) return false;
    this.#sentence.verb = particles[particle.word] ?? null;
    return true;
  }

  #takeType(type: TypeWord, at: number, length: number): void {
    const before = this.#target().at(-1);
    const isAdjacent = this.#afterType === at && !this.#joined;
    this.#afterType = at + length;
    if (isAdjacent && before !== undefined) {
      before.types = narrowerTypes(before.types ?? [], type);
      return;
    }
    if (this.#excluding === 'next') {
      this.#sentence.exclusions.push({ types: type.types, conditions: [] });
      this.#excluding = 'no';
      return;
    }
    const moved = this.#sinceAnd ?? [];
    if (before !== undefined && moved.length > 0) {
      before.conditions = before.conditions.filter((stated) => !moved.includes(stated));
      for (const stated of moved) stated.trailing = false;
      this.#pending.unshift(...moved);
    }
    this.#closePhrase(type.types);
  }

  #takeCondition(token: Token): number {
    const condition = knownCondition(token) ?? wordCondition(token);
    const setsTag = this.#sentence.verb === 'tag' && !this.#tagged && this.#excluding === 'no';
    if (condition.family === 'tag' && setsTag) {
      this.#sentence.assignments.push({ key: condition.key, value: condition.value });
      return 1;
    }
    const isSoft = condition.family === 'word' && vocabulary.SOFT_NOUNS.has(token.word);
    const stated: Stated = {
      condition,
      alternative: this.#joined,
      trailing: this.#trailing,
      weight: isSoft ? 'soft' : 'must',
    };
    if (this.#excluding === 'next') {
      this.#sentence.exclusions.push({ types: null, conditions: [stated] });
      this.#excluding = 'no';
      return 1;
    }
    const noun = this.#target().at(-1);
    if (this.#trailing && noun !== undefined) {
      noun.conditions.push(stated);
      this.#sinceAnd?.push(stated);
    } else {
      this.#pending.push(stated);
    }
    return 1;
  }

  #takeNegatedWord(token: Token): number {
    const bare = { ...token, raw: token.raw.slice(4), word: token.word.slice(4) };
    this.#startExclusion('next');
    return this.#takeCondition(bare);
  }

  #startExclusion(extent: 'next' | 'rest'): void {
    if (extent === 'rest') this.#closeRest();
    this.#excluding = extent;
    this.#trailing = extent === 'rest' ? false : this.#trailing;
  }

  /** Where nouns go now. */
  #target(): NounPhrase[] {
    return this.#excluding === 'rest' ? this.#sentence.exclusions : this.#sentence.phrases;
  }

  #closePhrase(types: readonly string[] | null): void {
    this.#target().push({ types, conditions: this.#pending });
    this.#pending = [];
    this.#sinceAnd = null;
    this.#trailing = false;
  }

  /** Conditions without a noun: things of their own ("stop web-1"), or an afterthought to the last noun. */
  #closeRest(): void {
    if (this.#pending.length === 0) return;
    const noun = this.#target().at(-1);
    const first = this.#pending[0];
    const namesThings = /^(?:name|id)$/.test(first?.condition.family ?? '') && first?.alternative;
    if (noun === undefined || namesThings === true) {
      this.#closePhrase(null);
      return;
    }
    for (const stated of this.#pending) {
      const isWord = stated.condition.family === 'word' && stated.weight === 'must';
      noun.conditions.push({ ...stated, weight: isWord ? 'loose' : stated.weight });
    }
    this.#pending = [];
  }
}

function typeOf(words: string): TypeWord | undefined {
  return own(TYPE_WORDS, words) ?? own(TYPE_WORDS, singular(words));
}

function isRestriction(word: string): boolean {
  if (vocabulary.SCHEDULE_WORDS.has(word) || vocabulary.LIMIT_WORDS.has(word)) return true;
  // Twelve digits are an account.
  return /^\d+[\d:.]*(?:am|pm|h|m|%)?$/.test(word) && !/^\d{12}$/.test(word);
}
