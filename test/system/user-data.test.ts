// needs: root bash cloud-init flock openssl unshare

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { isClusterPath, USER_DATA, USER_DATA_INCLUDE } from '../../src/tree/paths.ts';
import { modeOf, type Tree } from '../../src/tree/tree.ts';
import { HOSTILE_FILES } from '../support/hostile-files.ts';
import { NESTED } from '../support/nested-plant.ts';
import { makeSite } from '../support/scratch.ts';
import { secretSource } from '../support/secret-source.ts';

const ROOT = '/srv/harvgen/plant';
const LOG = '/var/log/harvgen-plant.log';
const NOT_FOR_HOST = ['README.md', 'manifest.json', USER_DATA, USER_DATA_INCLUDE];
const SECRETS = {
  cluster_token: 'S3cret: "token" \\ # ${x}',
  node_password: "an0ther'password \u2028\u00e4🙂",
};

const test = suite('user-data, applied by the real cloud-init');
let sandbox: Sandbox;
let trees: Readonly<Record<string, Tree>>;

test.before(async () => {
  trees = { placeholders: await treeOf(), values: await treeOf(SECRETS) };
  sandbox = await openSandbox();
});

test.after(() => sandbox?.close());

const HOSTNAME = 'files.example.org';

async function treeOf(secrets?: Readonly<Record<string, string>>): Promise<Tree> {
  const { tree, diagnostics } = await compile(siteWithFiles(), {
    secrets: secrets && secretSource(secrets),
  });
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** Returns the nested site with site files of every type; those with references to secrets would be rejected. */
function siteWithFiles(): string {
  const url = `https://${HOSTNAME}/plant/cloud-config`;
  const folder = makeSite(NESTED.replace('host:\n', `host:\n  user_data_url: ${url}\n`));
  mkdirSync(join(folder, 'files/own'), { recursive: true });
  for (const [index, content] of Object.values(HOSTILE_FILES).entries()) {
    if (Buffer.from(content).includes('secret:')) continue;
    writeFileSync(join(folder, 'files/own', String(index)), content);
  }
  return folder;
}

/** Processes files as user-data from a provider with cloud-init, and prints the type of each part, and its digest. */
const READ_USER_DATA = `
import hashlib, sys
from cloudinit import helpers, user_data
paths = helpers.Paths({'cloud_dir': '/var/lib/cloud', 'run_dir': '/run/cloud-init'})
for name in sys.argv[1:]:
    message = user_data.UserDataProcessor(paths).process(open(name, 'rb').read())
    for part in message.walk():
        if not part.is_multipart():
            print(part.get_content_type(), hashlib.sha256(part.get_payload(decode=True)).hexdigest())
`;

/** Writes the user-data of a tree to a file that the sandbox sees. Returns its path. */
function userDataOf(name: string): string {
  const file = join(sandbox.folder, `${name}.yaml`);
  writeFileSync(file, trees[name]?.get(USER_DATA)?.content ?? '');
  return file;
}

/** Runs some modules of cloud-init with user-data as from a provider. */
async function apply(name: string, ...modules: string[]): Promise<void> {
  await sandbox.run(['rm', '-rf', ROOT]);
  for (const module of modules) {
    const file = userDataOf(name);
    await sandbox.run(['cloud-init', '--file', file, 'single', '--name', module, '--frequency', 'always']);
  }
}

for (const name of ['placeholders', 'values']) {
  test(`cloud-init writes the files of a tree with ${name}, byte for byte and with their modes`, async () => {
    await apply(name, 'write_files');
    const copy = join(sandbox.folder, name);
    await sandbox.run(['cp', '--archive', ROOT, copy]);
    const written = readdirSync(copy, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(copy.length + 1));
    const expected = [...(trees[name] ?? [])].filter(
      ([path]) => !NOT_FOR_HOST.includes(path) && !isClusterPath(path) && !path.startsWith('host/image/'),
    );
    assert.equal(written.sort(), expected.map(([path]) => path).sort());
    for (const [path, file] of expected) {
      assert.ok(readFileSync(join(copy, path)).equals(Buffer.from(file.content)), path);
      const { mode, uid, gid } = statSync(join(copy, path));
      assert.equal([mode & 0o777, uid, gid], [modeOf(file), 0, 0], path);
    }
  });

  test(`cloud-init schema accepts the user-data of a tree with ${name}`, async () => {
    const file = userDataOf(name);
    assert.is(
      await sandbox.run(['cloud-init', 'schema', '--config-file', file]),
      `Valid cloud-config: ${file}\n`,
    );
  });
}

test('cloud-init reads compressed user-data as the same', async () => {
  const file = userDataOf('values');
  await sandbox.run(['gzip', '-9', '--keep', '--force', file]);
  const sums = await sandbox.run(['/usr/bin/python3', '-c', READ_USER_DATA, file, `${file}.gz`]);
  const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
  assert.is(sums, `text/cloud-config ${sum}\n`.repeat(2));
});

test('host-setup.sh runs at each boot until it succeeds; its output is logged and shown, and its status is passed on', async () => {
  await apply('placeholders', 'write_files');
  const setup = `${ROOT}/scripts/host-setup.sh`;
  const setUp = (status: number) => {
    const standIn = `#!/bin/sh\necho "$0: one"; echo two >&2; exit ${status}\n`;
    return sandbox.run(['sh', '-c', `printf '%s' "$1" >${setup} && chmod 0755 ${setup}`, 'sh', standIn]);
  };
  const script = '/var/lib/cloud/scripts/per-boot/harvgen-plant';
  const output = `${setup}: one\ntwo\n`;
  for (const status of [1, 2]) {
    await setUp(status);
    const run = `rm -f ${LOG}; ${script} || echo "status $?"; cat ${LOG}`;
    assert.is(await sandbox.run(['sh', '-c', run]), `${output}status ${status}\n${output}`);
  }
  await setUp(3);
  const boot = ['cloud-init', 'single', '--name', 'scripts_per_boot', '--frequency', 'always'];
  await assertFails(() => sandbox.run(boot), 'cloud-init gets the status');
  await sandbox.run(['test', '!', '-e', script]);
  await sandbox.run(boot);
});

/** cloud-init with the parts that user-data needs, and a seed instead of a provider. */
const CLOUD_CFG = `datasource_list: [NoCloud]
cloud_init_modules: [write-files]
cloud_final_modules: [scripts-per-boot]
system_info: { distro: debian }
network: { config: disabled }
`;

/** A web server whose certificate is signed by its own CA, and a boot of a new host. The lock keeps host-setup.sh from this machine. */
const NEW_HOST = `cd "$1"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -days 2 -subj /CN=${HOSTNAME} \\
  -addext subjectAltName=DNS:${HOSTNAME} 2>/dev/null
echo 127.0.0.1 ${HOSTNAME} >>/etc/hosts
ip link set lo up
/usr/bin/python3 -c '
import http.server, ssl
server = http.server.HTTPServer(("127.0.0.1", 443), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("ca.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()' 2>/dev/null &
rm -rf /var/lib/cloud /run/cloud-init /etc/cloud/cloud.cfg.d/* ${ROOT} ${LOG}
mkdir -p /var/lib/cloud/seed/nocloud /var/lib/harvgen/plant
cp cloud.cfg /etc/cloud/cloud.cfg
cp user-data /var/lib/cloud/seed/nocloud/
echo 'instance-id: new' >/var/lib/cloud/seed/nocloud/meta-data
export REQUESTS_CA_BUNDLE=$1/ca.pem
exec 9>>/var/lib/harvgen/plant/lock
flock -n 9
cloud-init init --local
cloud-init init
cloud-init modules --mode final || true
kill %1
cat ${LOG}`;

test('a provider with 16 KiB of user data: a new host fetches the tree from its URL, and sets itself up', async () => {
  const tree = trees.placeholders;
  assert.ok(tree);
  const content = (path: string) => tree.get(path)?.content ?? '';
  assert.ok(Buffer.byteLength(content('host/user-data')) < 1024);
  mkdirSync(join(sandbox.folder, 'web/plant'), { recursive: true });
  for (const [path, text] of [
    ['plant/cloud-config', content(USER_DATA)],
    ['user-data', content('host/user-data')],
    ['cloud.cfg', CLOUD_CFG],
  ] as const)
    writeFileSync(join(sandbox.folder, 'web', path), text);
  const log = await sandbox.run(['bash', '-c', NEW_HOST, 'sh', join(sandbox.folder, 'web')]);
  assert.match(log, 'another host-setup.sh or down.sh of plant is running: wait until it ends\n');
  await sandbox.run(['test', '-x', `${ROOT}/scripts/host-setup.sh`]);
  await sandbox.run(['test', '-e', '/var/lib/cloud/scripts/per-boot/harvgen-plant']);
});

async function assertFails(run: () => Promise<unknown>, why: string): Promise<void> {
  const failed = await run().then(
    () => false,
    () => true,
  );
  assert.ok(failed, why);
}

test.run();
