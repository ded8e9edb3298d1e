import { dirname } from 'node:path';
import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import { type Effective, effectiveValues, pathInLayer } from '../inspect/explain/effective-values.ts';
import { valueText } from '../inspect/explain/explain-node.ts';
import { canonicalPath } from '../inventory/canonical-config.ts';
import { availability, hasNoEffect } from '../knowledge/config-schema.ts';
import { shown } from '../knowledge/hide.ts';
import { type ConfigSchema, siteSchema } from '../knowledge/schemas.ts';
import { diagnosticKind } from '../rules/index.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { displayPath } from '../source/diagnostics/text.ts';
import { listed, nameRanges } from '../source/diagnostics/words.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { escapeControlChars } from '../values/text.ts';
import type { Version } from '../values/version.ts';
import type { CheckedSite, OpenFile } from './open-file.ts';
import { fileUri, rangeOf } from './positions.ts';
import { partAlong } from './schema-place.ts';
import type { Capability } from './workspace.ts';

/** The most values that a hover lists for one group of nodes, and the most groups. */
const MOST = 8;

/** Hover: what a key means, the releases that have it, what holds for it in the end, and the rules that report it. */
export const hover: Capability = (connection, workspace) => {
  connection.onHover(({ textDocument, position }) =>
    workspace.answer(textDocument, (file) => {
      const offset = file.offsetAt(position);
      const reported = workspace.publisher
        .of(file.path)
        .filter(({ at }) => at.start <= offset && offset <= at.end);
      return hoverAt(file, position, reported);
    }),
  );
  return { hoverProvider: true };
};

function hoverAt(file: OpenFile, position: Position, reported: readonly Diagnostic[]): Hover | undefined {
  const spot = file.isInventory ? file.spotAt(position) : undefined;
  const sections = [
    ...(spot ? ofKey(file, canonicalPath(spot.path)) : []),
    ...[...new Set(reported.map(({ code }) => code))].flatMap(ofRule),
  ];
  if (sections.length === 0) return undefined;
  const [first] = reported;
  return {
    contents: { kind: MarkupKind.Markdown, value: sections.join('\n\n') },
    ...(spot ? { range: file.range(spot.start, spot.end) } : first && { range: rangeOf(first.at) }),
  };
}

function ofKey(file: OpenFile, path: Path): string[] {
  const schemas = schemasAlong(path);
  return [
    ...meaning(path, schemas.at(-1)),
    ...releases(file, path, schemas),
    ...file.sites.flatMap((site) => holds(file, site, path)),
  ];
}

/** Describes a rule, as `harvgen rules` does. */
function ofRule(code: string): string[] {
  const rule = diagnosticKind(code);
  return rule ? [`**${code}**: ${rule.what} ${rule.why}`] : [];
}

/** Returns the schema of each step of a path, as far as the keys are known. */
function schemasAlong(path: Path): readonly ConfigSchema[] {
  const parts = path.map((_, index) => partAlong(path.slice(0, index + 1)));
  return parts.every(Boolean) ? parts.flatMap((part) => part?.schema ?? []) : [];
}

function meaning(path: Path, schema: ConfigSchema | undefined): string[] {
  if (!schema) return [];
  const { description, examples } = schema as { description?: string; examples?: readonly unknown[] };
  const types = [schema.type ?? []].flat();
  const inner = pathInLayer(path) ?? path;
  const allowed = schema.enum?.map((value) => code(valueText(value))) ?? [];
  const [example] = examples ?? [];
  return [
    `**${pathText(inner.length > 0 ? inner : path.slice(-1)).replaceAll(/[*_]/g, '\\$&')}**${types.length > 0 ? ` (${listed(types)})` : ''}`,
    ...(description ? [description] : []),
    ...(allowed.length > 0 ? [`One of ${listed(allowed)}.`] : []),
    ...(example === undefined ? [] : [`Example: ${code(JSON.stringify(example))}`]),
  ];
}

