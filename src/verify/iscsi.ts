import { once } from 'node:events';
import { connect } from 'node:net';
import { diskNodes, ISCSI_PROGRAMS } from '../plan/iscsi.ts';
import { groupedBy } from '../values/grouped.ts';
import { eachOf, type Run } from './findings.ts';
import { connectionError } from './http.ts';
import { secondsOf } from './limits.ts';

/**
 * Connects to the portal of each iSCSI server, and closes the connection: a log-in needs the address and the passwords of a node, so
 * a note has the command to try there.
 */
export async function verifyIscsi({ site, names, findings, limits: { silence } }: Run): Promise<void> {
  const program = ISCSI_PROGRAMS[site.server.iscsi.driver];
  const disks = diskNodes(site).filter(({ node }) => names.has(node.name));
  const portals = groupedBy(disks, ({ iscsi: { address, port } }) => `${address}:${port}`);
  await eachOf(portals, 4, async ([portal, ofPortal]) => {
    const { address: host, port } = ofPortal[0]?.iscsi ?? { address: '', port: 0 };
    const socket = connect({ host, port });
    socket.setTimeout(silence, () =>
      socket.destroy(new Error(`it does not answer for ${secondsOf(silence)}`)),
    );
    try {
      await once(socket, 'connect');
      findings.notes.add(
        `only the connection to the iSCSI server ${portal} was checked: \`iscsiadm --mode discovery --type sendtargets --portal ${portal}\` on a node lists the targets that it may use`,
      );
    } catch (error) {
      findings.add(
        'iscsi',
        `${portal} does not answer by iSCSI: ${connectionError(error as Error)}`,
        `start ${program} on the iSCSI server; a firewall on the way must pass TCP port ${port}`,
        { nodes: ofPortal.map(({ node }) => node.name) },
      );
    } finally {
      socket.destroy();
    }
  });
}
