/** Nobody needs to be told of what is done before one wonders, in milliseconds. */
const PATIENCE = 1000;

/**
 * One line on a terminal that says how far a long run is; it is gone when something else is said. Nothing is written
 * where there is no terminal, and in the first second.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #begun = Date.now();
  #isShown = false;

  /** Takes the stream to write to: standard error, since this is no result. */
  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Says what comes now. */
  say(what: string): void {
    if (!this.#stream.isTTY || Date.now() - this.#begun < PATIENCE) return;
    this.#stream.write(`\r\u001b[K${what.slice(0, (this.#stream.columns || 80) - 1)}`);
    this.#isShown = true;
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[K');
    this.#isShown = false;
  }
}
