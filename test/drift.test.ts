// needs: bash
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { compile } from '../src/compile.ts';
import { clusterOf, driftOf } from '../src/inspect/drift/drift.ts';
import type { Drift } from '../src/inspect/drift/dump.ts';
import { readDump } from '../src/inspect/drift/dump.ts';
import { formatJson, formatText } from '../src/inspect/drift/format.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { Source } from '../src/source/source.ts';
import { BIN, harvgenWarm } from './support/cli.ts';
import { dumpOf, MANAGED_PLANT as PLANT, type Running, runningObjects } from './support/cluster-dump.ts';
import { assertLinear } from './support/linear.ts';
import { edited } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('harvgen drift');

/** Returns the comparison of a site with objects that run. */
async function compared(folder: string, text: string): Promise<Drift> {
  const dump = readDump(new Source('/dump', text), new Report());
  assert.ok(dump);
  const { site, diagnostics } = await compile(folder);
  assert.ok(site, diagnostics.map(({ message }) => message).join('\n'));
  const cluster = clusterOf(site, dump);
  assert.ok(cluster);
  return driftOf(site, cluster, dump);
}

async function objectsOf(folder: string): Promise<Running[]> {
  const { site, diagnostics } = await compile(folder);
  assert.ok(site, diagnostics.map(({ message }) => message).join('\n'));
  return runningObjects(site, site.clusters[0] as (typeof site.clusters)[number]);
}

test('a dump made from the emitted objects has no drift', async () => {
  const folder = makeSite(PLANT);
  const drift = await compared(folder, dumpOf(await objectsOf(folder)));
  assert.equal(drift.differences, []);
  assert.equal(
    drift.unobservable.map(({ key, isInFile, nodes }) => `${key} ${isInFile} ${nodes.length}`),
    [
      'config.install.device false 4',
      'config.os.dns_nameservers true 4',
      'config.os.environment true 4',
      'config.os.modules true 4',
      'config.os.ssh_authorized_keys true 4',
      'config.os.sysctls true 4',
      'config.os.write_files true 4',
    ],
  );
});

test('a key outside the sections of a configuration is not observable, either', async () => {
  const site = edited(
    PLANT,
    ['v1.5.1', 'v1.6.1'],
    ['  config:\n    os:\n      ssh', '  config:\n    sans: [api.example.org]\n    os:\n      ssh'],
  );
  const folder = makeSite(site);
  const { differences, unobservable } = await compared(folder, dumpOf(await objectsOf(folder)));
  assert.equal(differences, []);
  assert.equal(unobservable.at(-1), {
    key: 'config.sans',
    isInFile: true,
    nodes: ['harv-1'],
  });
});

test('the same dump as YAML, without the first line of the script, has none either', async () => {
  const folder = makeSite(PLANT);
  const objects = await objectsOf(folder);
  const yaml = dumpOf(objects).replace(/^.*\n/, '');
  assert.equal((await compared(folder, yaml)).differences, []);
});

/** A change in the cluster, and what drift reports: the text of the line in the inventory, the subject, and both values. */
type Change = readonly [
  what: string,
  change: (find: (kind: string, name: string) => Running, all: Running[]) => void,
  line: string | undefined,
  subject: string,
  declared: unknown,
  running: unknown,
];

const setting = (
  name: string,
  value: string,
  line: string | undefined,
  path: string,
  declared: unknown,
  running: unknown,
): Change => [
  `Setting ${name} ${value}`,
  (find, all) => {
    find('Setting', name).value = value;
    // The cluster follows its setting.
    if (name === 'ntp-servers')
      for (const { kind, spec } of all)
        if (kind === 'NodeConfig') spec.ntpConfigs.ntpServers = JSON.parse(value).ntpServers.join(' ');
  },
  line,
  `Setting ${name} ${path}`,
  declared,
  running,
];

