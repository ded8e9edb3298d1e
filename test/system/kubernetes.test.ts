// needs: root ip kubectl nft nginx nsenter openssl unshare setpriv

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { BIN, harvgen } from '../support/cli.ts';
import { type KubernetesObject, schemaErrors } from '../support/kubernetes-schema.ts';
import { type Edit, edited, PLANT } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';
import { type Asker, openAsker } from './asker.ts';
import { openPod, type Pod } from './pod.ts';
import { differencesIn, verifyIn } from './verify-box.ts';

const [SERVER, ASKER, NODE, OTHER, UNKNOWN, PROXY] = [
  '192.168.178.7',
  '192.168.178.50',
  '192.168.178.41',
  '192.168.178.42',
  '192.168.178.222',
  '10.42.0.9',
];
const TOKEN = 'the-token-of-the-plant';
const SECRETS = `cluster_token: ${TOKEN}\n`;
/** The name in the certificate. */
const NAME = 'boot.example.org';
const CONFIG = '/config/52-54-00-aa-01-01.yaml';
/** The headers of an EFI program. */
const PROGRAM = `MZ${'\0'.repeat(58)}@\0\0\0PE\0\0d\x86`;

const test = suite('the kustomization of a tree');

/** Returns an edit that adds pods to a site, and other settings to its server. */
const withPods = (kubernetes: string, server = ''): Edit => [
  'server:\n',
  `server:\n${server}  kubernetes: { ${kubernetes} }\n`,
];

const TLS =
  '  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key, url: https://boot.example.org }\n';

/** Sites that differ in the content of their kustomizations, each with its own files. */
const SITES: Readonly<Record<string, { edits: readonly Edit[]; files?: Readonly<Record<string, string>> }>> =
  {
    'ConfigMaps and a volume': {
      edits: [withPods('media_claim: media', '  ports: [10000]\n  allow: [10.0.8.15]\n')],
    },
    'an image': { edits: [withPods('media_claim: media, image: registry.plant/boot:1, replicas: 1')] },
    'a NodePort': {
      edits: [
        withPods('media_claim: media, service: NodePort, namespace: boot'),
        ['http://192.168.178.7', 'http://192.168.178.7:30080'],
      ],
    },
    'an ingress': {
      edits: [withPods('media_claim: media, ingress: { class: traefik, proxies: [10.42.0.0/16] }')],
    },
    'https for secret files': { edits: [withPods('media_claim: media', TLS)] },
    'no secret, and files from another server': {
      edits: [
        withPods('', '  media: http://192.168.178.8\n'),
        ['${secret:cluster_token}', 'a-token-of-the-plant'],
      ],
    },
    'site files in several parts': {
      edits: [withPods('media_claim: media')],
      files: {
        'files/www/a b/ü_$.txt': '# first\n  second\r\nthird\n',
        'files/www/any.bin': '\0\u0001binary',
        'files/www/empty': '',
        'files/www/yes': ' no\n---\n...\n# not a comment: {{ x }}\n\n',
        ...Object.fromEntries(
          Array.from({ length: 12 }, (_, index) => [
            `files/www/part/${index}.txt`,
            `${index}\n`.repeat(15_000),
          ]),
        ),
      },
    },
  };

test('kubectl builds it, and every object matches the schema of its kind', () => {
  for (const [name, { edits, files }] of Object.entries(SITES)) {
    const objects = kustomize(build(edited(PLANT, ...edits), files));
    const kinds = objects.map(({ kind }) => kind);
    assert.is(kinds.includes('Namespace'), name !== 'a NodePort', name);
    // Any node can receive a request, so each node has a pod.
    const workloads = name === 'a NodePort' ? ['DaemonSet'] : ['Deployment', 'PodDisruptionBudget'];
    for (const kind of [...workloads, 'Service', 'NetworkPolicy'])
      assert.is(kinds.filter((one) => one === kind).length, 1, `${name}: ${kind}`);
    assert.is(kinds.includes('DaemonSet'), !kinds.includes('Deployment'), name);
    assert.is(kinds.includes('Ingress'), name === 'an ingress');
    assert.is(kinds.includes('ConfigMap'), name !== 'an image');
    for (const object of objects) {
      assert.equal(schemaErrors(object), [], `${name}: ${object.kind}`);
      if (object.kind !== 'Namespace')
        assert.is(object.metadata.namespace, name === 'a NodePort' ? 'boot' : 'harvgen-plant', object.kind);
      const size = Buffer.byteLength(JSON.stringify(object));
      assert.ok(size < 256 * 1024, `${name}: kubectl's annotation would have ${size} bytes`);
    }
  }
});

