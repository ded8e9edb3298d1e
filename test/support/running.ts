import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from './cli.ts';

/** How long a line is waited for, in milliseconds: so long that only a fault takes it. */
const PATIENCE = 30_000;

/** A harvgen that runs beside the test. */
export class Running {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  #said = '';
  #read = 0;
  #heard: () => void = () => {};

  /** Starts the real command line, as it is built, in a folder. */
  constructor(args: readonly string[], cwd: string) {
    this.#child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
        this.#heard();
      });
    }
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** All that it has said, on both streams. */
  get said(): string {
    return this.#said;
  }

  /** Waits until it says what a pattern finds, after what was found before; gives that. Throws when it does not. */
  async until(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const found = pattern.exec(this.#said.slice(this.#read));
      if (found) {
        this.#read += found.index + found[0].length;
        return found[0];
      }
      const isOver = this.#child.exitCode !== null || Date.now() > deadline;
      if (isOver) throw new Error(`it did not say ${pattern}, but\n${this.#said}`);
      await this.#next(deadline - Date.now());
    }
  }

  /** Sends it a signal and waits for its end; gives its exit code, null where the signal ended it. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null) this.#child.kill(signal);
    return this.end();
  }

  /** Waits for its end; gives its exit code, null where a signal ended it. */
  async end(): Promise<number | null> {
    const [code] = await this.#exit;
    return code as number | null;
  }

  /** Waits until it says something, ends, or the time is over. */
  async #next(time: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((done) => {
        this.#heard = done;
      }),
      new Promise<void>((done) => {
        timer = setTimeout(done, time);
      }),
      this.#exit,
    ]);
    clearTimeout(timer);
  }
}
