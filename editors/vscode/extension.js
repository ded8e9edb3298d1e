const { workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

/** Starts the language server; VS Code calls it for a workspace that contains a site. */
exports.activate = () => {
  const [command, ...args] = workspace.getConfiguration('harvgen').get('command');
  const cwd = workspace.workspaceFolders?.[0]?.uri.fsPath;
  client = new LanguageClient(
    'harvgen',
    // On Windows, npx is a script for the shell.
    { command, args, options: { cwd, shell: process.platform === 'win32' } },
    { documentSelector: [{ scheme: 'file', language: 'yaml' }] },
  );
  return client.start();
};

exports.deactivate = () => client?.stop();
