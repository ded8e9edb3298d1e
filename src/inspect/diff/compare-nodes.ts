import { recreatesCluster } from '../../site/clusters.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { CLOUD_INIT_FILES } from '../../tree/paths.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import { driveChange, linuxChanges, systemChange } from './boots.ts';
import {
  type BootChange,
  bootChange,
  CONSEQUENCES,
  type Consequence,
  type Effect,
  type NodeChange,
  type NodePlan,
  nodeChange,
} from './change.ts';
import { definitionChange, domainChanges, newDiskChange } from './domain.ts';
import {
  DECLARED,
  installs,
  isAlwaysInstalled,
  isDerivedChange,
  isDerivedText,
  type NodeFacts,
  stepOf,
  type WordFact,
} from './facts.ts';
import {
  addressChange,
  firmwareIdChanges,
  macChange,
  nameChange,
  nicChanges,
  type Owners,
} from './identity.ts';
import { withReach } from './installed.ts';
import { iscsiChanges } from './iscsi.ts';
import { describeChange, isSame, readMap, valueChanges } from './values.ts';

/** When changes of one text fact take effect, and what the fact is called. A missing fact is unknown: trees may be of other versions. */
const FACTS = {
  cluster: ['cluster', 'installation'],
  mode: ['mode', 'installation'],
  release: ['Harvester', 'installation'],
  arch: ['architecture', 'installation'],
  firmware: ['firmware', 'inventory'],
} as const satisfies Partial<Record<WordFact, readonly [words: string, effect: Effect]>>;

/** The consequence of a change by its effect; a BootChange has another. */
const CONSEQUENCE_OF: Readonly<Record<Effect, Consequence>> = {
  boot: 'boots-otherwise',
  restart: 'when-restarted',
  installation: 'when-installed',
  inventory: 'none',
};

type AnyChange = NodeChange & Partial<BootChange>;

/**
 * Compares the facts of two trees about one node, regardless of its name: the most serious change is first. `isByTemplate`
 * reports whether a site template changes the script.
 */
export function compareNodes(
  before: NodeFacts,
  after: NodeFacts,
  owners: Owners,
  isByTemplate: (before: NodeFacts, after: NodeFacts) => boolean,
): Pick<NodePlan, 'consequence' | 'changes'> {
  const boots = [systemChange(before, after) ?? newDiskChange(before, after), driveChange(before, after)];
  const bootChanges = (wanted: Effect) =>
    boots.flatMap((change) => (change?.effect === wanted ? change : []));
  const arch = archChange(before, after);
  const config = configChanges(before, after);
  const disks = [...linuxChanges(before, after), ...iscsiChanges(before, after)];
  const domain = domainChanges(before, after);
  const found: AnyChange[] = [
    ...nameChange(before, after),
    ...bootChanges('boot'),
    ...macChange(before, after, owners),
    ...firmwareIdChanges(before, after),
    ...addressChange(before, after, owners),
    ...arch.filter(({ effect }) => effect === 'boot'),
    ...disks,
    ...loaderChange(before, after),
    ...domain,
    ...scriptChange(before, after, config, disks, isByTemplate),
    ...cloudInitChange(before, after),
    ...factChange(before, after, 'cluster'),
    ...factChange(before, after, 'mode'),
    ...roleChange(before, after),
    ...factChange(before, after, 'release'),
    ...arch.filter(({ effect }) => effect === 'installation'),
    ...nicChanges(before, after),
    ...config,
    ...bootChanges('inventory'),
    ...factChange(before, after, 'firmware'),
    ...tenantChange(before, after),
    ...declaredChanges(before, after, [...config, ...domain]),
  ];
  const all = [...found, ...definitionChange(before, after, found)].map((change): AnyChange => {
    const reached = withReach(change, after);
    // A node with `install: never` is not installed again.
    const isNever = reached.effect === 'installation' && after.os === 'harvester' && !installs(after);
    return isNever ? { ...reached, effect: 'inventory' } : reached;
  });
  const changes = all.map(({ consequence: _, ...change }) => change);
  const isEqual = before.script === after.script && before.config === after.config && changes.length === 0;
  if (isAlwaysInstalled(after) && !isEqual)
    return { consequence: 'reinstalls', changes: reinstalled(changes, after) };
  const consequences = new Set(all.map(({ effect, consequence = CONSEQUENCE_OF[effect] }) => consequence));
  if (isOnOtherDisk(before, after)) consequences.add('installs');
  return { consequence: CONSEQUENCES.find((worst) => consequences.has(worst)) ?? 'none', changes };
}

