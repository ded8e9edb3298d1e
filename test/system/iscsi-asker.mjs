/*
 * Logs in at an iSCSI target (RFC 7143) without CHAP, reads a block of its disk, and prints the text at its start. It stays
 * logged in until its standard input ends: iscsi-asker.mjs ADDRESS TARGET INITIATOR LUN BLOCK.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const [from, target, initiator, lun, block] = process.argv.slice(2);
const BLOCK = 512;
const HEADER = 48;

const socket = connect({ host: '127.0.0.1', port: 3260, localAddress: from });
await once(socket, 'connect');

/** Sends a PDU, with its data padded to whole words. */
function send(header, data = '') {
  header.writeUIntBE(Buffer.byteLength(data), 5, 3);
  const padding = Buffer.alloc((4 - (Buffer.byteLength(data) % 4)) % 4);
  socket.write(Buffer.concat([header, Buffer.from(data), padding]));
}

/** Returns the next PDU: its header, and its data. */
async function receive() {
  const header = await exactly(HEADER);
  const length = header.readUIntBE(5, 3);
  const data = await exactly(Math.ceil(length / 4) * 4);
  return { header, data: data.subarray(0, length) };
}

async function exactly(length) {
  for (;;) {
    const got = length === 0 ? Buffer.alloc(0) : socket.read(length);
    if (got) return got;
    if (socket.readableEnded) throw new Error('the target hung up');
    await Promise.race([once(socket, 'readable'), once(socket, 'end')]);
  }
}

// From the operational stage to the full feature phase in one step.
const login = Buffer.alloc(HEADER);
login[0] = 0x43;
login[1] = 0x87;
login[8] = 0x80;
login.writeUInt32BE(1, 16);
const keys = { InitiatorName: initiator, TargetName: target, SessionType: 'Normal' };
send(
  login,
  Object.entries(keys)
    .map(([key, value]) => `${key}=${value}\0`)
    .join(''),
);
const answer = await receive();
if (answer.header[36] !== 0) {
  console.log(`refused: ${answer.header[36]}.${answer.header[37]}`);
  process.exit(1);
}
let statSn = answer.header.readUInt32BE(24);
// The first answer is zeros, and "unit attention: the power was on, or I was reset".
for (let number = 0; ; number += 1) {
  const command = Buffer.alloc(HEADER);
  command[0] = 0x01;
  command[1] = 0xc1;
  command[9] = Number(lun);
  command.writeUInt32BE(number + 2, 16);
  command.writeUInt32BE(BLOCK, 20);
  command.writeUInt32BE(number, 24);
  command.writeUInt32BE(statSn + 1, 28);
  command[32] = 0x28;
  command.writeUInt32BE(Number(block), 34);
  command[40] = 1;
  send(command);
  const { header: first, data } = await receive();
  // The status is in this PDU or in the next one.
  const { header } = first[1] & 1 ? { header: first } : await receive();
  if (header[3] === 0) {
    console.log(data.toString().replace(/\0.*$/s, ''));
    break;
  }
  if (number > 3) throw new Error(`the disk answers ${header.toString('hex')}`);
  statSn = header.readUInt32BE(24);
}
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
