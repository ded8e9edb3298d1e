// Logs in at an iSCSI target, prints the result, and stays logged in until its standard input ends. Source: RFC 7143, 6 and
// 11.12; RFC 1994. Arguments: its own IP address, the target's IP address, port, target, initiator, `user:password` for CHAP.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';

const [localAddress, host, port, target, initiator, chap] = process.argv.slice(2);
const HEADER = 48;
const SECURITY = 0;
const OPERATIONAL = 1;
const FULL = 3;

const socket = connect({ localAddress, host, port: Number(port) });
let received = Buffer.alloc(0);
let waiting;
socket.on('data', (bytes) => {
  received = Buffer.concat([received, bytes]);
  waiting?.();
});
for (const event of ['error', 'close']) socket.on(event, () => finish('closed'));
process.stdin.on('end', () => process.exit()).resume();

function finish(result) {
  process.stdout.write(`${result}\n`, () => result !== 'logged in' && process.exit());
}

/** Sends a request with keys. Returns the answer: `status` and `keys`. `next` is the next stage. */
async function ask(stage, keys, next) {
  const data = Buffer.from(
    Object.entries(keys)
      .map(([key, value]) => `${key}=${value}\0`)
      .join(''),
  );
  const header = Buffer.alloc(HEADER);
  header[0] = 0x43;
  header[1] = (next === undefined ? 0 : 0x80 | next) | (stage << 2);
  header.writeUIntBE(data.length, 5, 3);
  Buffer.from('800000000001', 'hex').copy(header, 8);
  header.writeUInt32BE(1, 16);
  const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
  socket.write(Buffer.concat([header, padded]));
  for (;;) {
    const length = received.length < HEADER ? Number.POSITIVE_INFINITY : received.readUIntBE(5, 3);
    const end = HEADER + Math.ceil(length / 4) * 4;
    if (received.length >= end) {
      const text = received.subarray(HEADER, HEADER + length).toString();
      const status = received.readUInt16BE(36);
      received = received.subarray(end);
      const pairs = text.split('\0').map((pair) => pair.split(/=(.*)/s).slice(0, 2));
      return { status, keys: Object.fromEntries(pairs) };
    }
    await new Promise((resolve) => {
      waiting = resolve;
    });
  }
}

const hello = {
  InitiatorName: initiator,
  TargetName: target,
  SessionType: 'Normal',
  AuthMethod: chap ? 'CHAP' : 'None',
};
const refused = ({ status }) => `refused ${status.toString(16).padStart(4, '0')}`;

async function login() {
  let answer = await ask(SECURITY, hello, chap ? undefined : OPERATIONAL);
  if (answer.status !== 0) return refused(answer);
  if (chap) {
    answer = await ask(SECURITY, { CHAP_A: 5 });
    if (answer.status !== 0) return refused(answer);
    const [user, password] = chap.split(':');
    const challenge = Buffer.from(answer.keys.CHAP_C.slice(2), 'hex');
    const digest = createHash('md5')
      .update(Buffer.from([Number(answer.keys.CHAP_I)]))
      .update(password)
      .update(challenge)
      .digest('hex');
    answer = await ask(SECURITY, { CHAP_N: user, CHAP_R: `0x${digest}` }, OPERATIONAL);
    if (answer.status !== 0) return refused(answer);
  }
  answer = await ask(OPERATIONAL, { HeaderDigest: 'None', DataDigest: 'None' }, FULL);
  return answer.status === 0 ? 'logged in' : refused(answer);
}

finish(await login());
