import type { BootChange } from './boot-change.ts';
import type { NodeChange } from './change.ts';
import type { DomainFacts, NodeFacts } from './facts.ts';
import { isSame } from './leaf-changes.ts';
import { turn } from './words.ts';

/** What follows from a MAC address, and is told with it. */
const OF_MAC = /^(uuid|disks\.\w+\.(serial|wwn|device))$/;

/** Keys of a domain as one would say them; others are said as they are. */
const WORDS: Readonly<Record<string, string>> = {
  vcpus: 'virtual CPUs',
  memory_mib: 'memory (MiB)',
  uuid: 'UUID',
  'vnc.listen': 'VNC address',
  'vnc.port': 'VNC port',
};

/**
 * Says that the disk of a node's system is blank since it is an image that is not there yet: the node is a domain only
 * now, or another name, format or disk of the host makes another file, and the old one stays where it is. Undefined where
 * it is an image that the domain had.
 */
export function newDiskChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  if (!after.domain) return undefined;
  const key = `disks.${systemDisk(after)}.file`;
  const [old, now] = [before.domain?.[`disks.${systemDisk(before)}.file`], after.domain[key]];
  if (before.domain && (old === undefined || now === undefined || hadImage(before.domain, now)))
    return undefined;
  const what = before.domain
    ? `the disk of its system is ${newImage(old, now)}`
    : 'it is a domain of the host now, with blank disks';
  const change = { what: 'domain', key: `domain.${key}`, before: old, after: now, effect: 'boot' } as const;
  if (after.os !== 'harvester' || after.install === 'never')
    return { change: { ...change, text: what }, consequence: 'boots-otherwise' };
  const consequence = after.install === 'always' ? 'reinstalls' : 'installs';
  return { change: { ...change, text: `will install: ${what}` }, consequence };
}

/**
 * Says where an image is that is another file now, or in which format it is; without the file's own name, so that the
 * same is said of several nodes at once. The host moves no image: what was on the old one is not on the new one.
 */
function newImage(old: unknown, now: unknown): string {
  const [[from, was], [to, is]] = [partsOf(old), partsOf(now)];
  if (from !== to) return `a new, blank image in ${to}; the old one stays in ${from}`;
  return `a new, blank image${was === is ? '' : ` (${is})`}; the old one stays on the host`;
}

/** The folder of an image, and its format, which is how its name ends. */
function partsOf(file: unknown): readonly [folder: string, format: string] {
  const [, folder = '', format = ''] = /^(.*)\/[^/]*\.(\w+)$/.exec(String(file)) ?? [];
  return [folder, format];
}

/** Says what of a node's libvirt domain is not what it was, but for the disk of its system where that is a new one. */
export function domainChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.domain, after.domain];
  if (!old) return []; // it has one or none now: what that means is of the disk of its system
  if (!now)
    return [
      {
        what: 'domain',
        effect: 'boot',
        text: 'its domain is powered off and removed from the host; its images stay',
      },
    ];
  const told = newDiskChange(before, after)?.change.key;
  const isOtherMac = before.mac !== after.mac || before.site !== after.site;
  const disks = new Set([...placesOf(now), ...placesOf(old)]);
  const ofDisks = [...disks].flatMap((place) => diskChange(place, old, now));
  const keys = new Set([...Object.keys(now), ...Object.keys(old)].filter((key) => !key.startsWith('disks.')));
  keys.delete(BOOT_ORDER);
  const order = before.install === after.install ? orderChange(old, now) : []; // else it follows from that
  return [...[...keys].flatMap((key) => leafChange(key, old, now)), ...order, ...ofDisks].filter(
    ({ key = '' }) => key !== told && !(isOtherMac && OF_MAC.test(key.replace('domain.', ''))),
  );
}

/**
 * Says that a node's domain is defined otherwise for no reason that is told of the node itself: its networks, the site's
 * own template, another version of harvgen. Takes what is told: one change or none.
 */
