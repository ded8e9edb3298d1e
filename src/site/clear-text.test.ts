import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { edited } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { formatText } from '../source/diagnostics/text.ts';
import { clearTexts } from './clear-text.ts';

const test = suite('secrets in clear text, in cloud-init data');

async function pathsIn(userData: string): Promise<string[]> {
  const { site } = await compile(
    makeSite(edited(CLOUD_INIT_PLANT, [OWN_USER_DATA, `user_data: ${userData}`])),
  );
  assert.ok(site);
  return Array.from(clearTexts(site), ({ path }) => path.replace('cloud_init.user_data.', ''));
}

test('are passwords, MUNGE keys, private keys, and logins', async () => {
  assert.equal(await pathsIn('{ password: Pa55word, users: [{ name: x, plain_text_passwd: hobbes }] }'), [
    'password',
    'users[0].plain_text_passwd',
  ]);
  assert.equal(await pathsIn('{ chpasswd: { list: "root:calvin\\nx:R\\n", expire: false } }'), [
    'chpasswd.list',
  ]);
  assert.equal(await pathsIn('{ chpasswd: { users: [{ name: x, password: calvin, type: text }] } }'), [
    'chpasswd.users[0].password',
  ]);
  assert.equal(await pathsIn('{ write_files: [{ path: /etc/munge/munge.key, content: AAAA }] }'), [
    'write_files[0].content',
  ]);
  const key = '"-----BEGIN OPENSSH PRIVATE KEY-----\\nMIIE\\n"';
  assert.equal(await pathsIn(`{ ssh_keys: { ed25519_private: ${key} } }`), ['ssh_keys.ed25519_private']);
  assert.equal(await pathsIn('{ runcmd: ["curl https://u:p@10.0.0.1/a"] }'), ['runcmd[0]']);
});

test('are WireGuard keys, also beside references to secrets', async () => {
  const key = 'yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=';
  const of = (content: string) =>
    pathsIn(`{ write_files: [{ path: /a, content: ${JSON.stringify(content)} }] }`);
  assert.equal(await of(`[Interface]\n PrivateKey = ${key}\n`), ['write_files[0].content']);
  const peer = `PrivateKey = \${secret:x}\n[Peer]\n`;
  assert.equal(await of(`${peer}presharedkey=${key} # wg genpsk\n`), ['write_files[0].content']);
  assert.equal(await of(`${peer}PublicKey = ${key}\n`), []);
});

test('are not hashes, references, passwords that the machine generates, or booleans', async () => {
  for (const right of [
    '{ users: [{ name: x, passwd: $6$Qm3vT9xKpL2w$H86, lock_passwd: false, hashed_passwd: $6$x$H86 }] }',
    '{ chpasswd: { list: "root:$6$x$H86\\nx:RANDOM\\n", expire: false }, ssh_pwauth: true }',
    '{ password: "${secret:x}", write_files: [{ path: /etc/munge/munge.key, content: "${secret:y}" }] }',
    '{ ssh_keys: { ed25519_public: "ssh-ed25519 AAAA" } }',
  ])
    assert.equal(await pathsIn(right.replaceAll('H86', 'a'.repeat(86))), [], right);
});

test('data of a group is reported once, and never shown', async () => {
  const site = edited(CLOUD_INIT_PLANT, [GROUP_USER_DATA, 'user_data: { password: calvin }']);
  const { diagnostics } = await compile(makeSite(site));
  const text = formatText(diagnostics, { color: false, folder: '/' });
  assert.equal(
    diagnostics.map(({ code, message }) => [code, message.split(' ')[0]]),
    [['clear-text-secret', 'groups.compute.cloud_init.user_data.password']],
  );
  assert.not.match(text, 'calvin');
});

test.run();