/** Changes the contents of the CloudInit of all nodes: its step of either stage. */
const contents = (
  what: string,
  change: (os: Running, network: Running) => unknown,
  line: string | undefined,
  path: string,
  declared: unknown,
  running: unknown,
): Change => [
  what,
  (find) => {
    const { spec } = find('CloudInit', 'harvgen-os');
    const { stages, ...others } = parse(spec.contents);
    change(stages['initramfs.after'][0], stages['network.after'][0]);
    spec.contents = stringify({ stages, ...others });
  },
  line,
  `CloudInit harvgen-os spec.contents.${path}`,
  declared,
  running,
];

const label = (
  node: string,
  key: string,
  value: string | undefined,
  line: string | undefined,
  declared: unknown,
): Change => [
  `label ${key} of ${node}: ${value}`,
  (find) => {
    const { labels } = find('Node', node).metadata;
    if (value === undefined) delete labels[key];
    else labels[key] = value;
  },
  line,
  `Node ${node} metadata.labels.${key}`,
  declared,
  value,
];

const STEP = 'stages.initramfs.after[0]';
const KEYS = 'stages.network.after[0].authorized_keys.rancher';
const PROXY = 'http://proxy.example.org:3128';
const ANN =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBuWlbM6HVLzk1HHmSd2f8Bw0DOxFTvjZrWQF7Hv7o1o ann@example.org';
const EVE =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOxvbmcgbGl2ZSB0aGUga2luZyBhbmQgdGhlIHF1ZWVu eve@example.org';

