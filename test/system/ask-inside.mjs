// Runs in a sandbox, for asker.ts: sends the request of each line of standard input, and writes each answer as a line.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';

for await (const line of createInterface({ input: process.stdin })) {
  const { id, from, to, port, bytes, tls, hold } = JSON.parse(line);
  const address = { host: to, port, localAddress: from };
  const socket = tls ? connectTls({ ...address, ...tls }) : connect(address);
  const chunks = [];
  const answer = (error) => {
    const text = Buffer.concat(chunks).toString('base64');
    process.stdout.write(`${JSON.stringify({ id, text, error })}\n`);
  };
  socket.on(tls ? 'secureConnect' : 'connect', () => socket.write(Buffer.from(bytes, 'base64')));
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    // A held connection stays open, and is not read any further.
    if (hold && chunks.length === 1) {
      socket.pause();
      answer();
    }
  });
  socket.on('error', (error) => answer(String(error.code ?? error.message)));
  if (!hold) socket.on('end', () => answer());
}
