import { readlinkSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A link that leads to nothing: where it leads, what that means, and what to do. */
export interface BrokenLink {
  /** The absolute path. */
  readonly target: string;
  readonly message: string;
  readonly help: string;
}

/** Gives what is to be said of a link that leads to nothing; undefined for what is no link, or leads to something. */
export function brokenLink(path: string): BrokenLink | undefined {
  const target = isReal(path) ? undefined : linkTarget(path);
  if (target === undefined) return undefined;
  return {
    target: resolve(dirname(path), target),
    message: `This link leads to ${target}, and so to nothing: what it should say would be missing.`,
    help: 'lead the link to what it should lead to, or put that here itself',
  };
}

function isReal(path: string): boolean {
  try {
    return realpathSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Where a link leads, as it says; undefined for what is none. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
