import type { Site } from '../../site/model.ts';
import type { Lun } from '../../site/model-host.ts';
import { isBroken, locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, safeFix } from '../../source/text-edit/fix.ts';
import { ISCSI_PROGRAMS, lunClients } from '../../targets/iscsi/iscsi.ts';
import type { Draft } from '../../values/draft.ts';
import { error, essential, type Rule } from '../rule.ts';
import { perItem } from '../support.ts';

const lunsOf = ({ host }: Draft<Site>): readonly (Draft<Lun> | undefined)[] => host?.luns ?? [];

const isMachine = (name: string | undefined, { nodes = [] }: Draft<Site>) =>
  nodes.some((node) => node?.domain && node.name === name);

export const lunRules: readonly Rule[] = [
  error('lun-unknown-node', {
    what: 'The nodes of a LUN must be virtual machines of the host.',
    why: 'The name is a typo, or the machine is elsewhere: the iSCSI server rejects the machine that was meant.',
    check: perItem(lunsOf, ({ name, nodes }, report, site) => {
      for (const [index, node] of (nodes ?? []).entries())
        if (nodes && node !== undefined && !isMachine(node, site))
          report(locationOf(nodes, index), {
            message: `The LUN ${name} is for ${node}, which is not a virtual machine of the host: the iSCSI server rejects it.`,
            help: 'correct the name, or remove nodes: all virtual machines can then use the LUN',
          });
    }),
  }),
  essential('lun-without-node', {
    what: "A LUN must have a virtual machine with an IP address in the network of the iSCSI server's address.",
    why: 'A target without clients would accept every client.',
    check: perItem(lunsOf, (lun, report, site) => {
      const { iscsi } = site.server ?? {};
      if (lun.nodes?.some((name) => !isMachine(name, site))) return;
      if (!iscsi || isBroken(iscsi, 'address') || lunClients(lun, site).length > 0) return;
      const why = iscsi.address
        ? `has no virtual machine with an IP address in the network of ${iscsi.address}, the iSCSI server`
        : 'has no server with an IP address';
      report(selfLocation(lun), {
        message: `The LUN ${lun.name} ${why}: no machine can use it.`,
        help: 'set `server: {iscsi: {address: …}}` to an address of the host in a network of these machines',
      });
    }),
  }),
  error('lun-driver', {
    what: 'LUNs need tgt or IET as the iSCSI server.',
    why: 'LIO identifies clients by an initiator name, and each Harvester node generates its own.',
    check({ host, server }, report) {
      const driver = server?.iscsi?.driver;
      if (!server?.iscsi || driver !== 'lio' || !host?.luns?.length) return;
      report(locationOf(server.iscsi, 'driver'), {
        message: `The iSCSI server is ${ISCSI_PROGRAMS[driver]}, which knows no names of the nodes: they cannot use host.luns.`,
        fix: safeFix(removeKey(server.iscsi, 'driver')),
        help: 'remove driver: the default is tgt',
      });
    },
  }),
];
