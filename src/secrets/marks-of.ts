import type { CloudInit, Node, Site } from '../site/model.ts';
import { type Mark, markOf, markSecrets, marksIn } from '../source/marks.ts';
import { iscsiSecrets } from './iscsi-secrets.ts';
import { eachMarkedOfCloudInit } from './mark-cloud-init.ts';
import { eachMarked } from './mark-config.ts';

/** What was found in the configurations of nodes, which never change: rules and several targets ask. */
const found = new WeakMap<Site['nodes'], readonly Mark[]>();

/** Gives the marks that the nodes' configurations, and what cloud-init finds on them, hold, each once, sorted by how they are written. */
export function marksOf(site: Site): readonly Mark[] {
  const { nodes } = site;
  const marks = found.get(nodes) ?? findMarks(site);
  found.set(nodes, marks);
  return marks;
}

function findMarks({ nodes, server }: Site): Mark[] {
  const marks = new Map<string, Mark>();
  const seen = new Set<CloudInit>();
  // Most nodes say the same.
  const read = new Set<string>();
  const add = (text: string) => {
    if (read.has(text)) return;
    read.add(text);
    for (const { name, format } of marksIn(text)) marks.set(markOf({ name, format }), { name, format });
  };
  const alike = new Alike();
  for (const node of nodes) {
    if (node.os === 'harvester' && alike.isFirst(node)) eachMarked(node.config, add);
    if (node.iscsi) for (const { text } of iscsiSecrets(node, server)) add(markSecrets(text));
    // Most nodes share what cloud-init finds on them.
    if (!node.cloudInit || seen.has(node.cloudInit)) continue;
    seen.add(node.cloudInit);
    eachMarkedOfCloudInit(node.cloudInit, add);
  }
  return [...marks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
}

/** Nodes whose configurations refer to other secrets are compared with as many, at most, that say the same. */
const MOST_COMPARED = 16;

/**
 * Tells which configurations refer to the same secrets without going through them: what is said, and what follows from the
 * cluster and the network, is that of many nodes. All else in them are names, labels, addresses and NICs, whose form leaves no
 * room for a reference; disks by iSCSI, whose targets may have one, are of one node each.
 */
class Alike {
  readonly #firsts = new Map<object, Node[]>();

  /** Says whether a node is the first of those that are alike. */
  isFirst(node: Node): boolean {
    const { said, cluster, mode, bootNic, iscsi, domain } = node;
    if (iscsi || domain) return true;
    const firsts = this.#firsts.get(said);
    if (!firsts) {
      this.#firsts.set(said, [node]);
      return true;
    }
    for (const first of firsts)
      if (first.cluster === cluster && first.mode === mode && first.bootNic?.network === bootNic?.network)
        return false;
    if (firsts.length < MOST_COMPARED) firsts.push(node);
    return true;
  }
}

/** Gives the names of the secrets that the nodes' configurations, and what cloud-init finds on them, hold, sorted. */
export function secretsOf(site: Site): string[] {
  return [...new Set(marksOf(site).map(({ name }) => name))].sort();
}
