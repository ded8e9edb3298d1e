import type { Connection, ServerCapabilities } from 'vscode-languageserver/node';
import type { Workspace } from './workspace.ts';

/** An ability of the server: adds its handlers to the connection, and returns the capabilities to announce for them. */
export type Capability = (connection: Connection, workspace: Workspace) => ServerCapabilities;
