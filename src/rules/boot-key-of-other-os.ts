import type { BootSaid, Node } from '../site/model.ts';
import { listed } from '../source/diagnostics/listed.ts';
import { hasPlace, keyPlaceOf, placeKey, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { BOOTED } from './booted.ts';
import type { Rule } from './rule.ts';

/** What is of Linux alone, and of the boot loaders the one that is. */
const OF_LINUX = ['kernel', 'initrd', 'root', 'args', 'loader'] as const;

/** What is of a disk by iSCSI alone. */
const OF_ISCSI = [
  'image',
  'size',
  'target',
  'server',
  'port',
  'lun',
  'initiator',
  'chap',
  'fallback',
] as const;

const KEYS = [...OF_LINUX, ...OF_ISCSI, 'disk', 'arch'] as const;

type Key = (typeof KEYS)[number];

export const bootKeyOfOtherOs: Rule = {
  code: 'boot-key-of-other-os',
  severity: 'error',
  what: 'What `boot` says is of what the node boots: kernel, initrd, root, arguments and GRUB of Linux alone, image, target and their like of iSCSI alone, `disk` of Harvester alone, and the architecture not of Harvester.',
  why: 'A node that lacks `os: linux` beside its kernel, or `os: iscsi` beside its image, installs Harvester over what is on its disk.',
  // missing-device and missing-login leave nodes that lack it to this rule.
  essential: true,
  check({ nodes = [] }, report) {
    const meant = placesMeant(nodes);
    const known = new Map<object, readonly Key[]>();
    for (const node of nodes) {
      const { os, boot } = node ?? {};
      if (!node || !os || !boot) continue;
      const keys = known.get(boot) ?? strangeKeys(boot, os, meant);
      known.set(boot, keys);
      const [first, another] = keys;
      if (first === undefined) continue;
      const isBlank = os === 'harvester' && node.iscsi !== undefined;
      report({
        node,
        oncePerPlace: true,
        message: `${listed(keys.map((key) => `boot.${key}`))} ${another ? 'say' : 'says'} nothing here: ${node.name} ${isBlank ? 'has Harvester installed on a blank disk' : `boots ${BOOTED[os]}`}.`,
        at: keyPlaceOf(boot as BootSaid, first),
        help: helpOf(first, another ? 'them' : 'it', os, isBlank),
      });
    }
  },
};

/** Gives the nodes whose boot says a kernel or an image, and not `os: linux` or `os: iscsi` beside it. */
export function nodesWithoutOs(nodes: readonly (Draft<Node> | undefined)[]): ReadonlySet<Draft<Node>> {
  const known = lackingOs.get(nodes) ?? findWithoutOs(nodes);
  lackingOs.set(nodes, known);
  return known;
}

/** Several rules ask. */
const lackingOs = new WeakMap<object, ReadonlySet<Draft<Node>>>();

function findWithoutOs(nodes: readonly (Draft<Node> | undefined)[]): ReadonlySet<Draft<Node>> {
  const meant = placesMeant(nodes);
  const lacking = nodes.flatMap((node) => {
    const { os, boot } = node ?? {};
    if (!node || os !== 'harvester' || !boot || hasPlace(boot, 'os') || hasPlace(boot, 'disk')) return [];
    const key = (['kernel', 'image', 'target'] as const).find((one) => hasPlace(boot, one));
    return key === undefined || meant.has(placeKey(placeOf(boot, key))) ? [] : [node];
  });
  return new Set(lacking);
}

/** Whether a key of `boot` is of what a node boots. */
function isOf(key: Key, os: Node['os'], boot: BootSaid): boolean {
  if (key === 'loader') return os === 'linux' || boot.loader !== 'grub';
  if (key === 'arch') return os !== 'harvester';
  if (key === 'disk') return os === 'harvester';
  if (isIn(OF_LINUX, key)) return os === 'linux';
  return os === 'iscsi' || (os === 'harvester' && boot.disk === 'iscsi' && key !== 'image');
}

function isIn(keys: readonly string[], key: Key): boolean {
  return keys.includes(key);
}

/** What to do about a key, and others like it. */
function helpOf(key: Key, them: string, os: Node['os'], isBlank: boolean): string {
  if (key === 'arch') return 'say harvester.arch';
  if (key === 'disk') return `take ${them} out: it says where Harvester is installed`;
  if (key === 'loader' && os === 'iscsi') return `say \`ipxe\` or \`pxelinux\` here, or take ${them} out`;
  if (isBlank) return `take ${them} out; or say \`os: iscsi\` in place of disk, and the node boots its image`;
  const [meant, or] =
    isIn(OF_ISCSI, key) && os === 'harvester' && key !== 'image'
      ? ['iscsi', ', `disk: iscsi` where Harvester is to be on such a disk']
      : [isIn(OF_ISCSI, key) ? 'iscsi' : 'linux', ''];
  return `say \`os: ${meant}\` beside it${or}, or take ${them} out`;
}

/** The keys of a `boot` that are of something else, and that no node means. */
function strangeKeys(boot: Draft<BootSaid>, os: Node['os'], meant: ReadonlySet<string>): readonly Key[] {
  return KEYS.filter(
    (key) =>
      hasPlace(boot, key) &&
      !isOf(key, os, boot as BootSaid) &&
      // What a layer says for its nodes that boot Linux, another one may pass over.
      !meant.has(placeKey(placeOf(boot, key))),
  );
}

/** The places of what is of what nodes boot. What a layer says is the same for all of its nodes, `os` included. */
function placesMeant(nodes: readonly (Draft<Node> | undefined)[]): ReadonlySet<string> {
  const meant = new Set<string>();
  const seen = new Set<object>();
  for (const { os, boot } of nodes.flatMap((node) => node ?? [])) {
    if (!boot || !os || seen.has(boot)) continue;
    seen.add(boot);
    for (const key of KEYS)
      if (hasPlace(boot, key) && isOf(key, os, boot as BootSaid)) meant.add(placeKey(placeOf(boot, key)));
  }
  return meant;
}
