/** Ids like those of EC2, the same in every run. */
export class Ids {
  #count = 0;

  next(prefix: string): string {
    this.#count += 1;
    const hex = (factor: number, length: number): string =>
      ((this.#count * factor) % 16 ** length).toString(16).padStart(length, '0');
    return `${prefix}-0${hex(2_654_435_761, 8)}${hex(40_503_941, 8)}`;
  }
}
