import { listed } from '../../source/diagnostics/words.ts';
import { parseSize } from '../../values/size.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import { type Found, nodeChange, type Pair, type SiteChange } from './change.ts';
import { installs, isAlwaysInstalled, isDerivedText, type NodeFacts } from './facts.ts';
import { describeChange, isSame, otherKeys, type Plain } from './values.ts';

/* The keys of the inventory: what each is called, and what its change means. */

/** A changed key of a node. */
type Step = Pair & { readonly from: unknown; readonly to: unknown };

/** When a change takes effect, the end of its text, and its consequence if the effect does not imply it. */
type Outcome = Pick<Found, 'effect' | 'consequence'> & { readonly note?: string };

/** A key of a node. `outcome` returns undefined if another change reports this one. */
interface NodeKey {
  readonly words: string;
  readonly outcome: Outcome | ((step: Step) => Outcome | '' | undefined);
  /** Whether a missing value is a value; otherwise the tree is of another version, and the value is unknown. */
  readonly isOptional: boolean;
  /** Returns the part of a value that counts. */
  readonly part?: (value: unknown, pair: Pair) => unknown;
}

function nodeKey(words: string, outcome: NodeKey['outcome'], isOptional = false): NodeKey {
  return { words, outcome, isOptional };
}

/** A key of Linux or an iSCSI disk, whose value may contain names and addresses of the node. */
function bootKey(words: string, isReported: (step: Step) => boolean = isDerived): NodeKey {
  return nodeKey(`${words}:`, (step) => (isReported(step) ? undefined : AT_BOOT), true);
}

function isDerived({ from, to, before, after }: Step): boolean {
  const textOf = (value: unknown) => (Array.isArray(value) ? value.join('\n') : String(value ?? ''));
  return isDerivedText(textOf(from), textOf(to), before, after);
}

/** The name of a target in the site's own store contains that of the disk; a disk elsewhere has another server, too. */
function targetKey(words: string, isNamed = false): NodeKey {
  return bootKey(words, (step) => {
    const [old, now] = [step.before.iscsi?.disk, step.after.iscsi?.disk];
    return (old !== now && (isNamed || old === undefined || now === undefined)) || isDerived(step);
  });
}

const AT_BOOT: Outcome = { effect: 'boot' };
const AT_INSTALLATION: Outcome = { effect: 'installation' };

/** Every key of a node with a text of its own, by its path in the facts. */
const NODE_KEYS: Readonly<Record<string, NodeKey>> = {
  uuid: nodeKey("identified by its firmware's UUID:", AT_BOOT, true),
  serial: nodeKey("identified by its firmware's serial number:", AT_BOOT, true),
  'linux.loader': bootKey('boot loader'),
  'linux.kernel': bootKey('kernel'),
  'linux.initrds': bootKey('initrds'),
  'linux.squashfs': bootKey('root file system'),
  'linux.args': { ...bootKey('kernel arguments'), part: withoutRoot },
  'iscsi.size': nodeKey('size of its disk:', diskSize, true),
  'iscsi.target': targetKey('iSCSI target', true),
  'iscsi.address': targetKey('iSCSI server'),
  'iscsi.port': targetKey('port of the iSCSI server'),
  'iscsi.lun': bootKey('LUN'),
  'iscsi.initiator': bootKey('initiator'),
  'iscsi.fallback': bootKey('if its target is unreachable'),
  // Every boot loader leads to the same script. Linux has its own key.
  loader: bootKey('boot loader', ({ before, after }) => Boolean(before.linux ?? after.linux)),
  cluster: nodeKey('cluster', AT_INSTALLATION),
  mode: nodeKey('mode', AT_INSTALLATION),
  // A node without a role has the default role. Its role is known if its mode is.
  role: nodeKey('role', ({ before, after }) => before.mode && after.mode && AT_INSTALLATION, true),
  release: nodeKey('Harvester', releaseOutcome),
  arch: nodeKey('architecture', archOutcome),
  firmware: nodeKey('firmware', firmwareOutcome),
  tenant: nodeKey('tenant', { effect: 'inventory', note: ': nginx serves its files to other clients' }, true),
};

