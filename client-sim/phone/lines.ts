// Lines of a stream of text, each at most so long.

export class LineSplitter {
  readonly #charactersMax: number;
  #rest = '';

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** The lines that are complete now. @throws RangeError for a line without end */
  push(chunk: string): readonly string[] {
    const lines = `${this.#rest}${chunk}`.split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > this.#charactersMax) throw new RangeError('a line is too long');
    return lines;
  }
}
