import { grouped } from '../../values/grouped.ts';
import { urlOfCode } from '../../values/package.ts';
import { escapeLines, printedJson } from '../../values/text.ts';
import type { SourceLocation } from '../source.ts';
import type { Diagnostic, Fix, Severity, TextEdit } from './report.ts';
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
  /** The URL of the code's entry in the reference. */
  url: string;
  fix?: { title: string; safe: boolean; edits: (PlainSpan & { text: string })[] };
}

type PlainSpan = Pick<PlainDiagnostic, 'file' | 'line' | 'column' | 'end_line' | 'end_column'>;

/** Returns a diagnostic as plain values, with paths relative to a directory. */
export function plainDiagnostic(diagnostic: Diagnostic, folder: string): PlainDiagnostic {
  const { code, severity, message, help, at, related = [] } = diagnostic;
  const fix = shownFix(diagnostic);
  return {
    code,
    severity,
    message,
    ...(help === undefined ? {} : { help }),
    ...span(at, folder),
    related: related.map((other) => ({ message: other.message, ...point(other.at, folder) })),
    url: urlOfCode(code),
    ...(fix && {
      fix: {
        title: fix.title,
        safe: fix.safe,
        edits: fix.edits.map(({ at, text }) => ({ ...span(at, folder), text })),
      },
    }),
  };
}

/** Returns the fix of a diagnostic; undefined if there are no edits, or if they would show a secret. */
export function shownFix({ fix }: Diagnostic): Fix | undefined {
  if (!fix || fix.edits.length === 0) return undefined;
  const isShown =
    fix.edits.every(({ text }) => text === '') || !fix.edits.some(({ at }) => at.source.hides(at));
  return isShown ? fix : undefined;
}

/** Renders diagnostics as one JSON document: `{"diagnostics": […]}`. */
export function formatJson(diagnostics: readonly Diagnostic[], folder: string): string {
  const plain = diagnostics.map((diagnostic) => plainDiagnostic(diagnostic, folder));
  return printedJson({ diagnostics: plain });
}

function span(at: SourceLocation, folder: string): PlainSpan {
  const end = at.source.position(at.end);
  return { ...point(at, folder), end_line: end.line, end_column: end.column };
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
        { ...diagnostic, fix: undefined },
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

/** Renders diagnostics as SARIF 2.1.0 (OASIS), for code scanning services. A code without an explanation explains itself by its name. */
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
        results: diagnostics.map((diagnostic) => {
          const { code, severity, message, help, at, related = [] } = diagnostic;
          const fix = shownFix(diagnostic);
          return {
            ruleId: code,
            ruleIndex: codes.indexOf(code),
            level: severity,
            // Braces stay single, against §3.11.5: without arguments, viewers show the text unchanged.
            message: { text: help ? `${message}\nhelp: ${help}` : message },
            locations: [location(at, folder)],
            ...(related.length > 0
              ? { relatedLocations: related.map((other) => location(other.at, folder, other.message)) }
              : {}),
            ...(fix && { fixes: [sarifFix(fix, folder)] }),
          };
        }),
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
    helpUri: urlOfCode(id),
    defaultConfiguration: { level },
    properties: { precision: 'very-high', 'problem.severity': level },
  };
}

function location(at: SourceLocation, folder: string, message?: string) {
  return {
    physicalLocation: { artifactLocation: artifact(at, folder), region: region(at) },
    ...(message ? { message: { text: message } } : {}),
  };
}

function artifact(at: SourceLocation, folder: string) {
  return {
    uri: displayPath(at.source.file, folder).split('/').map(encodeURIComponent).join('/'),
    // The base URI has no value: it would be a path on this machine.
    uriBaseId: '%SRCROOT%',
  };
}

function region(at: SourceLocation) {
  const start = at.source.position(at.start);
  const end = at.source.position(at.end);
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** Returns a fix with the replacements of each file (§3.55). */
function sarifFix({ title, edits }: Fix, folder: string) {
  return {
    description: { text: title },
    artifactChanges: Array.from(
      grouped(edits.map((edit) => [edit.at.source, edit] as const)),
      ([, edits]) => ({
        artifactLocation: artifact((edits[0] as TextEdit).at, folder),
        replacements: edits.map(({ at, text }) => ({ deletedRegion: region(at), insertedContent: { text } })),
      }),
    ),
  };
}
