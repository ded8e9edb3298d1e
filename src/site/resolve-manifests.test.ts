import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { edited, PLANT } from '../../test/support/plant.ts';
import { CLUSTER, CLUSTERS, node } from '../../test/support/resolved.ts';
import { makeSite, scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { textOf } from '../tree/tree.ts';
import type { Site } from './model.ts';

const test = suite('manifests');

/** Compiles a site in a directory, which must have no errors; returns the messages of warnings, too. */
async function site(folder: string): Promise<{ site: Site; found: string[]; tree: Map<string, string> }> {
  const { site, tree, diagnostics } = await compile(folder);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(
    errors.map(({ message }) => message),
    [],
  );
  assert.ok(site && tree);
  const texts = new Map(Array.from(tree, ([path, file]) => [path, textOf(file)]));
  return { site, found: diagnostics.map(({ message }) => message), tree: texts };
}

const bodies = ({ manifests }: Site) => JSON.parse(JSON.stringify(manifests.map(({ body }) => body)));

const MAP = (name: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: ${data}\n`;

test('an included directory is a lower layer: maps merge, other values are replaced', async () => {
  const home = writeFiles(scratchFolder(), {
    '_shared/common.yaml': 'air_gapped: false\n',
    '_shared/manifests/maps.yaml': `${MAP('a', '{ x: "1", y: "1" }')}---\n${MAP('b', '{ x: "1" }')}`,
    '_shared/manifests/other/maps.yaml': MAP('c', '{ x: "1" }'),
    'plant/site.yaml': `include: [../_shared/common.yaml]\n${PLANT}`,
    'plant/manifests/maps.yaml': MAP('a', '{ y: "2" }'),
    'plant/manifests/plant/maps.yaml': MAP('a', '{ z: "3" }'),
  });
  const metadata = (name: string) => ({ name, namespace: 'default' });
  const { site: resolved, tree } = await site(`${home}/plant`);
  assert.equal(bodies(resolved), [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('a'), data: { x: '1', y: '2', z: '3' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('b'), data: { x: '1' } },
  ]);
  const path = 'cluster/workloads/config-map-a.yaml';
  assert.match(tree.get('cluster/kustomization.yaml') ?? '', 'workloads/config-map-b.yaml');
  assert.match(tree.get(path) ?? '', 'z: "3"');
});

test('values of the site and of the object; a range is one object for each name', async () => {
  const { site: resolved } = await site(
    makeSite({
      'site.yaml': edited(PLANT, ['  mgmt:\n', '  mgmt:\n    vlan: 20\n']),
      'manifests/maps.yaml': MAP(
        '"web-[1-2]"',
        `{ a: "${['name', 'server.url', 'cluster.vip', 'cluster.version', 'networks.mgmt.subnet', 'networks.mgmt.vlan', 'networks.mgmt.dns', 'nodes.harv-2.ip', 'object.name'].map((name) => `\${site:${name}}`).join(' ')}", b: "\${site:-x} \${other}" }`,
      ),
    }),
  );
  assert.equal(
    resolved.manifests.map(({ name, body }) => [name, (body as { data: object }).data]),
    ['web-1', 'web-2'].map((name) => [
      name,
      {
        a: `plant http://192.168.178.7 192.168.178.40 v1.4.1 192.168.178.0/24 20 192.168.178.1 192.168.178.42 ${name}`,
        b: '${site:-x} ${other}',
      },
    ]),
  );
});

