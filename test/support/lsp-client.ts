import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
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

/** An editor of tests: a client of the real language server, over its standard input and output. */
export class LspClient {
  readonly connection: ProtocolConnection;
  readonly child: ChildProcess;
  /** The diagnostics of each file, by URI, as last published. */
  readonly published = new Map<string, readonly Diagnostic[]>();
  /** All messages that the server logged or showed. */
  readonly messages: string[] = [];
  /** Versions of publications that were older than the text that the client had sent. */
  readonly late: number[] = [];
  capabilities: InitializeResult['capabilities'] = {};
  readonly #versions = new Map<string, number>();
  #onPublished: (params: PublishDiagnosticsParams) => void = () => {};

  constructor(cwd: string, env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [BIN, 'lsp', '--stdio'], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdin, stdout } = this.child;
    if (!stdin || !stdout) throw new Error('no streams');
    this.connection = createProtocolConnection(stdout, stdin);
    for (const method of ['window/logMessage', 'window/showMessage'])
      this.connection.onNotification(method, ({ message }) => {
        this.messages.push(message);
      });
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.set(params.uri, params.diagnostics);
      this.#onPublished(params);
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
  async open(path: string, text = readFileSync(path, 'utf8')): Promise<readonly Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    this.#versions.set(uri, 1);
    const published = this.#published(uri, 1);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return published;
  }

  /** Changes the text of an open file. Resolves when the diagnostics of the new text arrive. */
  async change(path: string, ...changes: TextDocumentContentChangeEvent[]): Promise<readonly Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    const published = this.#published(uri, version);
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

  /** Ends the session. Returns the exit code of the server. */
  async end(): Promise<number | null> {
    const exit = once(this.child, 'exit');
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const [code] = await exit;
    this.connection.dispose();
    return code;
  }

  #published(uri: string, version: number): Promise<readonly Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('the server ended'));
      this.child.once('exit', onExit);
      this.#onPublished = (params) => {
        if (params.uri !== uri) return;
        if ((params.version ?? 0) < version) {
          this.late.push(params.version ?? 0);
          return;
        }
        this.child.off('exit', onExit);
        resolve(params.diagnostics);
      };
    });
  }
}