/** Returns the changes of keys of a node: of all that are, or are below, one of some keys. */
export function keyChanges(pair: Pair, ...wanted: readonly string[]): Found[] {
  return Object.entries(NODE_KEYS).flatMap(([path, { words, outcome, isOptional, part }]): Found[] => {
    const [what = '', key] = path.split('.') as [string, string?];
    if (!wanted.includes(what)) return [];
    const holders = [pair.before, pair.after].map(
      (node) => (key === undefined ? node : node[what as keyof NodeFacts]) as Plain | undefined,
    );
    if (holders.includes(undefined)) return [];
    const [before, after] = holders.map((holder) => holder?.[key ?? what]);
    const [from, to] = part ? [part(before, pair), part(after, pair)] : [before, after];
    if (isSame(from, to) || (!isOptional && (from === undefined || to === undefined))) return [];
    const found = typeof outcome === 'function' ? outcome({ ...pair, from, to }) : outcome;
    if (!found) return [];
    const { effect, note = '', ...consequence } = found;
    const sides = { ...(key === undefined ? {} : { key }), before, after, ...consequence };
    return [nodeChange(what, effect, `${words} ${describeChange(from, to)}${note}`, sides)];
  });
}

/** Returns kernel arguments without those that follow from another root file system. */
function withoutRoot(args: unknown, { before, after }: Pair): string[] {
  const [old, now] = [before.linux?.squashfs, after.linux?.squashfs];
  const roots = old === now ? [] : [old, now];
  return ((args ?? []) as string[]).filter((arg) => !roots.some((url) => url && arg.includes(url)));
}

/** images.sh enlarges disks and never shrinks them. */
function diskSize({ from, to, before, after }: Step): Outcome | undefined {
  if (before.iscsi?.disk !== after.iscsi?.disk) return undefined;
  const [old = 0, now = 0] = [from, to].map((size) => parseSize(String(size ?? '')));
  const less = 'disks do not shrink: it keeps its size until images.sh reset re-creates it';
  const more = 'scripts/images.sh make enlarges it; the system must grow its partitions and file systems';
  return now < old ? { effect: 'inventory', note: `; ${less}` } : { effect: 'boot', note: `; ${more}` };
}

/** Neither Harvester nor a cluster that a node joins returns to an older release, and an upgrade skips no minor release. */
function releaseOutcome({ from, to, after }: Step): Outcome {
  const [old, now] = [from, to].map((text) => parseVersion(String(text)));
  if (!old || !now) return AT_INSTALLATION;
  const count = old.major === now.major && !isAlwaysInstalled(after) ? now.minor - old.minor - 1 : 0;
  const skipped = Array.from(
    { length: Math.max(0, count) },
    (_, index) => `v${now.major}.${old.minor + 1 + index}`,
  );
  const isOlder = !isAtLeast(now, old.text);
  const way = count > 0 ? `, by way of ${listed(skipped)}: an upgrade skips no minor release` : '';
  const note = isOlder ? ', which is older: it cannot join a cluster with the newer release' : way;
  return { ...AT_INSTALLATION, note };
}

/** The installer writes a boot loader for the firmware that it runs under: COS_GRUB for UEFI, a boot sector for a BIOS. */
function firmwareOutcome({ from, to, before, after }: Step): Outcome {
  const effect = after.domain ? 'restart' : 'inventory';
  const isInstalled = before.os === 'harvester' && after.os === 'harvester' && !isAlwaysInstalled(after);
  if (!isInstalled || after.iscsi) return { effect };
  const disk = `; Harvester that was installed under ${firmwareText(from)} does not start under ${firmwareText(to)}`;
  const wiped = to === 'uefi' && installs(after);
  return wiped
    ? {
        effect,
        note: `${disk}: will be wiped and reinstalled at its next boot from the network`,
        consequence: 'reinstalls',
      }
    : { effect, note: `${disk}: reinstall it (install: always for one boot)` };
}

const firmwareText = (firmware: unknown) => (firmware === 'bios' ? 'a BIOS' : 'UEFI');

/** The script detects an installed system by a file of its architecture: after a change, it finds no system. */
function archOutcome({ from, before, after }: Step): Outcome {
  const isOnce = before.install === 'once' && after.install === 'once';
  // The site's own store contains no other system than its Harvester.
  if (!isOnce || before.script === after.script || after.iscsi?.disk !== undefined) return AT_INSTALLATION;
  const note = `: will be wiped and reinstalled at its next boot from the network: its script no longer finds a system for ${from}`;
  return { effect: 'boot', note, consequence: 'reinstalls' };
}

