// needs: root awk bash curl ip libvirtd nft nginx qemu-img qemu-system-x86_64 rsync unshare virsh /usr/share/novnc/vnc.html
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited } from '../support/plant.ts';
import { type HostBox, openHostBox } from './host-box.ts';

/*
 * The screens of machines in a browser: libvirt's VNC, by WebSocket through the host's nginx, with the noVNC of the distribution.
 * The test sends the requests of a browser.
 */

const INVENTORY = `site: plant
server: { url: http://192.168.150.1, allow: [192.168.150.1] }
host: { address: lab.example.org, domain_type: qemu }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250 }
defaults: { boot: { os: local }, firmware: bios, vm: { memory: 64Mi, vcpus: 1, disks: [{ size: 64Mi }] } }
silence: { vm-too-small: nothing is installed here, host-disk-too-small: images stay small here }
nodes:
  a-1: { mac: 52:54:00:0c:01:01, ip: 192.168.150.41, vm: { vnc: { websocket: 5701 } } }
  b-1: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42, vm: { vnc: { port: 5950, websocket: 5702 } } }
`;
const URL = 'http://192.168.150.1/console';
/** Opens a WebSocket as a browser does, and prints the status and the first line of the VNC server. */
const BROWSER = `const [address, path, host, origin] = process.argv.slice(1);
const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, Host: host,
  'Sec-WebSocket-Key': Buffer.alloc(16, 7).toString('base64'), 'Sec-WebSocket-Protocol': 'binary', ...(origin && { Origin: origin }) };
const request = require('node:http').request({ host: '192.168.150.1', localAddress: address, path, headers });
request.on('response', ({ statusCode }) => { console.log(statusCode); process.exit(); });
request.on('upgrade', ({ statusCode }, socket, head) => {
  const show = (data) => { console.log(statusCode, data.subarray(2).toString().trim()); process.exit(); };
  head.length > 0 ? show(head) : socket.once('data', show);
});
request.end();`;

const test = suite<{ box: HostBox }>('screens in a browser');

test.before(async (context) => {
  const box = await openHostBox();
  context.box = box;
  await box.deploy(INVENTORY);
  const { status, text } = await box.script('/srv/harvgen/plant/scripts/host-setup.sh');
  assert.is(status, 0, text);
  await box.sh('ip address add 192.168.150.5/24 dev virbr-mgmt');
});

test.after(async ({ box }) => box?.close());

interface Request {
  readonly from?: string;
  readonly path?: string;
  readonly host?: string;
  readonly origin?: string;
}

async function browse({ sandbox }: HostBox, request: Request = {}): Promise<string> {
  const { from = '192.168.150.1', path = '/console/a-1', host = '192.168.150.1' } = request;
  const { origin = `http://${host}` } = request;
  return (await sandbox.run([process.execPath, '-e', BROWSER, from, path, host, origin])).trim();
}

test('a client of server.allow gets the screen of each machine', async ({ box }) => {
  for (const name of ['a-1', 'b-1'])
    assert.is(await browse(box, { path: `/console/${name}` }), '101 RFB 003.008');
  assert.match(
    await box.sh('virsh dumpxml b-1'),
    /port='5950' autoport='no' websocket='5702' listen='127\.0\.0\.1'/,
  );
});

test('a browser connects through an SSH tunnel, and with the two slashes of older releases of noVNC', async ({
  box,
}) => {
  const host = 'plant.localhost:8080';
  assert.is(await browse(box, { host, path: '//console/a-1' }), '101 RFB 003.008');
});

test('other clients, foreign pages, and an unknown machine are rejected', async ({ box }) => {
  assert.is(await browse(box, { from: '192.168.150.5' }), '403');
  for (const origin of [
    'http://evil.example',
    'http://192.168.150.1.evil.example',
    'http://192x168.150.1',
    '',
  ])
    assert.is(await browse(box, { origin }), '403', origin);
  assert.is(await browse(box, { host: 'plant.localhost', origin: 'http://localhost' }), '403');
  assert.is(await browse(box, { path: '/console/c-1' }), '404');
});

test('the pages are those of noVNC, for clients of server.allow only', async ({ box }) => {
  const curl = async (path: string, more = '') =>
    (
      await box.sh(
        `curl -s ${more} -o /tmp/body -w '%{http_code} %{content_type} %header{location}' ${URL}${path}`,
      )
    ).trim();
  assert.is(await curl('/vnc.html'), '200 text/html');
  assert.is(await box.sh('cat /tmp/body'), readFileSync('/usr/share/novnc/vnc.html', 'utf8'));
  assert.is(await curl('/core/rfb.js'), '200 text/javascript');
  assert.is(await curl('/core/none.js'), '404 text/html');
  assert.is(await curl('/vnc.html', '--interface 192.168.150.5'), '403 text/html');
  assert.is(await curl('/a-1', '--interface 192.168.150.5'), '403 text/html');
  // The way back through an SSH tunnel: the redirect contains no host and no port.
  assert.is(
    await curl('/a-1'),
    '302 text/html /console/vnc.html?path=%2Fconsole%2Fa-1&autoconnect=true&resize=scale',
  );
});

test('noVNC is a package of the host, and without screens nothing is served', async ({ box }) => {
  assert.match(await box.sh('ls /run/stand-in/installed'), 'novnc\n');
  await box.deploy(edited(INVENTORY, [', vm: { vnc: { websocket: 5701 } }', ''], [', websocket: 5702', '']));
  const { status, text } = await box.script('/srv/harvgen/plant/scripts/host-setup.sh');
  assert.is(status, 0, text);
  assert.is(await browse(box), '404');
});

test.run();
