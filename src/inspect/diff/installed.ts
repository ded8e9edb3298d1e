import { inRelease, installedKey } from '../../knowledge/installed-keys.ts';
import { BOOTSTRAP_FILE } from '../../site/bootstrap.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { isValueMap } from '../../source/origin.ts';
import { groupedBy } from '../../values/grouped.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import type { NodeChange, NodePlan, SiteChange } from './change.ts';
import { isAlwaysInstalled, type NodeFacts, type SiteFacts } from './facts.ts';
import { isSame, missing } from './values.ts';

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
  // An installed cluster gets the objects of `cluster.bootstrap` as objects.
  const others = (files: unknown) =>
    Array.isArray(files) ? files.filter((file) => nameOf(file) !== BOOTSTRAP_FILE) : [];
  const { before, after } = change;
  if (key === 'os.write_files' && before !== after && isSame(others(before), others(after))) return change;
  // Of a node that no longer creates the cluster: the objects of `cluster/` keep them.
  const isOfCreate = /^(?:system_settings|install\.addons)\./.test(String(key));
  if (node.mode === 'join' && after === undefined && isOfCreate) return change;
  // A node that is installed at every boot gets it then. No cluster returns to an older release.
  if (isAlwaysInstalled(node) || (change.what === 'release' && !isAtLeast(version, String(before))))
    return change;
  const { reach, how, effect, removed } = inRelease(row)(version);
  if (reach === 'none' || reach === 'reinstall') return change;
  const isManual = reach === 'manual' || reach === 'never';
  const more = [isManual ? how : effect, isGone(change) && !isManual ? removed : undefined];
  const { text, ...rest } = change;
  return { ...rest, installed: reach, text: [text, ...more.filter(Boolean)].join('; ') } as T;
}

/** A file with other content stays the same file. */
const nameOf = (entry: unknown) => (isValueMap(entry) ? entry.path : entry);

/** Whether a key, or an entry of its list, is gone. The sides of a secret are unknown. */
function isGone({ key, before, after }: NodeChange): boolean {
  if (after === undefined) return before !== undefined;
  // A CloudInit only adds entries to those of the installation.
  const isAdded = /^os\.(ssh_authorized_keys|write_files|modules)$/.test(key ?? '');
  if (!Array.isArray(before) || !Array.isArray(after) || !isAdded) return false;
  return missing(before.map(nameOf), after.map(nameOf)).length > 0;
}

/** Returns the nodes of each cluster to reboot: those without a vote in etcd first, and the first node of the cluster last. */
export function rebootOrder(nodes: readonly NodePlan[], { nodes: facts, clusters }: SiteFacts): SiteChange[] {
  const changed = nodes.flatMap(({ node, changes }) =>
    changes.some(({ installed }) => installed === 'reboot') ? (facts.get(node) ?? []) : [],
  );
  const rankOf = ({ role, mode }: NodeFacts) =>
    [role === 'worker', role === 'witness', mode !== 'create', true].indexOf(true);
  return [...clusters.keys()].flatMap((name): SiteChange[] => {
    const members = changed.filter(({ cluster }) => cluster === name);
    const byRank = [...groupedBy(members, rankOf)].sort(([a], [b]) => a - b);
    const groups = byRank.map(([, group]) => group.map(({ name }) => name));
    const ways = groups.map(nameRanges).join(', then ');
    const text =
      members.length === 1
        ? `cluster ${name}: reboot ${ways} when cluster/ is applied`
        : `cluster ${name}: reboot one node at a time when cluster/ is applied, each when the one before is Ready: ${ways}`;
    return members.length > 0 ? [{ what: 'reboots', name, after: groups.flat(), text }] : [];
  });
}
