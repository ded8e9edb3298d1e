import * as assert from 'uvu/assert';
import { JOINED_FORMATS } from '../../src/import/import-formats.ts';
import { joinedSite } from '../../src/import/joined-site.ts';
import type { ImportedSite, ImportSettings } from '../../src/import/model/import-format.ts';
import { Report } from '../../src/source/diagnostics/report.ts';
import { formatText } from '../../src/source/diagnostics/text.ts';
import { Source } from '../../src/source/source.ts';

/** A format, the name of a file, and its text. */
export type Given = readonly [kind: string, file: string, text: string];

/** Returns the site of files, which must report nothing. */
export function importedSite(given: readonly Given[], options: ImportSettings = {}): ImportedSite {
  const report = new Report();
  const files = given.map(([name, file, text]) => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind, name);
    return { kind, source: new Source(`/${file}`, text) };
  });
  const [site] = joinedSite(files, { site: 'plant', ...options }, report) ?? [];
  const log = formatText(report.sorted(), { color: false, folder: '/' });
  assert.ok(site, log);
  assert.is(log, '');
  return site;
}

/** Returns the notes of a kind, each as `file:line subject: text`. */
export function notesIn({ notes }: ImportedSite, kind: 'open' | 'changed' | 'left'): string[] {
  return notes
    .filter((note) => note.kind === kind)
    .map(({ of, at, text }) => {
      const place = at ? `${at.source.file.slice(1)}:${at.source.position(at.start).line} ` : '';
      return `${place}${of}: ${text}`;
    });
}
