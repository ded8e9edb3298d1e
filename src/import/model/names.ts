import { FIRST_RELEASE_WITH_FQDN } from '../../knowledge/harvester.ts';
import { escapeControlChars } from '../../values/text.ts';
import { isAtLeast, type Version } from '../../values/version.ts';
import type { Sourced } from './gathered.ts';

/** A hyphen and the node's number must fit after the stem. */
const LONGEST_STEM = 61;
const LONGEST_SITE = 63;

/** Returns a site name derived from a text, or undefined if the text contains no valid character. */
export function siteNameOf(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, LONGEST_SITE)
    .replace(/^[-_]+|[-_]+$/g, '');
  return name || undefined;
}

/** Returns a host name stem (RFC 1123) derived from a text; keeps dots if the release accepts them. */
export function hostStemOf(text: string, release: Version): string | undefined {
  const hasDots = isAtLeast(release, FIRST_RELEASE_WITH_FQDN);
  const stem = hostLabels(hasDots ? text : text.replaceAll('.', '_'), LONGEST_STEM);
  return stem.slice(0, LONGEST_STEM).replace(/[-.]+$/, '') || undefined;
}

/** Returns host name labels (RFC 1123) derived from a text, each cut to `longest` letters; may be empty. */
export function hostLabels(text: string, longest: number): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .split('.')
    .map((label) => label.slice(0, longest).replace(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('.');
}

/** Returns an unused name, with a number appended if necessary, and adds it to the used names. `kept` are for others. */
export function freeName(stem: string, taken: Set<string>, kept?: ReadonlySet<unknown>): string {
  let name = stem;
  for (let number = 2; taken.has(name) || kept?.has(name); number += 1)
    name = `${stem.slice(0, 57)}-${number}`;
  taken.add(name);
  return name;
}

/** Names longer than this are truncated for display. */
const LONGEST = 60;

/** Returns a name from an imported file, made safe for one line and for a YAML comment. */
export function displayName(name: string): string {
  const text = escapeControlChars(name);
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return /^[\w-]+$/.test(cut) ? cut : `"${cut}"`;
}

/** The owner of a name in a list of reservations. */
export type NameRead =
  | { readonly of: 'node' }
  /** A NIC of a node: `cg02-eth0`. */
  | { readonly of: 'nic'; readonly node: string; readonly nic: string }
  /** A BMC: `cg02-bmc`, which contains its node, or an xname without a node (`x1000c1s7b0`). */
  | { readonly of: 'bmc'; readonly xname: boolean; readonly node?: string | undefined }
  /** The VIP of a Harvester cluster: `harvest_vip`. */
  | { readonly of: 'vip' };

/** Matches only a whole word or after a digit, never the end of a word: kilo is a node. */
const BMC = /(?:^|[-_]|(?<=\d))(?:bmc|ipmi|ilo|idrac)(?:\d*$|[-_])|^(?:bmc|ipmi|ilo|idrac)\d/i;
const BMC_OF = /^(.+?)[-_]?(?:bmc|ipmi|ilo|idrac)\d*$/i;
const BMC_XNAME = /^x\d+c\d+(?:s\d+)?b\d+$/i;
const NIC = /^(.+?)[-_](eth\d+|e(?:n|no|ns|np|nx)\d\w*|ib\d+|hsn\d+)$/i;
const VIP = /(?:^|[-_])vip(?:[-_]?\d*)$/i;

/** A domain of BMCs only: rk01.bmc.example.org. */
const BMC_DOMAIN = /^(?:bmc|ipmi|ilo|idrac)$/i;

/** Returns the owner of a name; for a fully qualified name, from its first labels. */
export function readName(name: string): NameRead {
  const [label = '', domain = ''] = name.split('.');
  if (BMC_XNAME.test(label)) return { of: 'bmc', xname: true };
  if (BMC.test(label)) return { of: 'bmc', xname: false, node: BMC_OF.exec(label)?.[1] };
  if (BMC_DOMAIN.test(domain)) return { of: 'bmc', xname: false, node: label };
  if (VIP.test(label)) return { of: 'vip' };
  const [, node, nic] = NIC.exec(label) ?? [];
  if (node !== undefined && nic !== undefined) return { of: 'nic', node, nic };
  return { of: 'node' };
}

/** Returns the name of the node if a name is that of its NIC. */
export function nodeNameOf(name: Sourced<string>): Sourced<string> {
  const read = readName(name.value);
  return read.of === 'nic' ? { value: read.node, at: name.at } : name;
}
