/** A Harvester release. */
export interface Version {
  /** As it is written, with the leading v: it is part of file names. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** What follows the hyphen, as in v1.4.1-rc2; empty in a final release. */
  readonly pre: string;
}

const FORM = /^v(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:-([0-9a-z.-]+))?$/;

/** Reads a release such as v1.4.1 or v1.9.0-rc6; undefined where the text is none. */
export function parseVersion(text: string): Version | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [, major, minor, patch, pre = ''] = parts;
  return { text, major: Number(major), minor: Number(minor), patch: Number(patch), pre };
}

/**
 * Says whether a release is another one or newer. What precedes a release counts as that release: a release
 * candidate has its features.
 */
export function isAtLeast(version: Version, than: string): boolean {
  return order(version, than) >= 0;
}

/** Says whether a release is another one or older; what precedes a release counts as that release. */
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
