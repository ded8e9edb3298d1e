import { resolve as absolute } from 'node:path';
import { compile } from '../compile.ts';
import { concealLikely } from '../import/model/secrets.ts';
import { clusterOf, driftOf } from '../inspect/drift/drift.ts';
import { type Dump, readDump } from '../inspect/drift/dump.ts';
import { formatJson, formatText } from '../inspect/drift/format.ts';
import { nameOf } from '../knowledge/cluster-dump.ts';
import type { Site } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { listed } from '../source/diagnostics/words.ts';
import { Source } from '../source/source.ts';
import { UserError } from '../values/user-error.ts';
import { printDiagnostics } from './console.ts';
import { formatOf } from './read-arguments.ts';
import { inputName, readForeign } from './read-input.ts';
import { findSite } from './sites.ts';

const FORMATS = { text: formatText, json: formatJson };

/**
 * `harvgen drift`: compares a dump of a running cluster with the inventory, key by key. Returns the exit code: 1 for a difference,
 * and if nothing could be compared. Throws UserError for a dump of another cluster.
 */
export async function drift(
  arg: string,
  file: string,
  options: { readonly format: string },
): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  const folder = await findSite(arg, 'drift');
  const { site, diagnostics } = await compile(folder);
  const report = new Report();
  if (!site) {
    printDiagnostics(diagnostics, ': nothing was compared');
    return 1;
  }
  const source = new Source(file === '-' ? file : absolute(file), await readForeign(file));
  concealLikely(source);
  const dump = readDump(source, report);
  if (!dump) {
    printDiagnostics(report.sorted(), ': nothing was compared');
    return 1;
  }
  const cluster = clusterOf(site, dump);
  if (!cluster) throw new UserError(whyNone(site, dump, inputName(file)));
  const found = driftOf(site, cluster, dump);
  process.stdout.write(format(found, process.cwd()));
  return found.differences.length > 0 ? 1 : 0;
}

/** Returns why a dump fits no cluster of a site. */
function whyNone(site: Site, dump: Dump, file: string): string {
  const [nodes, members] = [
    dump.all('Node.').flatMap((node) => nameOf(node) ?? []),
    site.clusters.flatMap((cluster) => cluster.members.map(({ name }) => name)),
  ].map((names) => `${listed(names.slice(0, 5))}${names.length > 5 ? ' …' : ''}`);
  if (site.clusters.length === 0) return `${site.name} has no Harvester cluster: there is nothing to compare`;
  if (dump.isEmpty)
    return `${file} contains no Kubernetes object: make it with scripts/dump-cluster.sh of the output tree`;
  return nodes
    ? `${file} is of another cluster: it has the nodes ${nodes}, ${site.name} has ${members}`
    : `${file} contains no Node, so its cluster is unknown: make it with scripts/dump-cluster.sh of the output tree`;
}
