// needs: bash kubectl
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { CREDENTIAL, DUMPED, groupOf } from '../src/knowledge/cluster-dump.ts';
import { groupedBy } from '../src/values/grouped.ts';
import { harvgenBeside, type Run } from './support/cli.ts';
import { dumpOf, MANAGED_PLANT, type Running, runningObjects } from './support/cluster-dump.ts';
import { makeSite, writeFiles } from './support/scratch.ts';

/** The script runs with the real kubectl, against a server that answers its requests as the API of Kubernetes does. */
const test = suite('scripts/dump-cluster.sh');

const servers: Server[] = [];
test.after(() => {
  for (const server of servers) server.close();
});

/** Starts an API that has some resources and serves some objects. Returns its URL. */
async function startApi(resources: readonly string[], objects: readonly Running[]): Promise<string> {
  const groups = groupedBy(resources, (name) => /\.(.*)/.exec(name)?.[1] ?? '');
  const versionOf = (group: string) =>
    ({
      '': 'v1',
      'storage.k8s.io': 'v1',
      'k8s.cni.cncf.io': 'v1',
      'kubevirt.io': 'v1',
      'longhorn.io': 'v1beta2',
    })[group] ?? 'v1beta1';
  const isNamespaced = (kind: string) =>
    !/^(?:Node|Namespace|CloudInit|ClusterNetwork|VlanConfig|HostNetworkConfig|StorageClass)$/.test(kind);
  const listOf = (group: string) => ({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: [group, versionOf(group)].filter(Boolean).join('/'),
    resources: (groups.get(group) ?? []).map((resource) => {
      const kind = DUMPED[resource] as string;
      const name = resource.split('.')[0];
      return {
        name,
        singularName: '',
        namespaced: isNamespaced(kind) && resource !== 'settings.harvesterhci.io',
        kind,
        verbs: ['get', 'list'],
      };
    }),
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const [, api, ...rest] = pathname.split('/');
    const answer = (body: unknown, code = 200) => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (pathname === '/api') answer({ kind: 'APIVersions', versions: ['v1'] });
    else if (pathname === '/apis') {
      const all = [...groups.keys()].filter(Boolean).map((name) => {
        const version = { groupVersion: `${name}/${versionOf(name)}`, version: versionOf(name) };
        return { name, versions: [version], preferredVersion: version };
      });
      answer({ kind: 'APIGroupList', apiVersion: 'v1', groups: all });
    } else if (api === 'api' && rest.length === 1) answer(listOf(''));
    else if (api === 'apis' && rest.length === 2) answer(listOf(rest[0] ?? ''));
    else {
      const group = api === 'api' ? '' : (rest[0] ?? '');
      const resource = [rest.at(-1), group].filter(Boolean).join('.');
      if (!resources.includes(resource)) return answer({ kind: 'Status', status: 'Failure', code: 404 }, 404);
      const items = objects.filter(
        (one) => one.kind === DUMPED[resource] && groupOf(one.apiVersion) === group,
      );
      answer({
        kind: 'List',
        apiVersion: `${group ? `${group}/` : ''}${versionOf(group)}`,
        metadata: { resourceVersion: '1' },
        items,
      });
    }
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Writes a site's script, and a kubeconfig without the user's own. Returns the command. */
async function scriptOf(folder: string, url: string): Promise<() => Promise<Run>> {
  const { tree } = await compile(folder);
  const content = String(tree?.get('scripts/dump-cluster.sh')?.content);
  const home = writeFiles(join(folder, '..'), {
    'dump-cluster.sh': content,
    kubeconfig: `{apiVersion: v1, kind: Config, current-context: a, contexts: [{name: a, context: {cluster: a}}], clusters: [{name: a, cluster: {server: "${url}"}}]}`,
  });
  chmodSync(join(home, 'dump-cluster.sh'), 0o755);
  const args = ['--kubeconfig', join(home, 'kubeconfig'), '--cache-dir', join(home, 'cache')];
  return () =>
    new Promise((done) => {
      execFile(join(home, 'dump-cluster.sh'), args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        done({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
}

async function objectsOf(folder: string): Promise<Running[]> {
  const { site } = await compile(folder);
  const [cluster] = site?.clusters ?? [];
  assert.ok(site && cluster);
  return runningObjects(site, cluster);
}

test('prints every object, which drift finds as in the inventory', async () => {
  const folder = makeSite(MANAGED_PLANT);
  const objects = await objectsOf(folder);
  const resources = Object.keys(DUMPED);
  const run = await (await scriptOf(folder, await startApi(resources, objects)))();
  assert.is(run.code, 0, run.stderr);
  assert.is(run.stdout.split('\n')[0], dumpOf([]).split('\n')[0]);
  const found: Running[] = parse(run.stdout).items;
  const names = (all: Running[]) => all.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  assert.equal(names(found), names(objects));
  writeFiles(join(folder, '..'), { dump: run.stdout });
  const drift = await harvgenBeside(['drift', 'plant', 'dump'], join(folder, '..'));
  assert.match(drift.stdout, /^plant: no drift\n/);
});

const SECRETS = [
  'pass-word-1',
  'AKIA-key-2',
  'tok-en-3',
  'hash4/abcdefghijklmnopqrstuvwxyz',
  'line5',
  'url-6',
  'yaml-7',
  'with"quote-8',
  'back\\slash-9',
  'nested-10',
  'env-11',
  'user12',
  'b64-13',
];

test('contains no credential, and stays valid', async () => {
  const folder = makeSite(MANAGED_PLANT);
  const objects = (await objectsOf(folder)).filter(({ kind }) => kind === 'Node');
  const setting = (name: string, value: string) => ({
    apiVersion: 'harvesterhci.io/v1beta1',
    kind: 'Setting',
    metadata: {
      name,
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ value, x: SECRETS[9] }),
      },
    },
    value,
  });
  objects.push(
    setting(
      'backup-target',
      JSON.stringify({
        type: 's3',
        accessKeyId: SECRETS[1],
        secretAccessKey: SECRETS[7],
        bucketName: 'kept-1',
      }),
    ),
    setting(
      'containerd-registry',
      JSON.stringify(
        {
          Configs: {
            'a.example.org': {
              Auth: { Username: SECRETS[11], Password: SECRETS[8], Auth: '', IdentityToken: SECRETS[2] },
            },
          },
          Mirrors: { a: 'kept-2' },
        },
        null,
        2,
      ),
    ),
    setting(
      'ssl-certificates',
      JSON.stringify({
        privateKey: `-----BEGIN RSA PRIVATE KEY-----\n${SECRETS[4]}\n-----END RSA PRIVATE KEY-----\n`,
        publicCertificate: 'kept-3',
      }),
    ),
    setting(
      'http-proxy',
      JSON.stringify({ httpProxy: `http://me:${SECRETS[5]}@proxy:1`, noProxy: 'kept-4' }),
    ),
    setting('cluster-registration-url', `https://rancher.example.org/v3/import/${SECRETS[2]}_c-x.yaml`),
    {
      apiVersion: 'node.harvesterhci.io/v1beta1',
      kind: 'CloudInit',
      metadata: { name: 'a' },
      spec: {
        contents: `password: ${SECRETS[6]}\nstages:\n  network:\n    - users:\n        rancher:\n          passwd: "${SECRETS[0]}"\n      environment: \n        AWS_SECRET_ACCESS_KEY: ${SECRETS[10]}\n      commands: ['echo $6$${SECRETS[3]}', kept-5]\n      quoted: "$6$${SECRETS[3]}"\n      kept: kept-6\n`,
      },
    },
    {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'vm', namespace: 'default' },
      spec: {
        userDataBase64: SECRETS[12],
        userData: `#cloud-config\npassword: ${SECRETS[0]}\nhostname: kept-7\n`,
        secretRef: { name: 'kept-8' },
      },
    },
  );
  const run = await (await scriptOf(folder, await startApi(Object.keys(DUMPED), objects)))();
  assert.is(run.code, 0, run.stderr);
  for (const secret of SECRETS)
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    ])
      assert.not.match(run.stdout, form);
  for (let kept = 1; kept <= 8; kept++) assert.match(run.stdout, `kept-${kept}`);
  const found: Running[] = parse(run.stdout).items;
  const of = (name: string) => found.find(({ metadata }) => metadata.name === name);
  assert.equal(JSON.parse(of('backup-target')?.value), {
    type: 's3',
    accessKeyId: CREDENTIAL,
    secretAccessKey: CREDENTIAL,
    bucketName: 'kept-1',
  });
  assert.equal(JSON.parse(of('containerd-registry')?.value).Configs['a.example.org'].Auth, {
    Username: CREDENTIAL,
    Password: CREDENTIAL,
    Auth: CREDENTIAL,
    IdentityToken: CREDENTIAL,
  });
  assert.is(JSON.parse(of('http-proxy')?.value).httpProxy, `http://${CREDENTIAL}@proxy:1`);
  const [step] = parse(of('a')?.spec.contents).stages.network;
  const hidden = [step.users.rancher.passwd, step.environment.AWS_SECRET_ACCESS_KEY, step.quoted];
  assert.equal(hidden, [CREDENTIAL, CREDENTIAL, CREDENTIAL]);
});

test('a release can lack resources; another cluster, and none, is an error', async () => {
  const folder = makeSite(MANAGED_PLANT);
  const objects = await objectsOf(folder);
  const old = ['nodes', 'services', 'settings.harvesterhci.io', 'addons.harvesterhci.io'];
  const run = await (await scriptOf(folder, await startApi(old, objects)))();
  assert.is(run.code, 0, run.stderr);
  assert.is(run.stdout.split('\n')[0], `# harvgen dump: ${old.join(' ')}`);
  const other = await (await scriptOf(folder, await startApi(['nodes', 'services'], [])))();
  assert.is(other.code, 1);
  assert.match(
    other.stderr,
    'dump-cluster.sh: this is not a Harvester cluster: it has no settings.harvesterhci.io',
  );
  const none = await (await scriptOf(folder, 'http://127.0.0.1:1'))();
  assert.is(none.code, 1);
  assert.match(none.stderr, 'dump-cluster.sh: the cluster does not answer: check the kubeconfig');
});

test.run();
