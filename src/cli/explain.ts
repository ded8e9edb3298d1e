import { resolve } from '../compile.ts';
import {
  type Explained,
  explainNode,
  formatLeaves,
  formatLeavesJson,
  select,
  suggest,
} from '../inspect/explain/explain-node.ts';
import { installedText } from '../inspect/explain/installed.ts';
import { setLeaves } from '../inspect/explain/layers.ts';
import { whyUnused } from '../inspect/explain/unused.ts';
import { partsOf } from '../knowledge/schemas.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Node } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { formatLocation } from '../source/diagnostics/text.ts';
import type { Draft } from '../values/draft.ts';
import { printDiagnostics } from './console.ts';
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
  // Warnings belong to `check`; here they would hide the answer.
  if (report.failed) printDiagnostics(report.sorted());
  if (!inventory || !draft) return 1;
  const nodes = (draft.nodes ?? []).flatMap((node) => node ?? []);
  const node = nodes.find((node) => node.name === name);
  const names = nodes.flatMap((node) => node.name ?? []);
  if (!node) throw unknownNode(name, names, draft.name ?? folder);
  const leaves = explainNode(inventory, draft, node);
  // Everywhere else the key is `token` of a cluster; on a node it is in the configuration.
  const path = key === 'token' ? 'config.token' : key;
  const wanted = path === undefined ? leaves : select(leaves, path);
  if (key !== undefined && wanted.length === 0)
    printNone(inventory, node, leaves, path ?? key, report.failed);
  if (wanted.length > 0 || options.format === 'json') process.stdout.write(format(wanted, process.cwd()));
  if (key !== undefined && options.format !== 'json') process.stdout.write(installedText(wanted, node));
  return report.failed ? 1 : 0;
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
