/** Shorter values are not masked at all: they would shred the output. */
export const SHORTEST_SECRET = 4;

/** Part of a base64 text that is the same whatever surrounds the value; at least this long to be worth masking. */
const SHORTEST_BASE64 = 8;

/**
 * How a value may appear in output: as it is, each of its lines, as inside a JSON string, URL-encoded, and in base64 at
 * each of the three alignments.
 */
export function formsOf(value: string): string[] {
  const forms = new Set<string>();
  for (const text of [value, ...value.split(/\r?\n/u)]) {
    if (text.length < SHORTEST_SECRET) continue;
    forms.add(text);
    forms.add(JSON.stringify(text).slice(1, -1));
    forms.add(asciiJson(text));
    for (const encoded of urlForms(text)) forms.add(encoded);
  }
  if (value.length >= SHORTEST_SECRET) {
    for (const encoded of base64Forms(Buffer.from(value, 'utf8'))) forms.add(encoded);
  }
  return [...forms].filter((form) => form.length >= SHORTEST_SECRET);
}

/** JSON as Python and the AWS CLI write it, with everything outside ASCII escaped. */
function asciiJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^\0-\x7f]/gu, (character) =>
      [...Array(character.length).keys()]
        .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
        .join(''),
    );
}

function urlForms(text: string): string[] {
  const wellFormed = text.toWellFormed();
  const component = encodeURIComponent(wellFormed);
  // RFC 3986 encodes five more than encodeURIComponent does; forms write a blank as plus; some write hex in lower case.
  const strict = component.replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const all = [component, strict, strict.replaceAll('%20', '+'), encodeURI(wellFormed)];
  return [
    ...all,
    ...all.map((form) => form.replaceAll(/%[0-9A-F]{2}/gu, (hex) => hex.toLowerCase())),
  ];
}

/** With 0, 1 and 2 bytes before the value; the characters that depend on its neighbours are left out. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor((padded.length * 8) / 6);
    const standard = padded.toString('base64').slice(first, last);
    const url = standard.replaceAll('+', '-').replaceAll('/', '_');
    return standard.length < SHORTEST_BASE64 ? [] : [standard, url];
  });
}
