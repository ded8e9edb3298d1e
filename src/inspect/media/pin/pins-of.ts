import type { Site } from '../../../site/model.ts';
import { formatPlace } from '../../../source/diagnostics/text.ts';
import type { Path } from '../../../source/leaf.ts';
import { placeOf } from '../../../source/origin.ts';
import { PinError } from './pin-error.ts';

const OTHER_DIGEST =
  'If the release was published anew, and you know why, remove what stands there; if not, do not boot from it';

const OTHER_SIZE =
  'The digest is the same: correct the size, or look whether the file there is whole, and remove the size if you cannot tell';

/** What a source says of the files that a release boots from. */
export interface Known {
  /** What messages call its checksum file. */
  readonly where: string;
  readonly sha512: ReadonlyMap<string, string>;
  /** In bytes; those that cannot be told are missing. */
  readonly size: ReadonlyMap<string, number>;
}

/** A key of the inventory, and what it shall be. */
export interface Pin {
  readonly path: Path;
  readonly value: string | number;
}

/**
 * Gives the pins and sizes of a release that the inventory lacks. Takes the folder that messages show paths relative to.
 * Throws PinError where one is pinned as something else: that a release has changed is what pins are to tell.
 */
export function pinsOf(site: Site, known: Known, folder: string): Pin[] {
  const digests = differing(known.sha512, site.sha512, folder).map(
    ([name, pin, now, at]) =>
      `${name} is pinned at ${at} as\n    ${pin}\n  and ${known.where} says\n    ${now}`,
  );
  const sizes = differing(known.size, site.size, folder).map(
    ([name, pin, now, at]) => `${name} has ${pin} bytes at ${at}, and ${now} beside ${known.where}`,
  );
  // A size alone is no sign of another release: the digest would be another one, too.
  if (digests.length > 0 || sizes.length > 0)
    throw new PinError([...digests, ...sizes, digests.length > 0 ? OTHER_DIGEST : OTHER_SIZE].join('\n'));
  return [
    ...lacking(known.sha512, site.sha512).map(([name, value]) => ({
      path: ['harvester', 'sha512', name],
      value,
    })),
    ...lacking(known.size, site.size).map(([name, value]) => ({ path: ['harvester', 'size', name], value })),
  ];
}

function lacking<V>(found: ReadonlyMap<string, V>, pinned: Readonly<Record<string, V>>): [string, V][] {
  return [...found].filter(([name]) => !Object.hasOwn(pinned, name));
}

function differing<V>(
  found: ReadonlyMap<string, V>,
  pinned: Readonly<Record<string, V>>,
  folder: string,
): [name: string, pin: V | undefined, now: V, at: string][] {
  return [...found]
    .filter(([name, now]) => Object.hasOwn(pinned, name) && pinned[name] !== now)
    .map(([name, now]) => [name, pinned[name], now, formatPlace(placeOf(pinned, name), folder)]);
}
