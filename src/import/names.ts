import { FIRST_RELEASE_WITH_FQDN } from '../knowledge/harvester.ts';
import { escapeControlChars } from '../values/text.ts';
import { isAtLeast, type Version } from '../values/version.ts';

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

/** Returns an unused name, with a number appended if necessary, and adds it to the used names. */
export function freeName(stem: string, taken: Set<string>): string {
  let name = stem;
  for (let number = 2; taken.has(name); number += 1) name = `${stem.slice(0, 57)}-${number}`;
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
