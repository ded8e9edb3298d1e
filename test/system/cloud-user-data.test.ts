// needs: root bash cloud-init unshare

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { USER_DATA } from '../../src/tree/paths.ts';
import { textOf } from '../../src/tree/tree.ts';
import { mainOf } from '../support/cloud-mains.ts';
import { cloudSite, OPERATOR } from '../support/cloud-sites.ts';
import { makeSite } from '../support/scratch.ts';
import { evaluated } from '../support/terraform.ts';

const test = suite('the user data of a cloud VM, read by the real cloud-init');
let sandbox: Sandbox;

test.before(async () => {
  sandbox = await openSandbox();
});

test.after(() => sandbox?.close());

/** Processes user data as from a provider, and prints each part as JSON: its type and its text. */
const PARTS = `
import json, sys
from cloudinit import helpers, user_data
paths = helpers.Paths({'cloud_dir': '/var/lib/cloud', 'run_dir': '/run/cloud-init'})
message = user_data.UserDataProcessor(paths).process(open(sys.argv[1], 'rb').read())
print(json.dumps([[part.get_content_type(), part.get_payload(decode=True).decode()]
                  for part in message.walk() if not part.is_multipart()]))
`;

async function partsOf(userData: string): Promise<[string, string][]> {
  const file = join(sandbox.folder, 'user-data');
  writeFileSync(file, userData);
  return JSON.parse(await sandbox.run(['/usr/bin/python3', '-c', PARTS, file]));
}

/** Asserts that two long texts are equal, and shows only where they begin to differ. */
function assertSame(actual: string, expected: string): void {
  const at = [...expected].findIndex((character, index) => character !== actual[index]);
  const around = (text: string) => text.slice(Math.max(0, at - 40), at + 40);
  assert.is(around(actual), around(expected));
  assert.is(actual.length, expected.length);
}

/** Returns the file with the whole tree, and the user data of the VM that leads to it. */
async function userDataOf(provider: 'aws' | 'digitalocean', values: Readonly<Record<string, string>> = {}) {
  const text = cloudSite(provider);
  const { tree } = await compile(makeSite({ 'site.yaml': text }), {});
  const seed = textOf(tree?.get(USER_DATA) ?? { content: '' });
  const { locals } = await mainOf(text);
  return { seed, userData: evaluated(locals?.user_data ?? '', values, seed) };
}

test('DigitalOcean: the text contains the whole file, compressed', async () => {
  const { seed, userData } = await userDataOf('digitalocean');
  assert.ok(userData.length < 65_536, String(userData.length));
  const parts = await partsOf(userData);
  assert.equal(
    parts.map(([type]) => type),
    ['text/cloud-config'],
  );
  assertSame(parts[0]?.[1] ?? '', seed);
});

test('AWS: a boothook links the volumes, a user logs in, and an include fetches the file', async () => {
  const values = {
    serial_data1: 'vol0123456789abcdef0',
    serial_data2: 'vol0123456789abcdef1',
    key: 'user-data',
  };
  const { seed, userData } = await userDataOf('aws', values);
  // In place of the bucket, a server in the sandbox.
  const served = join(sandbox.folder, 'served');
  await sandbox.run(['mkdir', served]);
  writeFileSync(join(served, 'user-data'), gzipSync(seed));
  const server = sandbox.spawn([
    '/usr/bin/python3',
    '-m',
    'http.server',
    '8123',
    '--bind',
    '127.0.0.1',
    '--directory',
    served,
  ]);
  try {
    await sandbox.run(['ip', 'link', 'set', 'lo', 'up']);
    const wait =
      'for i in $(seq 100); do curl -sf http://127.0.0.1:8123/ >/dev/null && exit 0; sleep 0.1; done; exit 1';
    await sandbox.run(['bash', '-c', wait]);
    const local = userData.replace(/https:\/\/\S+/, 'http://127.0.0.1:8123/user-data');
    assert.ok(local !== userData);
    const parts = await partsOf(local);
    assert.equal(
      parts.map(([type]) => type),
      ['text/cloud-boothook', 'text/cloud-config', 'text/cloud-config'],
    );
    const [[, hook], [, users], [, included]] = parts as [
      [string, string],
      [string, string],
      [string, string],
    ];
    assertSame(included, seed);
    assert.equal(parse(users).users[1].ssh_authorized_keys, [OPERATOR]);
    const script = join(sandbox.folder, 'hook');
    writeFileSync(script, hook.replace('#cloud-boothook\n', '').replace(/^udevadm.*\n/gm, ''), {
      mode: 0o755,
    });
    await sandbox.run([script]);
    assert.is(
      await sandbox.run(['cat', '/etc/udev/rules.d/90-harvgen-plant.rules']),
      ['data1', 'data2']
        .map(
          (name, index) =>
            `SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ATTRS{serial}=="vol0123456789abcdef${index}", SYMLINK+="disk/by-id/ebs-${name}"\n`,
        )
        .join(''),
    );
  } finally {
    await sandbox.stop(server);
  }
});

test.run();