const CHANGES: readonly Change[] = [
  setting('log-level', 'trace', 'log-level: debug', 'value', 'debug', 'trace'),
  setting('log-level', '', 'log-level: debug', 'value', 'debug', 'info'),
  setting('ui-source', 'external', 'ui-source: bundled', 'value', 'bundled', 'external'),
  setting('upgrade-checker-enabled', 'true', 'upgrade-checker-enabled', 'value', 'false', 'true'),
  setting(
    'http-proxy',
    JSON.stringify({ httpProxy: 'http://other:1', noProxy: 'localhost,192.168.178.0/24' }),
    'httpProxy:',
    'value.httpProxy',
    PROXY,
    'http://other:1',
  ),
  setting(
    'http-proxy',
    JSON.stringify({ httpProxy: PROXY }),
    'noProxy:',
    'value.noProxy',
    'localhost,192.168.178.0/24',
    undefined,
  ),
  setting(
    'http-proxy',
    JSON.stringify({ httpProxy: PROXY, httpsProxy: PROXY, noProxy: 'localhost,192.168.178.0/24' }),
    undefined,
    'value.httpsProxy',
    undefined,
    PROXY,
  ),
  setting(
    'overcommit-config',
    '{"cpu":800,"memory":150,"storage":150}',
    'overcommit-config',
    'value.memory',
    120,
    150,
  ),
  setting(
    'overcommit-config',
    '{"cpu":1600,"memory":120,"storage":150}',
    'overcommit-config',
    'value.cpu',
    800,
    1600,
  ),
  setting(
    'vip-pools',
    '{"default":"192.168.178.80/28"}',
    'vip-pools',
    'value.default',
    '192.168.178.64/28',
    '192.168.178.80/28',
  ),
  setting(
    'vip-pools',
    '{"default":"192.168.178.64/28","lab":"192.168.178.96/28"}',
    undefined,
    'value.lab',
    undefined,
    '192.168.178.96/28',
  ),
  setting(
    'storage-network',
    '{"vlan":101,"clusterNetwork":"mgmt","range":"10.9.0.0/24","exclude":["10.9.0.1/32"]}',
    'vlan: 100',
    'value.vlan',
    100,
    101,
  ),
  setting(
    'storage-network',
    '{"vlan":100,"clusterNetwork":"mgmt","range":"10.9.0.0/25","exclude":["10.9.0.1/32"]}',
    'range: 10.9',
    'value.range',
    '10.9.0.0/24',
    '10.9.0.0/25',
  ),
  setting(
    'storage-network',
    '{"vlan":100,"clusterNetwork":"mgmt","range":"10.9.0.0/24","exclude":["10.9.0.2/32"]}',
    '- 10.9.0.1/32',
    'value.exclude[0]',
    '10.9.0.1/32',
    '10.9.0.2/32',
  ),
  setting(
    'storage-network',
    '{"vlan":100,"clusterNetwork":"mgmt","range":"10.9.0.0/24"}',
    '- 10.9.0.1/32',
    'value.exclude',
    ['10.9.0.1/32'],
    undefined,
  ),
  setting(
    'storage-network',
    '{"vlan":100,"clusterNetwork":"mgmt","range":"10.9.0.0/24","exclude":["10.9.0.1/32","10.9.0.7/32"]}',
    undefined,
    'value.exclude[1]',
    undefined,
    '10.9.0.7/32',
  ),
  setting(
    'storage-network',
    'not JSON',
    'vlan: 100',
    'value',
    JSON.stringify({ vlan: 100, clusterNetwork: 'mgmt', range: '10.9.0.0/24', exclude: ['10.9.0.1/32'] }),
    'not JSON',
  ),
  setting(
    'backup-target',
    '{"type":"nfs","endpoint":"nfs://192.168.178.8:/backup"}',
    'backup-target',
    'value.endpoint',
    'nfs://192.168.178.9:/backup',
    'nfs://192.168.178.8:/backup',
  ),
  setting(
    'ntp-servers',
    '{"ntpServers":["0.suse.pool.ntp.org","ntp.example.org"]}',
    '- 1.suse',
    'value.ntpServers[1]',
    '1.suse.pool.ntp.org',
    'ntp.example.org',
  ),
  setting(
    'ntp-servers',
    '{"ntpServers":["1.suse.pool.ntp.org","0.suse.pool.ntp.org"]}',
    '- 0.suse',
    'value.ntpServers',
    ['0.suse.pool.ntp.org', '1.suse.pool.ntp.org'],
    ['1.suse.pool.ntp.org', '0.suse.pool.ntp.org'],
  ),
  setting(
    'ntp-servers',
    '{"ntpServers":["0.suse.pool.ntp.org"]}',
    '- 1.suse',
    'value.ntpServers[1]',
    '1.suse.pool.ntp.org',
    undefined,
  ),
  // Only the cluster has these.
  setting(
    'additional-ca',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    undefined,
    'value',
    undefined,
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  ),
  setting(
    'ui-index',
    'https://mirror.example.org/index.html',
    undefined,
    'value',
    undefined,
    'https://mirror.example.org/index.html',
  ),
  setting(
    'vm-force-reset-policy',
    '{"enable":true,"period":600}',
    undefined,
    'value',
    undefined,
    '{"enable":true,"period":600}',
  ),
  setting('auto-disk-provision-paths', '/dev/sd*', undefined, 'value', undefined, '/dev/sd*'),
  [
    'an add-on is disabled',
    (find) => {
      find('Addon', 'rancher-monitoring').spec.enabled = false;
    },
    'enabled: true',
    'Addon cattle-monitoring-system/rancher-monitoring spec.enabled',
    true,
    false,
  ],
  [
    'an add-on is enabled',
    (find) => {
      find('Addon', 'rancher-logging').spec.enabled = true;
    },
    'rancher_logging: { enabled: false }',
    'Addon cattle-logging-system/rancher-logging spec.enabled',
    false,
    true,
  ],
  [
    'an add-on that the inventory lacks is enabled',
    (_, all) => {
      all.push({
        apiVersion: 'harvesterhci.io/v1beta1',
        kind: 'Addon',
        metadata: { name: 'harvester-seeder', namespace: 'harvester-system' },
        spec: { enabled: true },
      });
    },
    undefined,
    'Addon harvester-system/harvester-seeder spec.enabled',
    undefined,
    true,
  ],
  [
    'an add-on is gone',
    (_, all) => {
      all.splice(
        all.findIndex(({ metadata }) => metadata.name === 'rancher-logging'),
        1,
      );
    },
    'rancher_logging: { enabled: false }',
    'Addon cattle-logging-system/rancher-logging',
    undefined,
    undefined,
  ],
  label('harv-1', 'example.org/plant', 'south', 'example.org/plant: north', 'north'),
  label('harv-1', 'example.org/gpu', 'h100', 'example.org/gpu: a100', 'a100'),
  label('harv-2', 'example.org/rack', 'r7', 'example.org/rack: r2', 'r2'),
  label('harv-3', 'example.org/rack', undefined, 'example.org/rack: r2', 'r2'),
  label('harv-4', 'node-role.harvesterhci.io/worker', undefined, 'role: worker', 'true'),
  label('harv-4', 'example.org/new', 'yes', undefined, undefined),
  label('harv-1', 'topology.kubernetes.io/zone', 'b', undefined, undefined),
  [
    'one label differs on all nodes',
    (find) => {
      for (const node of ['harv-1', 'harv-2', 'harv-3', 'harv-4'])
        find('Node', node).metadata.labels['example.org/plant'] = 'west';
    },
    'example.org/plant: north',
    'Node harv-1 to harv-4 (4 nodes) metadata.labels.example.org/plant',
    'north',
    'west',
  ],
  [
    'one label differs on both nodes of a range',
    (find) => {
      for (const node of ['harv-2', 'harv-3']) find('Node', node).metadata.labels['example.org/rack'] = 'r9';
    },
    'example.org/rack: r2',
    'Node harv-2 and harv-3 metadata.labels.example.org/rack',
    'r2',
    'r9',
  ],
  contents(
    'a sysctl',
    ({ sysctl }) => Object.assign(sysctl, { 'vm.swappiness': '60' }),
    'vm.swappiness: "10"',
    `${STEP}.sysctl.vm.swappiness`,
    '10',
    '60',
  ),
  contents(
    'a sysctl is gone',
    ({ sysctl }) => delete sysctl['net.core.somaxconn'],
    'net.core.somaxconn',
    `${STEP}.sysctl.net.core.somaxconn`,
    '4096',
    undefined,
  ),
  contents(
    'another sysctl',
    ({ sysctl }) => Object.assign(sysctl, { 'vm.dirty_ratio': '5' }),
    undefined,
    `${STEP}.sysctl.vm.dirty_ratio`,
    undefined,
    '5',
  ),
  contents(
    'a variable',
    ({ environment }) => Object.assign(environment, { EDITOR: 'nano' }),
    'EDITOR: vi',
    `${STEP}.environment.EDITOR`,
    'vi',
    'nano',
  ),
  contents(
    'another variable',
    ({ environment }) => Object.assign(environment, { PAGER: 'less' }),
    undefined,
    `${STEP}.environment.PAGER`,
    undefined,
    'less',
  ),
  contents(
    'the content of a file',
    ({ files }) => Object.assign(files[0], { content: 'goodbye' }),
    'content: hello',
    `${STEP}.files[0].content`,
    'hello',
    'goodbye',
  ),
  contents(
    'the mode of a file',
    ({ files }) => Object.assign(files[0], { permissions: 384 }),
    'permissions: "0644"',
    `${STEP}.files[0].permissions`,
    420,
    384,
  ),
  contents(
    'another file',
    ({ files }) => files.push({ path: '/etc/issue', content: 'x' }),
    undefined,
    `${STEP}.files[1]`,
    undefined,
    { path: '/etc/issue', content: 'x' },
  ),
  contents(
    'a module',
    ({ commands }) => commands.splice(1, 1, 'modprobe zfs'),
    'modules: [kvm, nbd]',
    `${STEP}.commands[1]`,
    'modprobe nbd',
    'modprobe zfs',
  ),
  contents(
    'an SSH key',
    (_, { authorized_keys: { rancher } }) => rancher.splice(0, 1, EVE),
    'ann@example.org',
    `${KEYS}[0]`,
    ANN,
    EVE,
  ),
  contents(
    'an SSH key is gone',
    (_, { authorized_keys: { rancher } }) => rancher.shift(),
    'ann@example.org',
    `${KEYS}[0]`,
    ANN,
    undefined,
  ),
  contents(
    'another SSH key',
    (_, { authorized_keys: { rancher } }) => rancher.push(EVE),
    undefined,
    `${KEYS}[2]`,
    undefined,
    EVE,
  ),
  [
    'a CloudInit is paused',
    (find) => {
      find('CloudInit', 'harvgen-os').spec.paused = true;
    },
    undefined,
    'CloudInit harvgen-os spec.paused',
    undefined,
    true,
  ],
  [
    'the file name of a CloudInit',
    (find) => {
      find('CloudInit', 'harvgen-os').spec.filename = '10_first.yaml';
    },
    'path: /etc/motd',
    'CloudInit harvgen-os spec.filename',
    '95_harvgen.yaml',
    '10_first.yaml',
  ],
  [
    'a CloudInit selects fewer nodes',
    (find) => {
      find('CloudInit', 'harvgen-os').spec.matchSelector = { 'example.org/plant': 'north' };
    },
    undefined,
    'CloudInit harvgen-os spec.matchSelector.example.org/plant',
    undefined,
    'north',
  ],
  [
    'a CloudInit is gone',
    (_, all) => {
      all.splice(
        all.findIndex(({ metadata }) => metadata.name === 'harvgen-node-harv-4'),
        1,
      );
    },
    'vm.overcommit_memory',
    'CloudInit harvgen-node-harv-4',
    undefined,
    undefined,
  ],
  [
    'a sysctl of one node',
    (find) => {
      const { spec } = find('CloudInit', 'harvgen-node-harv-4');
      spec.contents = spec.contents.replace('"1"', '"2"');
    },
    'vm.overcommit_memory: "1"',
    `CloudInit harvgen-node-harv-4 spec.contents.${STEP}.sysctl.vm.overcommit_memory`,
    '1',
    '2',
  ],
  [
    'a CloudInit that does not parse',
    (find) => {
      find('CloudInit', 'harvgen-node-harv-4').spec.contents = 'a: [';
    },
    'vm.overcommit_memory',
    'CloudInit harvgen-node-harv-4 spec.contents',
    'name: "harvgen-node-harv-4"\nstages:\n  initramfs.after:\n    - sysctl:\n        vm.overcommit_memory: "1"\n',
    'a: [',
  ],
  [
    'a CloudInit of another author',
    (_, all) => {
      all.push({
        apiVersion: 'node.harvesterhci.io/v1beta1',
        kind: 'CloudInit',
        metadata: { name: 'my-keys' },
        spec: { matchSelector: {}, filename: '99_keys.yaml', contents: 'stages: {}\n' },
      });
    },
    undefined,
    'CloudInit my-keys',
    undefined,
    '99_keys.yaml',
  ],
  [
    'a file that is out of sync on one node',
    (find) => {
      const { rollouts } = find('CloudInit', 'harvgen-os').status;
      rollouts['harv-2'].conditions[2].status = 'True';
    },
    'path: /etc/motd',
    'CloudInit harvgen-os status.rollouts on harv-2',
    'the file is in /oem',
    'the file is missing or differs',
  ],
  [
    'a node is gone',
    (_, all) => {
      all.splice(
        all.findIndex(({ kind, metadata }) => kind === 'Node' && metadata.name === 'harv-3'),
        1,
      );
    },
    'harv-[2-3]:',
    'Node harv-3',
    '192.168.178.43',
    undefined,
  ],
  [
    'another node',
    (find, all) => {
      const node = structuredClone(find('Node', 'harv-4'));
      node.metadata.name = 'harv-9';
      node.status.addresses[0].address = '192.168.178.49';
      all.push(node);
    },
    undefined,
    'Node harv-9',
    undefined,
    '192.168.178.49',
  ],
  [
    'the IP address of a node',
    (find) => {
      find('Node', 'harv-4').status.addresses[0].address = '192.168.178.77';
    },
    'ip: 192.168.178.44',
    'Node harv-4 status.addresses',
    '192.168.178.44',
    '192.168.178.77',
  ],
  [
    'the VIP',
    (find) => {
      find('Service', 'ingress-expose').metadata.annotations['kube-vip.io/requestedIP'] = '192.168.178.50';
    },
    'vip: 192.168.178.40',
    'Service kube-system/ingress-expose status.loadBalancer',
    '192.168.178.40',
    '192.168.178.50',
  ],
  [
    'the MAC address of the VIP',
    (find) => {
      find('Service', 'ingress-expose').metadata.annotations['kube-vip.io/hwaddr'] = '52:54:00:EC:0E:0C';
    },
    'vip_hw_addr',
    'Service kube-system/ingress-expose metadata.annotations.kube-vip.io/hwaddr',
    '52:54:00:ec:0e:0b',
    '52:54:00:ec:0e:0c',
  ],
  [
    'the release',
    (find) => {
      find('Setting', 'server-version').value = 'v1.5.2';
    },
    'version: v1.5.1',
    'Setting server-version value',
    'v1.5.1',
    'v1.5.2',
  ],
  [
    'the replicas of the default storage class',
    (find) => {
      find('StorageClass', 'harvester-longhorn').parameters.numberOfReplicas = '3';
    },
    'replica_count: 2',
    'StorageClass harvester-longhorn parameters.numberOfReplicas',
    2,
    '3',
  ],
  [
    'a setting of Longhorn',
    (find) => {
      find('Setting', 'guaranteed-instance-manager-cpu').value = '{"v1":"12","v2":"12"}';
    },
    'guaranteedInstanceManagerCPU: 10',
    'Setting longhorn-system/guaranteed-instance-manager-cpu value',
    10,
    '12',
  ],
  [
    'the time servers of one node',
    (find) => {
      find('NodeConfig', 'harv-2').spec.ntpConfigs.ntpServers = 'ntp.example.org';
    },
    '- 0.suse.pool.ntp.org',
    'NodeConfig harv-2 spec.ntpConfigs.ntpServers',
    '0.suse.pool.ntp.org 1.suse.pool.ntp.org',
    'ntp.example.org',
  ],
];

