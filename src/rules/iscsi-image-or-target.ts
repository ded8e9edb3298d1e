import type { BootSaid, Node } from '../site/model.ts';
import { hasPlace, isBroken, keyPlaceOf, lacks, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

/** What is of a target of somebody else's alone. */
const OF_TARGET = ['server', 'port'] as const;

export const iscsiImageOrTarget: Rule = {
  code: 'iscsi-image-or-target',
  severity: 'error',
  what: "A node that boots by iSCSI says an image of the site's, or the target of somebody else's, and not both. `server` and `port` are said of a target, `size` of a disk of the site's own.",
  why: 'Its disk is a clone of the image, at a target of its own; without either there is no disk, and with both it could not be told which one is meant.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const boot = node?.boot as BootSaid | undefined;
      if (!node?.iscsi || !boot || isBroken(boot, 'target') || isBroken(boot, 'image')) continue;
      const [message, at, help] = faultOf(node, boot) ?? [];
      if (message === undefined || !at) continue;
      report({ node, oncePerPlace: true, message: `${node.name} ${message}`, at, help: String(help) });
    }
  },
};

function faultOf({ os, iscsi }: Draft<Node>, boot: BootSaid) {
  const isOther = hasPlace(boot, 'target');
  if (os === 'iscsi' && isOther && hasPlace(boot, 'image'))
    return [
      'says both an image and a target: its disk is the one or the other.',
      keyPlaceOf(boot, 'target'),
      'take boot.image out where the target is to be booted, or boot.target where the image is; where defaults say the image, say it in a profile of the nodes that boot it',
    ] as const;
  if (os === 'iscsi' && !isOther && iscsi && lacks(boot, 'image'))
    return [
      'boots by iSCSI, and no disk is said: neither an image nor a target.',
      placeOf(boot, 'os'),
      "say `image: …`, one of the site's images; or `target: iqn.…`, somebody else's",
    ] as const;
  const [key] = isOther ? [] : OF_TARGET.filter((one) => hasPlace(boot, one));
  if (key !== undefined)
    return [
      `says boot.${key}, which is of somebody else's target, and names none: its disk is at the site's own iSCSI server.`,
      keyPlaceOf(boot, key),
      `say the ${key} of the site's own with server.iscsi.${key === 'server' ? 'address' : 'port'}; or the name of the target, \`target: iqn.…\``,
    ] as const;
  if (isOther && hasPlace(boot, 'size'))
    return [
      "says boot.size, and its disk is at somebody else's target, who says how large it is.",
      keyPlaceOf(boot, 'size'),
      'take it out',
    ] as const;
  return undefined;
}