/** Moves the changes of a machine that is reinstalled at every boot from the installation to the next boot. */
function reinstalled(changes: readonly NodeChange[], after: NodeFacts): NodeChange[] {
  const sooner = changes.map(
    (change): NodeChange => (change.effect === 'installation' ? { ...change, effect: 'boot' } : change),
  );
  if (sooner.some(({ what }) => what === 'install' || what === 'os')) return sooner;
  const others = sooner.filter(({ what }) => what !== 'name');
  const text = `will be wiped and reinstalled at its next boot from the network${recreatesCluster(after)} (install: always)${others.length > 0 ? ', with the changes below' : ''}`;
  const install = nodeChange('install', 'boot', text, { before: 'always', after: 'always' });
  return [...sooner.filter(({ what }) => what === 'name'), install, ...others];
}

/** The script detects an installed system by a file of its architecture: after a change, it finds no system. */
function archChange(before: NodeFacts, after: NodeFacts): AnyChange[] {
  const isOnce = before.install === 'once' && after.install === 'once';
  // The site's own store contains no other system than its Harvester.
  const findsSystem = !isOnce || before.script === after.script || after.iscsi?.disk !== undefined;
  return factChange(before, after, 'arch').map((change) => {
    if (findsSystem) return change;
    const text = `${change.text}: will be wiped and reinstalled at its next boot from the network: its script no longer finds a system for ${change.before}`;
    return { ...change, effect: 'boot', text, consequence: 'reinstalls' };
  });
}

/** Whether a node looks for its Harvester on a disk that may not contain it yet. */
function isOnOtherDisk(before: NodeFacts, after: NodeFacts): boolean {
  if (before.os !== 'harvester' || after.os !== 'harvester' || after.install === 'never') return false;
  const [from, to] = [before.iscsi, after.iscsi].map(
    (disk) => disk && [disk.disk ?? [disk.address, disk.target], disk.lun],
  );
  return !isSame(from, to);
}

/** Every boot loader leads to the same script. */
function loaderChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.loader ?? 'ipxe', after.loader ?? 'ipxe'];
  // For Linux, linuxChanges reports it.
  if (from === to || before.linux || after.linux) return [];
  return [nodeChange('loader', 'boot', `boot loader: ${from} → ${to}`, { before: from, after: to })];
}

/** Reports that cloud-init reads other data. Without data before or after, the change of the operating system covers it. */
function cloudInitChange({ cloudInit: before }: NodeFacts, { cloudInit: after }: NodeFacts): NodeChange[] {
  const others = CLOUD_INIT_FILES.filter((file) => before && after && before[file] !== after[file]);
  if (others.length === 0) return [];
  // cloud-init identifies machines by their instance-id.
  const [old, now] = [before, after].map((files) => readMap(files?.['meta-data'])?.['instance-id']);
  const asNew = isSame(old, now) ? '' : ' and treats it as a new machine: its instance-id changes';
  const text = `cloud-init reads other ${listed(others)} at the next boot${asNew}`;
  return [nodeChange('cloud_init', 'boot', text)];
}

function factChange(before: NodeFacts, after: NodeFacts, what: keyof typeof FACTS): NodeChange[] {
  const step = stepOf(before, after, what);
  if (!step) return [];
  const [words, effect] = FACTS[what];
  const [from, to] = [step.before, step.after].map(parseVersion);
  // Neither Harvester nor a cluster that a node joins returns to an older release.
  const isOlder = what === 'release' && from && to && !isAtLeast(to, from.text);
  const why = isOlder ? ', which is older: it cannot join a cluster with the newer release' : '';
  const text = `${words} ${describeChange(step.before, step.after)}${why}`;
  return [nodeChange(what, what === 'firmware' && after.domain ? 'restart' : effect, text, step)];
}

/** A node without a role has the default role. Its role is known if its mode is. */
function roleChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.role, after.role];
  if (from === to || before.mode === undefined || after.mode === undefined) return [];
  const text = `role ${describeChange(from, to)}`;
  return [nodeChange('role', 'installation', text, { before: from, after: to })];
}