test('each of more than 60 changes is found, once, with its line and the ways to mend it', async () => {
  assert.ok(CHANGES.length >= 60, `${CHANGES.length}`);
  const folder = makeSite(PLANT);
  const objects = await objectsOf(folder);
  const toKeep: string[] = [];
  for (const [what, change, line, subject, declared, running] of CHANGES) {
    const all = structuredClone(objects);
    const find = (kind: string, name: string) => {
      const found = all.find((one) => one.kind === kind && one.metadata.name === name);
      assert.ok(found, `${kind} ${name}`);
      return found;
    };
    change(find, all);
    const drift = await compared(folder, dumpOf(all));
    const text = formatText(drift, folder);
    assert.is(drift.differences.length, 1, `${what}: ${text}`);
    const [one] = drift.differences;
    const [, where, headed] = /\n\n(site\.yaml:\d+:\d+|not in the inventory:) (.*)\n/.exec(text) ?? [];
    assert.is(headed, subject, what);
    const at = one?.at?.source.text.split('\n')[one.at.source.position(one.at.start).line - 1];
    assert.is(at === undefined, line === undefined, what);
    assert.ok(line === undefined || at?.includes(line), `${what}: ${at}`);
    assert.is(JSON.stringify([one?.declared, one?.running]), JSON.stringify([declared, running]), what);
    assert.match(text, /\n {2}to mend the cluster: ./, what);
    const [, keep] = /\n {2}to keep the cluster: (.*)/.exec(text) ?? [];
    if (line === undefined && keep)
      toKeep.push(`${one?.path.length === 0 ? headed : headed?.split(' ').at(-1)}: ${keep}`);
    else assert.is(keep, line && `edit ${where}`, what);
  }
  assert.equal(toKeep, TO_KEEP);
});

