import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { fileBesideCode } from '../values/package-files.ts';

/** Writes a new file with a mode. Who calls it may then use the memory of the content for something else. */
export type WriteFile = (path: string, content: Uint8Array, mode: number) => void;

/** From as many files on, a thread that writes some of them is worth its start. */
const MANY = 5000;

/**
 * Has `work` write some files; of many, a second thread writes most while `work` makes the next. Returns when all are written.
 * Throws what `work` and `node:fs` throw; nothing is written any more by then.
 */
export function writeFiles(count: number, work: (write: WriteFile) => void): void {
  if (count < MANY || availableParallelism() < 2) {
    work(writeNow);
    return;
  }
  const writer = new ThreadedWriter();
  let fault: Error | undefined;
  try {
    work((path, content, mode) => writer.write(path, content, mode));
    writer.flush();
  } finally {
    fault = writer.close();
  }
  if (fault) throw fault;
}

function writeNow(path: string, content: Uint8Array, mode: number): void {
  writeFileSync(path, content, { mode });
}

/** Files are handed to the thread in batches of as many bytes. */
const BATCH = 2 ** 18;

/** So many batches may wait for the thread. */
const MOST_WAITING = 4;

/** What the thread says of itself: whether it is there, how many batches it is done with, and whether one failed. */
const [THERE, DONE, FAILED] = [0, 1, 2];

/** Gathers files in batches, and hands each to a thread; where that is not there yet, or is behind, it writes them itself. */
class ThreadedWriter {
  readonly #state = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
  readonly #port: MessagePort;
  #bytes = Buffer.allocUnsafeSlow(BATCH);
  #files: { readonly path: string; readonly mode: number; readonly size: number }[] = [];
  #size = 0;
  #handedOver = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    // One that cannot start, or may not, is never there: nothing is handed to it.
    try {
      const thread = new Worker(fileBesideCode('tree/writing-thread.cjs'), {
        workerData: { port: port2, state: this.#state, THERE, DONE, FAILED },
        transferList: [port2],
        execArgv: [],
      });
      thread.unref();
      thread.on('error', () => {});
    } catch {
      // Node's permissions refuse it, or the system has no thread left.
    }
  }

  write(path: string, content: Uint8Array, mode: number): void {
    const size = content.length;
    if (this.#size + size > BATCH) this.flush();
    if (size > BATCH) {
      writeNow(path, content, mode);
      return;
    }
    this.#bytes.set(content, this.#size);
    this.#size += size;
    this.#files.push({ path, mode, size });
  }

  /** Has what was gathered written; behind a fault of the thread, nothing. */
  flush(): void {
    const files = this.#files;
    const bytes = this.#bytes;
    this.#files = [];
    this.#size = 0;
    if (Atomics.load(this.#state, FAILED)) return;
    const waiting = this.#handedOver - Atomics.load(this.#state, DONE);
    if (Atomics.load(this.#state, THERE) && waiting < MOST_WAITING) {
      this.#bytes = Buffer.allocUnsafeSlow(BATCH);
      this.#handedOver += 1;
      this.#port.postMessage({ files, bytes }, [bytes.buffer]);
      return;
    }
    let end = 0;
    for (const { path, mode, size } of files) {
      const start = end;
      end += size;
      writeNow(path, bytes.subarray(start, end), mode);
    }
  }

  /** Waits until the thread is done with what it was handed, and lets it end. Gives what it failed with, if it did. */
  close(): Error | undefined {
    for (;;) {
      const done = Atomics.load(this.#state, DONE);
      if (done === this.#handedOver || Atomics.load(this.#state, FAILED)) break;
      Atomics.wait(this.#state, DONE, done);
    }
    const hasFailed = Atomics.load(this.#state, FAILED);
    const fault: NodeJS.ErrnoException | undefined = receiveMessageOnPort(this.#port)?.message;
    this.#port.close();
    if (!hasFailed) return undefined;
    return fault
      ? Object.assign(new Error(fault.message), fault)
      : new Error('a thread that writes has ended');
  }
}
