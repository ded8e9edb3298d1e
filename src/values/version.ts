/** A Harvester release. */
export interface Version {
  /** The original text, with the leading v: it is part of file names. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The text after the hyphen, as in v1.4.1-rc2; empty for a final release. */
  readonly pre: string;
}

const FORM = /^v(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:-([0-9a-z.-]+))?$/;

/** Reads a release such as v1.4.1 or v1.9.0-rc6; returns undefined for other texts. */
export function parseVersion(text: string): Version | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [, major, minor, patch, pre = ''] = parts;
  return { text, major: Number(major), minor: Number(minor), patch: Number(patch), pre };
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
