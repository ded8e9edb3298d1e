// needs: root bash curl openssl socat ssh /usr/sbin/sshd sudo unshare
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Run } from '../support/cli.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { type Edit, edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import {
  base64Of,
  type HttpsStandIn,
  type Identity,
  makeCa,
  runInside,
  startStandIn,
} from './cluster-stand-in.ts';

const VIP = '192.168.150.40';
const NODES = ['192.168.150.41', '192.168.150.42'];
const HOST = '203.0.113.5';
const TWO_CLUSTERS: Edit[] = [
  ['cluster: {', 'clusters:\n  west: { vip: 192.168.150.39, token: "${secret:west}" }\n  east: {'],
  ['  vm: {', '  cluster: east\n  vm: {'],
  ['- { port: 443 }', '- { port: 443, cluster: east }'],
  ['- { port: 6443,', '- { port: 16443, to: 6443, cluster: east,'],
  [
    '192.168.150.43 }',
    '192.168.150.43, role: worker }\n  west-1: { mac: 52:54:00:0c:02:01, ip: 192.168.150.44, mode: create, cluster: west, vm: { memory: 16Gi } }',
  ],
];

const SSHD = `Port 22
${[...NODES, HOST].map((address) => `ListenAddress ${address}`).join('\n')}
HostKey /etc/ssh/stand-in
AuthorizedKeysFile /etc/ssh/people
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
PidFile none
LogLevel VERBOSE
`;

const test = suite('scripts/kubeconfig.sh');
let sandbox: Sandbox;
let ca: string;
let client: Identity;
let api: HttpsStandIn;
let sshLog = '';
let scripts = 0;

/** The file that RKE2 writes on its servers. Source: rke2 and k3s, pkg/server (WriteKubeConfig), by client-go. */
const rke2 = (other: Partial<Record<'ca' | 'server' | 'key', string>> = {}) => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${other.ca ?? base64Of(ca)}
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: ${base64Of(client.cert)}
    client-key-data: ${other.key ?? base64Of(client.key)}
`;

test.before(async () => {
  sandbox = await openSandbox();
  for (const address of [VIP, ...NODES, HOST])
    await sandbox.run(['ip', 'address', 'add', `${address}/32`, 'dev', 'lo']);
  // ssh stores known hosts in root's home; inside the sandbox, that is a directory of the test.
  const home = join(sandbox.folder, 'dot-ssh');
  await mkdir(home, { mode: 0o700 });
  await sandbox.bind(home, '/root/.ssh');
  writeFileSync(join(sandbox.folder, 'sshd_config'), SSHD);
  await sandbox.run([
    'sh',
    '-ec',
    `echo ${HOST} lab.example.org >>/etc/hosts
    mkdir -p /run/sshd /etc/rancher/rke2
    chmod 0755 /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/stand-in
    cp /root/.ssh/id_ed25519.pub /etc/ssh/people
    useradd --no-create-home --home-dir / --shell /bin/sh --password '*' rancher
    echo 'rancher ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/rancher
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/another
    echo 'HashKnownHosts no' >/root/.ssh/config
    printf 'lab.example.org ' >/root/.ssh/known_hosts
    cut -d ' ' -f 1,2 /etc/ssh/stand-in.pub >>/root/.ssh/known_hosts`,
  ]);
  const sshd = sandbox.spawn(['/usr/sbin/sshd', '-D', '-e', '-f', join(sandbox.folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((listening, failed) => {
    sshd.on('exit', () => failed(new Error(sshLog)));
    sshd.stderr?.setEncoding('utf8').on('data', (text: string) => {
      sshLog += text;
      if (sshLog.split('Server listening').length > 3) listening();
    });
  });
  const authority = await makeCa(sandbox, 'rke2-server-ca');
  ca = authority.cert;
  // As in the certificate of RKE2's API: the names in tls-san and the internal ones, but not the host.
  const sans = `IP:${VIP},IP:127.0.0.1,IP:10.53.0.1,DNS:kubernetes,DNS:localhost`;
  const clients = await makeCa(sandbox, 'rke2-client-ca');
  client = await clients.issue('system:admin');
  api = await startStandIn(sandbox, {
    ...(await authority.issue('kube-apiserver', sans)),
    host: VIP,
    port: 6443,
    clients: clients.cert,
    answers: [[200, 'v1']],
  });
  // The host's exposed port.
  const listen = `TCP-LISTEN:6443,bind=${HOST},fork,reuseaddr`;
  sandbox.spawn(['socat', listen, `TCP:${VIP}:6443`], { stdio: 'ignore' });
});

test.before.each(() => onNode(rke2()));
test.after(() => sandbox?.close());

/** Writes a text to the file on the node that only root may read. */
async function onNode(text: string): Promise<void> {
  const file = join(sandbox.folder, 'rke2.yaml');
  writeFileSync(file, text);
  await sandbox.run(['install', '-m', '0600', file, '/etc/rancher/rke2/rke2.yaml']);
}

async function kubeconfig(args: readonly string[], ...edits: readonly Edit[]): Promise<Run> {
  const { tree, diagnostics } = await compile(makeSite(edited(NESTED, ...edits)));
  scripts += 1;
  const path = join(sandbox.folder, `kubeconfig-${scripts}.sh`);
  writeFileSync(path, fileText(tree, 'scripts/kubeconfig.sh') ?? diagnostics.join());
  return runInside(sandbox, ['bash', path, ...args]);
}

/** Connects to the server of a kubeconfig, and verifies it and logs in as kubectl does. Returns curl's exit code. */
async function connects({ clusters: [{ cluster }], users: [{ user }] }: Kubeconfig): Promise<number | null> {
  const files = {
    cacert: cluster['certificate-authority-data'],
    cert: user['client-certificate-data'],
    key: user['client-key-data'],
  };
  const args = Object.entries(files).flatMap(([option, data]) => {
    const path = join(sandbox.folder, `of-kubeconfig.${option}`);
    writeFileSync(path, Buffer.from(data, 'base64'));
    return [`--${option}`, path];
  });
  const { hostname, port } = new URL(cluster.server);
  // kubectl verifies the name in tls-server-name, if it is set: client-go makes it TLSConfig.ServerName.
  const name = cluster['tls-server-name'] ?? hostname;
  const to = ['--connect-to', `${name}:${port}:${hostname}:${port}`];
  const { code } = await runInside(sandbox, [
    'curl',
    '-sS',
    ...args,
    ...to,
    `https://${name}:${port}/version`,
  ]);
  return code;
}

