import { inRelease, installedKey } from '../../knowledge/installed-keys.ts';
import { BOOTSTRAP_FILE } from '../../site/bootstrap.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { isValueMap } from '../../source/origin.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import type { NodeChange, NodePlan, SiteChange } from './change.ts';
import { isAlwaysInstalled, type NodeFacts, type SiteFacts } from './facts.ts';
import { missing } from './values.ts';

/* How changes reach nodes that are installed. */

/** The keys of a configuration that other changes of a node are about. */
const KEYS: Readonly<Record<string, string>> = {
  role: 'install.role',
  ip: 'install.management_interface.ip',
  nic: 'install.management_interface.interfaces',
  release: 'harvester_chart_version',
};

/** Returns a change of the next installation with the way in which it reaches an installed node, if there is one. */
export function withReach<T extends NodeChange>(change: T, node: NodeFacts): T {
  const key = change.what === 'config' ? change.key : KEYS[change.what];
  const row = key === undefined ? undefined : installedKey(key);
  const version = parseVersion(node.release ?? '');
  if (node.os !== 'harvester' || change.effect !== 'installation' || !row || !version) return change;
  if (key === 'os.write_files' && isOfBootstrap(change)) return change;
  // A node that is installed at every boot gets it then. No cluster returns to an older release.
  if (isAlwaysInstalled(node) || (change.what === 'release' && !isAtLeast(version, String(change.before))))
    return change;
  const { reach, how, effect, removed } = inRelease(row)(version);
  if (reach === 'none' || reach === 'reinstall') return change;
  const isManual = reach === 'manual' || reach === 'never';
  const more = [isManual ? how : effect, loses(change) && !isManual ? removed : undefined];
  const { text, ...rest } = change;
  return { ...rest, installed: reach, text: [text, ...more.filter(Boolean)].join('; ') } as T;
}

/** Whether only the objects of `cluster.bootstrap` changed: an installed cluster gets them as objects. */
function isOfBootstrap({ before, after }: NodeChange): boolean {
  const others = (files: unknown) =>
    JSON.stringify(Array.isArray(files) ? files.filter((file) => nameOf(file) !== BOOTSTRAP_FILE) : []);
  return before !== after && others(before) === others(after);
}

/** Lists of which a CloudInit only adds entries to those of the installation. */
const ADDED: readonly (string | undefined)[] = ['os.ssh_authorized_keys', 'os.write_files', 'os.modules'];

/** Whether a key, or an entry of its list, is gone. The sides of a secret are unknown. */
function loses({ key, before, after }: NodeChange): boolean {
  if (after === undefined) return before !== undefined;
  if (!Array.isArray(before) || !Array.isArray(after) || !ADDED.includes(key)) return false;
  const [old, now] = [before, after].map((list) => list.map(nameOf));
  return missing(old ?? [], now ?? []).length > 0;
}

/** A file with other content stays the same file. */
function nameOf(entry: unknown): unknown {
  return isValueMap(entry) ? entry.path : entry;
}

/** The order of reboots: nodes without a vote in etcd first, and the first node of the cluster last. */
const ORDER: readonly ((node: NodeFacts) => boolean)[] = [
  ({ role }) => role === 'worker',
  ({ role }) => role === 'witness',
  ({ mode }) => mode !== 'create',
  () => true,
];

/** Returns the nodes of each cluster to reboot, in an order that keeps its quorum. */
export function rebootOrder(nodes: readonly NodePlan[], { nodes: facts, clusters }: SiteFacts): SiteChange[] {
  const changed = nodes.flatMap(({ node, changes }) => {
    const known = facts.get(node);
    return known && changes.some(({ installed }) => installed === 'reboot') ? [known] : [];
  });
  return [...clusters.keys()].flatMap((name): SiteChange[] => {
    const members = changed.filter(({ cluster }) => cluster === name);
    const groups = ORDER.map((belongs, index) =>
      members.filter((node) => belongs(node) && !ORDER.slice(0, index).some((earlier) => earlier(node))),
    ).filter((group) => group.length > 0);
    if (groups.length === 0) return [];
    const after = groups.map((group) => group.map(({ name }) => name));
    const [only] = members.length === 1 ? members : [];
    const text = only
      ? `cluster ${name}: reboot ${only.name} when cluster/ is applied`
      : `cluster ${name}: reboot one node at a time when cluster/ is applied, each when the one before is Ready: ${after.map(nameRanges).join(', then ')}`;
    return [{ what: 'reboots', name, after: after.flat(), text }];
  });
}
