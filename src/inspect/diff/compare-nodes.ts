import { createsAnew } from '../../site/clusters.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { CLOUD_INIT_FILES } from '../../tree/paths.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import {
  definitionChange,
  domainChanges,
  driveChange,
  linuxChanges,
  newDiskChange,
  systemChange,
} from './boots.ts';
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
import {
  DECLARED,
  followsInText,
  isAlwaysInstalled,
  isDerivedChange,
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
import { iscsiChanges } from './iscsi.ts';
import { isSame, readMap, turn, valueChanges } from './values.ts';

/**
 * Compares what two trees say of one node, whatever its name: the most serious change is the first. `isByTemplate`
 * says whether a script changes by a template of the site's own.
 */
export function compareNodes(
  before: NodeFacts,
  after: NodeFacts,
  owners: Owners,
  isByTemplate: (before: NodeFacts, after: NodeFacts) => boolean,
): Pick<NodePlan, 'consequence' | 'changes'> {
  const first = [systemChange(before, after) ?? newDiskChange(before, after), driveChange(before, after)];
  const ofBoot = (wanted: Effect) => first.flatMap((one) => (one?.effect === wanted ? one : []));
  const arch = archChange(before, after);
  const config = configKeyChanges(before, after);
  const disks = [...linuxChanges(before, after), ...iscsiChanges(before, after)];
  const domain = domainChanges(before, after);
  const told: (NodeChange & Partial<BootChange>)[] = [
    ...nameChange(before, after),
    ...ofBoot('boot'),
    ...macChange(before, after, owners),
    ...firmwareIdChanges(before, after),
    ...addressChange(before, after, owners),
    ...arch.filter(({ effect }) => effect === 'boot'),
    ...disks,
    ...loaderChange(before, after),
    ...domain,
    ...scriptChange(before, after, config, disks, isByTemplate),
    ...cloudInitChange(before, after),
    ...factChange(before, after, 'cluster', 'cluster'),
    ...factChange(before, after, 'mode', 'mode'),
    ...roleChange(before, after),
    ...releaseChange(before, after),
    ...arch.filter(({ effect }) => effect === 'installation'),
    ...nicChanges(before, after),
    ...config,
    ...ofBoot('inventory'),
    ...factChange(before, after, 'firmware', 'firmware', after.domain ? 'restart' : 'inventory'),
    ...tenantChange(before, after),
    ...declaredChanges(before, after, [...config, ...domain]),
  ];
  const all: typeof told = [...told, ...definitionChange(before, after, told)];
  const changes = all.map(({ consequence: _, ...change }) => change);
  const isAsItWas = before.script === after.script && before.config === after.config && changes.length === 0;
  if (isAlwaysInstalled(after) && !isAsItWas)
    return { consequence: 'reinstalls', changes: reinstalled(changes, after) };
  const comeTo = new Set(all.map(({ effect, consequence = COMES_TO[effect] }) => consequence));
  if (isOnOtherDisk(before, after)) comeTo.add('installs');
  return { consequence: CONSEQUENCES.find((one) => comeTo.has(one)) ?? 'none', changes };
}

const COMES_TO: Readonly<Record<Effect, Consequence>> = {
  boot: 'boots-otherwise',
  restart: 'when-restarted',
  installation: 'when-installed',
  inventory: 'none',
};

/** Of a machine that is installed at every boot, whatever counts at an installation counts at the next boot. */
function reinstalled(changes: readonly NodeChange[], after: NodeFacts): NodeChange[] {
  const sooner = changes.map(
    (change): NodeChange => (change.effect === 'installation' ? { ...change, effect: 'boot' } : change),
  );
  if (sooner.some(({ what }) => what === 'install' || what === 'os')) return sooner;
  const names = sooner.filter(({ what }) => what === 'name');
  const others = sooner.filter(({ what }) => what !== 'name');
  const text = `will be wiped and installed anew at its next boot${createsAnew(after)} (install: always)${others.length > 0 ? ', with the changes below' : ''}`;
  return [...names, nodeChange('install', 'boot', text, { before: 'always', after: 'always' }), ...others];
}

/** The script knows an installed system by a file of its architecture: looking for another one, it finds none. */
function archChange(before: NodeFacts, after: NodeFacts): (NodeChange & Partial<BootChange>)[] {
  const changes = factChange(before, after, 'arch', 'architecture');
  const isOnce = before.install === 'once' && after.install === 'once';
  // In the site's own store there is nothing else than its Harvester.
  if (!isOnce || !stepOf(before, after, 'script') || after.iscsi?.disk !== undefined) return changes;
  return changes.map(({ text, ...change }) => ({
    ...change,
    effect: 'boot',
    text: `${text}: will be wiped and installed anew at its next boot, since its script does not find a system of ${change.before} any more`,
    consequence: 'reinstalls',
  }));
}

/** Whether a node looks for its Harvester where there may be none yet. */
function isOnOtherDisk(before: NodeFacts, after: NodeFacts): boolean {
  if (before.os !== 'harvester' || after.os !== 'harvester' || after.install === 'never') return false;
  const [from, to] = [before.iscsi, after.iscsi].map(
    (disk) => disk && [disk.disk ?? [disk.address, disk.target], disk.lun],
  );
  return !isSame(from, to);
}

/** What firmware loads leads to the same script. */
function loaderChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.loader ?? 'ipxe', after.loader ?? 'ipxe'];
  // Of Linux it is among what that is booted by.
  if (from === to || before.linux || after.linux) return [];
  return [nodeChange('loader', 'boot', `boot loader: ${from} → ${to}`, { before: from, after: to })];
}