interface Kubeconfig {
  clusters: [
    { cluster: Record<'certificate-authority-data' | 'server', string> & { 'tls-server-name'?: string } },
  ];
  users: [{ user: Record<'client-certificate-data' | 'client-key-data', string> }];
}

test('on the host, the kubeconfig has the VIP, its original CA and its own names', async () => {
  const { code, stdout } = await kubeconfig([]);
  assert.is(code, 0);
  const config = parse(stdout);
  assert.equal(config, {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'plant',
        cluster: { 'certificate-authority-data': base64Of(ca), server: `https://${VIP}:6443` },
      },
    ],
    users: [
      {
        name: 'plant',
        user: {
          'client-certificate-data': base64Of(client.cert),
          'client-key-data': base64Of(client.key),
        },
      },
    ],
    contexts: [{ name: 'plant', context: { cluster: 'plant', user: 'plant' } }],
    'current-context': 'plant',
  });
  assert.is(await connects(config), 0);
  assert.equal(api.asked().slice(-1), [`/version ${VIP}:6443`]);
  assert.match(sandboxFile('dot-ssh/known_hosts'), /^harvester-1\.plant /m);
});

test('from elsewhere, the kubeconfig has the exposed port of the host and the name in the certificate', async () => {
  const output = join(sandbox.folder, 'plant.yaml');
  const before = sshLog.length;
  const { code, stdout, stderr } = await kubeconfig(['--ssh', 'root@lab.example.org', '--output', output]);
  assert.equal([code, stdout], [0, '']);
  assert.match(stderr, `written  ${output}: plant at https://lab.example.org:6443\n`);
  assert.equal(sshLog.slice(before).match(/Accepted publickey for \w+/g), [
    'Accepted publickey for root',
    'Accepted publickey for rancher',
  ]);
  assert.is(statSync(output).mode & 0o777, 0o600);
  const config = parse(readFileSync(output, 'utf8'));
  assert.is(config.clusters[0].cluster['tls-server-name'], VIP);
  assert.is(await connects(config), 0);
  // The name is required: curl's status 60 is a certificate of another name.
  delete config.clusters[0].cluster['tls-server-name'];
  assert.is(await connects(config), 60);
});

test('overwrites its own file, and no other file', async () => {
  const output = join(sandbox.folder, 'own.yaml');
  assert.is((await kubeconfig(['--output', output])).code, 0);
  // As kubectl writes it back.
  writeFileSync(output, readFileSync(output, 'utf8').replaceAll('"', ''));
  assert.is((await kubeconfig(['--output', output, '--address', 'lab.example.org'])).code, 0);
  assert.match(readFileSync(output, 'utf8'), 'server: "https://lab.example.org:6443"');
  const merged = `${readFileSync(output, 'utf8')}# and another\n    server: https://other:6443\n`;
  for (const text of [merged, readFileSync(output, 'utf8').replaceAll('plant', 'other'), 'precious']) {
    writeFileSync(output, text);
    const { code, stderr } = await kubeconfig(['--output', output]);
    assert.is(code, 2);
    assert.match(stderr, `${output} contains more than the kubeconfig of plant`);
    assert.is(readFileSync(output, 'utf8'), text);
  }
});

