import type { Place } from '../origin.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import { displayPath } from './text.ts';

/** Gives what holds where a code is not reported, and why that matters; undefined for a code that is not known. */
export type Explain = (code: string) => { readonly what: string; readonly why: string } | undefined;

/**
 * Renders diagnostics as SARIF 2.1.0 (OASIS), which code scanning services read. A code that is not explained stands
 * for itself.
 */
export function formatSarif(
  diagnostics: readonly Diagnostic[],
  folder: string,
  version: string,
  explain: Explain = () => undefined,
): string {
  const codes = [...new Set(diagnostics.map((diagnostic) => diagnostic.code))].sort();
  const rules = codes.map((code) =>
    rule(code, worst(diagnostics, code), explain(code) ?? { what: code, why: code }),
  );
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'harvgen', version, rules } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(({ code, severity, message, help, at, related = [] }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          // Braces stay single, against §3.11.5: without arguments to fill in, viewers show the text as it stands.
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

/** The severity of a code; of two, the worse. */
function worst(diagnostics: readonly Diagnostic[], code: string): Severity {
  return diagnostics.some((other) => other.code === code && other.severity === 'error') ? 'error' : 'warning';
}

/** A rule as GitHub shows it beside its results: it wants all three texts, and orders alerts by the properties. */
function rule(id: string, level: Severity, { what, why }: { what: string; why: string }) {
  return {
    id,
    shortDescription: { text: what },
    fullDescription: { text: why },
    help: { text: why },
    defaultConfiguration: { level },
    properties: { precision: 'very-high', 'problem.severity': level },
  };
}

function location(at: Place, folder: string, message?: string) {
  const start = at.source.position(at.start);
  const end = at.source.position(at.end);
  return {
    physicalLocation: {
      artifactLocation: {
        uri: displayPath(at.source.file, folder).split('/').map(encodeURIComponent).join('/'),
        // Where that is, is not said: it would be a path of this machine.
        uriBaseId: '%SRCROOT%',
      },
      region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
    },
    ...(message ? { message: { text: message } } : {}),
  };
}
