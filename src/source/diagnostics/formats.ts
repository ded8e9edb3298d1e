import { escapeLines, printedJson } from '../../values/text.ts';
import type { SourceLocation } from '../source.ts';
import type { Diagnostic, Severity } from './report.ts';
import { displayPath } from './text.ts';

/**
 * A diagnostic for programs: lines and columns counted from 1, paths relative to the current directory.
 * schema/diagnostics.schema.json describes it.
 */
export interface PlainDiagnostic {
  code: string;
  severity: Severity;
  message: string;
  help?: string;
  file: string;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  related: { message: string; file: string; line: number; column: number }[];
}

/** Returns a diagnostic as plain values, with paths relative to a directory. */
export function plainDiagnostic(diagnostic: Diagnostic, folder: string): PlainDiagnostic {
  const { code, severity, message, help, at, related = [] } = diagnostic;
  const end = at.source.position(at.end);
  return {
    code,
    severity,
    message,
    ...(help === undefined ? {} : { help }),
    ...point(at, folder),
    end_line: end.line,
    end_column: end.column,
    related: related.map((other) => ({ message: other.message, ...point(other.at, folder) })),
  };
}

/** Renders diagnostics as one JSON document: `{"diagnostics": […]}`. */
export function formatJson(diagnostics: readonly Diagnostic[], folder: string): string {
  const plain = diagnostics.map((diagnostic) => plainDiagnostic(diagnostic, folder));
  return printedJson({ diagnostics: plain });
}

function point(at: SourceLocation, folder: string) {
  const { line, column } = at.source.position(at.start);
  return { file: displayPath(at.source.file, folder), line, column };
}

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
        // GitHub accepts columns only for a location within one line.
        ...(line === end_line ? { col: column, endColumn: end_column } : {}),
        title: code,
      };
      const list = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
      return `::${severity} ${list.join(',')}::${data(help ? `${message}\nhelp: ${help}` : message)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return escapeLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Returns the requirement of a code and the reason for it, or undefined for an unknown code. */
export type Explain = (code: string) => { readonly what: string; readonly why: string } | undefined;

/**
 * Renders diagnostics as SARIF 2.1.0 (OASIS), for code scanning services. A code without an explanation explains itself by
 * its name.
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
          // Braces stay single, against §3.11.5: without arguments, viewers show the text unchanged.
          message: { text: help ? `${message}\nhelp: ${help}` : message },
          locations: [location(at, folder)],
          ...(related.length > 0
            ? { relatedLocations: related.map((other) => location(other.at, folder, other.message)) }
            : {}),
        })),
      },
    ],
  };
  return printedJson(log);
}

function worst(diagnostics: readonly Diagnostic[], code: string): Severity {
  return diagnostics.some((other) => other.code === code && other.severity === 'error') ? 'error' : 'warning';
}

/** Returns a rule for GitHub, which requires all three texts and orders alerts by the properties. */
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

function location(at: SourceLocation, folder: string, message?: string) {
  const start = at.source.position(at.start);
  const end = at.source.position(at.end);
  return {
    physicalLocation: {
      artifactLocation: {
        uri: displayPath(at.source.file, folder).split('/').map(encodeURIComponent).join('/'),
        // The base URI has no value: it would be a path on this machine.
        uriBaseId: '%SRCROOT%',
      },
      region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
    },
    ...(message ? { message: { text: message } } : {}),
  };
}
