/** How the numbers in the brackets of a key's value count, and what becomes of the value. */
export interface RangedKey {
  readonly radix: 10 | 16;
  /** What one value is, and what several are. */
  readonly noun: readonly [one: string, many: string];
  /** Whether no two machines can have the same. */
  readonly isOwn?: true;
  /** Whether the value is a number. */
  readonly isNumber?: true;
}

/** The keys of a node that take numbers in brackets; `*` is any key, or entry of a list. */
export interface RangedKeys {
  readonly [key: string]: RangedKey | RangedKeys;
}

/** MAC addresses count as they are written. */
const MAC = { radix: 16, noun: ['MAC address', 'MAC addresses'] } as const;
const ADDRESS = { radix: 10, noun: ['address', 'addresses'] } as const;
const TEXT = { radix: 10, noun: ['value', 'values'] } as const;

/**
 * Where a range of nodes may have a value for each of them. Not in `config`, `cloud_init` and `boot`, whose texts have
 * brackets of their own: `${node:nid}` and its like stand there for what differs.
 */
export const RANGED_KEYS: RangedKeys = {
  mac: { ...MAC, isOwn: true },
  ip: { ...ADDRESS, isOwn: true },
  uuid: { radix: 10, noun: ['UUID', 'UUIDs'], isOwn: true },
  serial: { radix: 10, noun: ['serial number', 'serial numbers'], isOwn: true },
  xname: { radix: 10, noun: ['xname', 'xnames'], isOwn: true },
  nid: { radix: 10, noun: ['NID', 'NIDs'], isOwn: true, isNumber: true },
  nics: { '*': { name: TEXT, mac: { ...MAC, isOwn: true }, ip: { ...ADDRESS, isOwn: true } } },
  bmc: { address: { ...ADDRESS, isOwn: true }, mac: { ...MAC, isOwn: true } },
  labels: { '*': TEXT },
};

/** Says whether this is a key that takes values, and not one that has others below it. */
export function isRangedKey(keys: RangedKey | RangedKeys): keys is RangedKey {
  return 'radix' in keys;
}