test('the kustomization contains no secret, even in a tree that is built with the values', () => {
  const filled = build(edited(PLANT, withPods('media_claim: media')), {}, '--secrets');
  const folder = join(filled, 'k8s');
  const plain = join(build(edited(PLANT, withPods('media_claim: media'))), 'k8s');
  assert.not.match(execFileSync('grep', ['-rl', TOKEN, filled], { encoding: 'utf8' }), '/k8s/');
  const others = execFileSync('diff', ['-r', plain, folder, '--exclude=Containerfile'], { encoding: 'utf8' });
  assert.is(others, '');
  assert.throws(() => statSync(join(folder, 'Containerfile')), /ENOENT/);
});

test('any change of served files restarts pods, and no other change does', () => {
  const template = (edits: readonly Edit[], files?: Readonly<Record<string, string>>) => {
    const objects = kustomize(build(edited(PLANT, withPods('media_claim: media'), ...edits), files));
    return JSON.stringify(workload(objects).spec.template);
  };
  const plain = template([]);
  assert.is(template([]), plain);
  assert.is(template([], { 'files/notes.txt': 'x\n' }), plain);
  assert.is.not(template([], { 'files/www/notes.txt': 'x\n' }), plain);
  // Only a node's configuration, and only nginx's.
  assert.is.not(
    template([
      [
        'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1',
        'device: /dev/disk/by-path/pci-0000:00:17.0-ata-2',
      ],
    ]),
    plain,
  );
  assert.is.not(template([['server:\n', 'server:\n  allow: [10.0.8.15]\n']]), plain);
});

test('another tree keeps the files that pods of the previous tree serve', () => {
  const parts = (count: number, edits: readonly Edit[] = []) => {
    const files = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`files/www/part/${index}.txt`, `${index}\n`.repeat(3000)]),
    );
    const objects = kustomize(build(edited(PLANT, withPods('media_claim: media'), ...edits), files));
    return { objects, maps: objects.filter(({ kind }) => kind === 'ConfigMap') };
  };
  const before = parts(80);
  // One file less, another IP address, and one more secret.
  const after = parts(79, [
    ['192.168.178.43 }', '192.168.178.44 }'],
    ['token: ${secret:cluster_token}', 'token: ${secret:cluster_token}-${secret:more}'],
  ]);
  const names = (maps: readonly KubernetesObject[]) => maps.map(({ metadata }) => metadata.name);
  // As `kubectl apply` does.
  const cluster = new Map([...before.maps, ...after.maps].map((map) => [map.metadata.name, map]));
  for (const map of before.maps) assert.equal(cluster.get(map.metadata.name), map, map.metadata.name);
  for (const { objects, maps } of [before, after]) {
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    const { volumes } = deployment?.spec.template.spec ?? {};
    const sources = volumes.flatMap(({ projected }: KubernetesObject['spec']) => projected?.sources ?? []);
    assert.ok(sources.length > 3);
    for (const { configMap } of sources)
      for (const { key } of configMap.items)
        assert.type(cluster.get(configMap.name)?.data[key], 'string', `${configMap.name} ${key}`);
    assert.is(new Set(names(maps)).size, maps.length);
  }
  const same = names(after.maps).filter((name) => names(before.maps).includes(name));
  assert.ok(same.length >= before.maps.length / 2, `${same.length} of ${before.maps.length} are the same`);
});

