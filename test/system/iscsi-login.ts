// Logs in at an iSCSI target, prints the result, and stays logged in until its standard input ends. Arguments: its own IP address, the
// target's IP address, port, target, initiator, `user:password` for CHAP.
import { logIn } from '../support/iscsi-session.ts';

const [localAddress = '', host = '', port, target = '', initiator = '', chap] = process.argv.slice(2);
const [user = '', password = ''] = chap?.split(':') ?? [];
const session = await logIn({
  localAddress,
  host,
  port: Number(port),
  target,
  initiator,
  chap: chap === undefined ? undefined : { user, password },
});
process.stdout.write(`${session.result}\n`, () => {
  if (session.result !== 'logged in') process.exit();
});
process.stdin.on('end', () => process.exit()).resume();
