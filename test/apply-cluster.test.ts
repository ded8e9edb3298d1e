// needs: bash kubectl
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { textOf } from '../src/tree/tree.ts';
import { harvgen } from './support/cli.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('scripts/apply-cluster.sh');

/** Names that no other test on the same server uses. */
const OWN = `harvgen-${process.pid}`;

const SITE = edited(
  PLANT,
  ['version: v1.4.1', 'version: v1.8.1'],
  ['  config:\n', '  config:\n    system_settings: { containerd-registry: { Mirrors: {} } }\n'],
  ['mode: create }', 'mode: create, labels: { zone: a } }'],
  ['192.168.178.42 }', '192.168.178.42, labels: { zone: b } }'],
).replaceAll('harv-', `${OWN}-`);

/** Objects whose Secret has a value with every special character, in each kind of text. */
const OBJECTS = `apiVersion: v1
kind: Namespace
metadata: { name: ${OWN} }
---
apiVersion: v1
kind: Secret
metadata: { name: web, namespace: ${OWN} }
stringData:
  plain: "\${secret:vm}"
  json: '{"a": "\${secret:vm}"}'
  userdata: |
    #cloud-config
    password: \${secret:vm}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: "map-[1-2]", namespace: ${OWN} }
data: { name: "\${site:object.name}" }
---
apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
metadata: { name: debian, namespace: ${OWN} }
spec: { displayName: debian, sourceType: download, url: "https://example.org/debian.qcow2", backend: cdi, targetStorageClassName: two }
---
apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
metadata: { name: private, namespace: ${OWN} }
spec: { displayName: private, sourceType: download, url: "https://example.org/\${secret:vm}", backend: cdi, targetStorageClassName: two }
---
apiVersion: harvesterhci.io/v1beta1
kind: Upgrade
metadata: { name: next, namespace: ${OWN} }
spec: { version: v1.8.2 }
---
apiVersion: harvesterhci.io/v1beta1
kind: Version
metadata: { name: v1.8.2, namespace: ${OWN} }
spec: { isoURL: "https://example.org/harvester.iso", isoChecksum: "${'a'.repeat(128)}" }
`;

const VALUE = 'a&b\\c \'quote\' "double" $x ${y} @@ %s \\1  ';

/** Writes the tree of a site; returns its directory. */
async function treeOf(objects: string): Promise<{ home: string; tree: string }> {
  const site = makeSite({ 'site.yaml': SITE, 'manifests/objects.yaml': objects });
  const { tree, diagnostics } = await compile(site);
  assert.ok(tree, JSON.stringify(diagnostics.map(({ message }) => message)));
  const files = Object.fromEntries(Array.from(tree, ([path, file]) => [path, textOf(file)]));
  return { home: join(site, '..'), tree: writeFiles(scratchFolder(), files) };
}

function run(tree: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, input = '') {
  const { status, stdout, stderr } = spawnSync('bash', [join(tree, 'scripts/apply-cluster.sh'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, KUBECONFIG: '/dev/null', ...env },
    input,
  });
  return { status, stdout, stderr };
}

test('an invalid command line is rejected, and nothing is applied', async () => {
  const { tree } = await treeOf(OBJECTS);
  const see = 'see apply-cluster.sh --help\n';
  assert.equal(run(tree, ['--upgrades']), {
    status: 2,
    stdout: '',
    stderr: `apply-cluster.sh: unknown option --upgrades\n${see}`,
  });
  assert.is(
    run(tree, ['--timeout', 'soon']).stderr,
    `apply-cluster.sh: --timeout requires a time such as 30m, not soon\n${see}`,
  );
  assert.is(run(tree, ['--secrets']).stderr, `apply-cluster.sh: --secrets requires a value\n${see}`);
  assert.is(
    run(tree, ['--cluster', 'other']).stderr,
    `apply-cluster.sh: unknown cluster other; use one of plant\n${see}`,
  );
  assert.match(run(tree, ['--help']).stdout, '--dry-run');
});

test('a Version precedes its Upgrade, and no value is in a here-string, which can be a file', async () => {
  const { tree } = await treeOf(OBJECTS);
  const script = readFileSync(join(tree, 'scripts/apply-cluster.sh'), 'utf8');
  assert.equal(script.match(/cluster\/upgrade\/\w+/g), [
    'cluster/upgrade/version',
    'cluster/upgrade/upgrade',
  ]);
  assert.equal(script.match(/<<<.*/g), [
    '<<<"$found"; then return 0; fi',
    '<<<"$found" || echo "the cluster has no node ${node%.yaml}"',
  ]);
});

test('without a cluster, kubectl reports that it cannot reach it', async () => {
  const { tree } = await treeOf(OBJECTS);
  const { status, stderr } = run(tree, []);
  assert.is(status, 1);
  assert.match(stderr, 'FAILED  kubectl cannot reach the cluster: see its error above\n');
});

/** Prints the values of the secrets for the script. */
function valuesOf(home: string): { stdout: string; stderr: string } {
  const text = `cluster_token: ${'x1'.repeat(20)}\nvm: ${JSON.stringify(VALUE)}\n`;
  writeFiles(home, { 'secrets.yaml': text });
  return harvgen(['secrets', 'plant', '--secrets', 'secrets.yaml', '--format', 'cluster'], home);
}