test('an object with a node in its name is one for each member, with the names of its NICs; numbers are numbers', async () => {
  const { site: resolved } = await site(
    makeSite({
      'site.yaml': edited(
        PLANT,
        ['  mgmt:\n', '  data: { subnet: 10.0.0.0/24, mtu: 9000 }\n  mgmt:\n'],
        ...[1, 2, 3].map(
          (number) =>
            [
              `mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
              `nics: [{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }, { name: ens${number}, network: data }]`,
            ] as const,
        ),
      ),
      'manifests/networks.yaml': `apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: data }
---
apiVersion: network.harvesterhci.io/v1beta1
kind: VlanConfig
metadata: { name: "data-\${node:name}" }
spec:
  clusterNetwork: data
  nodeSelector: { kubernetes.io/hostname: "\${node:name}" }
  uplink: { nics: ["\${node:nic.data}"], linkAttributes: { mtu: "\${site:networks.data.mtu}" } }
`,
    }),
  );
  assert.equal(
    bodies(resolved)
      .slice(1)
      .map((one: { metadata: object; spec: { uplink: object } }) => [one.metadata, one.spec.uplink]),
    [1, 2, 3].map((number) => [
      { name: `data-harv-${number}` },
      { nics: [`ens${number}`], linkAttributes: { mtu: 9000 } },
    ]),
  );
});

test('in a site with clusters, an object is for all of them, or for that of its directory', async () => {
  const { site: resolved, tree } = await site(
    makeSite({
      'site.yaml': edited(
        PLANT,
        [CLUSTER, CLUSTERS],
        ['mode: create }', 'mode: create, cluster: east }'],
        ['192.168.178.42 }', '192.168.178.42, cluster: west, mode: create }'],
        ['192.168.178.43 }', '192.168.178.43, cluster: west }'],
      ),
      'manifests/both.yaml': MAP('both', '{ cluster: "${site:cluster.name}" }'),
      'manifests/west/own.yaml': MAP('own', '{ vip: "${site:cluster.vip}" }'),
    }),
  );
  assert.equal(
    resolved.manifests.map(({ cluster, name, body }) => [
      cluster.name,
      name,
      (body as { data: object }).data,
    ]),
    [
      ['east', 'both', { cluster: 'east' }],
      ['west', 'both', { cluster: 'west' }],
      ['west', 'own', { vip: '192.168.178.39' }],
    ],
  );
  assert.ok(tree.has('cluster/west/workloads/config-map-own.yaml'));
});

test('secrets: a Secret is outside the kustomization, with a placeholder that fits its text', async () => {
  const { tree } = await site(
    makeSite({
      'site.yaml': PLANT,
      'manifests/secret.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: { name: web, namespace: lab }\nstringData:\n  plain: "${secret:vm}"\n  userdata: |\n    #cloud-config\n    password: ${secret:vm}\n  json: \'{"a": "${secret:vm}"}\'\n',
    }),
  );
  const text = tree.get('cluster-secrets/workloads/secret-lab_web.yaml') ?? '';
  const [document] = parseAllDocuments(text);
  assert.equal(document?.toJS().stringData, {
    plain: '@@secret:vm@@',
    userdata: '#cloud-config\npassword: "@@secret:vm:yaml@@"\n',
    json: '{"a": "@@secret:vm:json@@"}',
  });
  assert.not.match(tree.get('cluster/kustomization.yaml') ?? '', 'secret');
});

const BOOTSTRAP = ['  vip: 192', '  bootstrap: [ConfigMap]\n  vip: 192'] as const;

/** Returns the objects that RKE2 applies on a node: its template engine has replaced the escapes. */
function applied(resolved: Site, name: string): unknown[] {
  const files = node(resolved, name).config.os?.write_files ?? [];
  const file = files.find(({ path }) => path?.includes('/rke2/server/manifests/'));
  if (!file) return [];
  assert.is(file.permissions, '0600');
  const text = (file.content ?? '').replaceAll('{{`{{`}}', '{{');
  assert.not.match(file.content?.replaceAll('{{`{{`}}', '') ?? '', '{{');
  return parseAllDocuments(text).map((document) => document.toJS());
}

test('the create node applies the objects of bootstrap, and then a CloudInit that ends it', async () => {
  const files = {
    'site.yaml': edited(PLANT, BOOTSTRAP, [
      '    os: { ntp',
      '    os: { write_files: [{ path: /etc/motd, content: hello }], ntp',
    ]),
    'manifests/maps.yaml': `${MAP('a', '{ x: "{{ v1.name }} ${secret:vm}" }')}---\napiVersion: v1\nkind: Namespace\nmetadata: { name: lab }\n`,
  };
  const { site: resolved, tree } = await site(makeSite(files));
  const [map, once, ...others] = applied(resolved, 'harv-1') as Record<string, Record<string, string>>[];
  assert.equal(others, []);
  assert.is(map?.data?.x, '{{ v1.name }} ${secret:vm}');
  assert.is(once?.kind, 'CloudInit');
  assert.equal(parseAllDocuments(once?.spec?.contents ?? '')[0]?.toJS().stages, {
    initramfs: [
      {
        files: [
          {
            path: '/var/lib/rancher/rke2/server/manifests/harvgen-bootstrap.yaml.skip',
            content: 'applied by the installation\n',
            permissions: 0o644,
            owner: 0,
            group: 0,
          },
        ],
      },
    ],
  });
  assert.equal(
    ['harv-1', 'harv-2'].map((name) => node(resolved, name).config.os?.write_files?.length),
    [2, 1],
  );
  assert.equal(applied(resolved, 'harv-2'), []);
  // The cluster owns the objects from then on; a CloudInit must not write the file again.
  assert.ok(tree.has('cluster/os/cloud-init-harvgen-bootstrap.yaml'));
  for (const [path, text] of tree)
    if (path.startsWith('cluster') && !path.includes('bootstrap'))
      assert.not.match(text, 'rke2/server/manifests');
  assert.match(tree.get('www/config/52-54-00-aa-01-01.yaml') ?? '', '@@secret:vm:yaml@@');
});

test('before v1.3.0 there is no CloudInit', async () => {
  const { site: resolved, found } = await site(
    makeSite({
      'site.yaml': edited(PLANT, BOOTSTRAP, ['v1.4.1', 'v1.2.2']),
      'manifests/maps.yaml': MAP('a', '{}'),
    }),
  );
  assert.equal(applied(resolved, 'harv-1').length, 1);
  assert.equal(found, [
    'v1.2.2 has no CloudInit resources: each boot of the create node overwrites later changes of these objects.',
  ]);
});

test('the step and the order of each object in the script', async () => {
  const { objects } = await import('../../test/support/objects.ts');
  const { tree } = await site(
    makeSite({
      'site.yaml': edited(PLANT, [
        '  config:\n',
        '  config:\n    system_settings: { ui-source: auto, storage-network: { vlan: 1, clusterNetwork: vms, range: 10.0.0.0/24 } }\n',
      ]),
      'manifests/objects.yaml': objects(),
    }),
  );
  const script = tree.get('scripts/apply-cluster.sh') ?? '';
  const steps = /steps=\(\n([\s\S]*?)\n {6}\)/
    .exec(script)?.[1]
    ?.split('\n')
    .map((line) => line.trim());
  assert.equal(
    steps?.map((line) => line.replace(/^cluster\/.*\//, '')),
    [
      "'= settings'",
      'setting-ui-source.yaml',
      'setting-ntp-servers.yaml',
      'cloud-init-harvgen-os.yaml',
      'cloud-init-motd.yaml',
      "'= other objects'",
      'key-pair-ops.yaml',
      'secret-web.yaml',
      "'= cluster networks and storage'",
      'cluster-network-vms.yaml',
      'storage-class-two.yaml',
      "'= uplinks'",
      'vlan-config-vms-1.yaml',
      'vlan-config-vms-2.yaml',
      "'= VM networks'",
      'network-attachment-definition-vlan100.yaml',
      "'= settings of networks'",
      'setting-storage-network.yaml',
      "'= images'",
      'virtual-machine-image-debian.yaml',
      "'= VMs'",
      'virtual-machine-web.yaml',
      "'= schedules'",
      'schedule-vm-backup-web.yaml',
      "'= upgrade'",
      'version-harvester-system_v1.4.2.yaml',
    ],
  );
  assert.not.match(tree.get('cluster/kustomization.yaml') ?? '', 'version');
});

/** Returns the errors of an object in a release. */
async function errorsIn(release: string, object: string): Promise<string[]> {
  const files = { 'site.yaml': edited(PLANT, ['v1.4.1', release]), 'manifests/one.yaml': object };
  const { diagnostics } = await compile(makeSite(files));
  return diagnostics.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []));
}

test('a required key with a default can be missing, because the API server sets it', async () => {
  const schedule = `apiVersion: harvesterhci.io/v1beta1
kind: ScheduleVMBackup
metadata: { name: nightly }
spec: { cron: "30 2 * * *", vmbackup: { type: backup, source: { kind: VirtualMachine, name: web } } }
`;
  assert.equal(await errorsIn('v1.8.1', schedule), []);
  assert.equal(await errorsIn('v1.8.1', schedule.replace('cron: "30 2 * * *", ', '')), [
    'ScheduleVMBackup spec lacks the key cron.',
  ]);
  const ksmtuned = `apiVersion: node.harvesterhci.io/v1beta1
kind: Ksmtuned
metadata: { name: harv-1 }
spec: { mergeAcrossNodes: 1, ksmtunedParameters: { boost: 4, decay: 3, maxPages: 100, minPages: 10, sleepMsec: 20 } }
`;
  assert.equal(await errorsIn('v1.8.1', ksmtuned), []);
});

test('a key can be required up to a release', async () => {
  const vm = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: web }
spec:
  runStrategy: Halted
  template: { spec: { domain: { resources: { limits: { memory: 4Gi } }, devices: { gpus: [{ name: one }], hostDevices: [{ name: two }] } } } }
`;
  assert.equal(await errorsIn('v1.5.2', vm), [
    'VirtualMachine spec.template.spec.domain.devices.gpus[0] lacks the key deviceName.',
    'VirtualMachine spec.template.spec.domain.devices.hostDevices[0] lacks the key deviceName.',
  ]);
  assert.equal(await errorsIn('v1.8.1', vm), []);
});

test('an error hides no missing reference, unless it removes an object', async () => {
  const codes = async (image: string, url: string, inventory = PLANT) => {
    const { diagnostics } = await compile(
      makeSite({
        'site.yaml': inventory,
        'manifests/objects.yaml': `apiVersion: network.harvesterhci.io/v1beta1
kind: VlanConfig
metadata: { name: vms-1 }
spec: { clusterNetwork: vms, uplink: { nics: [ens3] } }
---
apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
${image}
spec: { displayName: debian-12, sourceType: download, url: ${url} }
`,
      }),
    );
    return diagnostics.map(({ code }) => code);
  };
  const image = 'metadata: { name: debian, labels: { harvesterhci.io/imageDisplayName: debian-12 } }';
  const url = 'https://example.org/debian.qcow2';
  assert.equal(await codes(image, '12'), ['manifest-reference', 'wrong-type']);
  assert.equal(await codes(image, url, edited(PLANT, ['gateway: 192', 'gateway: x192'])), [
    'manifest-reference',
    'bad-value',
  ]);
  assert.equal(await codes('metadata: {}', url), ['missing-key']);
  assert.equal(await codes('metadata: { name: 12 }', url), ['wrong-type']);
  assert.equal(await codes('metadata: [', url), ['yaml-syntax']);
});

test.run();
