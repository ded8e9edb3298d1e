import { type CodeAction, CodeActionKind } from 'vscode-languageserver/node';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { Source } from '../source/source.ts';
import type { OpenFile } from './open-file.ts';
import { rangeOf } from './positions.ts';
import { type Silencing, silencesOf } from './silence.ts';
import type { Capability, Workspace } from './workspace.ts';

/** Selects the reason of a new silence in the editor, so that the user replaces it. */
const SELECT = 'harvgen.select';

/** Code actions: the fix of each diagnostic, and its silence with a reason. */
export const codeActions: Capability = (connection, workspace) => {
  connection.onCodeAction(({ textDocument, range, context: { only } }) =>
    workspace.answer(textDocument, (file) => {
      if (only && !only.some((kind) => CodeActionKind.QuickFix.startsWith(kind))) return [];
      const [start, end] = [file.offsetAt(range.start), file.offsetAt(range.end)];
      return workspace.publisher
        .of(file.path)
        .filter(({ at }) => at.start <= end && start <= at.end)
        .flatMap((diagnostic) => actionsFor(file, diagnostic, workspace));
    }),
  );
  connection.onExecuteCommand(async ({ command, arguments: [uri, selection] = [] }) => {
    if (command === SELECT) await connection.window.showDocument({ uri, selection, takeFocus: true });
  });
  return {
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
    executeCommandProvider: { commands: [SELECT] },
  };
};

function actionsFor(file: OpenFile, diagnostic: Diagnostic, workspace: Workspace): CodeAction[] {
  const { fix } = diagnostic;
  const diagnostics = [workspace.publisher.converted(diagnostic)];
  const ofDiagnostic = { kind: CodeActionKind.QuickFix, diagnostics };
  const fixes = (fix && fix.edits.length > 0 ? [fix] : []).map(({ title, safe, edits }) => ({
    ...ofDiagnostic,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    isPreferred: safe,
    edit: workspace.editOf(edits),
  }));
  const silences = silencesOf(file, diagnostic, workspace.edits).map((silencing) => ({
    ...ofDiagnostic,
    title: silencing.title,
    edit: workspace.editOf([silencing]),
    ...(workspace.client.window?.showDocument?.support && { command: selectionOf(silencing, workspace) }),
  }));
  return [...fixes, ...silences];
}

function selectionOf({ at, text, reason }: Silencing, { uriOf }: Workspace) {
  const { file, text: before } = at.source;
  const after = new Source(file, before.slice(0, at.start) + text + before.slice(at.end));
  const start = at.start + text.lastIndexOf(reason);
  const selection = rangeOf({ source: after, start, end: start + reason.length });
  return { title: 'Write the reason', command: SELECT, arguments: [uriOf(file), selection] };
}
