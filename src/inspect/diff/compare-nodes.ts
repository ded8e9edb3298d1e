import { recreatesCluster } from '../../site/clusters.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { isValueMap } from '../../source/origin.ts';
import { CLOUD_INIT_FILES } from '../../tree/paths.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import { driveChange, systemChange } from './boots.ts';
import { CONSEQUENCES, EFFECTS, type Found, type NodePlan, nodeChange, type Pair } from './change.ts';
import { definitionChange, domainChanges, newDiskChange } from './domain.ts';
import {
  DECLARED,
  installs,
  isAlwaysInstalled,
  isDerivedChange,
  isDerivedText,
  type NodeFacts,
  stepOf,
} from './facts.ts';
import { addressChange, macChange, nameChange, nicChanges } from './identity.ts';
import { withReach } from './installed.ts';
import { iscsiChanges } from './iscsi.ts';
import { keyChanges } from './keys.ts';
import { isSame, type Plain, readMap, type ValueChange, valueChanges, valueText } from './values.ts';

/** Compares the facts of two trees about one node, regardless of its name: the most serious change is first. */
export function compareNodes(pair: Pair): Pick<NodePlan, 'consequence' | 'changes'> {
  const { before, after } = pair;
  const system = systemChange(pair);
  const config = configChanges(pair);
  const disks =
    before.os === after.os
      ? [...keyChanges(pair, 'linux'), ...iscsiChanges(pair)]
      : keyChanges(pair, 'linux');
  const domain = domainChanges(pair);
  const found = [
    ...nameChange(pair),
    ...(system.length > 0 ? system : newDiskChange(pair)),
    ...driveChange(pair),
    ...macChange(pair),
    ...keyChanges(pair, 'uuid', 'serial'),
    ...addressChange(pair),
    ...disks,
    ...keyChanges(pair, 'loader'),
    ...domain,
    ...scriptChange(pair, config, disks),
    ...cloudInitChange(pair),
    ...keyChanges(pair, 'cluster', 'mode', 'role', 'release', 'arch'),
    ...nicChanges(pair),
    ...config,
    ...keyChanges(pair, 'firmware', 'tenant'),
    ...declaredChanges(pair, [...config, ...domain]),
  ];
  // A new name is first, whenever it takes effect.
  const rankOf = ({ what, effect }: Found) => (what === 'name' ? -1 : Object.keys(EFFECTS).indexOf(effect));
  const all = [...found, ...definitionChange(pair, found)]
    .map((change) => {
      const reached = withReach(change, after);
      // A node with `install: never` is not installed again.
      const isNever = reached.effect === 'installation' && after.os === 'harvester' && !installs(after);
      return isNever ? { ...reached, effect: 'inventory' as const } : reached;
    })
    .sort((a, b) => rankOf(a) - rankOf(b));
  const changes = all.map(({ consequence: _, ...change }): Found => change);
  const isEqual = before.script === after.script && before.config === after.config && changes.length === 0;
  if (isAlwaysInstalled(after) && !isEqual)
    return { consequence: 'reinstalls', changes: reinstalled(changes, after) };
  const consequences = new Set(all.map(({ effect, consequence = EFFECTS[effect] }) => consequence));
  if (isOnOtherDisk(pair)) consequences.add('installs');
  return { consequence: CONSEQUENCES.find((worst) => consequences.has(worst)) ?? 'none', changes };
}

/** Moves the changes of a machine that is reinstalled at every boot from the installation to the next boot. */
function reinstalled(changes: readonly Found[], after: NodeFacts): Found[] {
  const sooner = changes.map(
    (change): Found => (change.effect === 'installation' ? { ...change, effect: 'boot' } : change),
  );
  if (sooner.some(({ what }) => what === 'install' || what === 'os')) return sooner;
  const others = sooner.filter(({ what }) => what !== 'name');
  const text = `will be wiped and reinstalled at its next boot from the network${recreatesCluster(after)} (install: always)${others.length > 0 ? ', with the changes below' : ''}`;
  const install = nodeChange('install', 'boot', text, { before: 'always', after: 'always' });
  return [...sooner.filter(({ what }) => what === 'name'), install, ...others];
}

/** Whether a node looks for its Harvester on a disk that may not contain it yet. */
function isOnOtherDisk({ before, after }: Pair): boolean {
  if (before.os !== 'harvester' || after.os !== 'harvester' || after.install === 'never') return false;
  const [from, to] = [before.iscsi, after.iscsi].map(
    (disk) => disk && [disk.disk ?? [disk.address, disk.target], disk.lun],
  );
  return !isSame(from, to);
}

/** Reports that cloud-init reads other data. Without data before or after, the change of the operating system covers it. */
function cloudInitChange({ before: { cloudInit: before }, after: { cloudInit: after } }: Pair): Found[] {
  const others = CLOUD_INIT_FILES.filter((file) => before && after && before[file] !== after[file]);
  if (others.length === 0) return [];
  // cloud-init identifies machines by their instance-id.
  const [old, now] = [before, after].map((files) => readMap(files?.['meta-data'])?.['instance-id']);
  const asNew = isSame(old, now) ? '' : ' and treats it as a new machine: its instance-id changes';
  return [
    nodeChange('cloud_init', 'boot', `cloud-init reads other ${listed(others)} at the next boot${asNew}`),
  ];
}

function configChanges({ before, after }: Pair): Found[] {
  if (before.config === undefined || after.config === undefined || before.config === after.config) return [];
  const [old, now] = [readMap(before.config), readMap(after.config)];
  if (!old || !now) {
    const text = 'its configuration changes; that of the earlier build is unreadable';
    return [nodeChange('config', 'installation', text)];
  }
  return valueChanges(old, now, 'config')
    .filter((value) => !isDerivedChange(value, before, after))
    .map(({ text, ...sides }) =>
      nodeChange(
        'config',
        'installation',
        `${text}${keptDisk(sides, after, isValueMap(now.install) ? now.install : {})}`,
        sides,
      ),
    );
}