/** Says that cloud-init finds other data on a node; nothing where it found none before, or finds none now: another system tells. */
function cloudInitChange({ cloudInit: before }: NodeFacts, { cloudInit: after }: NodeFacts): NodeChange[] {
  if (!before || !after) return [];
  const others = CLOUD_INIT_FILES.filter((file) => before[file] !== after[file]);
  if (others.length === 0) return [];
  // By that cloud-init tells machines apart.
  const [old, now] = [before, after].map((files) => readMap(files['meta-data'])?.['instance-id']);
  const anew = isSame(old, now) ? '' : ', and takes it for a new machine: its instance-id is another one';
  return [
    nodeChange('cloud_init', 'boot', `cloud-init finds other ${listed(others)} at the next boot${anew}`),
  ];
}

function factChange(
  before: NodeFacts,
  after: NodeFacts,
  what: WordFact,
  words: string,
  effect: Effect = 'installation',
): NodeChange[] {
  const step = stepOf(before, after, what);
  if (!step) return [];
  const { from, to } = step;
  return [nodeChange(what, effect, `${words} ${turn(from, to)}`, { before: from, after: to })];
}

/** Harvester goes back to no older release, and neither does a cluster for the sake of a node that joins it. */
function releaseChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  return factChange(before, after, 'release', 'Harvester').map((change) => {
    const [from, to] = [before.release, after.release].map((text) => parseVersion(text ?? ''));
    if (!from || !to || isAtLeast(to, from.text)) return change;
    const why = 'which is older: it cannot join a cluster that has the newer one';
    return { ...change, text: `${change.text}, ${why}` };
  });
}

/** A node without a role is an ordinary one; whether it has one is known where its mode is. */
function roleChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.role, after.role];
  if (from === to || before.mode === undefined || after.mode === undefined) return [];
  return [nodeChange('role', 'installation', `role ${turn(from, to)}`, { before: from, after: to })];
}

/** Whom a machine belongs to: it boots the same. */
function tenantChange({ tenant: from }: NodeFacts, { tenant: to }: NodeFacts): NodeChange[] {
  if (from === to) return [];
  const text = `tenant ${turn(from, to)}: nginx has others fetch its files`;
  return [nodeChange('tenant', 'inventory', text, { before: from, after: to })];
}

function configKeyChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.config === undefined || after.config === undefined || before.config === after.config) return [];
  const told = { what: 'config', effect: 'installation' } as const;
  const [old, now] = [readMap(before.config), readMap(after.config)];
  if (!old || !now)
    return [{ ...told, text: 'its configuration changes; that of the earlier build cannot be read' }];
  return valueChanges(old, now, 'config')
    .filter((change) => !isDerivedChange(change, before, after))
    .map(({ text, ...change }): NodeChange => ({ ...told, ...change, text }));
}

