import { diskNodes, ISCSI_PROGRAMS, storedDisks } from '../plan/iscsi.ts';
import { replaceReferences, secretNames } from '../source/placeholders.ts';
import { PUT_TARGETS } from '../tree/paths.ts';
import { ownAddresses } from './expected.ts';
import { eachOf, type Run } from './findings.ts';
import { logIn } from './iscsi-session.ts';

/**
 * Logs in at the target of each node and off again. Servers that know clients by IP address refuse other machines: a log-in
 * is possible only from an address of the node.
 */
export async function verifyIscsi({ site, names, values, findings, limits }: Run): Promise<void> {
  const { driver } = site.server.iscsi;
  const clients = new Map(storedDisks(site).map(({ node, addresses }) => [node.name, addresses]));
  const own = ownAddresses().map(({ address }) => address);
  const program = ISCSI_PROGRAMS[driver];
  const help = `run ${PUT_TARGETS} on the iSCSI server again`;
  const disks = diskNodes(site).filter(({ node }) => names.has(node.name));
  const down = new Set<string>();
  await eachOf(disks, 4, async ({ node, iscsi }) => {
    const { target, chap, address: host, port, initiator } = iscsi;
    const where = `${host}:${port}`;
    const nodes = [node.name];
    const texts = [target, chap?.password ?? '', chap?.targetPassword ?? ''];
    const unknown = texts.flatMap(secretNames).filter((name) => !values?.has(name));
    const from = clients.get(node.name)?.find((address) => own.includes(address));
    if (down.has(where)) return;
    const filled = (text: string) => replaceReferences(text, (name) => values?.get(name) ?? '');
    const session = await logIn(
      {
        ...(from !== undefined && { localAddress: from }),
        host,
        port,
        target: filled(target),
        initiator,
        chap: chap && {
          ...chap,
          password: filled(chap.password),
          targetPassword: chap.targetPassword === undefined ? undefined : filled(chap.targetPassword),
        },
      },
      limits,
    );
    await session.logOut();
    const { result } = session;
    const add = (message: string, help: string) => findings.add('iscsi', message, help, { nodes });
    if (result === 'logged in') findings.gets(node.name, 'disk', 'iSCSI disk');
    else if (!/^refused|^the target /.test(result)) {
      down.add(where);
      add(
        `${where} does not answer by iSCSI: ${result}`,
        `start ${program} on the iSCSI server; a firewall on the way must pass TCP port ${port}`,
      );
    } else if (unknown.length > 0)
      findings.notes.add('iSCSI disks were not checked: targets have secrets, add --secrets FILE');
    else if (driver !== 'lio' && from === undefined)
      findings.notes.add(
        `iSCSI disks were not checked: ${program} accepts a log-in only from an IP address of the node`,
      );
    else if (result === 'refused 0201')
      add('the iSCSI server refuses the CHAP password of the inventory', help);
    else if (result === 'refused 0203')
      add('the iSCSI server has no such target, or not for this node', help);
    else add(`the iSCSI server refuses the log-in: ${result}`, help);
  });
}
