import type { Place } from '../origin.ts';
import type { Diagnostic } from './diagnostic.ts';
import { displayPath } from './text.ts';

/** Renders diagnostics as SARIF 2.1.0 (OASIS), which code scanning services read. */
export function formatSarif(diagnostics: readonly Diagnostic[], folder: string, version: string): string {
  const codes = [...new Set(diagnostics.map((diagnostic) => diagnostic.code))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'harvgen', version, rules: codes.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(({ code, severity, message, help, at, related = [] }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: help ? `${message}\nhelp: ${help}` : message },
          locations: [location(at, folder)],
          ...(related.length > 0
            ? { relatedLocations: related.map((other) => location(other.at, folder, other.message)) }
            : {}),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function location(at: Place, folder: string, message?: string) {
  const start = at.source.position(at.start);
  const end = at.source.position(at.end);
  return {
    physicalLocation: {
      artifactLocation: {
        uri: displayPath(at.source.file, folder).split('/').map(encodeURIComponent).join('/'),
      },
      region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
    },
    ...(message ? { message: { text: message } } : {}),
  };
}
