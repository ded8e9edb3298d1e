import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  type ClientCapabilities,
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type ServerCapabilities,
  TextDocuments,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type Compilation, compile } from '../compile.ts';
import { isFile } from '../inventory/disk.ts';
import type { TextEdit } from '../source/diagnostics/report.ts';
import { isWithin } from '../tree/output-folder.ts';
import { groupedBy } from '../values/grouped.ts';
import { findFolders, rootOf } from './find-folders.ts';
import { type CheckedSite, OpenFile } from './open-file.ts';
import { fileUri, pathOf, rangeOf } from './positions.ts';
import { Publisher } from './publisher.ts';

/** The wait for further changes of a text, in milliseconds: an editor sends those of a multiple cursor together. */
const SOON = 10;

/** An ability of the server: adds its handlers to the connection, and returns the capabilities to announce for them. */
export type Capability = (connection: Connection, workspace: Workspace) => ServerCapabilities;

interface State {
  compilation?: Compilation;
  known?: Compilation;
  /** The paths that the last compilation requested. */
  files: ReadonlySet<string>;
}

/** The texts in the editor, and all sites of its folders, each compiled from the current texts. */
export class Workspace {
  readonly publisher: Publisher;
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #roots = new Set<string>();
  readonly #sites = new Map<string, State>();
  /** The directories of sites whose compilation is older than a text. */
  readonly #stale = new Set<string>();
  readonly #failures = new Set<string>();
  #isScanned = true;
  #isWatched = false;
  #hasFolders = false;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;

  /** The abilities of the editor. */
  client: ClientCapabilities = {};

  constructor(connection: Connection) {
    this.#connection = connection;
    this.publisher = new Publisher(connection, (path) => this.#documentAt(path), this.uriOf);
    this.#documents.onDidOpen(({ document }) => this.#opened(document.uri));
    this.#documents.onDidChangeContent(({ document }) => this.#changed(pathOf(document.uri)));
    this.#documents.onDidClose(({ document }) => this.#changed(pathOf(document.uri)));
    this.#documents.onDidSave(() => {
      // Without messages about changes on the disk, any file may have changed.
      if (!this.#isWatched) this.#refresh();
    });
    this.#documents.listen(connection);
    connection.onDidChangeWatchedFiles(({ changes }) => {
      for (const { uri } of changes) this.#changed(pathOf(uri));
      this.#isScanned = false;
    });
  }

  /** Takes the folders of the editor. */
  start({ workspaceFolders, rootUri, capabilities }: InitializeParams): void {
    this.client = capabilities;
    this.#isWatched = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
    this.#hasFolders = capabilities.workspace?.workspaceFolders ?? false;
    const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
    for (const uri of uris) this.#addRoot(pathOf(uri));
  }

