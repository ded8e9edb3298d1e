// Runs beside the DHCP server: requests the IP addresses of all machines as a relay on their network (RFC 2131: discover, offer, request,
// acknowledgment). Usage: node leases.mjs JOB-AS-JSON; prints the result as JSON.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const job = JSON.parse(process.argv[2]);
const all = JSON.parse(readFileSync(job.machines, 'utf8'));
const [DISCOVER, OFFER, REQUEST, ACK] = [1, 2, 3, 5];
/** A prime: it leads through machines of the whole site, unless it divides their number. */
const STRIDE = 7919;
const machines = Array.from(
  { length: Math.min(job.most, all.length) },
  (_, n) => all[(n * STRIDE) % all.length],
);
/** A machine repeats a message that stays without an answer for so many milliseconds. */
const PATIENCE = 2000;
const COOKIE = 0x63825363;
const AT = { xid: 4, secs: 8, address: 16, relay: 24, mac: 28, cookie: 236, options: 240 };
const bytesOf = (address) => address.split('.').map(Number);

/** Returns a message of UEFI firmware, by a relay. */
function message(n, type, options = []) {
  const packet = Buffer.alloc(300);
  packet.set([1, 1, 6, 1]);
  packet.writeUInt32BE(n, AT.xid);
  packet.writeUInt16BE(4, AT.secs);
  packet.set(bytesOf(job.relay), AT.relay);
  packet.write(machines[n][1].replaceAll('-', ''), AT.mac, 'hex');
  packet.writeUInt32BE(COOKIE, AT.cookie);
  const requested = [55, 6, 1, 3, 6, 15, 66, 67];
  packet.set(
    [53, 1, type, ...requested, 60, 10, ...Buffer.from('PXEClient:'), 93, 2, 0, 7, ...options, 255],
    AT.options,
  );
  return packet;
}

/** Returns the value of an option in an answer. */
function optionOf(packet, wanted) {
  for (
    let at = AT.options;
    at < packet.length && packet[at] !== 255;
    at += packet[at] === 0 ? 1 : 2 + packet[at + 1]
  )
    if (packet[at] === wanted) return packet.subarray(at + 2, at + 2 + packet[at + 1]);
  return undefined;
}

const socket = createSocket('udp4');
const waiting = new Map();
const result = { done: 0, wrong: 0, refused: 0 };
const send = (n, type, options) => {
  const packet = message(n, type, options);
  waiting.set(n, { packet, type, at: performance.now() });
  socket.send(packet, 67, job.server);
};
let next = 0;
const begin = () => {
  if (next < machines.length) send(next++, DISCOVER);
  else if (waiting.size === 0) end();
};
const end = () => {
  const text = JSON.stringify({ ...result, seconds: (performance.now() - begun) / 1000 });
  process.stdout.write(text, () => process.exit());
};
socket.on('message', (packet) => {
  const n = packet.readUInt32BE(AT.xid);
  const type = optionOf(packet, 53)?.[0];
  const asked = waiting.get(n)?.type;
  const address = packet.subarray(AT.address, AT.address + 4);
  if (type === OFFER && asked === DISCOVER)
    send(n, REQUEST, [54, 4, ...optionOf(packet, 54), 50, 4, ...address]);
  else if (asked === REQUEST && type !== OFFER) {
    waiting.delete(n);
    if (type !== ACK) result.refused += 1;
    else if (address.join('.') === machines[n][0]) result.done += 1;
    else result.wrong += 1;
    begin();
  }
});
const begun = performance.now();
socket.bind(67, job.relay, () => {
  for (let count = 0; count < job.parallel; count += 1) begin();
  setInterval(() => {
    const now = performance.now();
    for (const one of waiting.values()) {
      if (now - one.at < PATIENCE) continue;
      one.at = now;
      socket.send(one.packet, 67, job.server);
    }
    if (now - begun > job.seconds * 1000) end();
  }, 200);
});