test('an invalid kubeconfig is rejected, and nothing is written or overwritten', async () => {
  const output = join(sandbox.folder, 'kept.yaml');
  await kubeconfig(['--output', output]);
  const kept = readFileSync(output, 'utf8');
  const half = rke2();
  for (const text of [
    '',
    '<html>503</html>',
    half.slice(0, half.indexOf('client-key-data')),
    half.replace('kind: Config', 'kind: List'),
    `${half}${half}`,
    rke2({ ca: 'c29tZXRoaW5nIGVsc2U=' }),
    rke2({ key: `${base64Of(client.key)}!` }),
  ]) {
    await onNode(text);
    const { code, stderr, stdout } = await kubeconfig(['--output', output]);
    assert.equal([code, stdout], [1, ''], text);
    assert.match(stderr, 'FAILED  harvester-1 (192.168.150.41) returned no valid RKE2 kubeconfig');
    assert.is(readFileSync(output, 'utf8'), kept);
    assert.is((await kubeconfig([])).stdout, '');
  }
  assert.not(readdirSync(sandbox.folder).some((name) => /yaml\./.test(name)));
});

test('prints possible causes if the node does not return the kubeconfig', async () => {
  await sandbox.run(['rm', '/etc/rancher/rke2/rke2.yaml']);
  const output = join(sandbox.folder, 'none.yaml');
  const { code, stderr } = await kubeconfig(['--output', output]);
  assert.is(code, 1);
  assert.match(stderr, '/etc/rancher/rke2/rke2.yaml: No such file');
  assert.match(stderr, 'FAILED  could not fetch the kubeconfig from harvester-1 (192.168.150.41)\n');
  assert.match(stderr, '--ssh root@lab.example.org\n');
  assert.not(existsSync(output));
});

test('a node whose host key has changed is not trusted', async () => {
  const known = join(sandbox.folder, 'dot-ssh/known_hosts');
  const before = readFileSync(known, 'utf8');
  const other = await sandbox.run(['cut', '-d', ' ', '-f', '1,2', '/etc/ssh/another.pub']);
  writeFileSync(known, before.replace(/^harvester-1\.plant .*$/m, `harvester-1.plant ${other.trim()}`));
  const { code, stdout, stderr } = await kubeconfig([]);
  writeFileSync(known, before);
  assert.equal([code, stdout], [1, '']);
  assert.match(stderr, 'REMOTE HOST IDENTIFICATION HAS CHANGED');
  assert.match(stderr, 'if the node was reinstalled: ssh-keygen -R harvester-1.plant\n');
});

test('requests the kubeconfig of another node with --node', async () => {
  const before = sshLog.length;
  assert.is((await kubeconfig(['--node', 'harvester-2'])).code, 0);
  assert.match(sshLog.slice(before), 'on 192.168.150.42 port 22');
  const off = await kubeconfig(['--node', 'harvester-3']);
  assert.is(off.code, 1);
  assert.match(off.stderr, 'if the node is off: select another one with --node');
});

test('one of several clusters must be named, and each has its own ports and nodes', async () => {
  const which = await kubeconfig([], ...TWO_CLUSTERS);
  assert.is(which.code, 2);
  assert.match(which.stderr, 'select a cluster with --cluster: west, east');
  const east = await kubeconfig(['--cluster', 'east', '--ssh', 'root@lab.example.org'], ...TWO_CLUSTERS);
  assert.is(east.code, 0);
  const { clusters } = parse(east.stdout);
  assert.equal([clusters[0].name, clusters[0].cluster.server], ['east', 'https://lab.example.org:16443']);
  const west = await kubeconfig(['--cluster', 'west', '--ssh', 'root@lab.example.org'], ...TWO_CLUSTERS);
  assert.is(west.code, 2);
  assert.match(
    west.stderr,
    'no port of the host forwards to port 6443 of 192.168.150.39: add it to host.expose',
  );
  // A worker has no kubeconfig, and the other cluster's nodes do not belong to this one.
  for (const node of ['harvester-3', 'west-1']) {
    const { code, stderr } = await kubeconfig(['--cluster', 'east', '--node', node], ...TWO_CLUSTERS);
    assert.is(code, 2);
    assert.match(stderr, `east has no node ${node} with a kubeconfig; use one of harvester-1, harvester-2`);
  }
});

test('a wrong command line exits with 2', async () => {
  for (const [message, ...args] of [
    ['unknown option --password', '--password', 'x'],
    ['--ssh requires a value', '--ssh'],
    ['--output requires a value', '--output', ''],
    ['--ssh requires a destination of ssh', '--ssh', '-oProxyCommand=reboot'],
    ['--address requires a host', '--address', 'lab.example.org"\n  x: y'],
    ['its directory does not exist', '--output', '/nowhere/at/all.yaml'],
    ['is a directory', '--output', '/srv'],
    ['unknown cluster east; use one of plant', '--cluster', 'east'],
  ] as const) {
    const { code, stdout, stderr } = await kubeconfig(args);
    assert.equal([code, stdout], [2, ''], message);
    assert.match(stderr, message);
  }
});

test('--help prints the comment at the top of the script', async () => {
  const { code, stdout } = await kubeconfig(['--help']);
  assert.is(code, 0);
  assert.match(stdout, /^Fetches the kubeconfig of a cluster of plant and adapts it /);
  assert.match(stdout, '(root@lab.example.org)');
});

test.run();

function sandboxFile(path: string): string {
  return readFileSync(join(sandbox.folder, path), 'utf8');
}