/** A changed key of a network, cluster, tenant, image or the iSCSI server, and all keys that change with it. */
interface SiteStep {
  readonly key: string;
  readonly keys: readonly string[];
  readonly from: unknown;
  readonly to: unknown;
  readonly old: Plain;
  readonly now: Plain;
}

/** What a key is called, and the end of the text; undefined if another change reports this one. */
type SiteKey = readonly [words: string, note?: (step: SiteStep) => string | undefined];

/** Keys that set the location of the disks in a store. */
export const STORE_KEYS = ['store', 'pool', 'folder', 'prefix', 'format'];

const dhcpKey = (words: string): SiteKey => [
  words,
  ({ old, now }) => (hasDhcp(old) === hasDhcp(now) ? '' : undefined),
];

/** The keys with words of their own, or with an effect beside the change of the site's files. */
const SITE_KEYS: Readonly<Record<string, SiteKey>> = {
  'network.dns': ['DNS servers'],
  'network.ntp': ['time servers'],
  'network.vlan': ['VLAN'],
  'network.mtu': ['MTU'],
  'network.dhcp.server': dhcpKey('DHCP server'),
  'network.dhcp.pool': dhcpKey('DHCP pool'),
  'network.dhcp.lease': dhcpKey('DHCP lease'),
  'network.libvirt.name': ['name in libvirt'],
  'network.libvirt.bridge': ['bridge'],
  'network.libvirt.forward': ['forwarding'],
  'network.libvirt.address': ['IP address of the host'],
  // A missing VIP is unknown.
  'cluster.vip': [
    'VIP',
    ({ from, to }) =>
      from === undefined || to === undefined ? undefined : '; an installed cluster keeps its VIP',
  ],
  // Of the nodes.
  'cluster.version': ['', () => undefined],
  'cluster.arch': ['', () => undefined],
  // Derived from the name of the image and from the prefix of the store.
  'disk-image.stored': ['', () => undefined],
  'disk-image.source': [
    'source',
    ({ to }) =>
      to === undefined
        ? undefined
        : '; an image in the store does not change: rename it, or first remove it from the store (images.sh)',
  ],
  'iscsi.address': [
    'address',
    ({ to }) => `; if ${to} is another machine, set it up as README.md describes and copy the disks there`,
  ],
  'iscsi.driver': ['driver', () => '; first stop the targets that the old driver serves'],
  'iscsi.port': [
    'port',
    // The files of tgt in the tree do not contain the port.
    ({ to, now }) =>
      now.driver === 'tgt'
        ? `; machines connect to this port: start the server with tgtd --iscsi portal=:${to}`
        : '',
  ],
  ...Object.fromEntries(STORE_KEYS.map((key) => [`iscsi.${key}`, [key, storeEffect] as const])),
};

/** Whether a network has DHCP. */
export function hasDhcp(network: Plain): boolean {
  return network['dhcp.server'] !== undefined;
}

/** Describes the effect of another store: disks do not move there automatically. Only the first of several keys has the text. */
function storeEffect({ key, keys, old, now }: SiteStep): string {
  if (key !== keys.find((other) => STORE_KEYS.includes(other))) return '';
  if (keys.some((other) => STORE_KEYS.includes(other) && other !== 'format'))
    return '; images and disks are looked for only there: copy those to keep before scripts/images.sh make, which re-creates missing disks from their images';
  const [from, to] = [old.format, now.format];
  return `; images and disks are looked for only in that format: convert each before scripts/images.sh make (qemu-img convert -f ${from} -O ${to} NAME.${from} NAME.${to})`;
}

/** Returns the changed keys of a thing that both trees have. */
export function siteKeyChanges(what: string, subject: string, old: Plain, now: Plain, name?: string) {
  const keys = otherKeys(old, now);
  return keys.flatMap((key): SiteChange[] => {
    const [from, to] = [old[key], now[key]];
    const [words, noteFor] = SITE_KEYS[`${what}.${key}`] ?? [key];
    const note = noteFor ? noteFor({ key, keys, from, to, old, now }) : '';
    if (note === undefined) return [];
    const text = `${subject}: ${words} ${describeChange(from, to)}${note}`;
    return [{ what, ...(name === undefined ? {} : { name }), key, before: from, after: to, text }];
  });
}
