import {
  createConnection,
  type InitializeParams,
  ProposedFeatures,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { VERSION } from '../values/package.ts';
import { codeActions } from './code-actions.ts';
import { completion } from './completion.ts';
import { hover } from './hover.ts';
import { definition, references } from './references.ts';
import { rename } from './rename.ts';
import { symbols } from './symbols.ts';
import { type Capability, Workspace } from './workspace.ts';

/** Every ability apart from diagnostics: each is a file and a line. */
const CAPABILITIES: readonly Capability[] = [
  hover,
  symbols,
  codeActions,
  completion,
  definition,
  references,
  rename,
];

/** Serves the Language Server Protocol 3.17 on standard input and output. Ends the process when the editor ends the connection. */
export function serve(): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
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
  connection.listen();
}
