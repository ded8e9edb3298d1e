import {
  createConnection,
  ErrorCodes,
  type InitializeParams,
  Message,
  ProposedFeatures,
  ResponseError,
  type ServerCapabilities,
  StreamMessageReader,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { isValueMap } from '../source/origin.ts';
import { VERSION } from '../values/package.ts';
import { codeActions } from './code-actions.ts';
import { completion } from './completion.ts';
import { hover } from './hover.ts';
import { definition, references } from './references.ts';
import { rename } from './rename.ts';
import { symbols } from './symbols.ts';
import { Workspace } from './workspace.ts';

/** Every ability apart from diagnostics: each is a file and a line. */
const CAPABILITIES = [hover, symbols, codeActions, completion, definition, references, rename];

/** The method that a request gets if it lacks a parameter. */
const INVALID = '$/harvgen/invalid';

/** Whether a request has the parameters that its handler reads, each of its type. */
function hasParams({ method, params }: { readonly method: string; readonly params?: unknown }): boolean {
  const { capabilities, workspaceFolders, textDocument, position, range, newName, context } = Object(params);
  const isPlace = (place: unknown) =>
    [Object(place).line, Object(place).character].every((index) => Number.isInteger(index) && index >= 0);
  const file = typeof Object(textDocument).uri === 'string';
  const at = file && isPlace(position);
  const isRange = isPlace(Object(range).start) && isPlace(Object(range).end);
  const needed: Readonly<Record<string, boolean>> = {
    initialize: isValueMap(capabilities) && Array.isArray(workspaceFolders ?? []),
    ...{ hover: at, completion: at, definition: at, prepareRename: at },
    ...{ documentSymbol: file, codeAction: file && isRange && isValueMap(context) },
    ...{ references: at && isValueMap(context), rename: at && typeof newName === 'string' },
  };
  return needed[method.replace(/^textDocument\//, '')] ?? true;
}

/** Ends the process with a message if the input is not of this protocol: the connection would wait for a valid header for ever. */
function watchHeaders(): void {
  const end = (why: string) => {
    process.stderr.write(`harvgen: the input is not the Language Server Protocol: ${why}\n`);
    process.exit(1);
  };
  const contentTypeDecoder = { name: 'none', decode: async () => ({ jsonrpc: '2.0' }) };
  const headers = new StreamMessageReader(process.stdin, { contentTypeDecoder });
  headers.onError(({ message }) => end(message));
  headers.listen(() => {});
  process.stdin.once('data', (data) => {
    if (!/^[A-Za-z][^\r\n{]*(\r|$)/.test(String(data)))
      end('it must begin with the header Content-Length, ended by CRLF');
  });
}

/** Serves the Language Server Protocol 3.17 on standard input and output. Ends the process when the editor ends the connection. */
export function serve(): void {
  const messageStrategy = {
    handleMessage(message: Message, next: (message: Message) => void) {
      const isInvalid = Message.isRequest(message) && !hasParams(message);
      next(isInvalid ? ({ ...message, method: INVALID, params: message } as Message) : message);
    },
  };
  const [input, output] = [process.stdin, process.stdout];
  const connection = createConnection(ProposedFeatures.all, input, output, { messageStrategy });
  const refusal = ({ method }: { readonly method: string }) =>
    new ResponseError(ErrorCodes.InvalidParams, `${method} lacks a parameter, or one has another type`);
  connection.onRequest(INVALID, refusal);
  const workspace = new Workspace(connection);
  // An editor restarts a server only a few times: a failure of one answer must not end all others.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => workspace.logFailure(event, error));
  connection.onInitialize((params: InitializeParams) => {
    workspace.start(params);
    const capabilities: ServerCapabilities = {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    };
    for (const capability of CAPABILITIES) Object.assign(capabilities, capability(connection, workspace));
    return { capabilities, serverInfo: { name: 'harvgen', version: VERSION } };
  });
  connection.onInitialized(() => workspace.initialized());
  watchHeaders();
  connection.listen();
}
