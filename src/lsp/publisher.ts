import { dirname } from 'node:path';
import {
  type Connection,
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as LspDiagnostic,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Compilation } from '../compile.ts';
import { judgeSites } from '../compile-sites.ts';
import { diagnosticKind } from '../rules/index.ts';
import { type Diagnostic, Report } from '../source/diagnostics/report.ts';
import { groupedBy } from '../values/grouped.ts';
import type { CheckedSite } from './open-file.ts';
import { placeOf, rangeOf } from './positions.ts';

/** Sends the diagnostics of all sites to the editor, by file, whenever they or the text have changed. */
export class Publisher {
  readonly #connection: Connection;
  readonly #documentAt: (path: string) => TextDocument | undefined;
  readonly #uriOf: (path: string) => string;
  /** The diagnostics that the editor has, by path. */
  #sent = new Map<string, string>();
  #current = new Map<string, readonly Diagnostic[]>();
  readonly #touched = new Set<string>();

  constructor(
    connection: Connection,
    documentAt: (path: string) => TextDocument | undefined,
    uriOf: (path: string) => string,
  ) {
    this.#connection = connection;
    this.#documentAt = documentAt;
    this.#uriOf = uriOf;
  }

  /** Records that a text has changed: the editor waits for its diagnostics, or for an empty list. */
  touch(path: string): void {
    this.#touched.add(path);
  }

  /** The diagnostics of a file, as last published. */
  of(path: string): readonly Diagnostic[] {
    return this.#current.get(path) ?? [];
  }

  publish(sites: readonly CheckedSite[]): void {
    this.#current = groupedBy(judged(sites), ({ at }) => at.source.file);
    const before = this.#sent;
    this.#sent = new Map();
    const others = [...before.keys(), ...this.#current.keys()].filter((path) => !this.#touched.has(path));
    // Those of the edited texts are last: then the editor has all others, too.
    for (const path of new Set([...others, ...this.#touched])) {
      const document = this.#documentAt(path);
      const diagnostics = this.of(path).map((diagnostic) => this.converted(diagnostic));
      const now = JSON.stringify(diagnostics);
      if (diagnostics.length > 0) this.#sent.set(path, now);
      if ((before.get(path) ?? '[]') === now && !(document && this.#touched.has(path))) continue;
      void this.#connection.sendDiagnostics({
        uri: this.#uriOf(path),
        diagnostics,
        ...(document && { version: document.version }),
      });
    }
    this.#touched.clear();
  }

  /** Returns a diagnostic as the editor gets it. */
  converted(diagnostic: Diagnostic): LspDiagnostic {
    const { code, severity, message, help, at, related = [] } = diagnostic;
    const { tag } = diagnosticKind(code) ?? {};
    return {
      range: rangeOf(at),
      severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
      code,
      source: 'harvgen',
      message: help === undefined ? message : `${message}\nhelp: ${help}`,
      ...(tag && { tags: [TAGS[tag]] }),
      ...(related.length > 0 && {
        relatedInformation: related.map((other) => ({
          message: other.message.replace(/ at$/, ''),
          location: placeOf(other.at, this.#uriOf),
        })),
      }),
    };
  }
}

/**
 * Returns the diagnostics of all sites, as `harvgen check` reports them. Checks sites against each other that are in the same directory,
 * like those of `harvgen check 'sites/*'`.
 */
function judged(sites: readonly CheckedSite[]): readonly Diagnostic[] {
  const report = new Report();
  const groups = groupedBy(sites, ({ folder }) => dirname(folder));
  for (const group of groups.values()) {
    const compilations = group.flatMap(({ compilation }): Compilation[] =>
      compilation ? [compilation] : [],
    );
    for (const diagnostic of judgeSites(compilations).diagnostics) report.add(diagnostic);
  }
  return report.sorted();
}

const TAGS = { unnecessary: DiagnosticTag.Unnecessary, deprecated: DiagnosticTag.Deprecated } as const;
