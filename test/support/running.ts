import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from './cli.ts';

/** How long to wait for output, in milliseconds: far more than a build takes on a slow machine. */
const PATIENCE = 120_000;

/** A harvgen that runs in parallel with the test. */
export class Running {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  #output = '';
  #read = 0;
  #onOutput: () => void = () => {};

  /** Starts the real, built command line in a directory. */
  constructor(args: readonly string[], cwd: string) {
    this.#child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#onOutput();
      });
    }
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Its whole output, on both streams. */
  get output(): string {
    return this.#output;
  }

  /** Waits until its output matches a pattern, after the previous match. Returns the match. Throws if nothing matches for `patience` milliseconds. */
  async until(pattern: RegExp, patience = PATIENCE): Promise<string> {
    const deadline = Date.now() + patience;
    for (;;) {
      const found = pattern.exec(this.#output.slice(this.#read));
      if (found) {
        this.#read += found.index + found[0].length;
        return found[0];
      }
      const isOver = this.#child.exitCode !== null || Date.now() > deadline;
      if (isOver) throw new Error(`no match of ${pattern} in\n${this.#output}`);
      await this.#next(deadline - Date.now());
    }
  }

  /** Sends it a signal and waits for its end. Returns its exit code, or null if the signal ended it. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null) this.#child.kill(signal);
    return this.end();
  }

  /** Waits for its end. Returns its exit code, or null if a signal ended it. */
  async end(): Promise<number | null> {
    const [code] = await this.#exit;
    return code as number | null;
  }

  /** Waits until it prints something, ends, or the time is over. */
  async #next(time: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((done) => {
        this.#onOutput = done;
      }),
      new Promise<void>((done) => {
        timer = setTimeout(done, time);
      }),
      this.#exit,
    ]);
    clearTimeout(timer);
  }
}