/** How the inventory gets the values that only the cluster has, by the lines of the message. */
const TO_KEEP: readonly string[] = [
  'value.httpsProxy: edit site.yaml:48:9',
  'value.lab: edit site.yaml:51:18',
  'value.exclude[1]: edit site.yaml:57:11',
  'value: add the key config.system_settings.additional-ca',
  'value: add the key config.system_settings.ui-index',
  'value: add the key config.system_settings.vm-force-reset-policy',
  'value: add the key config.system_settings.auto-disk-provision-paths',
  'spec.enabled: add the key config.install.addons.harvester_seeder.enabled',
  'metadata.labels.example.org/new: add the key config.os.labels.example.org/new',
  'metadata.labels.topology.kubernetes.io/zone: add the key config.os.labels.topology.kubernetes.io/zone',
  `spec.contents.${STEP}.environment.PAGER: edit site.yaml:26:9`,
  `spec.contents.${KEYS}[2]: edit site.yaml:16:9`,
  'CloudInit my-keys: write it to manifests/ of the site',
  'Node harv-9: add the node',
];

test('text: both values, and both ways to mend a difference', async () => {
  const folder = makeSite(PLANT);
  const objects = await objectsOf(folder);
  for (const one of objects) {
    if (one.metadata.name === 'log-level') one.value = 'trace\u001b[31m';
    if (one.metadata.name === 'http-proxy')
      one.value = JSON.stringify({ httpProxy: 'http://a:b-c-d@proxy:1', noProxy: 'x' });
    if (one.kind === 'Node') one.metadata.labels['example.org/rack'] = one.metadata.name;
  }
  const text = formatText(await compared(folder, dumpOf(objects)), folder);
  assert.is(
    text,
    `plant: 7 differences

site.yaml:45:18 Setting log-level value
  inventory: debug
  cluster:   "trace\\u001b[31m"
  to mend the cluster: run scripts/apply-cluster.sh
  to keep the cluster: edit site.yaml:45:18

site.yaml:48:20 Setting http-proxy value.httpProxy
  inventory: http://proxy.example.org:3128
  cluster:   http://***@proxy:1
  to mend the cluster: run scripts/apply-cluster.sh; restarts Rancher and Harvester; noProxy must contain every node
  to keep the cluster: edit site.yaml:48:20

site.yaml:49:18 Setting http-proxy value.noProxy
  inventory: localhost,192.168.178.0/24
  cluster:   x
  to mend the cluster: run scripts/apply-cluster.sh; restarts Rancher and Harvester; noProxy must contain every node
  to keep the cluster: edit site.yaml:49:18

site.yaml:73:29 Node harv-2 metadata.labels.example.org/rack
  inventory: r2
  cluster:   harv-2
  to mend the cluster: run scripts/apply-cluster.sh
  to keep the cluster: edit site.yaml:73:29

site.yaml:73:29 Node harv-3 metadata.labels.example.org/rack
  inventory: r2
  cluster:   harv-3
  to mend the cluster: run scripts/apply-cluster.sh
  to keep the cluster: edit site.yaml:73:29

not in the inventory: Node harv-1 metadata.labels.example.org/rack
  cluster:   harv-1
  to mend the cluster: remove the label in the cluster
  to keep the cluster: add the key config.os.labels.example.org/rack

not in the inventory: Node harv-4 metadata.labels.example.org/rack
  cluster:   harv-4
  to mend the cluster: remove the label in the cluster
  to keep the cluster: add the key config.os.labels.example.org/rack

not observable, a dump does not contain it: config.install.device

not observable, a dump contains the file in /oem, but not whether a node booted with it: config.os.dns_nameservers, config.os.environment, config.os.modules, config.os.ssh_authorized_keys, config.os.sysctls, config.os.write_files
`,
  );
});

