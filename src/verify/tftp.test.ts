import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTftp } from './tftp.ts';

const test = suite('reading by TFTP');

/** Reads a file from a server that answers each packet. Returns the result, and the packets after the request, in hexadecimal. */
async function read(answer: (packet: Buffer) => readonly number[] | undefined) {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  const received: string[] = [];
  await once(server, 'listening');
  server.on('message', (packet, { port, address }) => {
    if (packet[1] !== 1) received.push(packet.toString('hex'));
    const sent = answer(packet);
    if (sent) server.send(Buffer.from(sent), port, address);
  });
  const { bytes, error } = await readTftp('127.0.0.1', 'file', { port: server.address().port });
  if (received.length === 0) await once(server, 'message');
  server.close();
  return { text: bytes?.toString(), error, received };
}

test('acknowledges the last block: a server that misses it sends it again, and logs a failure', async () => {
  const answer = (packet: Buffer) => (packet[1] === 1 ? [0, 3, 0, 1, 0x68, 0x69] : undefined);
  assert.equal(await read(answer), { text: 'hi', error: undefined, received: ['00040001'] });
});

test('ends a transfer with blocks of another size than requested, which could have no end', async () => {
  const options = [0, 6, ...Buffer.from('blksize\x000\0')];
  const answer = (packet: Buffer) =>
    packet[1] === 1 ? options : [0, 3, packet[2] ?? 0, (packet[3] ?? 0) + 1];
  const error = 'it sends blocks of 0 bytes, which are not allowed';
  assert.equal(await read(answer), { text: undefined, error, received: ['0005000000'] });
});

test.run();
