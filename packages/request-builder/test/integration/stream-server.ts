import type { ServerResponse } from 'node:http';
import { documentDigest } from '../../src/protocol.ts';
import { type Answer, smallRequest } from './misbehaving-server.ts';

export interface EventPiece {
  id?: number | string;
  event: string;
  data: unknown;
}

/** What an event stream is made of: an event with its id, or text as it stands. */
export type Piece = string | EventPiece;

/** The document that the streams here bring; a transport does not look into it. */
export const streamed = { schema: 'anything', text: 'with two\nlines' };

/** An answer that is a stream of these pieces; it ends, unless `stop` does something else. */
export function stream(pieces: Piece[], stop: (response: ServerResponse) => void = finish): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(pieces.map(textOf).join(''), () => stop(response));
  };
}

/** Ends a stream as a server does. */
export function finish(response: ServerResponse): void {
  response.end();
}

/** Ends it as a cable does that is pulled out. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** Leaves it open. */
export function stay(): void {}

/** A piece as it goes over the wire. */
export function textOf(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  const id = piece.id === undefined ? '' : `id: ${piece.id}\n`;
  return `${id}event: ${piece.event}\ndata: ${JSON.stringify(piece.data)}\n\n`;
}

export const accepted: EventPiece = {
  id: 1,
  event: 'accepted',
  data: { request_id: smallRequest().request_id },
};
export const progress: EventPiece = {
  id: 2,
  event: 'progress',
  data: { message: 'looking', completed: 1, total: 3 },
};
export const delta: EventPiece = { id: 3, event: 'text.delta', data: { text: 'First ' } };
export const playbook: EventPiece = { id: 4, event: 'playbook', data: streamed };
export const done: EventPiece = {
  id: 5,
  event: 'done',
  data: { digest: documentDigest(streamed) },
};
/** Everything, in order. */
export const whole: EventPiece[] = [accepted, progress, delta, playbook, done];
