import type { Diagnostic } from './diagnostic.ts';
import { plainDiagnostic } from './json.ts';

/**
 * Renders diagnostics as workflow commands, which GitHub shows as annotations on the changed lines.
 * Format: docs.github.com, "Workflow commands for GitHub Actions".
 */
export function formatGithub(diagnostics: readonly Diagnostic[], folder: string): string {
  return diagnostics
    .map((diagnostic) => {
      const { severity, code, message, help, file, line, column, end_line, end_column } = plainDiagnostic(
        diagnostic,
        folder,
      );
      const properties = {
        file,
        line,
        endLine: end_line,
        // GitHub takes columns only for a fault within one line.
        ...(line === end_line ? { col: column, endColumn: end_column } : {}),
        title: code,
      };
      const list = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
      return `::${severity} ${list.join(',')}::${data(help ? `${message}\nhelp: ${help}` : message)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
