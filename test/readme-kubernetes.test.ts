// needs: bash
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { BIN, harvgen } from './support/cli.ts';
import { blocksOf } from './support/markdown.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite, writeFiles } from './support/scratch.ts';

const test = suite("the Kubernetes commands in an output tree's README");
const IMAGE = ', image: registry.plant/boot:1';

/** Builds an output tree; returns the directory above it, and the blocks of its README by the text after `sh`. */
function built(kubernetes: string, ...args: string[]) {
  const home = dirname(
    makeSite({
      'site.yaml': edited(PLANT, [
        'server:\n',
        `server:\n  kubernetes: { media_claim: media${kubernetes} }\n`,
      ]),
    }),
  );
  writeFiles(home, { 's.yaml': 'cluster_token: the-token-of-the-plant\n' });
  const run = harvgen(['build', '--out', 'out', ...args, 'plant'], home);
  assert.is(run.code, 0, run.stderr);
  const readme = readFileSync(join(home, 'out/plant/README.md'), 'utf8');
  return { home, readme, block: (info: string) => blocksOf(readme, info).join('') };
}

/** Runs commands with stand-ins that print their arguments and their input. */
function run(home: string, script: string): string {
  const standIns = `
npx() { shift; ${process.execPath} ${BIN} "$@"; }
podman() { echo "podman $*"; }
kubectl() { echo "kubectl $*"; case $* in *'-f -') cat;; esac; }
`;
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', standIns + script], {
    cwd: home,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return stdout;
}

test('apply the namespace, the secrets and the kustomization', () => {
  const { home, block } = built('');
  const variables = 'TREE=out/plant\nSITE=plant\nSECRETS=s.yaml\n';
  const [namespace, ...rest] = run(home, variables + block('sh kubernetes')).split('\n');
  assert.is(namespace, 'kubectl apply --server-side -f out/plant/k8s/namespace.yaml');
  assert.is(rest[0], 'kubectl apply --server-side -f -');
  const [secret] = parseAllDocuments(rest.slice(1).join('\n'));
  assert.is(secret?.getIn(['metadata', 'name']), 'harvgen-plant-secrets');
  const include = Buffer.from(String(secret?.getIn(['data', 'secrets.conf'])), 'base64').toString();
  assert.match(include, 'sub_filter @@secret:cluster_token@@ the-token-of-the-plant;');
  assert.is(
    run(home, variables + block('sh kubernetes-apply') + block('sh kubernetes-restart')),
    `kubectl apply --server-side -k out/plant/k8s
kubectl --namespace harvgen-plant rollout status deployment/harvgen-plant
kubectl --namespace harvgen-plant rollout restart deployment/harvgen-plant
`,
  );
  assert.is(block('sh kubernetes-image'), '');
});

test('do not change an unmanaged namespace', () => {
  const { home, readme, block } = built(', namespace: boot');
  assert.match(readme, 'The namespace `boot` must already exist');
  const [first] = run(home, `TREE=out/plant\nSITE=plant\nSECRETS=s.yaml\n${block('sh kubernetes')}`).split(
    '\n',
  );
  assert.is(first, 'kubectl apply --server-side -f -');
  assert.throws(() => readFileSync(join(home, 'out/plant/k8s/namespace.yaml')), /ENOENT/);
  assert.not.match(readFileSync(join(home, 'out/plant/k8s/kustomization.yaml'), 'utf8'), 'namespace.yaml');
});

test('wait for a pod on each node if the service is a NodePort', () => {
  const { block } = built(', service: NodePort, node_port: 30080');
  assert.match(block('sh kubernetes-apply'), 'rollout status daemonset/harvgen-plant');
  assert.match(block('sh kubernetes-restart'), 'rollout restart daemonset/harvgen-plant');
});

test('apply nothing if a value is missing', () => {
  const { home, block } = built('');
  const variables = 'TREE=out/plant\nSITE=plant\nSECRETS=/dev/null\n';
  assert.not.match(
    run(home, `${variables}${block('sh kubernetes').trimEnd()} || true\n`),
    'apply --server-side -f -',
  );
});

test('for a tree with values, begin with separate variables, and build no image', () => {
  const { block, readme } = built(IMAGE, '--secrets', 's.yaml');
  assert.match(block('sh kubernetes'), /^TREE=\.\n(?:# .*\n)?SITE=sites\/plant(?: +#.*)?\nSECRETS=/);
  assert.not.match(readme, 'podman');
});

test('build an image that contains the output tree', () => {
  const { home, block } = built(IMAGE);
  assert.is(
    run(home, `TREE=out/plant\n${block('sh kubernetes-image')}`),
    `podman build --file out/plant/k8s/Containerfile --tag registry.plant/boot:1 out/plant
podman push registry.plant/boot:1
`,
  );
});

/** Returns the README of the common site with keys of `server`, and more edits. */
function readmeOf(server: string, ...edits: readonly Edit[]): string {
  const site = makeSite({ 'site.yaml': edited(PLANT, ['server:\n', `server:\n${server}`], ...edits) });
  const home = dirname(site);
  const run = harvgen(['build', '--out', 'out', 'plant'], home);
  assert.is(run.code, 0, run.stderr);
  return readFileSync(join(home, 'out/plant/README.md'), 'utf8');
}

const MACHINE_TEXT = /ssh "\$SERVER"|nginx -t|format nginx|www-data|boot server is|\/var\/log\/nginx/;

test('replace those for nginx on a machine, except for DHCP and TFTP', () => {
  const readme = readmeOf('  kubernetes: { media_claim: media }\n  sign: { signer: boot.plant }\n');
  assert.not.match(readme, MACHINE_TEXT);
  // Neither the output tree nor signatures are copied to a machine.
  assert.equal(
    readme.match(/^ *rsync .*/gm)?.map((line) => line.split(' ').at(-2)),
    ['snponly.efi', '"$TREE/dnsmasq/"'],
  );
  assert.match(readme, /authority\.crt\n```\n\nThey belong in the directory `sign\/`/);
  assert.match(readme, 'ln -sf /srv/harvgen/plant/dnsmasq/plant.conf /etc/dnsmasq.d/');
  assert.not.match(readme, /\n\n\n(?!\|)/);
  assert.match(readmeOf(''), MACHINE_TEXT);
});

test('are the only commands if machines boot from images', () => {
  const readme = readmeOf(
    '  kubernetes: {}\n  media: http://192.168.178.8\n',
    ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
    ['v1.4.1', 'v1.6.1'],
    ...[1, 2, 3].map(
      (number): Edit => [
        `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
        `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
      ],
    ),
  );
  assert.not.match(readme, MACHINE_TEXT);
  assert.not.match(readme, /SERVER|rsync|dnsmasq|DHCP and TFTP/);
});

test('with an external DHCP server, leave TFTP to a machine instead of the pods', () => {
  const dhcp: Edit = [
    '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
    '    dhcp: { server: external }\n',
  ];
  const readme = readmeOf('  kubernetes: { media_claim: media }\n', dhcp);
  assert.match(readme, 'TFTP runs on a machine in the');
  assert.match(readme, 'is fetched by TFTP from the TFTP server;');
});

test.run();