export function definitionChange(
  before: NodeFacts,
  after: NodeFacts,
  told: readonly NodeChange[],
): NodeChange[] {
  const isOther =
    before.definition !== undefined &&
    after.definition !== undefined &&
    before.definition !== after.definition;
  if (!isOther || told.some(({ what }) => EXPLAINS.has(what))) return [];
  return [{ what: 'domain', effect: 'restart', text: 'its domain is defined otherwise: see the patch' }];
}

/** What of a node its domain is made from. */
const EXPLAINS: ReadonlySet<NodeChange['what']> = new Set([
  'name',
  'install',
  'mac',
  'nic',
  'firmware',
  'domain',
]);

function diskChange(place: string, old: DomainFacts, now: DomainFacts): NodeChange[] {
  const key = `disks.${place}.file`;
  const [from, to] = [old[key], now[key]];
  const change = {
    what: 'domain',
    key: `domain.${key}`,
    before: from,
    after: to,
    effect: 'restart',
  } as const;
  if (from === undefined) return [{ ...change, text: `disk ${place} is new and blank` }];
  if (to === undefined) return [{ ...change, text: `disk ${place} is gone; its image stays on the host` }];
  const prefix = `disks.${place}.`;
  const keys = new Set([...Object.keys(now), ...Object.keys(old)].filter((one) => one.startsWith(prefix)));
  return [...keys].flatMap((one): NodeChange[] => {
    if (one === key)
      return from === to
        ? []
        : [
            {
              ...change,
              text: `disk ${place} is ${newImage(from, to)}`,
            },
          ];
    // An image that is new has its size and format from the beginning.
    if (from !== to && /\.(size_bytes|format)$/.test(one)) return [];
    return leafChange(one, old, now, `disk ${place}: ${one.slice(prefix.length).replace('_bytes', '')}`);
  });
}

function leafChange(
  key: string,
  old: DomainFacts,
  now: DomainFacts,
  words = WORDS[key] ?? key,
): NodeChange[] {
  const [before, after] = [old[key], now[key]];
  if (isSame(before, after)) return [];
  const text = key.endsWith('.size_bytes')
    ? `${words} ${turn(sizeText(before), sizeText(after))}; an image that is there keeps its own`
    : `${words} ${turn(before, after)}`;
  return [{ what: 'domain', key: `domain.${key}`, before, after, effect: 'restart', text }];
}

function sizeText(bytes: unknown): unknown {
  if (typeof bytes !== 'number') return bytes;
  return bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : bytes % 1e9 === 0 ? `${bytes / 1e9}GB` : bytes;
}

/** Says that a domain boots in another order, but for what is new or gone. Trees of older versions do not say the order. */
function orderChange(old: DomainFacts, now: DomainFacts): NodeChange[] {
  const [from, to] = [orderOf(old), orderOf(now)];
  const before = from.filter((device) => to.includes(device));
  const after = to.filter((device) => from.includes(device));
  if (isSame(before, after)) return [];
  const text = `boots in another order: ${before.join(', ')} → ${after.join(', ')}`;
  return [{ what: 'domain', key: `domain.${BOOT_ORDER}`, before: from, after: to, effect: 'restart', text }];
}

const BOOT_ORDER = 'boot_order';

/** What a domain boots from, in its order: disks by their place on the bus, and `network`. */
function orderOf(domain: DomainFacts): string[] {
  const order = domain[BOOT_ORDER];
  return Array.isArray(order) ? order.map(String) : [];
}

/** The place on the bus of the disk that the system is on: the first that is booted from, in older trees the first. */
function systemDisk({ domain = {} }: NodeFacts): string | undefined {
  const places = placesOf(domain);
  return orderOf(domain).find((device) => places.includes(device)) ?? places[0];
}

/** Whether one of a domain's disks had an image. */
function hadImage(domain: DomainFacts, file: unknown): boolean {
  return placesOf(domain).some((place) => domain[`disks.${place}.file`] === file);
}

function placesOf(domain: DomainFacts): string[] {
  return Object.keys(domain).flatMap((key) => /^disks\.(\w+)\.file$/.exec(key)?.[1] ?? []);
}