test('JSON is as its schema', async () => {
  const folder = makeSite(PLANT);
  const objects = await objectsOf(folder);
  for (const one of objects) {
    if (one.metadata.name === 'log-level') one.value = 'trace';
    if (one.kind === 'Node') one.metadata.labels['example.org/rack'] = one.metadata.name;
  }
  const json = JSON.parse(formatJson(await compared(folder, dumpOf(objects)), folder));
  const schema = JSON.parse(readFileSync(new URL('../schema/drift.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv2020({ strict: true }).compile(schema);
  const isValid: boolean = validate(json);
  assert.ok(isValid, JSON.stringify(validate.errors));
  assert.equal(json.differences[0], {
    object: { apiVersion: 'harvesterhci.io/v1beta1', kind: 'Setting', name: 'log-level' },
    path: 'value',
    nodes: [],
    file: 'site.yaml',
    line: 45,
    column: 18,
    inventory: 'debug',
    cluster: 'trace',
    mend: 'run scripts/apply-cluster.sh',
    keep: 'edit site.yaml:45:18',
  });
});

/** Runs the command with a dump on the disk. */
function run(folder: string, dump: string, ...more: string[]) {
  const file = join(folder, '..', 'dump');
  writeFileSync(file, dump);
  return harvgenWarm(['drift', 'plant', 'dump', ...more], join(folder, '..'));
}

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n';
const NODE = (name: string) => `apiVersion: v1\nkind: Node\nmetadata: { name: ${name} }\n`;

test('a file without a dump of the cluster gets a message, and no stack trace', () => {
  const folder = makeSite(PLANT);
  const cases: readonly (readonly [dump: string, message: string])[] = [
    ['', 'dump contains no Kubernetes object: make it with scripts/dump-cluster.sh of the output tree'],
    ['just text', 'dump contains no Kubernetes object'],
    ['{"a": [1, 2', 'error yaml'],
    ['a: [', 'error yaml'],
    ['kind: List\nitems: {}\n', 'dump contains no Kubernetes object'],
    [POD, 'dump contains no Node, so its cluster is unknown'],
    [
      NODE('other'),
      'dump is of another cluster: it has the nodes other, plant has harv-1, harv-2, harv-3 and harv-4',
    ],
    [NODE('"\\e[31m"'), 'it has the nodes \\u{1b}[31m'],
    [`a: ${'['.repeat(5000)}`, 'This is nested too deeply.'],
    [`${'['.repeat(5000)}${']'.repeat(5000)}`, 'This is nested too deeply.'],
    [`{"a":`.repeat(5000), 'This is nested too deeply.'],
  ];
  for (const [dump, message] of cases) {
    const { code, stdout, stderr } = run(folder, dump);
    assert.is(code, 1, dump.slice(0, 40));
    assert.is(stdout, '');
    assert.match(stderr, message);
    assert.not.match(stderr, /this is a bug|^ +at /m);
  }
  assert.is(run(folder, NODE('harv-1'), '--format', 'xml').code, 2);
});

test('a dump is read from standard input', async () => {
  const folder = makeSite(PLANT);
  const input = dumpOf(await objectsOf(folder));
  const options = { cwd: join(folder, '..'), input, encoding: 'utf8' } as const;
  const stdout = execFileSync(process.execPath, [BIN, 'drift', 'plant', '-'], options);
  assert.match(stdout, /^plant: no drift\n/);
});

test('values of any type in a dump are compared, and lists in lists are read', async () => {
  const folder = makeSite(PLANT);
  const objects = await objectsOf(folder);
  const nested = {
    kind: 'List',
    items: [{ kind: 'List', items: objects.map((one) => ({ items: [[one]] })) }],
  };
  const { code, stdout } = run(folder, JSON.stringify(nested));
  assert.is(code, 0, stdout);
  const { site } = await compile(folder);
  const cluster = site?.clusters[0];
  assert.ok(site && cluster);
  for (const value of [null, true, 7, 'text', [], [[]], {}, { a: { b: [null] } }])
    for (const [index, one] of objects.entries())
      for (const key of Object.keys(one)) {
        const all = objects.with(index, { ...one, [key]: value });
        const dump = readDump(new Source('/dump', JSON.stringify({ items: all })), new Report());
        assert.ok(dump);
        const drift = driftOf(site, cluster, dump);
        assert.type(formatText(drift, folder), 'string');
      }
});

test('a large dump takes linear time', async () => {
  const folder = makeSite(PLANT);
  const objects = await objectsOf(folder);
  const label = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`a/${at}`, `${at}`]));
  const dump = (size: number) =>
    dumpOf(
      objects.map((one) =>
        one.kind === 'Node' ? { ...one, metadata: { ...one.metadata, labels: label(size) } } : one,
      ),
    );
  const { site } = await compile(folder);
  const cluster = site?.clusters[0];
  assert.ok(site && cluster);
  await assertLinear('labels', 4000, dump, (text) => {
    const read = readDump(new Source('/dump', text), new Report());
    assert.ok(read);
    driftOf(site, cluster, read);
  });
  const deep = (size: number) =>
    `{"items": [{"kind": "Setting", "metadata": {"name": "a"}, "value": "${'['.repeat(size)}"}]}`;
  await assertLinear('brackets', 100_000, deep, (text) => readDump(new Source('/dump', text), new Report()));
});

test.run();
