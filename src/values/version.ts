/** A Harvester release, or a build of a branch, which is newer than the releases of the branch. */
export interface Version {
  /** The original text, with the leading v: it is part of file names. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The text after the hyphen, as in v1.4.1-rc2; empty for a final release. */
  readonly pre: string;
}

const FORM = /^v(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3})(?:-([0-9a-z.-]+))?|-head)$/;

/** A number above that of every release. */
const NEXT = 1000;

/** Reads a release such as v1.4.1 or v1.9.0-rc6, or a build such as master or v1.8-head; returns undefined for other texts. */
export function parseVersion(text: string): Version | undefined {
  if (text === 'master') return { text, major: NEXT, minor: 0, patch: 0, pre: '' };
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [, major, minor, patch = NEXT, pre = ''] = parts;
  return { text, major: Number(major), minor: Number(minor), patch: Number(patch), pre };
}

/** Whether a version is a build of a branch, of which there are several. */
export function isBuild({ text }: Version): boolean {
  return text === 'master' || text.endsWith('-head');
}

/**
 * Whether a release equals another one or is newer. A prerelease compares as its release: a release candidate has the
 * features of its release.
 */
export function isAtLeast(version: Version, than: string): boolean {
  return order(version, than) >= 0;
}

/** Whether a release equals another one or is older. A prerelease compares as its release. */
export function isAtMost(version: Version, than: string): boolean {
  return order(version, than) <= 0;
}

const parsed = new Map<string, Version>();

function order(version: Version, than: string): number {
  let other = parsed.get(than);
  if (!other) {
    other = parseVersion(than);
    if (!other) throw new Error(`not a release: ${than}`);
    parsed.set(than, other);
  }
  return version.major - other.major || version.minor - other.minor || version.patch - other.patch;
}
