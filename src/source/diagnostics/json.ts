import type { Place } from '../origin.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import { displayPath } from './text.ts';

/**
 * A diagnostic as programs read it: lines and columns counted from 1, paths relative to the current folder.
 * schema/diagnostics.schema.json is the same for them.
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

/** Gives a diagnostic in plain values, its paths relative to a folder. */
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
  return `${JSON.stringify({ diagnostics: plain }, null, 2)}\n`;
}

function point(at: Place, folder: string) {
  const { line, column } = at.source.position(at.start);
  return { file: displayPath(at.source.file, folder), line, column };
}
