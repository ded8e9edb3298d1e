import { isUnknown } from '../site/is-unknown.ts';
import { membersOf } from '../site/members.ts';
import { timeServers } from '../site/time-servers.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

const SETTING = 'ntp-servers';

export const ntpMissing: Rule = {
  code: 'ntp-missing',
  severity: 'warning',
  what: 'The nodes of a cluster have a time server.',
  why: "Clocks that drift apart break etcd's leases and make certificates invalid before or after their time. The installer proposes a time server in its dialogs only.",
  check(site, report) {
    if (isBroken(site, 'nodes')) return;
    for (const cluster of site.clusters ?? []) {
      const members = cluster ? membersOf(cluster) : [];
      if (!cluster || members.length === 0) continue;
      if (members.some((node) => timeServers(node)?.length !== 0)) continue;
      const bySetting = members.some(
        (node) =>
          node.said?.system_settings?.[SETTING] !== undefined ||
          isUnknown(node, `system_settings.${SETTING}`),
      );
      if (bySetting) continue;
      report({
        message: `The nodes of ${cluster.name} have no time server: once their clocks differ, etcd and certificates fail.`,
        at: placeOf(cluster, 'name'),
        help: 'add ntp to the network of the nodes, such as `ntp: [192.168.178.1]`, or os.ntp_servers to their configuration',
      });
    }
  },
};
