import { resolve } from '../compile.ts';
import {
  type Explained,
  explainNode,
  formatLeaves,
  formatLeavesJson,
  kernelLeaves,
  select,
  selectArgument,
  suggest,
} from '../inspect/explain/explain-node.ts';
import { installedText } from '../inspect/explain/installed.ts';
import { setLeaves } from '../inspect/explain/layers.ts';
import { whyUnused } from '../inspect/explain/unused.ts';
import { partsOf, siteSchema } from '../knowledge/schemas.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Node } from '../site/model.ts';
import { type Diagnostic, Report } from '../source/diagnostics/report.ts';
import { formatLocation } from '../source/diagnostics/text.ts';
import { leavesBelow } from '../source/leaf.ts';
import { locationKey } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { printDiagnostics, printMessage } from './console.ts';
import { formatOf, UsageError, unknownNode } from './read-arguments.ts';
import { findSite } from './sites.ts';

const FORMATS = { text: formatLeaves, json: formatLeavesJson };

/**
 * `harvgen explain`: shows a node's effective values and the line that sets each, as far as a site with errors allows.
 * Returns the exit code: 1 if there is an error. Throws UsageError for an unknown node or key.
 */
export async function explain(
  site: string,
  name: string,
  key: string | undefined,
  options: { readonly format: string },
): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  const folder = await findSite(site, 'explain');
  const report = new Report();
  const { inventory, draft } = resolve(folder, report);
  if (!inventory || !draft) {
    printDiagnostics(report.sorted());
    return 1;
  }
  const nodes = (draft.nodes ?? []).flatMap((node) => node ?? []);
  const node = nodes.find((node) => node.name === name);
  const names = nodes.flatMap((node) => node.name ?? []);
  const inSite = partsOf(key ?? name, siteSchema());
  if (!node && (key !== undefined || !inSite)) throw unknownNode(name, names, draft.name ?? folder);
  const leaves = node ? explainNode(inventory, draft, node) : [];
  // Everywhere else the key is `token` of a cluster; on a node it is in the configuration.
  const path = key === 'token' ? 'config.token' : key;
  let wanted: readonly Explained[] = leaves;
  if (node && path !== undefined) {
    const all: readonly Explained[] = [...leaves, ...kernelLeaves(draft, node)];
    wanted = select(all, path);
    if (wanted.length === 0 && !partsOf(path)) wanted = selectArgument(all, path);
  }
  const siteKey = wanted.length === 0 && (path === undefined || !partsOf(path)) ? inSite?.[0] : undefined;
  if (siteKey) wanted = select([...leavesBelow(inventory, String(siteKey.step))], key ?? name);
  if (report.failed) printErrors(report.sorted(), wanted, key ?? name, folder);
  if (siteKey && wanted.length === 0) printMessage(`${folder} sets no ${key ?? name}`);
  else if (node && path !== undefined && wanted.length === 0)
    printNone(inventory, node, leaves, path, report.failed);
  if (wanted.length > 0 || options.format === 'json') process.stdout.write(format(wanted, process.cwd()));
  if (node && key !== undefined && options.format !== 'json')
    process.stdout.write(installedText(wanted, node));
  return report.failed ? 1 : 0;
}

/** Prints the errors at the values in question or about their key, and that there are others: all would hide the answer. */
function printErrors(
  diagnostics: readonly Diagnostic[],
  wanted: readonly Explained[],
  key: string,
  folder: string,
): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const places = new Set(wanted.flatMap(({ at }) => (at ? locationKey(at) : [])));
  const near = errors.filter(({ at, message }) => places.has(locationKey(at)) || message.includes(key));
  if (near.length > 0) printDiagnostics(near);
  if (errors.length > near.length)
    printMessage(`${folder} has errors, so values may be missing here: harvgen check ${folder}`);
}

/** Prints why a key has no value; throws UsageError for an unknown key. */
function printNone(
  inventory: Draft<SiteInventory>,
  node: Draft<Node>,
  leaves: readonly Explained[],
  key: string,
  hasErrors: boolean,
): void {
  const parts = partsOf(key);
  if (!parts) throw new UsageError(`a node has no key ${key}${suggest(leaves, key)}`);
  const modes = parts.flatMap(({ schema }) => (schema['x-modes'] ? [schema['x-modes']] : []));
  const other = modes.find((some) => node.mode && !some.includes(node.mode));
  const set = setLeaves(inventory, node);
  const path = parts.map(({ step }) => step);
  const why =
    whyUnused(
      node,
      path,
      set.some((leaf) => leaf.path[0] === 'nics'),
    ) ??
    (other
      ? `it applies only to mode ${other.join(' or ')}, but the node has ${node.mode}`
      : `it is not set${hasErrors ? ' or invalid' : ''} and has no default`);
  const { at, layer } = select(set, key).find((leaf) => leaf.at) ?? {};
  const where = at
    ? `; it is set at ${formatLocation(at, process.cwd())}${layer === 'node' ? '' : ` in ${layer}`}`
    : '';
  process.stderr.write(`harvgen: ${node.name} has no ${key}: ${why}${where}\n`);
}
