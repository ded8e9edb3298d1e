import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import type { ImportedSite, ImportSettings } from '../src/import/model/import-format.ts';
import { clusterOf, driftOf } from '../src/inspect/drift/drift.ts';
import { readDump } from '../src/inspect/drift/dump.ts';
import { formatText } from '../src/inspect/drift/format.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText as diagnosticsText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { dumpOf, MANAGED_PLANT, type Running, runningObjects } from './support/cluster-dump.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('harvgen import cluster');

async function objectsOf(folder: string): Promise<Running[]> {
  const { site, diagnostics } = await compile(folder);
  const [cluster] = site?.clusters ?? [];
  assert.ok(site && cluster, diagnostics.map(({ message }) => message).join('\n'));
  return runningObjects(site, cluster);
}

function imported(dump: string, csv?: string, options: ImportSettings = {}) {
  const kindOf = (name: string) => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind, name);
    return kind;
  };
  const report = new Report();
  const files = [
    { kind: kindOf('cluster'), source: new Source('/dump.json', dump) },
    ...(csv === undefined ? [] : [{ kind: kindOf('csv'), source: new Source('/macs.csv', csv) }]),
  ];
  const [site] =
    joinedSite(files, { site: 'plant', server: 'http://192.168.178.7', ...options }, report) ?? [];
  return { site, log: diagnosticsText(report.sorted(), { color: false, folder: '/' }) };
}

function siteOf(...given: Parameters<typeof imported>): ImportedSite {
  const { site, log } = imported(...given);
  assert.ok(site, log);
  return site;
}

const notesOf = ({ notes }: ImportedSite, kind: string) =>
  notes.filter((note) => note.kind === kind).map(({ of, text }) => `${of}: ${text}`);

/** Returns a table of the machines of a site, with the disk that Harvester is installed on. */
async function tableOf(folder: string): Promise<string> {
  const { site } = await compile(folder);
  const rows = (site?.nodes ?? []).map(({ name, bootNic: { mac, network }, ip }, index) =>
    [
      name,
      mac ?? `52:54:00:00:00:0${index}`,
      `${ip}/${network.subnet.text.split('/')[1]}`,
      network.gateway,
      '/dev/sda',
    ].join(),
  );
  return ['name,mac,ip,gateway,disk', ...rows, ''].join('\n');
}

async function driftText(folder: string, dump: string): Promise<string> {
  const { site, diagnostics } = await compile(folder);
  const objects = readDump(new Source('/dump.json', dump), new Report());
  assert.ok(site && objects, diagnostics.map(({ message }) => message).join('\n'));
  const cluster = clusterOf(site, objects);
  assert.ok(cluster);
  return formatText(driftOf(site, cluster, objects), folder);
}

test('a site, its objects, their dump, an import of that, and its build have no drift', async () => {
  const folder = makeSite(MANAGED_PLANT);
  const dump = dumpOf(await objectsOf(folder));
  const { text } = siteOf(dump, await tableOf(folder));
  const again = makeSite(text);
  assert.match(await driftText(again, dump), /^plant: no drift\n/);
  const [old, made] = [parse(MANAGED_PLANT), parse(text)];
  assert.equal(made.harvester, { version: 'v1.5.1' });
  assert.equal(made.cluster, { ...old.cluster });
  assert.equal(Object.keys(made.nodes).sort(), ['harv-1', 'harv-2', 'harv-3', 'harv-4']);
  assert.is(made.nodes['harv-1'].mode, 'create');
  assert.is(made.nodes['harv-4'].role, 'worker');
});

for (const sample of ['location_x', 'location_y', 'oci'])
  test(`the same for the sample ${sample}`, async () => {
    const folder = new URL(`../sites/${sample}`, import.meta.url).pathname;
    const dump = dumpOf(await objectsOf(folder));
    const { text } = siteOf(dump, await tableOf(folder));
    const { diagnostics } = await compile(makeSite(text));
    assert.equal(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      [],
    );
    assert.match(await driftText(makeSite(text), dump), /^plant: no drift\n/);
  });

test('values that a dump does not contain are asked for', async () => {
  const site = siteOf(dumpOf(await objectsOf(makeSite(MANAGED_PLANT))));
  assert.equal(
    notesOf(site, 'open').filter((note) => !/^harv-[234]/.test(note)),
    [
      'harv-1: its installation disk was not found in the files read: add config.install.device',
      'harv-1: its MAC address was not found in the files read',
      'token: not found in the files read: set the secret cluster_token to the token of the running cluster',
      'networks.mgmt.subnet: not found in the files read: 192.168.178.0/24 is the smallest from /24 that contains the IP addresses. Correct it, or add --subnet',
      'networks.mgmt.gateway: not found in the files read: add gateway if machines must reach other networks',
    ],
  );
  assert.equal(notesOf(site, 'changed'), [
    'harv-1: the oldest node, which probably created the cluster: before you reinstall it, remove mode: create, and set exists: true for the cluster',
    'bond_options: mode: active-backup is added, and before v1.6.0 the installer itself has balance-tlb: to keep that, set bond_options: {mode: balance-tlb, miimon: "100"} in config.install.management_interface',
  ]);
});

