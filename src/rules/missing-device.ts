import { isUnknown } from '../site/is-unknown.ts';
import { offHost } from '../site/off-host.ts';
import { isStray } from '../site/stray.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { placeOf } from '../source/origin.ts';
import { nodesWithoutOs } from './boot.ts';
import type { Rule } from './rule.ts';

export const missingDevice: Rule = {
  code: 'missing-device',
  severity: 'error',
  what: 'A Harvester node says which disk to install to.',
  why: 'The installer stops on the console: an unattended installation must name its disk.',
  essential: true,
  check(site, report) {
    const { host, nodes = [] } = site;
    const isLinux = nodesWithoutOs(nodes);
    // Most of those are to be virtual machines, which need none: machine-off-host speaks of them.
    const misplaced = new Set([...offHost({ host, nodes }).values()].flat());
    const lacking = nodes.flatMap((node) =>
      node?.os === 'harvester' &&
      !node.config?.install?.device &&
      !isUnknown(node, 'install.device') &&
      // A domain's first disk is the one; that there is none, or what is wrong with it, is said by others.
      !node.domain &&
      // So is the disk by iSCSI, and what is wrong with that.
      !node.iscsi &&
      !misplaced.has(node) &&
      !isLinux.has(node) &&
      !isStray(node, site)
        ? [node]
        : [],
    );
    const [first, another] = lacking;
    if (!first) return;
    report({
      message: `${namesOf(lacking)} ${another ? 'do' : 'does'} not say which disk Harvester is installed to: the installer would stop and wait.`,
      at: placeOf(first, 'name'),
      help: 'add config: {install: {device: /dev/disk/by-id/…}} to the node, a profile or defaults',
    });
  },
};