test('harvgen secrets prints each placeholder with the value for its place', async () => {
  const { stdout, stderr } = valuesOf((await treeOf(OBJECTS)).home);
  const marks = stdout.split('\n').map((line) => line.slice(0, line.indexOf(' ')));
  assert.equal(marks, ['@@secret:vm:json@@', '@@secret:vm:yaml@@', '@@secret:vm@@', ''], stderr);
  const none = valuesOf((await treeOf('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n')).home);
  assert.is(none.stdout, '');
  assert.match(none.stderr, 'no object of a cluster of plant has a secret: apply-cluster.sh needs no values');
});

/** The kubeconfig of an API server with Harvester's definitions: CONTRIBUTING.md. Without one, the test counts as skipped. */
const { HARVGEN_TEST_KUBECONFIG: kubeconfig = '' } = process.env;
if (!kubeconfig)
  console.log('SKIPPED: the test with an API server lacks HARVGEN_TEST_KUBECONFIG: CONTRIBUTING.md');

(kubeconfig ? test : test.skip)(
  'a real API server accepts everything, twice, in the order of the steps',
  async () => {
    const env = { KUBECONFIG: kubeconfig };
    const kubectl = (args: readonly string[], input = '') =>
      spawnSync('kubectl', args, { encoding: 'utf8', env: { ...process.env, ...env }, input });
    const { home, tree } = await treeOf(OBJECTS);
    const values = valuesOf(home).stdout;
    assert.match(
      run(tree, [], env).stderr,
      'FAILED  the cluster of your kubeconfig has none of the nodes of plant',
    );
    try {
      kubectl(['create', '-f', '-'], `apiVersion: v1\nkind: Node\nmetadata: { name: ${OWN}-1 }\n`);
      // The controller is missing: the test imports the image.
      const importImage = (name: string) =>
        kubectl([
          'patch',
          'virtualmachineimages.harvesterhci.io',
          name,
          '-n',
          OWN,
          '--type=merge',
          '-p',
          '{"status":{"conditions":[{"type":"Imported","status":"True"}]}}',
        ]);
      assert.match(
        run(tree, ['--timeout', '1s'], env).stderr,
        `FAILED  the image in cluster/images/virtual-machine-image-${OWN}_debian.yaml is not imported after 1s`,
      );
      importImage('debian');
      const without = run(tree, [], env);
      assert.is(without.status, 0, without.stderr);
      assert.equal(without.stderr.match(/^SKIPPED .*/gm), [
        `SKIPPED cluster/nodes/node-${OWN}-2.yaml: the cluster has no node ${OWN}-2`,
        `SKIPPED cluster-secrets/workloads/secret-${OWN}_web.yaml: pass --secrets`,
        `SKIPPED cluster-secrets/images/virtual-machine-image-${OWN}_private.yaml: pass --secrets`,
        `SKIPPED cluster/upgrade/version-${OWN}_v1.8.2.yaml: pass --upgrade`,
        `SKIPPED cluster/upgrade/upgrade-${OWN}_next.yaml: pass --upgrade`,
      ]);
      const zone = ['get', 'node', `${OWN}-1`, '--output', 'jsonpath={.metadata.labels.zone}'];
      assert.is(kubectl(zone).stdout, 'a');
      assert.is(kubectl(['get', 'node', `${OWN}-2`]).status, 1);
      // Without a placeholder, an object of cluster-secrets/ needs no values.
      const registry = ['settings.harvesterhci.io', 'containerd-registry', '--output', 'jsonpath={.value}'];
      assert.is(kubectl(['get', ...registry]).stdout, '{"Mirrors":{}}');
      assert.match(
        run(tree, ['--secrets', '-', '--timeout', '1s'], env, values).stderr,
        `FAILED  the image in cluster-secrets/images/virtual-machine-image-${OWN}_private.yaml is not imported after 1s`,
      );
      importImage('private');
      const first = run(tree, ['--secrets', '-', '--upgrade'], env, values);
      assert.is(first.status, 0, first.stderr);
      const all = () =>
        kubectl(['get', 'configmaps,secrets,versions.harvesterhci.io', '-n', OWN, '-o', 'json']).stdout;
      const applied = all();
      const second = run(tree, ['--secrets', '-', '--upgrade'], env, values);
      assert.is(second.status, 0, second.stderr);
      assert.is(all(), applied);
      const { items } = JSON.parse(applied) as {
        items: { kind: string; metadata: { name: string }; data: Record<string, string> }[];
      };
      const data = items.find(({ kind }) => kind === 'Secret')?.data ?? {};
      const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
      assert.is(text('plain'), VALUE);
      assert.equal(JSON.parse(text('json')), { a: VALUE });
      const { parse } = await import('yaml');
      assert.is(parse(text('userdata')).password, VALUE);
      assert.equal(
        items.flatMap(({ kind, data }) => (kind === 'ConfigMap' ? (data?.name ?? []) : [])),
        ['map-1', 'map-2'],
      );
      assert.is(run(tree, ['--dry-run'], env).status, 0);
    } finally {
      kubectl(['delete', 'node', `${OWN}-1`, `${OWN}-2`, '--ignore-not-found']);
      kubectl(['delete', 'settings.harvesterhci.io', 'containerd-registry', '--ignore-not-found']);
      kubectl(['delete', 'namespace', OWN, '--wait=false', '--ignore-not-found']);
    }
  },
);

test.run();
