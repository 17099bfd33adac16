/** Shorter values stand in a message by chance. */
const SHORTEST = 3;

/** Answers whether a value (an id, a type of machine, an engine) stands in a message as a whole word, whatever its case. */
export function spokenIn(message: string): (value: string) => boolean {
  const text = message.toLowerCase();
  return (value) => {
    if (value.length < SHORTEST) return false;
    const word = value.toLowerCase();
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      const isWhole = !isWordCharacter(text[at - 1]) && !isWordCharacter(text[at + word.length]);
      if (isWhole) return true;
    }
    return false;
  };
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_-]/u.test(character);
}
