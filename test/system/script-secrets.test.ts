// needs: root nginx busybox unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited } from '../support/plant.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const SERVER = '10.0.0.2';
const [PLAIN, SEALED, NAMED] = ['10.0.0.11', '10.0.0.12', '10.0.0.13'];
const ADMIN = '10.0.0.15';
const IMAGE = '10.0.0.16';
const UNKNOWN = '10.0.0.222';
const UUID = '4c4c4544-0042-3510-8057-b7c04f4d3332';
const SECRETS = { suffix: 'x7Kq-9_z.1', chap_sealed: 'sealed-0-password', named: 'named-0-password' };

const SITE = `site: cloud
server:
  url: http://${SERVER}
  allow: [${ADMIN}]
  allow_scripts: [${IMAGE}]
  iscsi: { suffix: "\${secret:suffix}" }
networks:
  subnet: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dns: [10.0.0.1], dhcp: { server: external } }
images:
  rocky9: { source: rocky9.qcow2, public: true }
defaults:
  boot: { os: iscsi, image: rocky9 }
nodes:
  plain: { mac: "52:54:00:aa:01:01", ip: ${PLAIN}, serial: A-1, boot: { os: local } }
  sealed: { mac: "52:54:00:aa:01:02", ip: ${SEALED}, uuid: ${UUID}, serial: B-2 }
  named: { ip: ${NAMED}, boot: { chap: { password: "\${secret:named}" } } }
`;

/** Every name of each script; only the script of the first contains no secret. */
const SCRIPTS = {
  plain: ['52-54-00-aa-01-01.ipxe', '52:54:00:AA:01:01', 'serial/A-1.ipxe'],
  sealed: [
    '52-54-00-aa-01-02.ipxe',
    '52:54:00:AA:01:02',
    UUID,
    `${UUID.toUpperCase()}.ipxe`,
    'serial/B-2.ipxe',
    'serial/B-2',
  ],
  named: [`${NAMED}.ipxe`, NAMED],
};
const ADDRESSES = { plain: PLAIN, sealed: SEALED, named: NAMED };
const names = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];

const test = suite('secrets in scripts, with the real nginx');
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(...Object.values(ADDRESSES), ADMIN, IMAGE, UNKNOWN);
  await serve(SITE);
});

test.after(() => box?.close());

async function serve(inventory: string): Promise<void> {
  const site = await box.deploy(inventory);
  await box.include(site, SECRETS);
  await box.start(site);
  assert.not.match(await box.log(), /\[(warn|error|emerg)\]/);
}

test('a script by each of its names, with substituted secrets, for the node and clients in server.allow', async () => {
  for (const name of names) {
    for (const path of SCRIPTS[name].map((one) => `/ipxe/${one}`)) {
      for (const from of [ADDRESSES[name], ADMIN]) {
        const { status, body, headers } = await box.get(from, path);
        assert.equal([status, headers['cache-control']], [200, 'no-store'], `${from}: ${path}`);
        assert.match(body, `#!ipxe\n# ${name}, a node of cloud\n`);
        assert.not.match(body, '@@');
        assert.equal(
          [headers.etag, headers['last-modified'], headers['accept-ranges']],
          [undefined, undefined, undefined],
          path,
        );
      }
    }
  }
  const { body } = await box.get(SEALED, '/ipxe/52-54-00-aa-01-02.ipxe');
  assert.match(body, /^set password sealed-0-password$/m);
  assert.match(body, /iscsi:10\.0\.0\.2:tcp:3260:1:iqn\S+:cloud:sealed:rocky9:x7Kq-9_z\.1 /);
  assert.match((await box.get(NAMED, `/ipxe/${NAMED}`)).body, /^set password named-0-password$/m);
});

test('no other node and no unknown machine gets the script', async () => {
  for (const name of names) {
    for (const path of SCRIPTS[name].map((one) => `/ipxe/${one}`)) {
      for (const from of [...Object.values(ADDRESSES), UNKNOWN]) {
        if (from === ADDRESSES[name]) continue;
        const { status, body } = await box.get(from, path);
        assert.is(status, 403, `${from}: ${path}`);
        assert.not.match(body, /password|@@/);
      }
    }
  }
});

test('server.allow_scripts allows only scripts without secrets', async () => {
  for (const name of names) {
    for (const path of SCRIPTS[name]) {
      const { status, body } = await box.get(IMAGE, `/ipxe/${path}`);
      // nginx treats every serial number as the name of a script with secrets.
      assert.is(status, name === 'plain' && !path.startsWith('serial/') ? 200 : 403, path);
      assert.not.match(body, /password|@@/);
    }
  }
});

test('if nginx has other secrets than those of the tree, scripts without secrets are still served', async () => {
  await box.deploy(edited(SITE, ['secret:named', 'secret:other']));
  const from = ADMIN;
  assert.is((await box.get(from, '/ipxe/52-54-00-aa-01-01.ipxe')).status, 200);
  for (const path of [...SCRIPTS.sealed, ...SCRIPTS.named])
    assert.is((await box.get(from, `/ipxe/${path}`)).status, 503, path);
  await serve(SITE);
  assert.is((await box.get(from, '/ipxe/52-54-00-aa-01-02.ipxe')).status, 200);
});

test.run();
