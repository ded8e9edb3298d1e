import { shown } from '../../knowledge/hide.ts';
import { displayPath, formatLocation, plural } from '../../source/diagnostics/text.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { maskSecrets } from '../../source/guess-secrets.ts';
import { type Path, pathText } from '../../source/leaf.ts';
import { escapeControlChars, printedJson } from '../../values/text.ts';
import { valueText } from '../explain/explain-node.ts';
import type { Difference, Drift } from './dump.ts';

/** Renders a comparison as text: each difference with its source location, both values, and both ways to mend it. */
export function formatText(drift: Drift, folder: string): string {
  const { site, cluster, differences, unobservable } = drift;
  const where = escapeControlChars(site === cluster ? site : `${site}, cluster ${cluster}`);
  const ordered = [...differences.filter(({ at }) => at), ...differences.filter(({ at }) => !at)];
  const reasons = {
    'a dump does not contain it': unobservable.filter(({ isInFile }) => !isInFile),
    'a dump contains the file in /oem, but not whether a node booted with it': unobservable.filter(
      ({ isInFile }) => isInFile,
    ),
  };
  return [
    `${where}: ${plural(differences.length, 'difference') || 'no drift'}\n`,
    ...ordered.map((difference) => differenceText(difference, folder)),
    ...Object.entries(reasons).flatMap(([reason, all]) => {
      const keys = [...new Set(all.map(({ key }) => key))].join(', ');
      return all.length > 0 ? [`not observable, ${reason}: ${escapeControlChars(keys)}\n`] : [];
    }),
  ].join('\n');
}

function differenceText(one: Difference, folder: string): string {
  const { at, mend, declared, running } = one;
  const isWhole = at !== undefined && one.path.length === 0;
  const keep = keepText(one, folder);
  const lines = [
    `${at ? formatLocation(at, folder) : 'not in the inventory:'} ${subject(one)}`,
    ...(at && !isWhole ? [`  inventory: ${textOf(declared, one)}`] : []),
    `  cluster:   ${isWhole ? 'the object is missing' : textOf(running, one)}`,
    ...(mend ? [`  to mend the cluster: ${mend}`] : []),
    ...(keep ? [`  to keep the cluster: ${keep}`] : []),
  ];
  return `${lines.map(escapeControlChars).join('\n')}\n`;
}

function keepText({ keep }: Difference, folder: string): string | undefined {
  return typeof keep === 'object' ? `edit ${formatLocation(keep, folder)}` : keep;
}

/** Returns the object of a difference, and the path in it; nodes that differ in the same way as a range. */
function subject({ object, path, nodes }: Difference): string {
  const isOfNodes = object.kind === 'Node' || object.kind === 'NodeConfig';
  const name = isOfNodes ? nameRanges(nodes) : [object.namespace, object.name].filter(Boolean).join('/');
  const whose = !isOfNodes && nodes.length > 0 ? ` on ${nameRanges(nodes)}` : '';
  return [object.kind, name, pathText(path)].filter(Boolean).join(' ') + whose;
}

/** Returns a value of a limited length: the location leads to the whole value. */
function textOf(value: unknown, { object, path }: Pick<Difference, 'object' | 'path'>): string {
  if (value === undefined) return 'none';
  const characters = [...visible(value, object, path)];
  return `${characters.slice(0, 160).join('')}${characters.length > 160 ? '…' : ''}`;
}

/** Returns a value as text, without secrets. */
function visible(value: unknown, object: Difference['object'], path: Path): string {
  const key =
    object.kind === 'Setting'
      ? ['config', 'system_settings', object.name, ...path.slice(1)]
      : ['cloud_init', ...path.filter((step) => typeof step === 'string')];
  return maskSecrets(valueText(shown(value, key)), '***');
}

/** Renders a comparison as JSON: schema/drift.schema.json. */
export function formatJson({ site, cluster, differences, unobservable }: Drift, folder: string): string {
  return printedJson({
    site,
    cluster,
    differences: differences.map((one) => {
      const { object, path, nodes, at, declared, running, mend } = one;
      const { apiVersion, kind, name, namespace } = object;
      return {
        object: { apiVersion, kind, name, namespace },
        path: pathText(path),
        nodes,
        ...(at && { file: displayPath(at.source.file, folder), ...at.source.position(at.start) }),
        ...(at && declared !== undefined && { inventory: visible(declared, object, path) }),
        ...(running !== undefined && { cluster: visible(running, object, path) }),
        mend,
        keep: keepText(one, folder),
      };
    }),
    unobservable: unobservable.map(({ key, isInFile, nodes }) => ({
      key,
      nodes,
      reason: isInFile ? 'only-file' : 'not-in-dump',
    })),
  });
}