/** The tenant does not change the boot. */
function tenantChange({ tenant: from }: NodeFacts, { tenant: to }: NodeFacts): NodeChange[] {
  const text = `tenant ${describeChange(from, to)}: nginx serves its files to other clients`;
  return from === to ? [] : [nodeChange('tenant', 'inventory', text, { before: from, after: to })];
}

function configChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.config === undefined || after.config === undefined || before.config === after.config) return [];
  const [old, now] = [readMap(before.config), readMap(after.config)];
  const change = (text: string, sides = {}) => nodeChange('config', 'installation', text, sides);
  if (!old || !now) return [change('its configuration changes; that of the earlier build is unreadable')];
  return valueChanges(old, now, 'config')
    .filter((value) => !isDerivedChange(value, before, after))
    .map(({ text, ...sides }) => change(text, sides));
}

/** Returns the changes of declared facts; labels and the virtual machine only if `found` does not contain their changes. */
function declaredChanges(before: NodeFacts, after: NodeFacts, found: readonly NodeChange[]): NodeChange[] {
  const isFound: Readonly<Record<string, boolean>> = {
    labels: found.some(({ key }) => key?.startsWith('os.labels.')),
    vm: found.some(({ what }) => what === 'domain'),
  };
  return DECLARED.filter((what) => !isFound[what]).flatMap((what) =>
    valueChanges(before.declared[what], after.declared[what], what).map(({ key, text, ...sides }) => {
      const path = key === '' ? what : `${what}.${key}`;
      return nodeChange(what, 'inventory', `${key === '' ? what : `${what}.`}${text}`, {
        key: path,
        ...sides,
      });
    }),
  );
}

/* The scripts of a node. They are not parsed: the facts of the node show their effect, and the patch their text. */

/** Keys of a configuration that scripts contain too: the console, the URL of the installation media, and the NICs. */
const OF_CONFIG = [
  'install.automatic',
  'install.tty',
  'install.iso_url',
  'install.management_interface.interfaces',
];

/** Reports that a node's script changes for reasons beside the node's facts, its configuration and its disks. */
function scriptChange(
  before: NodeFacts,
  after: NodeFacts,
  config: readonly NodeChange[],
  disks: readonly NodeChange[],
  isByTemplate: Parameters<typeof compareNodes>[3],
): BootChange[] {
  const unexplained = (what: string) => {
    const text = `${what} changes in a way that the inventory does not explain: see the patch`;
    return [bootChange('unexplained', 'script', 'boot', text)];
  };
  const isOther = (fact: 'script' | 'grubScript') => {
    const step = stepOf(before, after, fact);
    return step !== undefined && !isDerivedText(step.before, step.after, before, after);
  };
  if (!isOther('script'))
    // Only the template of a GRUB script can change it alone.
    return isOther('grubScript') && disks.length === 0 ? unexplained('its GRUB script') : [];
  const configKeys = OF_CONFIG.filter((wanted) => config.some(({ key }) => key === wanted));
  const isOtherwise = disks.length > 0 || !isSame(reasonsOf(before), reasonsOf(after));
  if ((!isOtherwise && configKeys.length === 0) || isByTemplate(before, after))
    return unexplained('its script');
  if ((['os', 'install', 'arch'] as const).some((fact) => stepOf(before, after, fact))) return [];
  // The script contains the boot disk, unless it never tries one.
  const ofDrive = driveChange(before, after) && !isAlwaysInstalled(after);
  const isConsoleOnly = !isOtherwise && isSame(configKeys, ['install.tty']);
  // iPXE must pass the boot NIC to the installer if the inventory does not identify it.
  const [asked, asks] = [before, after].map(
    ({ bootNic }) => bootNic !== undefined && bootNic.mac === undefined && bootNic.name === undefined,
  );
  if (disks.length > 0 || ofDrive || isConsoleOnly || asked !== asks) return [];
  // Every boot runs the part that looks for a system. With or without DHCP, a machine reaches its script differently.
  const looksAlike = !after.iscsi || isSame(wayToDisk(before), wayToDisk(after));
  const isInstaller = after.os === 'harvester' && !isAlwaysInstalled(after) && looksAlike;
  if (before.leases === after.leases && isInstaller) {
    const text = 'its script starts the installer differently';
    return [bootChange('when-installed', 'script', 'installation', text)];
  }
  return [bootChange('boots-otherwise', 'script', 'boot', 'its script changes')];
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
