import { FIRST_RELEASE_WITH_FQDN } from '../knowledge/harvester.ts';
import { escapeControlChars } from '../values/text.ts';
import { isAtLeast, type Version } from '../values/version.ts';

/** A node's number and its hyphen must fit behind it. */
const LONGEST_STEM = 61;
const LONGEST_SITE = 63;

/** Gives the name of a site that a text makes: undefined where nothing of it can stand in one. */
export function siteNameOf(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, LONGEST_SITE)
    .replace(/^[-_]+|[-_]+$/g, '');
  return name || undefined;
}

/** Returns what host names begin with that a text makes, by RFC 1123; dots stay where the release takes them. */
export function hostStemOf(text: string, release: Version): string | undefined {
  const hasDots = isAtLeast(release, FIRST_RELEASE_WITH_FQDN);
  const stem = hostLabels(hasDots ? text : text.replaceAll('.', '_'), LONGEST_STEM);
  return stem.slice(0, LONGEST_STEM).replace(/[-.]+$/, '') || undefined;
}

/** Gives the labels of a host name that a text makes by RFC 1123, each of at most some letters; empty for none. */
export function hostLabels(text: string, longest: number): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .split('.')
    .map((label) => label.slice(0, longest).replace(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('.');
}

/** Returns a name that is not taken, with a number behind it where it is; it is taken then. */
export function freeName(stem: string, taken: Set<string>): string {
  let name = stem;
  for (let number = 2; taken.has(name); number += 1) name = `${stem.slice(0, 57)}-${number}`;
  taken.add(name);
  return name;
}

/** Longer names are cut off where they are shown. */
const LONGEST = 60;

/** Gives a name of somebody else's file as it can be shown on one line and in a comment of YAML. */
export function displayName(name: string): string {
  const text = escapeControlChars(name);
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return /^[\w-]+$/.test(cut) ? cut : `"${cut}"`;
}
