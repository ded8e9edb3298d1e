import { parse } from 'yaml';
import { shown } from '../../knowledge/hide.ts';
import { partsOf, siteSchema } from '../../knowledge/schemas.ts';
import { displayPath, formatLocation } from '../../source/diagnostics/text.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { type Path, pathText } from '../../source/leaf.ts';
import { maskLikely } from '../../source/likely.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { quoteShell } from '../../values/quoting.ts';
import { controlIn, escapeControlChars, printedJson } from '../../values/text.ts';
import { valueText } from '../explain/explain-node.ts';
import type { Difference, Drift, Unobservable } from './difference.ts';
import type { ObjectName } from './dump.ts';

/** The directories of a call: the site as it was named, and the one that shown paths are relative to. */
export interface Folders {
  readonly site: string;
  readonly current: string;
}

/** Renders a comparison as text: each difference with its source location, both values, and both ways to mend it. */
export function formatText(drift: Drift, folders: Folders): string {
  const [own, extra] = [true, false].map((isOwn) =>
    drift.differences.filter((one) => (one.at !== undefined) === isOwn),
  );
  const parts = [
    headline(drift),
    ...(own ?? []).map((one) => differenceText(one, folders)),
    ...(extra ?? []).map((one) => differenceText(one, folders)),
    ...unobservableText(drift.unobservable),
  ];
  return parts.join('\n');
}

function headline({ site, cluster, differences }: Drift): string {
  const count = differences.length;
  const what = count === 0 ? 'no drift' : `${count} ${count === 1 ? 'difference' : 'differences'}`;
  return `${escapeControlChars(site === cluster ? site : `${site}, cluster ${cluster}`)}: ${what}\n`;
}

function differenceText(one: Difference, folders: Folders): string {
  const { at, mend, declared, running } = one;
  const where = at ? formatLocation(at, folders.current) : 'not in the inventory:';
  const commands = commandsOf(one, folders.site);
  const isWhole = at !== undefined && one.path.length === 0;
  const keep = commands.length > 0 ? commands : at ? [`edit ${formatLocation(at, folders.current)}`] : [];
  const lines = [
    `${where} ${subject(one)}`,
    ...(at && !isWhole ? [`  inventory: ${textOf(declared, one)}`] : []),
    `  cluster:   ${isWhole ? 'the object is missing' : textOf(running, one)}`,
    ...(mend ? [`  to mend the cluster: ${mend}`] : []),
    ...keep.map((command) => `  to keep the cluster: ${command}`),
  ];
  return `${lines.map(escapeControlChars).join('\n')}\n`;
}

/** Returns the object of a difference, and the path in it; nodes that differ in the same way as a range. */
function subject({ object, path, nodes }: Difference): string {
  const isOfNodes = object.kind === 'Node' || object.kind === 'NodeConfig';
  const name = isOfNodes ? nameRanges(nodes) : [object.namespace, object.name].filter(Boolean).join('/');
  const whose = !isOfNodes && nodes.length > 0 ? ` on ${nameRanges(nodes)}` : '';
  return [object.kind, name, pathText(path)].filter(Boolean).join(' ') + whose;
}

/** Longer values are cut: the location leads to the whole value. */
const LONGEST = 160;

function textOf(value: unknown, { object, path }: Pick<Difference, 'object' | 'path'>): string {
  if (value === undefined) return 'none';
  const characters = [...visible(value, object, path)];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : characters.join('');
}

/** Returns a value as text, without secrets. */
function visible(value: unknown, object: Difference['object'], path: Path): string {
  const key =
    object.kind === 'Setting'
      ? ['config', 'system_settings', object.name, ...path.slice(1)]
      : ['cloud_init', ...path.filter((step) => typeof step === 'string')];
  return maskLikely(valueText(shown(value, key)), '***');
}

/**
 * Returns the commands of `harvgen set` with which the inventory is like the cluster: one for each node that has the key itself.
 * None for a secret, and for a value that a command line cannot contain.
 */
export function commandsOf({ object, path, place, keep, nodes }: Difference, site: string): string[] {
  if (!place || keep === undefined) return [];
  const text = typeof keep === 'string' ? keep : JSON.stringify(keep);
  if (visible(keep, object, path) !== valueText(keep) || controlIn(text) !== undefined || text.length > 2000)
    return [];
  const ofNode = place.path[0] === 'nodes';
  const whole = ofNode ? ['nodes', 'n', ...place.path.slice(2)] : place.path;
  const parts = partsOf(pathText(whole), siteSchema());
  if (!parts) return [];
  const { type } = parts.at(-1)?.schema ?? {};
  const isPlain = type === 'string' || (typeof keep === 'string' && orUndefined(() => parse(keep)) === keep);
  const assignment = `${pathText(ofNode ? place.path.slice(2) : place.path)}=${isPlain ? String(keep) : JSON.stringify(keep)}`;
  const words = (
    ofNode ? place.nodes.filter((node) => nodes.length === 0 || nodes.includes(node)) : ['']
  ).map((node) => [site, ...(node ? [node] : []), assignment]);
  return words.map((all) => `harvgen set ${all.map(quoteShell).join(' ')}`);
}

function nameOf({ apiVersion, kind, name, namespace }: ObjectName): ObjectName {
  return { apiVersion, kind, name, ...(namespace && { namespace }) };
}

const REASONS = [
  [false, 'not observable, a dump does not contain it'],
  [true, 'not observable, a dump contains the file in /oem, but not whether a node booted with it'],
] as const;

function unobservableText(all: readonly Unobservable[]): string[] {
  return REASONS.flatMap(([isInFile, why]) => {
    const keys = new Set(all.filter((one) => one.isInFile === isInFile).map(({ key }) => key));
    return keys.size > 0 ? [`${why}: ${escapeControlChars([...keys].join(', '))}\n`] : [];
  });
}

/** Renders a comparison as JSON: schema/drift.schema.json. */
export function formatJson({ site, cluster, differences, unobservable }: Drift, folders: Folders): string {
  return printedJson({
    site,
    cluster,
    differences: differences.map((one) => {
      const { object, path, nodes, at, place, declared, running, mend } = one;
      return {
        object: nameOf(object),
        path: pathText(path),
        nodes,
        ...(at && { file: displayPath(at.source.file, folders.current), ...at.source.position(at.start) }),
        ...(place && { key: pathText(place.path.filter((step) => step !== '')) }),
        ...(at && declared !== undefined && { inventory: visible(declared, object, path) }),
        ...(running !== undefined && { cluster: visible(running, object, path) }),
        mend,
        keep: commandsOf(one, folders.site),
      };
    }),
    unobservable: unobservable.map(({ key, isInFile, nodes }) => ({
      key,
      nodes,
      reason: isInFile ? 'only-file' : 'not-in-dump',
    })),
  });
}