  /** Finds the sites, and asks the editor for messages about changes on the disk and of its folders. */
  async initialized(): Promise<void> {
    this.#refresh();
    if (this.#hasFolders)
      this.#connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const { uri } of removed) this.#roots.delete(rootOf(pathOf(uri) ?? ''));
        for (const { uri } of added) this.#addRoot(pathOf(uri));
        this.#refresh();
      });
    if (this.#isWatched)
      await this.#connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*' }],
      });
  }

  /** All sites, compiled from the current texts, sorted by directory. Current only after `settled`. */
  get sites(): readonly CheckedSite[] {
    return [...this.#sites]
      .map(([folder, { compilation, known }]) => ({ folder, compilation, known }))
      .sort((a, b) => (a.folder < b.folder ? -1 : 1));
  }

  /** The unsaved and other texts of the editor, by absolute path: `edits` of the compiler. */
  get edits(): ReadonlyMap<string, string> {
    const edits = new Map<string, string>();
    for (const document of this.#documents.all()) {
      const path = pathOf(document.uri);
      if (path !== undefined) edits.set(path, document.getText());
    }
    return edits;
  }

  /** Returns the URI of an absolute path; for an open file, as the editor writes it. */
  readonly uriOf = (path: string): string => this.#documentAt(path)?.uri ?? fileUri(path);

  /** Returns edits for the editor. One that can refuses them after a further change of a text. */
  editOf(edits: readonly TextEdit[]): WorkspaceEdit {
    const files = Array.from(
      groupedBy(edits, ({ at }) => at.source.file),
      ([path, ofFile]) => ({
        path,
        uri: this.uriOf(path),
        edits: ofFile.map(({ at, text }) => ({ range: rangeOf(at), newText: text })),
      }),
    );
    if (!this.client.workspace?.workspaceEdit?.documentChanges)
      return { changes: Object.fromEntries(files.map(({ uri, edits }) => [uri, edits])) };
    return {
      documentChanges: files.map(({ path, uri, edits }) => ({
        textDocument: { uri, version: this.#documentAt(path)?.version ?? null },
        edits,
      })),
    };
  }

  /**
   * Answers a request about an open file from its current text: compiles the sites first, if they are older than a text. With
   * `isTyping`, answers from the last compilations, which may be of an older text. Returns null for a file that is not open or
   * belongs to no site, and after a failure, which it logs.
   */
  async answer<T>(
    { uri }: { readonly uri: string },
    make: (file: OpenFile) => T | null | undefined,
    { isTyping = false } = {},
  ): Promise<T | null> {
    const isCompiled =
      this.#sites.size > 0 && [...this.#sites.values()].every(({ compilation }) => compilation);
    if (!(isTyping && isCompiled)) await this.settled();
    try {
      const path = pathOf(uri);
      const document = this.#documents.get(uri);
      if (path === undefined || !document) return null;
      const sites = this.sites.filter(({ folder }) => this.#isAffected(folder, path));
      return sites.length > 0 ? (make(new OpenFile(path, document, sites)) ?? null) : null;
    } catch (error) {
      this.logFailure('an answer', error);
      return null;
    }
  }

  /** Compiles all sites that are older than a text, and publishes the diagnostics. Afterwards, no text is newer. */
  settled(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#work ??= this.#settle().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  /** Logs a failure of harvgen itself, and shows it once. The server goes on. */
  logFailure(what: string, error: unknown): void {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    this.#connection.console.error(`${what}: ${stack}`);
    if (this.#failures.has(message)) return;
    this.#failures.add(message);
    void this.#connection.sendNotification('window/showMessage', {
      type: 1,
      message: `harvgen: this is a bug in harvgen: ${message}`,
    });
  }

  #addRoot(path: string | undefined): void {
    if (path !== undefined) this.#roots.add(rootOf(path));
  }

  #opened(uri: string): void {
    const path = pathOf(uri);
    if (path === undefined || [...this.#roots].some((root) => isWithin(path, root))) return;
    this.#addRoot(dirname(path));
    this.#refresh();
  }

  #refresh(): void {
    this.#isScanned = false;
    for (const folder of this.#sites.keys()) this.#stale.add(folder);
    this.#schedule();
  }

  #changed(path: string | undefined): void {
    if (path === undefined) return;
    for (const folder of this.#sites.keys()) if (this.#isAffected(folder, path)) this.#stale.add(folder);
    this.publisher.touch(path);
    this.#schedule();
  }

  /** Whether the text of a path, or a directory that is one, can change a site. */
  #isAffected(folder: string, path: string): boolean {
    if (isWithin(path, folder) || isWithin(folder, path)) return true;
    const files = this.#sites.get(folder)?.files;
    return !files || files.has(path) || [...files].some((file) => isWithin(file, path));
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.settled(), SOON);
  }

  async #settle(): Promise<void> {
    try {
      for (;;) {
        if (!this.#isScanned) await this.#scan();
        const [folder] = this.#stale;
        if (folder === undefined) break;
        this.#stale.delete(folder);
        await this.#compile(folder);
        // Newer texts may have arrived: the next compilation takes them.
        if (this.#stale.size > 0) await setImmediate();
      }
      this.publisher.publish(this.sites);
    } catch (error) {
      this.logFailure('checking', error);
    }
  }

  async #compile(folder: string): Promise<void> {
    const state = this.#sites.get(folder);
    if (!state) return;
    try {
      // Templates are programs: an editor must not run those of a directory that it opens, or half-typed ones.
      const whole = await compile(folder, { edits: this.edits, templates: false });
      const diagnostics = whole.diagnostics.filter(({ code }) => code !== 'template-not-run');
      state.compilation = { ...whole, diagnostics, tree: undefined };
      if (whole.inventory) state.known = state.compilation;
      state.files = new Set(whole.files);
    } catch (error) {
      delete state.compilation;
      this.logFailure(folder, error);
    }
  }

  async #scan(): Promise<void> {
    this.#isScanned = true;
    const found = new Set<string>();
    for (const root of this.#roots) for (const folder of await findFolders(root)) found.add(folder);
    for (const folder of this.#sites.keys()) if (!found.has(folder)) this.#sites.delete(folder);
    for (const folder of found) {
      if (this.#sites.has(folder) || !isFile(join(folder, 'site.yaml'))) continue;
      this.#sites.set(folder, { files: new Set() });
      this.#stale.add(folder);
    }
  }

  #documentAt(path: string): TextDocument | undefined {
    // Editors may escape more characters of a URI than Node does.
    return (
      this.#documents.get(fileUri(path)) ?? this.#documents.all().find(({ uri }) => pathOf(uri) === path)
    );
  }
}