/**
 * Returns what stays on the old disk: the installer clears labels only on the new ones (harvester-installer v1.9.0-rc6
 * package/harvester-os/files/usr/sbin/harv-install).
 */
function keptDisk(
  { key, before, after }: Omit<ValueChange, 'text'>,
  node: NodeFacts,
  install: Plain,
): string {
  const what = {
    'install.device': 'its installation and can boot',
    'install.data_disk': 'its data and can be mounted',
  };
  const keeps = what[key as keyof typeof what];
  if (!keeps || typeof before !== 'string' || node.iscsi) return '';
  const { device, data_disk: data, wipe_disks_list: list } = install;
  const isWiped = install.wipe_all_disks === true || install.wipe_disks === true;
  if (isWiped || [device, data, list].flat().includes(before)) return '';
  const [kind, other] = [before, String(after ?? before)].map((path) => path.replace(/[^/]*$/, ''));
  const unless = kind === other ? '' : 'unless both are one disk, ';
  const version = parseVersion(node.release ?? '');
  const orList = version && isAtLeast(version, 'v1.5.0') ? ', or add it to wipe_disks_list' : '';
  return `; ${unless}the old disk ${valueText(before)} keeps ${keeps} instead: clear it${orList}`;
}

/** Returns the changes of declared facts; labels and the virtual machine only if `found` does not contain their changes. */
function declaredChanges({ before, after }: Pair, found: readonly Found[]): Found[] {
  const isFound: Readonly<Record<string, boolean>> = {
    labels: found.some(({ key }) => key?.startsWith('os.labels.')),
    vm: found.some(({ what }) => what === 'domain'),
  };
  return DECLARED.filter((what) => !isFound[what]).flatMap((what) =>
    valueChanges(before.declared[what], after.declared[what], what).map(({ key, text, ...sides }) => {
      const prefix = key === '' ? what : `${what}.`;
      return nodeChange(what, 'inventory', `${prefix}${text}`, { key: `${prefix}${key}`, ...sides });
    }),
  );
}

/* The scripts of a node. They are not parsed: the facts of the node show their effect, and the patch their text. */

/** Reports that a node's script changes for reasons beside the node's facts, its configuration and its disks. */
function scriptChange(pair: Pair, config: readonly Found[], disks: readonly Found[]): Found[] {
  const { before, after } = pair;
  const unexplained = (what: string) => {
    const text = `${what} changes in a way that the inventory does not explain: see the patch`;
    return [nodeChange('script', 'boot', text, { consequence: 'unexplained' })];
  };
  const isOther = (fact: 'script' | 'grubScript') => {
    const step = stepOf(pair, fact);
    return step !== undefined && !isDerivedText(step.before, step.after, before, after);
  };
  if (!isOther('script'))
    // Only the template of a GRUB script can change it alone.
    return isOther('grubScript') && disks.length === 0 ? unexplained('its GRUB script') : [];
  // Scripts contain the console, the URL of the installation media, and the NICs, too.
  const inScript = /^install\.(automatic|tty|iso_url|management_interface\.interfaces)$/;
  const configKeys = config.flatMap(({ key = '' }) => (inScript.test(key) ? key : []));
  const isOtherwise = disks.length > 0 || !isSame(reasonsOf(before), reasonsOf(after));
  if ((!isOtherwise && configKeys.length === 0) || pair.isByTemplate()) return unexplained('its script');
  if ((['os', 'install', 'arch'] as const).some((fact) => stepOf(pair, fact))) return [];
  // The script contains the boot disk, unless it never tries one.
  const ofDrive = driveChange(pair).length > 0 && !isAlwaysInstalled(after);
  const isConsoleOnly = !isOtherwise && isSame(configKeys, ['install.tty']);
  // iPXE must pass the boot NIC to the installer if the inventory does not identify it.
  const [asked, asks] = [before, after].map(
    ({ bootNic }) => bootNic !== undefined && bootNic.mac === undefined && bootNic.name === undefined,
  );
  if (disks.length > 0 || ofDrive || isConsoleOnly || asked !== asks) return [];
  // Every boot runs the part that looks for a system. With or without DHCP, a machine reaches its script differently.
  const looksAlike = !after.iscsi || isSame(wayToDisk(before), wayToDisk(after));
  const isInstaller = after.os === 'harvester' && !isAlwaysInstalled(after) && looksAlike;
  return before.leases === after.leases && isInstaller
    ? [
        nodeChange('script', 'installation', 'its script starts the installer differently', {
          consequence: 'when-installed',
        }),
      ]
    : [nodeChange('script', 'boot', 'its script changes')];
}

/** Returns the facts that a node's script depends on, beside the names, IP addresses and URLs that it contains. */
function reasonsOf(node: NodeFacts): unknown {
  const { os, install, arch, release, drive, site, leases, network = {}, bootNic } = node;
  const boots = leases ? bootNic?.name : [bootNic?.name, network.subnet, network.gateway, network.dns];
  return [
    [os, install, arch, release, drive, site, leases, boots, bootNic?.mac === undefined],
    [node.url, node.configUrl].map((url) => url?.startsWith('https:')),
    node.signer,
    node.installerArgs,
    node.iscsi && wayToDisk(node),
  ];
}

function wayToDisk({ nics, networks = new Map() }: NodeFacts): unknown {
  return [nics, [...networks]];
}