/** Describes the releases that have a key, also by the keys around it, and whether those of the sites do. */
function releases(file: OpenFile, path: Path, schemas: readonly ConfigSchema[]): string[] {
  const facts = schemas.flatMap((schema) => [
    ...(schema['x-since'] ? [`since ${schema['x-since']}`] : []),
    ...(schema['x-until'] ? [`until ${schema['x-until']}`] : []),
    ...(schema['x-absent'] ? [`not in ${listed(schema['x-absent'])}`] : []),
  ]);
  const last = schemas.at(-1);
  const versions = new Map<string, Version>();
  for (const { known } of file.sites)
    for (const cluster of known?.draft?.clusters ?? [])
      if (cluster?.version) versions.set(cluster.version.text, cluster.version);
  const lacking = [...versions.values()].filter((version) =>
    schemas.some((schema) => availability(schema, version) !== 'present' || hasNoEffect(schema, version)),
  );
  const isOfConfig = pathInLayer(path)?.[0] === 'config';
  const lines = [
    ...(facts.length > 0
      ? [`In Harvester ${[...new Set(facts)].join(', ')}.`]
      : isOfConfig && last
        ? ['In every supported release of Harvester.']
        : []),
    ...(last?.['x-no-effect'] ? [`Without effect: ${last['x-no-effect']}.`] : []),
    ...(last?.['x-modes']?.length === 1 ? [`Only for mode ${last['x-modes'].join('')}.`] : []),
    ...(lacking.length > 0
      ? [
          `**Not in ${listed(lacking.map(({ text }) => text))}**${last?.['x-instead'] ? `: use ${code(last['x-instead'])}` : ''}.`,
        ]
      : []),
  ];
  return lines.length > 0 ? [lines.join(' ')] : [];
}

/** Describes what holds for a key in a site; nothing while the site is not readable. */
function holds(file: OpenFile, { compilation }: CheckedSite, path: Path): string[] {
  const { inventory, draft } = compilation ?? {};
  if (!inventory || !draft) return [];
  const all = effectiveValues(inventory, draft, path).filter(({ leaves, why }) => leaves.length > 0 || why);
  const lines = all.slice(0, MOST).flatMap((group) => effective(file, path, group));
  if (all.length > MOST) lines.push(`- and ${all.length - MOST} more groups of nodes`);
  const name = file.sites.length > 1 && draft.name !== undefined ? `In ${code(draft.name)}:\n` : '';
  return lines.length > 0 ? [name + lines.join('\n')] : [];
}

function effective(file: OpenFile, path: Path, { nodes, leaves, why }: Effective): string[] {
  const whom = nodes ? `${escapeMarkdown(nameRanges(nodes))}: ` : '';
  if (why !== undefined) return [`- ${whom}without effect, because ${escapeMarkdown(why)}`];
  const asked = pathText(nodes ? (pathInLayer(path) ?? []) : path);
  const rows: string[] = leaves.slice(0, MOST).map(({ path: own, value, at, layer, derived }) => {
    const key = pathText(own);
    const text = code(valueText(shown(value, own, nodes ? undefined : siteSchema()), own));
    const name = key === asked ? '' : `${escapeMarkdown(key)} `;
    const line = at?.source.position(at.start).line;
    const place = at
      ? `[${escapeMarkdown(displayPath(at.source.file, dirname(file.path)))}:${line}](${fileUri(at.source.file)}#L${line})`
      : '';
    const from = layer === undefined || layer === 'node' ? '' : ` in ${escapeMarkdown(layer)}`;
    const how = derived === undefined ? '' : ` (${escapeMarkdown(derived)})`;
    return `${name}${text}${place && `, ${place}`}${from}${how}`;
  });
  if (leaves.length > MOST) rows.push(`and ${leaves.length - MOST} more`);
  if (!whom || rows.length === 1) return rows.map((row) => `- ${whom}${row}`);
  return [`- ${whom.trimEnd()}`, ...rows.map((row) => `  - ${row}`)];
}

/** Returns a text as code, with a fence that is longer than any in it. */
function code(text: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return fence + pad + escapeControlChars(text) + pad + fence;
}

function escapeMarkdown(text: string): string {
  return escapeControlChars(text).replaceAll(/[\\`*_[\]<>#|]/g, '\\$&');
}
