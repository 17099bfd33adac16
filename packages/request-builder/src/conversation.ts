import type { AskInput } from './ask-input.ts';
import { RequestError } from './errors.ts';
import type { AskResult } from './follow-through.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Clarification } from './protocol/clarification.ts';

/** What every question of a conversation may carry. */
export type ConversationOptions = Omit<AskInput, 'message' | 'conversation_id'>;

/** Answers to a clarification: one text, or a text for each question by its id. */
export type Answers = string | Readonly<Record<string, string>>;

/**
 * One conversation with a user: questions, follow-ups and answers, one after the other, each with all that was said before as its history.
 *
 * It holds nothing but its id and what the server asked last; what was said is in the store, so a conversation goes on after a restart.
 */
export class Conversation {
  readonly id: string;
  readonly #ask: (input: AskInput) => Promise<AskResult>;
  readonly #queue = new OneAtATime();
  #clarification: Clarification | null = null;

  constructor(id: string, ask: (input: AskInput) => Promise<AskResult>) {
    if (typeof id !== 'string' || id === '' || id.length > 200) {
      throw new RequestError('INVALID_INPUT', 'conversation id: expected 1 to 200 characters');
    }
    this.id = id;
    this.#ask = ask;
  }

  /** What the server wants to know before it goes on; null where nothing is open. */
  get clarification(): Clarification | null {
    return this.#clarification;
  }

  /**
   * Asks, or goes on with a follow-up; a clarification that was open is dropped. Waits for what was asked before.
   *
   * @throws RequestError as `RequestBuilder#ask`
   */
  async ask(message: string, options: ConversationOptions = {}): Promise<AskResult> {
    return await this.#queue.run(async () => {
      const result = await this.#ask({ ...options, message, conversation_id: this.id });
      this.#clarification = result.clarification ?? null;
      return result;
    });
  }

  /**
   * Answers what the server asked.
   *
   * @throws RequestError `INVALID_INPUT` where nothing is open, a question has no answer, there is no such question, or an answer is none of its choices; as `ask`
   */
  async answer(answers: Answers, options: ConversationOptions = {}): Promise<AskResult> {
    const open = this.#clarification;
    if (open === null) {
      throw new RequestError('INVALID_INPUT', 'the server has asked nothing: use ask');
    }
    return await this.ask(messageOf(open, answers), options);
  }
}

/** The answers with their questions: read on its own, the message still says what is meant. */
function messageOf({ questions }: Clarification, answers: Answers): string {
  if (typeof answers === 'string') return answers;
  const asked = questions ?? [];
  if (asked.length === 0) {
    throw new RequestError(
      'INVALID_INPUT',
      'the server asked no single questions: answer with a text',
    );
  }
  const unknown = Object.keys(answers).filter(
    (id) => !asked.some((question) => question.id === id),
  );
  if (unknown.length > 0) {
    throw new RequestError('INVALID_INPUT', `the server did not ask ${unknown.join(', ')}`);
  }
  const lines = asked.map(({ id, text: question, choices }) => {
    const answer = Object.hasOwn(answers, id) ? answers[id] : undefined;
    if (answer === undefined) {
      throw new RequestError('INVALID_INPUT', `no answer to ${id}: ${question}`);
    }
    if (choices?.length && !choices.includes(answer)) {
      throw new RequestError('INVALID_INPUT', `${id}: expected one of ${choices.join(', ')}`);
    }
    return `${question} ${answer}`;
  });
  return lines.join('\n');
}