/** Says what is declared of a machine otherwise; labels and the virtual machine only where `told` says nothing of them. */
function declaredChanges(before: NodeFacts, after: NodeFacts, told: readonly NodeChange[]): NodeChange[] {
  const isTold: Readonly<Record<string, boolean>> = {
    labels: told.some(({ key }) => key?.startsWith('os.labels.')),
    vm: told.some(({ what }) => what === 'domain'),
  };
  return DECLARED.filter((what) => !isTold[what]).flatMap((what) =>
    valueChanges(before.declared[what], after.declared[what], what).map(({ key, text, ...sides }) => {
      const isWhole = key === '';
      return nodeChange(what, 'inventory', isWhole ? `${what}${text}` : `${what}.${text}`, {
        key: isWhole ? what : `${what}.${key}`,
        ...sides,
      });
    }),
  );
}

/* The scripts of a node. They are not read: what is known of the node says what they do, and the patch what they are. */

/** Keys of a configuration that scripts say, too: the console, where Harvester's files lie, and the NICs. */
const OF_CONFIG = ['install.tty', 'install.iso_url', 'install.management_interface.interfaces'];

/** Says that a node's script changes for reasons that are told neither of the node nor of its configuration and disks. */
function scriptChange(
  before: NodeFacts,
  after: NodeFacts,
  config: readonly NodeChange[],
  disks: readonly NodeChange[],
  isByTemplate: Parameters<typeof compareNodes>[3],
): BootChange[] {
  const step = stepOf(before, after, 'script');
  if (!step || followsInText(step.from, step.to, before, after)) return grubChange(before, after, disks);
  const ofConfig = OF_CONFIG.filter((wanted) => config.some(({ key }) => key === wanted));
  const isOtherwise = disks.length > 0 || !isSame(reasonsOf(before), reasonsOf(after));
  if (!isOtherwise && ofConfig.length === 0) return unexplained('its script');
  if (isByTemplate(before, after)) return unexplained('its script');
  if ((['os', 'install', 'arch'] as const).some((fact) => stepOf(before, after, fact))) return [];
  // What is said of the disk is in the script, unless it is never tried.
  const ofDrive = driveChange(before, after) && !isAlwaysInstalled(after);
  const isOfConsole = !isOtherwise && isSame(ofConfig, ['install.tty']);
  if (disks.length > 0 || ofDrive || isOfConsole || asksForNic(before) !== asksForNic(after)) return [];
  // With DHCP that comes or goes, a machine comes to its script in another way.
  if (before.leases === after.leases && looksAlike(before, after)) {
    const text = 'its script starts the installer otherwise';
    return [bootChange('when-installed', 'script', 'installation', text)];
  }
  return [bootChange('boots-otherwise', 'script', 'boot', 'its script changes')];
}

/** A script of GRUB's that changes while the one of iPXE says the same is of another template. */
function grubChange(before: NodeFacts, after: NodeFacts, disks: readonly NodeChange[]): BootChange[] {
  const step = stepOf(before, after, 'grubScript');
  const follows = step && followsInText(step.from, step.to, before, after);
  return !step || follows || disks.length > 0 ? [] : unexplained('its script for GRUB');
}

function unexplained(what: string): BootChange[] {
  const text = `${what} changes in a way that the inventory does not explain: see the patch`;
  return [bootChange('unexplained', 'script', 'boot', text)];
}

/** What else of a node its script is made of than the names, the addresses and the URLs that stand in it. */
function reasonsOf(node: NodeFacts): unknown {
  const { os, install, arch, release, drive, site, leases, network = {}, nics = [], bootNic } = node;
  const boots = leases ? bootNic?.name : [bootNic?.name, network.subnet, network.gateway, network.dns];
  return [
    [os, install, arch, release, drive, site, leases, boots, nics.length > 1, bootNic?.mac === undefined],
    [node.url, node.configUrl].map((url) => url?.startsWith('https:')),
    node.signed,
    node.iscsi && wayToDisk(node),
  ];
}

function wayToDisk({ nics, networks = new Map() }: NodeFacts): unknown {
  return [nics, [...networks]];
}

/** Whether iPXE has to tell the installer by which NIC it booted: nothing is known of it. */
function asksForNic({ bootNic }: NodeFacts): boolean {
  return bootNic !== undefined && bootNic.mac === undefined && bootNic.name === undefined;
}

/** Whether scripts look for a system on the disk as they did, which is the part that every boot goes through. */
function looksAlike(before: NodeFacts, after: NodeFacts): boolean {
  if (after.os !== 'harvester' || isAlwaysInstalled(after)) return false;
  return !after.iscsi || isSame(wayToDisk(before), wayToDisk(after));
}
