import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  createProtocolConnection,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver-protocol/node';
import { BIN } from './cli.ts';

const running = new Set<ChildProcess>();

/** Ends all servers that a failed test has left, so that its process can end. */
export function endServers(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** An editor of tests: a client of the real language server, over its standard input and output. */
export class LspClient {
  readonly connection: ProtocolConnection;
  readonly child: ChildProcess;
  /** The diagnostics of each file, by URI, as last published. */
  readonly published = new Map<string, readonly Diagnostic[]>();
  /** Every publication of a version of a text, in the order of their arrival. */
  readonly publications: PublishDiagnosticsParams[] = [];
  /** All messages that the server logged or showed. */
  readonly messages: string[] = [];
  capabilities: InitializeResult['capabilities'] = {};
  readonly #versions = new Map<string, number>();
  readonly #waiting = new Set<(params: PublishDiagnosticsParams) => void>();
  #errors = '';

  /** Starts the built server in a directory, or that of another installation. */
  constructor(cwd: string, bin = BIN) {
    const preload = fileURLToPath(new URL('server-usage.mjs', import.meta.url));
    this.child = spawn(process.execPath, ['--import', preload, bin, 'lsp', '--stdio'], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd },
      stdio: 'pipe',
    });
    this.child.setMaxListeners(0);
    running.add(this.child);
    this.child.once('exit', () => running.delete(this.child));
    const { stdin, stdout, stderr } = this.child;
    if (!stdin || !stdout || !stderr) throw new Error('no streams');
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.connection = createProtocolConnection(stdout, stdin);
    for (const method of ['window/logMessage', 'window/showMessage'])
      this.connection.onNotification(method, ({ message }) => {
        this.messages.push(message);
      });
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.set(params.uri, params.diagnostics);
      if (params.version !== undefined) this.publications.push(params);
      for (const call of this.#waiting) call(params);
    });
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.listen();
  }

  /** Starts a session in a folder. */
  async initialize(
    folder: string,
    options: { readonly capabilities?: ClientCapabilities; readonly initializationOptions?: unknown } = {},
  ): Promise<void> {
    const result: InitializeResult = await this.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'folder' }],
      capabilities: {},
      ...options,
    });
    this.capabilities = result.capabilities;
    await this.connection.sendNotification('initialized', {});
  }

  /** Opens a file with a text, or with that on the disk. Resolves when its diagnostics arrive. */
  open(path: string, text = readFileSync(path, 'utf8')): Promise<readonly Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    this.#versions.set(uri, 1);
    const published = this.publishedOf(uri, 1);
    void this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return published;
  }

  /** Changes the text of an open file. Resolves when the diagnostics of the new text arrive. */
  change(path: string, ...changes: TextDocumentContentChangeEvent[]): Promise<readonly Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    const published = this.publishedOf(uri, version);
    void this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: changes,
    });
    return published;
  }

  /** Sends a request about a file. */
  request<T>(method: string, path: string, params: object = {}): Promise<T> {
    return this.connection.sendRequest(method, {
      textDocument: { uri: pathToFileURL(path).href },
      ...params,
    });
  }

  /** Returns the size of the server's heap after a collection of its garbage, in bytes. */
  heap(): Promise<number> {
    return this.#usage('SIGUSR2');
  }

  /** Returns the CPU time of the server so far, in milliseconds. */
  async cpuTime(): Promise<number> {
    return (await this.#usage('SIGHUP')) / 1000;
  }

  async #usage(signal: NodeJS.Signals): Promise<number> {
    const before = this.#errors.length;
    this.child.kill(signal);
    while (this.#errors.length === before || !this.#errors.endsWith('\n')) await setTimeout(2);
    return Number(this.#errors.slice(before));
  }

  /** The text that the server wrote to standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Ends the session. Returns the exit code of the server. */
  async end(): Promise<number | null> {
    const exit = once(this.child, 'exit');
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const [code] = await exit;
    this.connection.dispose();
    return code;
  }

  /** Resolves when diagnostics of a version of a text, or of a later one, arrive. */
  publishedOf(uri: string, version: number): Promise<readonly Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error(`the server ended: ${this.#errors}`));
      this.child.once('exit', onExit);
      const call = (params: PublishDiagnosticsParams) => {
        if (params.uri !== uri || (params.version ?? 0) < version) return;
        this.child.off('exit', onExit);
        this.#waiting.delete(call);
        resolve(params.diagnostics);
      };
      this.#waiting.add(call);
    });
  }
}