/** A cluster without an inventory: as `kubectl get -A -o yaml` prints it. */
const CLICKED = `apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
- apiVersion: v1
  kind: Node
  metadata:
    creationTimestamp: "2026-03-02T10:00:00Z"
    labels:
      kubernetes.io/hostname: big-1
      node-role.kubernetes.io/control-plane: "true"
      node-role.harvesterhci.io/management: "true"
      topology.kubernetes.io/zone: hall-2
      gpu: a100
    name: big-1
  spec: {unschedulable: true}
  status:
    addresses: [{address: 10.0.0.11, type: InternalIP}, {address: big-1, type: Hostname}]
    nodeInfo: {architecture: arm64}
- apiVersion: harvesterhci.io/v1beta1
  default: ""
  kind: Setting
  metadata: {name: server-version}
  value: v1.6.1
- apiVersion: harvesterhci.io/v1beta1
  default: "{}"
  kind: Setting
  metadata: {name: containerd-registry}
  value: '{"Mirrors":{"docker.io":{"Endpoints":["https://mirror.example.org"]}},"Configs":{"mirror.example.org":{"Auth":{"Username":"removed-by-dump-cluster","Password":"removed-by-dump-cluster"}}}}'
- apiVersion: harvesterhci.io/v1beta1
  default: longhorn
  kind: Setting
  metadata: {name: default-storage-class}
  value: fast
- apiVersion: harvesterhci.io/v1beta1
  default: ""
  kind: Setting
  metadata: {name: cluster-registration-url}
  value: https://rancher.example.org/v3/import/removed-by-dump-cluster.yaml
- apiVersion: harvesterhci.io/v1beta1
  kind: Addon
  metadata: {name: rancher-vcluster, namespace: rancher-vcluster}
  spec: {enabled: true, chart: vcluster, version: v0.19.0, repo: x, valuesContent: ""}
- apiVersion: harvesterhci.io/v1beta1
  kind: Addon
  metadata: {name: harvester-seeder, namespace: harvester-system}
  spec: {enabled: true, chart: harvester-seeder, version: 1.6.0, repo: x, valuesContent: "a: 1"}
- apiVersion: node.harvesterhci.io/v1beta1
  kind: CloudInit
  metadata: {name: gpu}
  spec:
    filename: 99_gpu.yaml
    matchSelector: {gpu: a100}
    contents: |
      stages:
        initramfs:
          - sysctl: {vm.nr_hugepages: "1024"}
            users: {rancher: {passwd: removed-by-dump-cluster}, admin: {passwd: x}}
            commands: [modprobe nvidia, "touch /etc/x"]
        network:
          - authorized_keys: {rancher: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBuWlbM6HVLzk1HHmSd2f8Bw0DOxFTvjZrWQF7Hv7o1o ann], root: [x]}
        reconcile:
          - commands: [date]
- apiVersion: node.harvesterhci.io/v1beta1
  kind: CloudInit
  metadata: {name: broken}
  spec: {filename: 99_b.yaml, matchSelector: {}, contents: "just text"}
- apiVersion: kubevirt.io/v1
  kind: VirtualMachine
  metadata: {name: web, namespace: default}
- apiVersion: kubevirt.io/v1
  kind: VirtualMachine
  metadata: {name: db, namespace: default}
- apiVersion: network.harvesterhci.io/v1beta1
  kind: ClusterNetwork
  metadata: {name: mgmt}
`;

test('a cluster without an inventory becomes a site; the rest is reported', () => {
  const site = siteOf(CLICKED);
  const { harvester, nodes, defaults } = parse(site.text);
  assert.equal(harvester, { version: 'v1.6.1' });
  assert.equal(Object.keys(nodes), ['big-1']);
  assert.is(nodes['big-1'].role, 'management');
  assert.equal(defaults.config.os, {
    labels: { 'topology.kubernetes.io/zone': 'hall-2', gpu: 'a100' },
    sysctls: { 'vm.nr_hugepages': '1024' },
    modules: ['nvidia'],
    ssh_authorized_keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBuWlbM6HVLzk1HHmSd2f8Bw0DOxFTvjZrWQF7Hv7o1o ann',
    ],
  });
  assert.equal(defaults.config.system_settings, {
    'containerd-registry': { Mirrors: { 'docker.io': { Endpoints: ['https://mirror.example.org'] } } },
  });
  assert.equal(notesOf(site, 'left'), [
    'big-1 is cordoned: a state of the running cluster',
    'the add-on rancher-vcluster: the installer does not have it: write it to manifests/ of the site',
    'the add-on harvester-seeder: its values contain those of the release: write your own to values_content',
    'CloudInit gpu: initramfs users: no key of the configuration does this',
    'CloudInit gpu: initramfs commands: no key of the configuration does this',
    'CloudInit gpu: network authorized_keys: no key of the configuration does this',
    'CloudInit gpu: reconcile commands: no key of the configuration does this',
    'CloudInit broken: its contents are not stages of cloud-init',
    '2 VirtualMachine: write these objects to manifests/ of the site, if it shall manage them',
  ]);
  const open = notesOf(site, 'open').filter((note) => note.includes('this credential'));
  const why = 'the dump does not contain this credential: set it with a reference to a secret';
  assert.equal(open, [
    `containerd-registry.Configs.mirror.example.org.Auth.Username: ${why}`,
    `containerd-registry.Configs.mirror.example.org.Auth.Password: ${why}`,
    `cluster-registration-url: ${why}`,
    `os.password: ${why}`,
  ]);
});

test('a dump without nodes is refused, and one of another format is named', () => {
  const refused = imported(
    'apiVersion: harvesterhci.io/v1beta1\nkind: Setting\nmetadata: {name: log-level}\n',
  );
  assert.match(refused.log, 'The file contains no Node of a running cluster.');
  const kind = JOINED_FORMATS.find(({ name }) => name === 'smd');
  assert.ok(kind);
  const report = new Report();
  joinedSite([{ kind, source: new Source('/a', CLICKED) }], {}, report);
  assert.match(diagnosticsText(report.sorted(), { color: false, folder: '/' }), 'but probably of cluster');
});

test.run();
