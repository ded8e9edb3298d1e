import { consequenceOf } from './boots.ts';
import { type BootChange, bootChange, type NodeChange, nodeChange } from './change.ts';
import { installs, type NodeFacts } from './facts.ts';
import { isSame, otherKeys, type Plain } from './values.ts';
import { turn } from './words.ts';

/* The libvirt domain that a node is. */

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

const BOOT_ORDER = 'boot_order';

/**
 * Says that the disk of a node's system is blank since it is an image that is not there yet: the node is a domain only
 * now, or another name, format or disk of the host makes another file, and the old one stays where it is. Undefined where
 * it is an image that the domain had.
 */
export function newDiskChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const { domain } = before;
  if (!after.domain) return undefined;
  const key = `disks.${systemDisk(after.domain)}.file`;
  const [old, now] = [domain?.[`disks.${systemDisk(domain)}.file`], after.domain[key]];
  const had = domain && placesOf(domain).some((place) => domain[`disks.${place}.file`] === now);
  if (domain && (old === undefined || now === undefined || had)) return undefined;
  const what = domain
    ? `the disk of its system is ${newImage(old, now)}`
    : 'it is a domain of the host now, with blank disks';
  const sides = { key: `domain.${key}`, before: old, after: now };
  if (!installs(after)) return bootChange('boots-otherwise', 'domain', 'boot', what, sides);
  return bootChange(consequenceOf(after), 'domain', 'boot', `will install: ${what}`, sides);
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
      nodeChange('domain', 'boot', 'its domain is powered off and removed from the host; its images stay'),
    ];
  const told = newDiskChange(before, after)?.key;
  const isOtherMac = before.mac !== after.mac || before.site !== after.site;
  const keys = otherKeys(old, now).filter((key) => !key.startsWith('disks.') && key !== BOOT_ORDER);
  const order = before.install === after.install ? orderChange(old, now) : []; // else it follows from that
  const disks = [...new Set([...placesOf(now), ...placesOf(old)])];
  return [
    ...keys.map((key) => keyChange(key, old, now)),
    ...order,
    ...disks.flatMap((place) => diskChange(place, old, now)),
  ].filter(({ key = '' }) => key !== told && !(isOtherMac && OF_MAC.test(key.replace('domain.', ''))));
}

/** What of a node its domain is made from. */
const EXPLAINS: readonly string[] = ['name', 'install', 'mac', 'nic', 'firmware', 'domain'];

/**
 * Says that a node's domain is defined otherwise for no reason that is told of the node itself: its networks, the site's
 * own template, another version of harvgen. Takes what is told: one change or none.
 */
export function definitionChange(
  { definition: from }: NodeFacts,
  { definition: to }: NodeFacts,
  told: readonly NodeChange[],
): NodeChange[] {
  if (from === undefined || to === undefined || from === to) return [];
  if (told.some(({ what }) => EXPLAINS.includes(what))) return [];
  return [nodeChange('domain', 'restart', 'its domain is defined otherwise: see the patch')];
}

function diskChange(place: string, old: Plain, now: Plain): NodeChange[] {
  const prefix = `disks.${place}.`;
  const key = `${prefix}file`;
  const [from, to] = [old[key], now[key]];
  const told = (text: string) =>
    nodeChange('domain', 'restart', `disk ${place} is ${text}`, {
      key: `domain.${key}`,
      before: from,
      after: to,
    });
  if (from === undefined) return [told('new and blank')];
  if (to === undefined) return [told('gone; its image stays on the host')];
  const keys = otherKeys(old, now).filter((one) => one.startsWith(prefix));
  // An image that is new has its size and format from the beginning.
  const others = keys.filter((one) => from === to || !/\.(size_bytes|format)$/.test(one));
  return others.map((one) => {
    if (one === key) return told(newImage(from, to));
    return keyChange(one, old, now, `disk ${place}: ${one.slice(prefix.length).replace('_bytes', '')}`);
  });
}

function keyChange(key: string, old: Plain, now: Plain, words = WORDS[key] ?? key): NodeChange {
  const [before, after] = [old[key], now[key]];
  const text = key.endsWith('.size_bytes')
    ? `${words} ${turn(sizeText(before), sizeText(after))}; an image that is there keeps its own`
    : `${words} ${turn(before, after)}`;
  return nodeChange('domain', 'restart', text, { key: `domain.${key}`, before, after });
}

function sizeText(bytes: unknown): unknown {
  if (typeof bytes !== 'number') return bytes;
  return bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : bytes % 1e9 === 0 ? `${bytes / 1e9}GB` : bytes;
}

/** Says that a domain boots in another order, but for what is new or gone. Trees of older versions do not say the order. */
function orderChange(old: Plain, now: Plain): NodeChange[] {
  const [from, to] = [orderOf(old), orderOf(now)];
  const before = from.filter((device) => to.includes(device));
  const after = to.filter((device) => from.includes(device));
  if (isSame(before, after)) return [];
  const text = `boots in another order: ${before.join(', ')} → ${after.join(', ')}`;
  return [nodeChange('domain', 'restart', text, { key: `domain.${BOOT_ORDER}`, before: from, after: to })];
}

/** What a domain boots from, in its order: disks by their place on the bus, and `network`. */
function orderOf(domain: Plain): string[] {
  const order = domain[BOOT_ORDER];
  return Array.isArray(order) ? order.map(String) : [];
}

/** The place on the bus of the disk that the system is on: the first that is booted from, in older trees the first. */
function systemDisk(domain: Plain): string | undefined {
  const places = placesOf(domain);
  return orderOf(domain).find((device) => places.includes(device)) ?? places[0];
}

function placesOf(domain: Plain): string[] {
  return Object.keys(domain).flatMap((key) => /^disks\.(\w+)\.file$/.exec(key)?.[1] ?? []);
}
