import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { edited } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import type { Site } from '../site/model.ts';
import { hasWireguardSecrets, wireguardSecrets, wireguardServer } from './wireguard.ts';

const test = suite('the configuration of a WireGuard server');

/** Returns a key of RFC 7748, 6.1, as WireGuard writes it. */
const key = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const PRIVATE = {
  wg_cg01: key('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
  wg_cg02: key('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'),
};
const PUBLIC = [
  key('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'),
  key('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
];

const CONTENT =
  '[Interface]\nPrivateKey = ${secret:wg_NODE}\nAddress = 10.89.0.1NUMBER/24, fd00::1NUMBER/64\n[Peer]\nPublicKey = ' +
  `${PUBLIC[1]}\n`;

const MISSING = `# Address is missing: AllowedIPs of the nodes does not name the server's own IP address.
# ListenPort is missing: Endpoint of the nodes does not name one port.
`;
const OWN = 'PostUp = wg set %i private-key /etc/wireguard/%i.key\n';
const HEAD = '# The server. wg-quick(8) reads its private key from a file, such as /etc/wireguard/wg0.key.\n';

/** Returns a site whose nodes write a file. */
async function siteWith(content: string): Promise<Site> {
  const edits = ['1', '2'].map((number): [string, string] => {
    const text = JSON.stringify(content.replaceAll('NODE', `cg0${number}`).replaceAll('NUMBER', number));
    const file = `{ path: /etc/wireguard/wg0.conf, content: ${text} }`;
    return [
      `ip: 10.1.0.1${number}, `,
      `ip: 10.1.0.1${number}, cloud_init: { user_data: { write_files: [${file}] } }, `,
    ];
  });
  const { site, diagnostics } = await compile(makeSite(edited(LINUX_PLANT, ...edits)));
  if (!site) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return site;
}

test('has the public keys and the addresses of the nodes, from their cloud-init data', async () => {
  const site = await siteWith(CONTENT);
  assert.equal(wireguardSecrets(site), ['wg_cg01', 'wg_cg02']);
  const peers = [1, 2].map(
    (number) =>
      `# cg0${number}\n[Peer]\nPublicKey = ${PUBLIC[number - 1]}\nAllowedIPs = 10.89.0.1${number}/32, fd00::1${number}/128\n`,
  );
  assert.is(
    wireguardServer(site, new Map(Object.entries(PRIVATE))),
    [`${HEAD}# Its public key: ${PUBLIC[1]}\n[Interface]\n${MISSING}${OWN}`, ...peers].join('\n'),
  );
  assert.not.ok(hasWireguardSecrets(site));
});

test('has all addresses, preshared keys, and the section of the server, in any spelling', async () => {
  const [shared, server] = [key('01'.repeat(32)), PUBLIC[1]];
  const site = await siteWith(`# the tunnel of NODE
[interface]
privatekey=\${secret:wg_NODE} # wg genkey
Address = \${secret:tunnel}NUMBER/24  # IPv4
ADDRESS = fd00::1NUMBER , fd01::1NUMBER/64

[Peer]
PublicKey = ${server}
PresharedKey = \${secret:psk}
Endpoint = [fd02::7]:51820
AllowedIPs = 10.89.0.1/32, 10.90.0.0/24
AllowedIPs = fd00::1
[Peer]
PublicKey = ${PUBLIC[0]}
PresharedKey = ${key('02'.repeat(32))}
`);
  assert.ok(hasWireguardSecrets(site));
  const values = { ...PRIVATE, tunnel: '10.89.0.1', psk: shared };
  const peers = [1, 2].map(
    (number) =>
      `# cg0${number}\n[Peer]\nPublicKey = ${PUBLIC[number - 1]}\nPresharedKey = ${shared}\nAllowedIPs = 10.89.0.1${number}/32, fd00::1${number}/128, fd01::1${number}/128\n`,
  );
  const own = `# Its public key: ${server}\n[Interface]\nAddress = 10.89.0.1/32, fd00::1/128\nListenPort = 51820\n`;
  assert.is(
    wireguardServer(site, new Map(Object.entries(values))),
    [`${HEAD}${own}${OWN}`, ...peers].join('\n'),
  );
  const print = (psk: string, tunnel: string) => () =>
    wireguardServer(site, new Map(Object.entries({ ...values, psk, tunnel })));
  assert.throws(
    print('v4lue', '10.89.0.1'),
    /the preshared key of WireGuard on cg01 is not one that `wg genpsk` prints/,
  );
  assert.throws(
    print(shared, 'v4lue\nPostUp = id #'),
    (error: Error) =>
      error.message.includes('an Address in the WireGuard configuration of cg02 is not an IP address') &&
      !error.message.includes('v4lue'),
  );
});

test('reports invalid keys and missing addresses, without the keys', async () => {
  const site = await siteWith(CONTENT.replace(/Address.*\n/, ''));
  const print = () =>
    wireguardServer(site, new Map([['wg_cg01', 'v4lue'], ...Object.entries(PRIVATE).slice(1)]));
  assert.throws(print, /the private key of WireGuard on cg01 is not one that `wg genkey` prints/);
  assert.throws(print, /the WireGuard configuration of cg02 has no Address/);
  assert.throws(print, (error: Error) => !error.message.includes('v4lue'));
});

test('reports what a server cannot use: two nodes as one, and no server or an invalid one', async () => {
  const errorsOf = async (content: string, second = PRIVATE.wg_cg02) => {
    const site = await siteWith(content);
    try {
      return wireguardServer(
        site,
        new Map([
          ['wg_cg01', PRIVATE.wg_cg01],
          ['wg_cg02', second],
        ]),
      );
    } catch (error) {
      return (error as Error).message
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => !line.endsWith(':'));
    }
  };
  assert.equal(await errorsOf(CONTENT, PRIVATE.wg_cg01), [
    'WireGuard on cg01 and cg02 has the same private key',
  ]);
  assert.equal(await errorsOf(CONTENT.replace('fd00::1NUMBER', 'fd00::1')), [
    'WireGuard on cg01 and cg02 has the same Address',
  ]);
  assert.equal(await errorsOf(CONTENT.replace(/PublicKey = .*/, 'PublicKey = x')), [
    'the public key of the WireGuard server on cg01 is not one that `wg pubkey` prints',
    'the public key of the WireGuard server on cg02 is not one that `wg pubkey` prints',
  ]);
  assert.equal(await errorsOf(CONTENT.replace(/\[Peer\][\s\S]*/, '')), [
    'the WireGuard configuration of cg01 has no [Peer], which is its server',
    'the WireGuard configuration of cg02 has no [Peer], which is its server',
  ]);
});

test('names the file with the private key of each of several servers', async () => {
  const server = `PublicKey = ${PUBLIC[1]}`;
  const site = await siteWith(
    `${CONTENT}${CONTENT.replaceAll('.89.', '.90.').replace(server, `PublicKey = ${PUBLIC[0]}`)}`,
  );
  const keys = wireguardServer(site, new Map(Object.entries(PRIVATE))).match(/\/etc\/wireguard\/wg\d\.key/g);
  assert.equal([...(keys ?? [])], ['/etc/wireguard/wg0.key', '/etc/wireguard/wg1.key']);
});

test('ignores other files', async () => {
  assert.equal(wireguardSecrets(await siteWith('[Peer]\nPublicKey = ${secret:wg_NODE}\n')), []);
});

test.run();
