import { basename } from 'node:path';
import { editAll } from '../edit/edit-node.ts';
import { Texts } from '../edit/save.ts';
import { Disk } from '../inventory/disk.ts';
import { readFiles } from '../inventory/files.ts';
import { diagnosticKind } from '../rules/index.ts';
import { type Diagnostic, Report, type TextEdit } from '../source/diagnostics/report.ts';
import type { Path } from '../source/leaf.ts';
import type { Source } from '../source/source.ts';
import { withValue } from '../source/text-edit/edit-text.ts';
import { EditRefusal } from '../source/text-edit/yaml-text.ts';
import { isWithin } from '../tree/output-folder.ts';
import type { OpenFile } from './open-file.ts';

/** The reason of a new silence, which the user replaces. */
const REASON = 'the reason';

/** An edit that silences the rule of a diagnostic. */
export interface Silencing extends TextEdit {
  readonly title: string;
  /** The text of its reason. */
  readonly reason: string;
}

/**
 * Returns the edits that silence the rule of a diagnostic in a file. One is for the node, range, profile or defaults of its location,
 * one for each site that reports it, and one for all sites that include the file. None if the rule cannot be silenced or the text cannot be edited.
 */
export function silencesOf(
  file: OpenFile,
  { code, message, ofNode, at }: Diagnostic,
  edits: ReadonlyMap<string, string>,
): Silencing[] {
  const rule = diagnosticKind(code);
  if (!rule || !('check' in rule) || 'essential' in rule) return [];
  const found: Silencing[] = [];
  const [first = '', name = ''] = file.spotAt(file.range(at.start, at.start).start)?.path ?? [];
  if (ofNode && first === 'defaults') addHere('the defaults', [first]);
  else if (ofNode && name !== '' && ['nodes', 'profiles'].includes(String(first)))
    addHere(first === 'nodes' ? String(name) : `profile ${name}`, [first, name]);
  const reporting = file.sites.filter(({ compilation }) =>
    compilation?.diagnostics.some((diagnostic) => diagnostic.code === code && diagnostic.message === message),
  );
  for (const { folder } of reporting.length > 0 ? reporting : file.sites)
    add(basename(folder), () => {
      const files = readFiles(folder, new Report(), new Disk(edits));
      const texts = new Texts(edits);
      if (files) editAll(files, texts, undefined, [{ path: ['silence', code], value: REASON }], []);
      return texts.changes.map(({ path }) => [texts.original(path), texts.source(path)]);
    });
  if (file.isInventory && !file.sites.some(({ folder }) => isWithin(file.path, folder)))
    addHere('all sites that include this file', []);
  return found;

  function addHere(whom: string, layer: Path): void {
    add(whom, () => [[file.source, withValue(file.source, [...layer, 'silence', code], REASON)]]);
  }

  function add(whom: string, edit: () => readonly (readonly [Source, Source])[]): void {
    try {
      for (const [source, { text }] of edit())
        found.push({ title: `Silence ${code} for ${whom}`, reason: REASON, ...difference(source, text) });
    } catch (error) {
      if (!(error instanceof EditRefusal)) throw error;
    }
  }
}

/** Returns the smallest edit that turns a text into another. */
function difference(source: Source, after: string): TextEdit {
  const { text } = source;
  let start = 0;
  while (start < text.length && start < after.length && text[start] === after[start]) start += 1;
  let end = 0;
  while (end < Math.min(text.length, after.length) - start && text.at(-1 - end) === after.at(-1 - end))
    end += 1;
  return { at: { source, start, end: text.length - end }, text: after.slice(start, after.length - end) };
}