test('the pod serves as nginx on a machine does: each node gets its own files, with substituted secrets', async () => {
  const tree = build(
    edited(PLANT, withPods('media_claim: media', `  ports: [10000]\n  allow: [${ASKER}]\n`)),
    SITES['site files in several parts']?.files,
  );
  await inPod(tree, async (pod, ask, _, verify, media) => {
    assert.match(await pod.run(['id']), 'uid=101');
    assert.match(
      await pod.run(['sh', '-c', 'grep ^Cap /proc/self/status; grep NoNew /proc/self/status']),
      /^CapInh:\t0+\nCapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+\nCapAmb:\t0+\nNoNewPrivs:\t1\n$/,
    );
    for (const path of ['/etc', '/srv', '/var/tmp', '/usr', '/srv/harvgen/www', '/srv/media'])
      assert.match(await failure(pod.run(['touch', `${path}/x`])), 'Read-only file system', path);

    for (const port of [80, 10000]) {
      const { status, body } = await ask(NODE, CONFIG, port);
      assert.is(status, 200);
      assert.match(body, `token: "${TOKEN}"\n`);
      assert.is((await ask(OTHER, CONFIG, port)).status, 403);
      assert.is((await ask(UNKNOWN, CONFIG, port)).status, 403);
    }
    for (const path of ['/ipxe/52-54-00-aa-01-01.ipxe', '/ipxe/52:54:00:AA:01:01']) {
      assert.match((await ask(NODE, path)).body, /^#!ipxe\n/);
      assert.is((await ask(UNKNOWN, path)).status, 403);
    }
    assert.is((await ask(NODE, '/ipxe/52-54-00-aa-01-09.ipxe')).status, 404);
    assert.is((await ask(NODE, '/harvester/v1.4.1/a-file')).body, 'of Harvester');
    assert.is((await ask(NODE, '/loader/snponly.efi')).body, PROGRAM);
    assert.is((await ask(NODE, '/loader/undionly.kpxe')).status, 404);
    for (const [file, content] of Object.entries(SITES['site files in several parts']?.files ?? {})) {
      const path = file.replace('files/www', '').split('/').map(encodeURIComponent).join('/');
      const answer = await ask(UNKNOWN, path);
      assert.is(Buffer.from(answer.body, 'latin1').toString(), content, file);
    }
    assert.equal(await verify([80]), []);
    const apply = 'apply the objects of the tree again';
    const readme = 'the README of out/plant has the commands';
    assert.equal(await verify([80], ['178.42 }', '178.42, boot: { args: [more] } }']), [
      `HTTP: harv-2: the server serves other files than a build of the inventory has: http://${SERVER}/inventory.json from line 57; http://${SERVER}/ipxe/52-54-00-aa-01-02.ipxe from line 33 -> ${apply}: ${readme}`,
    ]);
    const look =
      '`kubectl --namespace harvgen-plant get pods,services` shows whether the pods run, and the IP address of the Service: it must be that of server.url';
    writeFileSync(join(media, 'loader/snponly.efi'), '');
    const copy = 'copy it to the volume of the claim media again, readable for all users';
    assert.equal(await verify([80]), [
      `boot file: harv-1 to harv-3 (3 nodes): snponly.efi is empty: firmware does not start it: http://${SERVER}/loader/snponly.efi -> ${copy}`,
    ]);
    writeFileSync(join(media, 'loader/snponly.efi'), PROGRAM, 'latin1');
    // A Service at another IP address.
    assert.equal(await verify([]), [
      `HTTP: harv-1 to harv-3 (3 nodes): http://${SERVER} does not answer: it refuses the connection -> ${look}`,
    ]);
    assert.match(await pod.log(), `${NODE} - harv-1 [`);
    assert.not.match(await pod.log(), TOKEN);
  });
});

test('behind an ingress, a client is identified by the header of a proxy, but not by that of any other client', async () => {
  const tree = build(edited(PLANT, withPods('media_claim: media, ingress: { proxies: [10.42.0.0/16] }')));
  await inPod(tree, async (_, ask) => {
    const request = (from: string, header: string) => ask(from, CONFIG, 80, [`X-Forwarded-For: ${header}`]);
    assert.is((await request(PROXY, NODE)).status, 200);
    assert.is((await request(PROXY, OTHER)).status, 403);
    assert.is((await request(UNKNOWN, NODE)).status, 403, 'a machine that claims another IP address');
    assert.is(
      (await request(PROXY, `${NODE}, ${UNKNOWN}`)).status,
      403,
      'a machine that does so through the proxy',
    );
    assert.is((await ask(PROXY, CONFIG)).status, 403, 'the proxy without a client');
  });
});

test('an annotation names the certificate to a controller, because nginx reads it only at its start', () => {
  const annotations = (server: string) =>
    workload(kustomize(build(edited(PLANT, withPods('media_claim: media', server))))).metadata.annotations;
  assert.equal(annotations(TLS), { 'secret.reloader.stakater.com/reload': 'harvgen-plant-tls' });
  assert.is(annotations(''), undefined);
});

test('the pod serves https with the certificate of its Secret', async () => {
  const tree = build(edited(PLANT, withPods('media_claim: media', TLS)));
  await inPod(tree, async (_, ask) => {
    assert.is((await ask(NODE, CONFIG)).status, 404, 'not by http');
    const { status, body } = await ask(NODE, CONFIG, 443);
    assert.is(status, 200);
    assert.match(body, TOKEN);
  });
});

test('the image that the Containerfile builds serves the same files', async () => {
  const tree = build(edited(PLANT, withPods('media_claim: media, image: registry.plant/boot:1')));
  await inPod(tree, async (_, ask) => {
    assert.match((await ask(NODE, CONFIG)).body, TOKEN);
    assert.is((await ask(UNKNOWN, CONFIG)).status, 403);
    assert.match((await ask(UNKNOWN, '/boot.ipxe')).body, /^#!ipxe\n/);
  });
});

test('secrets for another tree are not used: nginx answers 503 until the right ones are there', async () => {
  const tree = build(
    edited(PLANT, withPods('media_claim: media', `  allow: [${ASKER}]\n`), [
      'token: ${secret:cluster_token}',
      'token: ${secret:cluster_token}-${secret:more}',
    ]),
  );
  const old = secretOf(edited(PLANT, withPods('media_claim: media')));
  const pods = async (_: Pod, ask: Ask, ready: Ready, verify: Verify) => {
    assert.is((await ask(NODE, CONFIG)).status, 503);
    // A rollout stops at this pod.
    assert.is(await ready(), 503);
    assert.is((await ask(UNKNOWN, '/boot.ipxe')).status, 200);
    const [difference, ...others] = await verify([80]);
    assert.equal(others, []);
    assert.match(
      difference ?? '',
      /^HTTP: harv-1 to harv-3 \(3 nodes\): nginx answers 503: its secrets are those of another tree, or /,
    );
    assert.match(
      difference ?? '',
      / -> apply the output of `harvgen secrets --format kubernetes`, then `kubectl --namespace harvgen-plant rollout restart deployment\/harvgen-plant`$/,
    );
  };
  await inPod(tree, pods, { secret: old, isReady: false });
});

test('a missing Secret or claim, which a cluster would wait for, is an error here', async () => {
  const objects = kustomize(build(edited(PLANT, withPods('media_claim: media'))));
  const sandbox = await openSandbox();
  try {
    assert.match(await failure(openPod(sandbox, objects, claims())), '0 of Secret harvgen-plant-secrets');
    const secret = secretOf(edited(PLANT, withPods('media_claim: media')));
    assert.match(await failure(openPod(sandbox, [...objects, ...secret])), 'no claim media');
  } finally {
    await sandbox.close();
  }
});

test('the policy admits machines at the existing ports, and with an ingress only the proxies', () => {
  const admitted = (kubernetes: string, server = '') => {
    const objects = kustomize(build(edited(PLANT, withPods(kubernetes, server))));
    const find = (name: string) => objects.find(({ kind }) => kind === name);
    const { ingress, egress, policyTypes, podSelector } = find('NetworkPolicy')?.spec ?? {};
    const { spec, metadata } = find('Deployment')?.spec.template ?? {};
    assert.equal([egress, policyTypes], [undefined, ['Ingress', 'Egress']]);
    for (const [key, value] of Object.entries(podSelector.matchLabels))
      assert.is(metadata.labels[key], value);
    const ports = (list: readonly Record<string, number>[], key: string) => list.map((one) => one[key]);
    const { containerPort: readiness } = spec.containers[0].ports.at(-1);
    assert.equal(
      [...ports(ingress[0].ports, 'port'), readiness],
      ports(spec.containers[0].ports, 'containerPort'),
    );
    for (const object of objects) assert.equal(schemaErrors(object), [], object.kind);
    return ingress[0].from?.map(
      ({ ipBlock, namespaceSelector }: KubernetesObject['spec']) =>
        ipBlock?.cidr ?? namespaceSelector.matchLabels['kubernetes.io/metadata.name'],
    );
  };
  const allowed = '  allow: [10.0.8.15]\n  allow_scripts: [10.0.9.0/24, 10.0.8.15]\n  ports: [10000]\n';
  const outside = ['192.168.178.0/24', '10.0.8.15/32', '10.0.9.0/24'];
  assert.equal(admitted('media_claim: media', allowed), outside);
  const ingress = 'media_claim: media, ingress: { proxies: [10.42.0.0/16] }';
  assert.equal(admitted(ingress), ['10.42.0.0/16']);
  assert.equal(admitted(`${ingress}, service: LoadBalancer`, allowed), [...outside, '10.42.0.0/16']);
  const named = 'media_claim: media, ingress: { namespace: traefik, proxies: [10.42.0.0/16] }';
  assert.equal(admitted(named), ['10.42.0.0/16', 'traefik']);
  // Machines of other sites send requests, too, and are redirected.
  const next = '  next: http://192.168.179.7\n';
  assert.is(admitted('media_claim: media', allowed + next), undefined);
  assert.equal(admitted(named, next), ['10.42.0.0/16', 'traefik']);
});

test.run();

/** Builds a site's tree. Returns its directory. */
function build(site: string, files: Readonly<Record<string, string>> = {}, ...args: string[]): string {
  const home = dirname(makeSite({ 'site.yaml': site, ...files }));
  writeFiles(home, { 's.yaml': SECRETS });
  const secrets = args.includes('--secrets') ? ['--secrets', 's.yaml'] : [];
  const { code, stderr } = harvgen(['build', '--out', 'out', ...secrets, 'plant'], home);
  assert.is(code, 0, stderr);
  return join(home, 'out/plant');
}

/** Builds the kustomization of a tree. */
function kustomize(tree: string): KubernetesObject[] {
  const env = { ...process.env, HOME: scratchFolder() };
  const text = execFileSync('kubectl', ['kustomize', join(tree, 'k8s')], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** Returns the Secret of a site. */
function secretOf(site: string): KubernetesObject[] {
  const home = dirname(makeSite(site));
  writeFiles(home, { 's.yaml': SECRETS });
  const args = ['secrets', '--format', 'kubernetes', '--secrets', 's.yaml', 'plant'];
  const text = execFileSync(process.execPath, [BIN, ...args], { cwd: home, encoding: 'utf8', stdio: 'pipe' });
  const secret = parseAllDocuments(text).map((document) => document.toJS());
  for (const one of secret) assert.equal(schemaErrors(one), []);
  return secret;
}

/** Returns a volume with the files outside a tree. */
function claims() {
  const media = writeFiles(scratchFolder(), {
    'harvester/v1.4.1/a-file': 'of Harvester',
    ...Object.fromEntries(
      ['vmlinuz-amd64', 'initrd-amd64', 'rootfs-amd64.squashfs', 'amd64.iso'].map((name) => [
        `harvester/v1.4.1/harvester-v1.4.1-${name}`,
        name,
      ]),
    ),
    'loader/snponly.efi': '',
  });
  writeFileSync(join(media, 'loader/snponly.efi'), PROGRAM, 'latin1');
  execFileSync('chmod', ['-R', 'a+rX', media]);
  return { claims: { media } };
}

/** Returns a Secret with a self-signed certificate, as `kubectl create secret tls` makes it. */
function tlsSecret(): KubernetesObject {
  const home = scratchFolder();
  const [crt, key] = [join(home, 'crt'), join(home, 'key')];
  const subject = ['-subj', '/CN=boot', '-addext', `subjectAltName=DNS:${NAME}`];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', crt, ...subject],
    { stdio: 'pipe' },
  );
  const base64 = (file: string) => readFileSync(file).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'harvgen-plant-tls', namespace: 'harvgen-plant' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(crt), 'tls.key': base64(key) },
  };
}

type Ask = (
  from: string,
  path: string,
  port?: number,
  headers?: readonly string[],
) => ReturnType<Asker['ask']>;

/** Sends the request by which kubelet checks that a pod is ready. Returns the status. */
type Ready = () => Promise<number>;

/** Runs `harvgen verify` at the IP address of the Service, which forwards these ports. Returns the differences and notes. */
type Verify = (ports: readonly number[], edit?: Edit) => Promise<string[]>;

/** Returns the object that makes pods. */
function workload(objects: readonly KubernetesObject[]): KubernetesObject {
  const found = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
  assert.is(found.length, 1);
  return found[0] as KubernetesObject;
}

/** Runs the pod of a tree's kustomization, with its Secret, and with the image of its Containerfile if the tree has one. */
async function inPod(
  tree: string,
  work: (pod: Pod, ask: Ask, ready: Ready, verify: Verify, media: string) => Promise<void>,
  {
    secret = secretOf(readFileSync(join(dirname(dirname(tree)), 'plant/site.yaml'), 'utf8')),
    isReady = true,
  }: { readonly secret?: readonly KubernetesObject[]; readonly isReady?: boolean } = {},
): Promise<void> {
  const sandbox = await openSandbox();
  const asker = openAsker(sandbox);
  const tls = tlsSecret();
  let pod: Pod | undefined;
  try {
    await sandbox.run(['ip', 'link', 'add', 'net0', 'type', 'bridge']);
    await sandbox.run(['ip', 'link', 'set', 'net0', 'up']);
    for (const address of [SERVER, ASKER, NODE, OTHER, UNKNOWN, PROXY])
      await sandbox.run(['ip', 'address', 'add', `${address}/24`, 'dev', 'net0']);
    const objects = [...kustomize(tree), ...secret, tls];
    const { image } = workload(objects).spec.template.spec.containers[0];
    if (image === 'registry.plant/boot:1') await buildImage(sandbox, tree);
    const volumes = claims();
    pod = await openPod(sandbox, objects, volumes);
    assert.match(
      await pod.run(['sh', '-c', 'nginx -t -e stderr -c /etc/harvgen/nginx/nginx.conf 2>&1 | cat']),
      'test is successful',
    );
    await pod.start();
    const ask: Ask = (from, path, port = 80, headers = []) =>
      asker.ask({
        from,
        to: SERVER,
        port: pod?.portOf(port) ?? 0,
        text: [`GET ${path} HTTP/1.0`, `Host: ${port === 443 ? NAME : SERVER}`, ...headers, '', ''].join(
          '\r\n',
        ),
        ...(port === 443
          ? { tls: { ca: Buffer.from(tls.data['tls.crt'], 'base64').toString(), servername: NAME } }
          : {}),
      });
    const { httpGet } = workload(objects).spec.template.spec.containers[0].readinessProbe;
    const ready = async () => {
      const port = pod?.containerPort(httpGet.port) ?? 0;
      const text = `GET ${httpGet.path} HTTP/1.0\r\n\r\n`;
      return (await asker.ask({ from: UNKNOWN, to: SERVER, port, text })).status;
    };
    assert.is(await ready(), isReady ? 200 : 503);
    const folder = join(dirname(dirname(tree)), 'plant');
    const verify: Verify = async (ports, edit) => {
      const forwards = ports.map(
        (port) => `ip daddr ${SERVER} tcp dport ${port} dnat to ${SERVER}:${pod?.portOf(port)};`,
      );
      const chain = `chain c { type nat hook output priority -100; ${forwards.join(' ')} };`;
      await sandbox.run([
        'nft',
        `table ip service { ${chain} }; delete table ip service; table ip service { ${chain} }`,
      ]);
      const site = join(folder, 'site.yaml');
      const text = readFileSync(site, 'utf8');
      if (edit) writeFileSync(site, edited(text, edit));
      const { stdout, stderr } = await verifyIn(sandbox, ['--interface', 'lo', folder]);
      writeFileSync(site, text);
      assert.is(stderr, '');
      return differencesIn(stdout).filter((one) => !one.startsWith('note: '));
    };
    await probe(objects, ask);
    await work(pod, ask, ready, verify, volumes.claims.media);
  } finally {
    await asker.close();
    await pod?.stop();
    await sandbox.close();
  }
}

/** Sends the requests of kubelet, from the IP address of an unknown machine. */
async function probe(objects: readonly KubernetesObject[], ask: Ask): Promise<void> {
  const [container] = workload(objects).spec.template.spec.containers;
  for (const name of ['startupProbe', 'livenessProbe']) {
    const { path, port, scheme, httpHeaders } = container[name].httpGet;
    assert.equal([port, scheme, httpHeaders], ['http', 'HTTP', [{ name: 'Host', value: SERVER }]]);
    assert.is((await ask(UNKNOWN, path)).status, 200, `${name} ${path}`);
  }
}

/** Executes the Containerfile of a tree on the sandbox, which replaces its base image. */
async function buildImage(sandbox: Sandbox, tree: string): Promise<void> {
  const lines = readFileSync(join(tree, 'k8s/Containerfile'), 'utf8').split('\n');
  const context = join(sandbox.folder, 'context');
  cpSync(tree, context, { recursive: true });
  for (const line of lines.filter((one) => one !== '' && !one.startsWith('#'))) {
    const [word, ...rest] = line.split(' ');
    if (word === 'FROM') assert.match(rest.join(), /^docker\.io\/nginxinc\/nginx-unprivileged:\d+\.\d+$/);
    else if (word === 'USER') assert.equal(rest, ['101']);
    else if (word === 'COPY') await copy(sandbox, join(context, rest[0] ?? ''), rest[1] ?? '');
    else if (word === 'ENTRYPOINT')
      assert.equal(JSON.parse(rest.join(' ')), [
        'nginx',
        '-e',
        'stderr',
        '-c',
        '/etc/harvgen/nginx/nginx.conf',
      ]);
    else assert.ok(['CMD', 'STOPSIGNAL'].includes(word ?? ''), line);
  }
}

/** Copies as COPY does: the content of a directory, or a file. */
async function copy(sandbox: Sandbox, from: string, to: string): Promise<void> {
  const isFolder = statSync(from).isDirectory();
  await sandbox.run(['mkdir', '-p', isFolder ? to : dirname(to)]);
  await sandbox.run(['cp', '-r', isFolder ? `${from}/.` : from, to]);
}

/** Returns the error of an operation. Fails if the operation succeeds. */
async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return String(error);
  }
  return assert.unreachable('it did not fail') as never;
}
