// Runs in a sandbox, for verify-servers.test.ts: DHCP, TFTP and web servers that answer with malformed, endless and misleading data.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const ADDRESS = '192.168.178.7';
const TEXT = 'boot\u001b[2J\r\nfile';
const option = (code, bytes) => [code, bytes.length, ...bytes];

const dhcp = createSocket({ type: 'udp4', reuseAddr: true });
dhcp.on('message', (request) => {
  const head = Buffer.from(request.subarray(0, 240));
  head[0] = 2;
  const offer = (...options) => Buffer.concat([head, Buffer.from(options.flat())]);
  const own = [option(53, [2]), option(54, [192, 168, 178, 7])];
  const packets = [
    Buffer.alloc(0),
    head.subarray(0, 100),
    Buffer.alloc(1400, 255),
    offer(...own, [67, 255, 1]),
    offer(option(53, [2]), option(54, [1])),
    offer(...own, option(52, [3])),
    // The only one that is an offer: an address that is not the reserved one, short lists, and a text for terminals.
    offer(...own, option(3, [1, 2, 3]), option(6, []), option(26, [1]), option(67, Buffer.from(TEXT)), [255]),
  ];
  for (const packet of packets) sender.send(packet, 68, '255.255.255.255');
});
dhcp.bind(67);
// Linux sends a broadcast by the interface of the source address.
const sender = createSocket({ type: 'udp4', reuseAddr: true });
sender.bind({ port: 67, address: ADDRESS }, () => sender.setBroadcast(true));

const tftp = createSocket('udp4');
tftp.on('message', (request, { port, address }) => {
  if (request[1] !== 1) return;
  for (const packet of [Buffer.alloc(0), Buffer.from([0]), Buffer.from([0, 9, 9, 9])])
    tftp.send(packet, port, address);
  tftp.send(Buffer.from(`\0\x05\0\x01no\u001b[31m such file`), port, address);
});
tftp.bind(69, ADDRESS);

/** The answers to the requests of files, by the end of their path. */
const ANSWERS = [
  [/boot\.ipxe/, 'HTTP/1.1 200 \u001b[31mOK\r\nContent-Length: 3\r\n\r\n#!\u001b'],
  [/01-01\.ipxe/, 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n#!ipxe\n'],
  [/01-02\.ipxe/, 'HTTP/1.1 302 Found\r\nLocation: http://x/\u0085\u009b31m\r\nContent-Length: 0\r\n\r\n'],
  [/01-03\.ipxe/, `HTTP/1.1 200 OK\r\n\r\n${'endless\n'.repeat(400_000)}`],
  [/01-01\.yaml/, 'HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n'],
  [/kernel|vmlinuz/, 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n'],
];
const endless = (socket) => {
  const more = () => {
    while (socket.write('endless\n'.repeat(1000)));
  };
  socket.on('drain', more).write('HTTP/1.1 200 OK\r\n\r\n');
  more();
};
createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (request) => {
    const [path = ''] = String(request).split('\r\n');
    const [, answer = 'HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n'] =
      ANSWERS.find(([end]) => end.test(path)) ?? [];
    if (path.startsWith('GET') && path.includes('initrd')) return endless(socket);
    socket.end(Buffer.from(answer, 'latin1'));
  });
}).listen(80, ADDRESS, () => process.stdout.write('ready\n'));
