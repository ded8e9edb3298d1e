import { placeOf } from '../source/origin.ts';
import { parseMac } from '../values/mac.ts';
import { plainPath } from '../values/plain-path.ts';
import type { Rule } from './rule.ts';

type Tree = Record<string, unknown>;

/** Facts that the rest of the site states; the configuration may repeat them, and nothing else. */
const STATED_ELSEWHERE: readonly string[][] = [
  ['scheme_version'],
  ['token'],
  ['server_url'],
  ['os', 'hostname'],
  ['install', 'mode'],
  ['install', 'role'],
  ['install', 'vip'],
  ['install', 'vip_mode'],
  ['install', 'vip_hw_addr'],
  ['install', 'management_interface', 'ip'],
  ['install', 'management_interface', 'subnet_mask'],
  ['install', 'management_interface', 'gateway'],
  ['install', 'management_interface', 'vlan_id'],
  ['install', 'management_interface', 'mtu'],
];

/** Of a disk by iSCSI, this is, too. */
const DEVICE = ['install', 'device'];

export const contradictsDerived: Rule = {
  code: 'contradicts-derived',
  severity: 'error',
  what: 'The configuration does not contradict what the rest of the site says.',
  why: 'One fact with two values: DHCP, scripts and configuration would not agree on who the node is.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.said || !node.name) continue;
      for (const path of saidIn(node.said)) {
        // First: what is derived is made for whoever asks.
        if ((path === DEVICE && !node.iscsi) || !node.derived) continue;
        const said = holderOf(node.said, path);
        const derived = holderOf(node.derived, path);
        const key = path.at(-1) as string;
        if (said?.[key] === undefined || derived?.[key] === undefined) continue;
        if (same(said[key], derived[key]) || isNameForVip(key, said[key])) continue;
        if (key === 'device' && isById(said[key])) continue;
        report({
          node,
          oncePerPlace: true,
          message: `The configuration of ${node.name} says ${path.join('.')}: ${show(key, said[key], 'one')}, and the site says ${show(key, derived[key], 'another')}.`,
          at: placeOf(said, key),
          related: [{ message: 'the site says it at', at: placeOf(derived, key) }],
          help:
            key === 'device'
              ? 'let install.device be said by nodes with a disk of their own alone, as in a profile: of a disk by iSCSI it is derived'
              : `remove ${path.join('.')} from config: it is derived`,
        });
      }
    }
  },
};

const known = new WeakMap<object, readonly (readonly string[])[]>();

/** Which of these facts a configuration states, which nodes often share. */
function saidIn(config: object): readonly (readonly string[])[] {
  let paths = known.get(config);
  if (!paths) {
    const isSaid = (path: readonly string[]) => holderOf(config, path)?.[path.at(-1) as string] !== undefined;
    paths = [...STATED_ELSEWHERE, DEVICE].filter(isSaid);
    known.set(config, paths);
  }
  return paths;
}

/** A name may stand for the VIP in a server_url; another address cannot. */
function isNameForVip(key: string, said: unknown): boolean {
  return key === 'server_url' && !/^https:\/\/[0-9.]+(:|$)/.test(String(said));
}

/** What a disk by iSCSI calls itself is not known; it may be the one that is named so. */
function isById(device: unknown): boolean {
  return plainPath(String(device)).startsWith('/dev/disk/by-id/');
}

function holderOf(config: object, path: readonly string[]): Tree | undefined {
  return path
    .slice(0, -1)
    .reduce<Tree | undefined>((map, key) => map?.[key] as Tree | undefined, config as Tree);
}

/** MAC addresses are the same in every spelling; of anything else each letter counts. */
function same(a: unknown, b: unknown): boolean {
  return plain(a) === plain(b);
}

function plain(value: unknown): string {
  const text = String(value);
  return parseMac(text) ?? text.replace(/^https:\/\/([^/:]+)$/, 'https://$1:443');
}

/** A token is nobody's business who reads a build's log. */
function show(key: string, value: unknown, which: string): string {
  return key === 'token' ? which : String(value);
}
