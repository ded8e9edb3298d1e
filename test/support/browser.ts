import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { scratchFolder } from './scratch.ts';

type Params = Readonly<Record<string, unknown>>;
type Result = Record<string, never>;

/** A headless Chromium, controlled by the Chrome DevTools Protocol over pipes: it listens on no port. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { done: (result: Result) => void; fail: (error: Error) => void }>();
  readonly #listeners = new Map<string, (method: string, params: Result) => void>();
  #last = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    let rest = '';
    (process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  /** Starts Chromium. It ends with `close`, or when this process ends. */
  static async start(): Promise<Browser> {
    const args = [
      '--headless',
      '--remote-debugging-pipe',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--no-first-run',
      `--user-data-dir=${scratchFolder()}`,
      'about:blank',
    ];
    const child = spawn('chromium', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    return new Browser(child);
  }

  async page(): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page((method, params) => this.send(method, params, sessionId));
    this.#listeners.set(sessionId ?? '', (method, params) => page.see(method, params));
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: Params = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#last;
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const answer = new Promise<Result>((done, fail) => this.#waiting.set(id, { done, fail }));
    return inTime(answer, method);
  }

  #receive(message: Result & { id?: number; error?: { message: string }; sessionId?: string }): void {
    const { id, error, result, method, params, sessionId } = message as Record<string, never>;
    if (id === undefined) {
      this.#listeners.get(sessionId ?? '')?.(method ?? '', params ?? {});
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.fail(new Error((error as { message: string }).message));
    else waiting?.done(result ?? {});
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.send('Browser.close').catch(() => {});
    await ended;
  }
}

/** Waits for an answer of the browser. Throws if it does not come. */
async function inTime<T>(answer: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`the browser does not answer: ${what}`)), 60_000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A page, with what a visitor would notice: errors on its console, and requests to anywhere but its own file. */
export class Page {
  readonly send: (method: string, params?: Params) => Promise<Result>;
  readonly errors: string[] = [];
  readonly requests: string[] = [];
  #loaded = () => {};

  constructor(send: Page['send']) {
    this.send = send;
  }

  see(method: string, params: Result): void {
    const event = params as unknown as {
      request?: { url: string };
      entry?: { text: string };
      type?: string;
      args?: unknown;
      exceptionDetails?: unknown;
    };
    if (method === 'Page.loadEventFired') this.#loaded();
    if (method === 'Network.requestWillBeSent' && event.request) this.requests.push(event.request.url);
    if (method === 'Log.entryAdded' && event.entry) this.errors.push(event.entry.text);
    if (method === 'Runtime.exceptionThrown') this.errors.push(JSON.stringify(event.exceptionDetails));
    if (method === 'Runtime.consoleAPICalled')
      this.errors.push(`${event.type}: ${JSON.stringify(event.args)}`);
  }

  /** Opens a file or a URL, and waits until it is loaded. */
  async open(where: string): Promise<void> {
    const loaded = new Promise<void>((done) => {
      this.#loaded = done;
    });
    await this.send('Page.navigate', { url: /^\w+:/.test(where) ? where : pathToFileURL(where).href });
    await inTime(loaded, `loading ${where}`);
  }

  /** Sets the size of the window, and the color scheme of the system. */
  async look(width: number, height: number, scheme: 'light' | 'dark' = 'light'): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.send('Emulation.setEmulatedMedia', { features });
  }

  /** Returns the value of an expression in the page, which can be a promise. Throws its error. */
  async evaluate<T>(expression: string): Promise<T> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', options)) as unknown as {
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'the expression failed');
    return result.value;
  }

  /** Presses keys, one after the other: a name such as Tab, Enter or Space, or a text to type. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const known = { Tab: 9, Enter: 13, Space: 32 }[key];
      const text = { Enter: '\r', Space: ' ' }[key];
      if (known === undefined) {
        await this.send('Input.insertText', { text: key });
        continue;
      }
      const event = { key: key === 'Space' ? ' ' : key, code: key, windowsVirtualKeyCode: known };
      await this.send('Input.dispatchKeyEvent', {
        type: 'keyDown',
        ...event,
        ...(text === undefined ? {} : { text }),
      });
      await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    }
  }

  /** Returns the page as a picture: the window, or all of it. */
  async screenshot(isWhole = false): Promise<Uint8Array> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: isWhole });
    return Buffer.from(data ?? '', 'base64');
  }

  /** Returns the page as printed on A4. */
  async pdf(): Promise<Uint8Array> {
    const { data } = await this.send('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
    return Buffer.from(data ?? '', 'base64');
  }
}
