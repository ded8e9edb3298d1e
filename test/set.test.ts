import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { diffLines } from 'diff';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { lockSite } from '../src/edit/save.ts';
import { partsOf } from '../src/knowledge/schemas.ts';
import { BIN, harvgenWarm as harvgen, type Run, harvgen as start } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen set');

const COMMENTED = fileURLToPath(new URL('./data/set', import.meta.url));

/** Edits of the site in test/data/set, and all lines that each changes. */
const EDITS: readonly (readonly [node: string, assignment: string, lines: readonly string[]])[] = [
  [
    'harv-1',
    'install=always',
    [
      "-     install: 'once'   # never touch a running system",
      "+     install: 'always'   # never touch a running system",
    ],
  ],
  ['harv-1', 'install=null', ["-     install: 'once'   # never touch a running system"]],
  [
    'harv-1',
    'role=management',
    ['-     role: "default"   # in quotes, to be sure', '+     role: "management"   # in quotes, to be sure'],
  ],
  ['harv-1', 'firmware=uefi', ['+     firmware: uefi']],
  [
    'harv-1',
    'hardware.threads=32',
    ['-       threads: 16   # eight cores', '+       threads: 32   # eight cores'],
  ],
  ['harv-1', 'hardware.link_speed=10G', ['+       link_speed: 10G']],
  [
    'harv-1',
    'hardware={threads: 32, memory: 128Gi}',
    [
      '-       threads: 16   # eight cores',
      '-       memory: 64Gi',
      '+       threads: 32   # eight cores',
      '+       memory: 128Gi',
    ],
  ],
  [
    'harv-1',
    'hardware=null',
    [
      '-     hardware:',
      '-       threads: 16   # eight cores',
      '-       memory: 64Gi',
      '-       # link_speed is not known yet',
    ],
  ],
  [
    'harv-1',
    'labels.example.org/cost-center=0815',
    ['-       "example.org/cost-center": "4711"', '+       "example.org/cost-center": "0815"'],
  ],
  ['harv-1', 'labels.example.org/size=null', ['-       example.org/size: big   # größer als harv-2']],
  ['harv-1', 'labels.on=yes', ['+       on: "yes"']],
  [
    'harv-1',
    'labels={}',
    [
      '-     labels:',
      '-       topology.kubernetes.io/zone: rack-1   # the zone',
      '-       # The next one is for the billing.',
      '-       "example.org/cost-center": "4711"',
      '-       example.org/size: big   # größer als harv-2',
      '+     labels: {}',
    ],
  ],
  ['harv-1', 'disks[0].size=960GB', ['-         size: 480GB', '+         size: 960GB']],
  [
    'harv-1',
    'disks[1].keep=true',
    [
      '-       - { path: /dev/disk/by-path/pci-0000:00:17.0-ata-2, size: 1.92TB }   # another',
      '+       - { path: /dev/disk/by-path/pci-0000:00:17.0-ata-2, size: 1.92TB, keep: true }   # another',
    ],
  ],
  ['harv-1', 'disks[0].aliases=[/dev/sda]', ['+         aliases: [/dev/sda]']],
  [
    'harv-1',
    'disks[2].path=/dev/disk/by-path/pci-0000:00:17.0-ata-3',
    ['+       - path: /dev/disk/by-path/pci-0000:00:17.0-ata-3'],
  ],
  [
    'harv-1',
    'disks[1]=null',
    [
      '-       # the data',
      '-       - { path: /dev/disk/by-path/pci-0000:00:17.0-ata-2, size: 1.92TB }   # another',
    ],
  ],
  ['harv-1', 'disks[0].size=null', ['-         size: 480GB']],
  [
    'harv-1',
    'disks=[{path: /dev/disk/by-path/pci-0000:00:17.0-ata-1, size: 2TB}]',
    [
      '-       # the system',
      '-       - path: /dev/disk/by-path/pci-0000:00:17.0-ata-1   # a cable',
      '-         size: 480GB',
      '-       # the data',
      '-       - { path: /dev/disk/by-path/pci-0000:00:17.0-ata-2, size: 1.92TB }   # another',
      '+       - { path: /dev/disk/by-path/pci-0000:00:17.0-ata-1, size: 2TB }',
    ],
  ],
  [
    'harv-1',
    'bmc.mac=b4:2e:99:a6:61:01',
    [
      '-            password: "${secret:bmc}" }   # from the vault',
      '+            password: "${secret:bmc}",',
      '+            mac: b4:2e:99:a6:61:01 }   # from the vault',
    ],
  ],
  [
    'harv-1',
    'bmc.password=${secret:other}',
    [
      '-            password: "${secret:bmc}" }   # from the vault',
      '+            password: "${secret:other}" }   # from the vault',
    ],
  ],
  [
    'harv-1',
    'bmc.protocol=null',
    [
      '-     bmc: { address: 10.0.9.1, protocol: redfish,   # its own network',
      '+     bmc: { address: 10.0.9.1,   # its own network',
    ],
  ],
  [
    'harv-1',
    'config.os.sysctls.vm.swappiness=null',
    ['-           # swap is evil', '-           vm.swappiness: "1"'],
  ],
  [
    'harv-1',
    'config.os.sysctls.net.ipv4.ip_forward=1',
    [
      '-           vm.swappiness: "1"',
      '+           vm.swappiness: "1",',
      '+           net.ipv4.ip_forward: "1"',
    ],
  ],
  ['harv-1', 'config.os.modules[2]=nvme', ['+           - nvme']],
  ['harv-1', 'config.os.modules=[kvm]', ['-           # for passthrough', '-           - vfio']],
  [
    'harv-1',
    'config.os.modules=[nvme, vfio, kvm]',
    ['-           - kvm   # virtualization', '+           - nvme', '+           - kvm   # virtualization'],
  ],
  ['harv-1', 'config.os.modules[0]=null', ['-           - kvm   # virtualization']],
  [
    'harv-1',
    'config.os.write_files[0].content=Welcome.\nBe careful, and quiet.\n',
    ['-               Be careful.', '+               Be careful, and quiet.'],
  ],
  [
    'harv-1',
    'config.os.write_files[0].content=Nothing to see: go on',
    [
      '-             content: |   # a greeting',
      '-               Welcome.',
      '-               Be careful.',
      '+             content: "Nothing to see: go on"   # a greeting',
    ],
  ],
  [
    'harv-1',
    'config.os.environment.http_proxy=null',
    ['-           http_proxy: http://proxy.example.org:3128   # no password'],
  ],
  [
    'harv-1',
    'config.os.environment.GREETING=grüezi: #1',
    ['-           GREETING: grüß dich   # ä', '+           GREETING: "grüezi: #1"   # ä'],
  ],
  ['harv-1', 'config.os.ntp_servers=[10.0.0.1, 10.0.0.2]', ['+         ntp_servers: [10.0.0.1, 10.0.0.2]']],
  [
    'harv-1',
    'config.system_settings.overcommit-config.cpu=1600',
    [
      '-         overcommit-config: { cpu: 800, memory: 120, storage: 200 }',
      '+         overcommit-config: { cpu: 1600, memory: 120, storage: 200 }',
    ],
  ],
  [
    'harv-1',
    'config.system_settings.ntp-servers={ntpServers: [10.0.0.1]}',
    [
      '-         ntp-servers: \'{"ntpServers": ["0.suse.pool.ntp.org"]}\'',
      '+         ntp-servers: { ntpServers: [10.0.0.1] }',
    ],
  ],
  [
    'harv-2',
    'install=always',
    [
      '-   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold}, profiles: [gpu] }   # as cheap as it gets',
      '+   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold}, profiles: [gpu], install: always }   # as cheap as it gets',
    ],
  ],
  [
    'harv-2',
    'labels.tier=silver',
    [
      '-   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold}, profiles: [gpu] }   # as cheap as it gets',
      '+   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: silver}, profiles: [gpu] }   # as cheap as it gets',
    ],
  ],
  [
    'harv-2',
    'labels.zone=a',
    [
      '-   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold}, profiles: [gpu] }   # as cheap as it gets',
      '+   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold, zone: a}, profiles: [gpu] }   # as cheap as it gets',
    ],
  ],
  [
    'harv-2',
    'labels=null',
    [
      '-   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold}, profiles: [gpu] }   # as cheap as it gets',
      '+   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, profiles: [gpu] }   # as cheap as it gets',
    ],
  ],
  [
    'harv-2',
    'config.install.tty=ttyS0,115200n8',
    [
      '-   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold}, profiles: [gpu] }   # as cheap as it gets',
      '+   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, labels: {tier: gold}, profiles: [gpu], config: { install: { tty: "ttyS0,115200n8" } } }   # as cheap as it gets',
    ],
  ],
  ['harv-3', 'install=always', ['-     install: once,   # for ever', '+     install: always,   # for ever']],
  [
    'harv-3',
    'nics[1]=null',
    ["-       { name: eno2, mac: 52:54:00:aa:02:03, network: storage },   # the card's"],
  ],
  [
    'harv-3',
    'nics[2]={name: eno3, mac: 52:54:00:aa:03:03, network: storage}',
    ['+       { name: eno3, mac: 52:54:00:aa:03:03, network: storage },'],
  ],
  ['harv-3', 'hardware.threads=24', ['-     hardware: {},', '+     hardware: {threads: 24},']],
  ['harv-3', 'hardware=null', ['-     hardware: {},']],
  ['harv-3', 'role=worker', ['+     role: worker,']],
  ['harv-4', 'install=always', ['+         install: always']],
  [
    'harv-4',
    'config.install.device=/dev/disk/by-path/pci-0000:00:17.0-ata-5',
    [
      '-                 device: /dev/disk/by-path/pci-0000:00:17.0-ata-4   # far right',
      '+                 device: /dev/disk/by-path/pci-0000:00:17.0-ata-5   # far right',
    ],
  ],
  [
    'harv-4',
    'config.install.device=null',
    [
      '-         config:',
      '-             install:',
      '-                 # by its name',
      '-                 device: /dev/disk/by-path/pci-0000:00:17.0-ata-4   # far right',
      '+         config: {}',
    ],
  ],
  [
    'harv-4',
    'config.os.modules[0]=kvm',
    ['+             os:', '+                 modules:', '+                     - kvm'],
  ],
  ['harv-5', 'install=always', ['+   harv-5:', '+     install: always']],
];

test('edits of commented files change only the expected lines', () => {
  assert.is(EDITS.length, 51);
  const before = readTree(COMMENTED);
  for (const [node, assignment, lines] of EDITS) {
    const home = scratchFolder();
    cpSync(COMMENTED, home, { recursive: true });
    const { code, stdout } = harvgen(['set', 'plant', node, assignment], home);
    assert.is(code, 0, assignment);
    const after = readTree(home);
    assert.equal(Object.keys(after), Object.keys(before));
    const found = Object.keys(before).flatMap((file) => changedLines(before[file] ?? '', after[file] ?? ''));
    assert.equal(found, lines, assignment);
    const [key = '', value = ''] = assignment.split(/=(.*)/s);
    assert.match(stdout, `${node} ${key}: `);
    const [file = '', line = ''] = stdout.split(':');
    assertSet(after[file] ?? '', node, key, value);
    if (value !== 'null' && !value.includes('\n') && !/^[[{]/.test(value))
      assert.ok(lines.includes(`+ ${after[file]?.split('\n')[Number(line) - 1]}`), assignment);
  }
});

function changedLines(before: string, after: string): string[] {
  return diffLines(before, after)
    .filter(({ added, removed }) => added || removed)
    .flatMap(({ added, value }) =>
      value
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${added ? '+' : '-'} ${line}`),
    );
}

/** Asserts that the parsed file has the value, or no value. After a removal from a list, another entry has the same index. */
function assertSet(text: string, node: string, key: string, value: string): void {
  const steps = partsOf(key)?.map(({ step }) => step) ?? [];
  const parsed = steps.reduce<Record<string, unknown> | undefined>(
    (inner, step) => inner?.[step] as Record<string, unknown> | undefined,
    parse(text).nodes[node],
  ) as unknown;
  if (value !== 'null') assert.equal(parsed, typeof parsed === 'string' ? value : parse(value), key);
  else if (typeof steps.at(-1) === 'string') assert.is(parsed, undefined, key);
}

test('prints its changes, and only new warnings', () => {
  const home = dirname(makeSite(edited(PLANT, ['version: v1.4.1', 'version: v2.0.0'])));
  assert.equal(
    start(
      ['set', 'plant', 'harv-2', 'install=always', 'config.install.device=/dev/sdb', 'firmware=uefi'],
      home,
    ),
    {
      code: 0,
      stdout: `plant/site.yaml:24:66 harv-2 install: always (was once, by default)
plant/site.yaml:24:103 harv-2 config.install.device: /dev/sdb (was /dev/disk/by-path/pci-0000:00:17.0-ata-1, from defaults)
plant/site.yaml:24:127 harv-2 firmware: uefi (was uefi, by default)
`,
      stderr: `plant/site.yaml:24:66 warning install-always
  harv-2 is reinstalled, and its disk wiped, every time it boots from the network.
  23 | v-1: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }
  24 | v-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, install: always, config: { install: { device: /dev/sdb } }, firmware:
     |                                                             ^^^^^^
  help: once installation starts: harvgen set SITE harv-2 install=null && harvgen build SITE; if a profile or the defaults set it, set it to once there

1 warning
`,
    },
  );
});

test('identifiers of a machine, and a drive number in its notation', () => {
  const site = makeSite(edited(PLANT, ['.42 }', '.42, boot: { drive: 0x80 } }']));
  const set = (...assignments: readonly string[]) =>
    harvgen(['set', 'plant', 'harv-2', ...assignments], dirname(site)).stdout;
  const line = () => readFileSync(join(site, 'site.yaml'), 'utf8').split('\n')[23];
  assert.is(
    set('boot.drive=0x81', 'serial=0123', 'uuid=4C4C4544-0042-3510-8057-B7C04F4D3332'),
    `plant/site.yaml:24:72 harv-2 boot.drive: 0x81 (was 0x80)
plant/site.yaml:24:88 harv-2 serial: "0123" (was not set)
plant/site.yaml:24:102 harv-2 uuid: 4C4C4544-0042-3510-8057-B7C04F4D3332 (was not set)
`,
  );
  assert.is(
    line(),
    '  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { drive: 0x81 }, serial: "0123", uuid: 4C4C4544-0042-3510-8057-B7C04F4D3332 }',
  );
  assert.is(set('boot.drive=129'), 'plant/site.yaml:24:72 harv-2 boot.drive is already 0x81\n');
  assert.is(set('boot.drive=0x0000000082'), 'plant/site.yaml:24:72 harv-2 boot.drive: 0x82 (was 0x81)\n');
  assert.match(line() ?? '', 'boot: { drive: 0x82 }');
  assert.is(
    set('boot.drive=null', 'serial=null', 'uuid=null', 'mac=52:54:00:aa:01:09').split('\n').length,
    5,
  );
  assert.is(line(), '  harv-2: { mac: 52:54:00:aa:01:09, ip: 192.168.178.42 }');
  // A reservation for DHCP requires it.
  const { code, stderr } = harvgen(['set', 'plant', 'harv-2', 'mac=null'], dirname(site));
  assert.is(code, 1);
  assert.match(stderr, 'missing-mac');
});

test('a value that is already set is not changed', () => {
  const site = makeSite(edited(PLANT, ['.42 }', '.42, install: "never" }']));
  utimesSync(join(site, 'site.yaml'), 1, 1);
  assert.equal(harvgen(['set', 'plant', 'harv-2', 'install=never'], dirname(site)), {
    code: 0,
    stdout: 'plant/site.yaml:24:66 harv-2 install is already never\n',
    stderr: '',
  });
  assert.is(statSync(join(site, 'site.yaml')).mtimeMs, 1000);
});

test('null removes a key; the value that applies instead is printed', () => {
  const site = makeSite(
    edited(PLANT, ['.42 }', '.42, install: never, config: { install: { device: /dev/sdb } } }']),
  );
  const run = harvgen(
    ['set', 'plant', 'harv-2', 'config.install.device=null', 'install=null', 'role=null'],
    dirname(site),
  );
  assert.is(
    run.stdout,
    `plant/site.yaml:24:102 harv-2 config.install.device: removed (was /dev/sdb), now /dev/disk/by-path/pci-0000:00:17.0-ata-1, from defaults at plant/site.yaml:21:15
plant/site.yaml:24:66 harv-2 install: removed (was never), now once, by default
plant/site.yaml harv-2 role: nothing to remove, it is not set
`,
  );
  assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), PLANT);
  assert.is(
    harvgen(['set', 'plant', 'harv-2', 'config.os.ntp_servers=null'], dirname(site)).stdout,
    'plant/site.yaml harv-2 config.os.ntp_servers: nothing to remove, it is ["0.suse.pool.ntp.org"], from defaults at plant/site.yaml:18:25\n',
  );
});

test('secrets are not printed', () => {
  const site = makeSite(edited(PLANT, ['.42 }', '.42, bmc: { address: 10.0.0.1, password: hunter2 } }']));
  const run = harvgen(['set', 'plant', 'harv-2', 'bmc.password=hunter3'], dirname(site));
  assert.is(run.code, 0);
  assert.match(run.stdout, 'bmc.password: *** (was ***)');
  assert.not.match(run.stdout + run.stderr, 'hunter');
});

/** Runs harvgen set on a site, and asserts that no file changed. */
function refused(site: string, ...args: string[]): Run {
  const before = readTree(site);
  const run = harvgen(['set', 'plant', ...args], dirname(site));
  assert.equal(readTree(site), before);
  assert.is(run.stdout, '');
  assert.not.match(run.stderr, /^ +at /m);
  return run;
}

test('an edit that makes the inventory invalid is not saved, and the edited line is shown', () => {
  const { code, stderr } = refused(makeSite(PLANT), 'harv-2', 'ip=192.168.178.41');
  assert.is(code, 1);
  assert.match(stderr, '24 |   harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.41 }');
  assert.match(stderr, /\n1 error: nothing was saved\n$/);
});

test('a conflict is reported at the edited node, not at a node that is unchanged', () => {
  const { stderr } = refused(makeSite(PLANT), 'harv-2', 'serial=abc', 'ip=192.168.178.43');
  assert.match(stderr, 'The IP address 192.168.178.43 of harv-3 is also set for harv-2');
  assert.match(stderr, 'harv-2 sets it by this edit, at plant/site.yaml:24:41');
  assert.match(stderr, 'help: set another ip of harv-2, or first set another IP address for harv-3');
  // If the edited node is last, the error is there anyway.
  const { stderr: last } = refused(makeSite(PLANT), 'harv-3', 'ip=192.168.178.42');
  assert.match(last, 'help: set another IP address for harv-3');
});

test('an edit of an invalid inventory is saved only if it fixes the error', () => {
  const broken = edited(PLANT, ['.42 }', '.42, install: alwys }']);
  assert.match(refused(makeSite(broken), 'harv-2', 'firmware=uefi').stderr, '1 error: nothing was saved');
  assert.match(refused(makeSite('a: [\n'), 'harv-2', 'firmware=uefi').stderr, '1 error: nothing was saved');
  const site = makeSite(broken);
  assert.is(
    harvgen(['set', 'plant', 'harv-2', 'install=always'], dirname(site)).stdout,
    'plant/site.yaml:24:66 harv-2 install: always (was alwys)\n',
  );
});

test('a node does not disappear with its last key', () => {
  const site = makeSite({
    'site.yaml': edited(PLANT, ['  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n', '']),
    'nodes/harv-3.yaml': 'nodes:\n  harv-3:\n    mac: 52:54:00:aa:01:03\n    ip: 192.168.178.43\n',
  });
  assert.match(refused(site, 'harv-3', 'ip=null', 'mac=null').stderr, 'nothing was saved');
});

test('an invalid command line exits with 2, and nothing is saved', () => {
  const site = makeSite(edited(PLANT, ['  mgmt:\n', '  mgmt:   # all\n']));
  const wrong: Record<string, string[]> = {
    'missing required args': ['harv-2'],
    'install is not KEY=VALUE, such as install=always': ['harv-2', 'install'],
    '=always is not KEY=VALUE': ['harv-2', '=always'],
    'install is set twice': ['harv-2', 'install=once', 'role=worker', 'install=always'],
    'a node has no key instal: did you mean install? Keys: mac, ip': ['harv-2', 'instal=once'],
    'a node has no key config.install.devise: did you mean config.install.device?': [
      'harv-2',
      'config.install.devise=x',
    ],
    'harvester.version applies to a whole cluster, not to harv-2: set it at plant/site.yaml:3:12': [
      'harv-2',
      'harvester.version=v1.5.0',
    ],
    'harvester.arch applies to a whole cluster, not to harv-2: set it in `harvester`': [
      'harv-2',
      'harvester.arch=arm64',
    ],
    "network cannot be set on harv-2: it is mgmt (the site's only network, at plant/site.yaml:7:3). To set it, list `nics`":
      ['harv-2', 'network=mgmt'],
    'plant has no node harv2: did you mean harv-2? Nodes: harv-1, harv-2, harv-3': [
      'harv2',
      'install=always',
    ],
    'the value of hardware is not YAML': ['harv-2', 'hardware={'],
    'quote a secret in { } or [ ]': ['harv-2', 'config.os.modules=[${secret:a}]'],
    'config.os.modules is within config: set only one of them': [
      'harv-2',
      'config.os.modules=null',
      'config={os: {modules: [a]}}',
    ],
    'the value of config.os.modules has the alias *x': ['harv-2', 'config.os.modules=[a, *x]'],
    'the value of config.os.modules has the anchor &a': ['harv-2', 'config.os.modules=&a [*a]'],
    'the value of config.os.modules has the tag !!seq': ['harv-2', 'config.os.modules=!!seq [a]'],
    'the value of hardware.threads has the tag !!int': ['harv-2', 'hardware.threads=!!int 1'],
    'the value of hardware.threads is not YAML: Source contains multiple documents': [
      'harv-2',
      'hardware.threads=1\n---\n2',
    ],
    'hardware.threads has no value; hardware.threads=null removes it': ['harv-2', 'hardware.threads='],
  };
  for (const [message, args] of Object.entries(wrong)) {
    const { code, stderr } = refused(site, ...args);
    assert.is(code, 2, args.join(' '));
    assert.match(stderr, message);
  }
  const several = harvgen(
    ['set', '*', 'harv-2', 'install=always'],
    dirname(makeSite({ 'site.yaml': PLANT, '../b/site.yaml': PLANT })),
  );
  assert.is(several.code, 2);
  assert.match(several.stderr, 'set takes one site');
});

test('values of text keys are saved as text', () => {
  const site = makeSite(PLANT);
  const assignments = [
    'labels.a=10',
    'labels.b=yes',
    'labels.c=',
    'labels.example.org/d=1.10',
    'bmc.address=10.0.0.1',
    'bmc.password=${secret:x}',
  ];
  assert.is(harvgen(['set', 'plant', 'harv-2', ...assignments], dirname(site)).code, 0);
  const text = readFileSync(join(site, 'site.yaml'), 'utf8');
  assert.match(
    text,
    'labels: { a: "10", b: "yes", c: "", example.org/d: "1.10" }, bmc: { address: 10.0.0.1, password: "${secret:x}" } }\n',
  );
});

test('for an unknown key, lists the most similar keys', () => {
  const { stderr } = refused(makeSite(PLANT), 'harv-2', 'config.os.modulez=[a]');
  assert.match(
    stderr,
    /did you mean config\.os\.modules\? Keys: (config\S+, ){11}config\S+ and \d+ more \(all are in docs\/reference\/harvester-config\.md\)/,
  );
  assert.ok(stderr.length < 600);
});

test('assignments of one command are independent: indices refer to the list before all of them', () => {
  const modules = (before: string, ...args: string[]) => {
    const site = makeSite(edited(PLANT, ['.42 }', `.42, config: { os: { modules: ${before} } } }`]));
    const keys = args.map((arg) => `config.os.modules${arg}`);
    const { code, stdout } = harvgen(['set', 'plant', 'harv-2', ...keys], dirname(site));
    assert.is(code, 0);
    const [, after] = /modules: (\[.*?\])/.exec(readFileSync(join(site, 'site.yaml'), 'utf8')) ?? [];
    return {
      after,
      output: stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/^plant\/site\.yaml:24:/, '')),
    };
  };
  assert.equal(modules('[a, b]', '[0]=null', '[1]=z'), {
    after: '[z]',
    output: ['83 harv-2 config.os.modules[0]: removed (was a)', '83 harv-2 config.os.modules[1]: z (was b)'],
  });
  assert.is(modules('[a, b, c]', '[0]=null', '[1]=null').after, '[c]');
  assert.is(modules('[a, b, c]', '[2]=null', '[0]=null').after, '[b]');
  assert.is(modules('[a, b]', '[3]=q', '[2]=p', '[0]=null').after, '[b, p, q]');
  assert.is(modules('[a, b]', '[1]=null', '[0]=null').after, undefined);
});

test('long old values are truncated', () => {
  const { stdout } = harvgen(
    [
      'set',
      'plant',
      'harv-2',
      `config.os.modules=[${'x'.repeat(100)}]`,
      `config.os.environment.A=${'y'.repeat(200)}`,
    ],
    dirname(
      makeSite(edited(PLANT, ['.42 }', `.42, config: { os: { environment: { A: ${'z'.repeat(200)} } } } }`])),
    ),
  );
  assert.match(stdout, `${'x'.repeat(100)}"] (was not set)`);
  assert.match(stdout, `${'y'.repeat(200)} (was ${'z'.repeat(80)}…)`);
});

test('a node with a list of NICs has no separate IP address', () => {
  const nics = '  harv-2: { nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }\n';
  const site = makeSite(edited(PLANT, ['  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n', nics]));
  const { code, stderr } = refused(site, 'harv-2', 'ip=192.168.178.44');
  assert.is(code, 2);
  assert.match(stderr, 'harv-2 lists its NICs and has no ip of its own: did you mean nics[0].ip?');
  const back = ['nics=null', 'mac=52:54:00:aa:01:02', 'ip=192.168.178.42'];
  assert.is(harvgen(['set', 'plant', 'harv-2', ...back], dirname(site)).code, 0);
});

test('one entry of a derived list cannot be set if there are others', () => {
  const derived = edited(PLANT, ['ntp_servers: [0.suse.pool.ntp.org],\n      ', '']);
  const two = makeSite(derived.replace('  mgmt:\n', '  mgmt:\n    ntp: [192.168.178.1, 192.168.178.2]\n'));
  const { code, stderr } = refused(two, 'harv-2', 'config.os.ntp_servers[0]=1.2.3.4');
  assert.is(code, 1);
  assert.match(stderr, 'set the whole list, as config.os.ntp_servers=[…]');
  const one = makeSite(derived.replace('  mgmt:\n', '  mgmt:\n    ntp: [192.168.178.1]\n'));
  assert.is(harvgen(['set', 'plant', 'harv-2', 'config.os.ntp_servers[0]=1.2.3.4'], dirname(one)).code, 0);
});

/** Runs the command line without blocking; returns its result. */
async function started(args: readonly string[], cwd: string): Promise<Run> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

test('ten concurrent commands all save their changes', async () => {
  const site = makeSite(PLANT);
  const keys = Array.from({ length: 10 }, (_, index) => `labels.k${index}`);
  const runs = await Promise.all(
    keys.map((key) => started(['set', 'plant', 'harv-2', `${key}=v`], dirname(site))),
  );
  assert.equal(
    runs.map(({ code }) => code),
    keys.map(() => 0),
  );
  const { labels } = parse(readFileSync(join(site, 'site.yaml'), 'utf8')).nodes['harv-2'];
  assert.equal(
    Object.keys(labels).sort(),
    keys.map((key) => key.slice('labels.'.length)),
  );
  assert.equal(readdirSync(site), ['site.yaml']);
});

test('the lock of a dead process is ignored, and so is one in a missing directory', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  const site = makeSite({ 'site.yaml': PLANT, '.harvgen-set.lock': `${pid} ${hostname()}\n` });
  assert.is(start(['set', 'plant', 'harv-2', 'install=never'], dirname(site)).code, 0);
  assert.equal(readdirSync(site), ['site.yaml']);
  const { code, stderr } = start(['set', 'nowhere', 'harv-2', 'install=never'], dirname(site));
  assert.is(code, 1);
  assert.match(stderr, 'nothing was saved');
});

test('what a killed command leaves in a repository, git add does not take', async () => {
  const sites: string[] = [];
  for (const kind of ['repository', 'linked work tree']) {
    const site = makeSite(PLANT);
    const home = dirname(site);
    if (kind === 'repository') spawnSync('git', ['init', '-q'], { cwd: home });
    else {
      const main = dirname(sites[0] ?? '');
      const git = (...args: string[]) =>
        spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: main });
      git('add', '.');
      git('commit', '-qm', 'Sites');
      git('worktree', 'add', '-q', join(home, 'linked'));
    }
    const at = kind === 'repository' ? site : join(home, 'linked', 'plant');
    sites.push(at);
    const release = await lockSite(at, home, () => {});
    try {
      const { stdout } = spawnSync('git', ['status', '--porcelain', '-uall'], { cwd: at, encoding: 'utf8' });
      assert.is(stdout, kind === 'repository' ? '?? plant/site.yaml\n' : '', kind);
      assert.equal(readdirSync(at), ['site.yaml']);
    } finally {
      release();
    }
    assert.is(start(['set', 'plant', 'harv-2', 'install=never'], dirname(at)).code, 0);
  }
});

test('a waiting command reports the other process, then edits the current file', async () => {
  const site = makeSite({ 'site.yaml': PLANT, '.harvgen-set.lock': `${process.pid} ${hostname()}\n` });
  const child = spawn(process.execPath, [BIN, 'set', 'plant', 'harv-2', 'install=never'], {
    cwd: dirname(site),
  });
  const [output] = await once(child.stderr, 'data');
  assert.match(
    String(output),
    `harvgen: plant is being edited by another harvgen (process ${process.pid} on `,
  );
  writeFiles(site, { 'site.yaml': edited(PLANT, ['.42 }', '.42, role: worker }']) });
  rmSync(join(site, '.harvgen-set.lock'));
  const [code] = await once(child, 'close');
  assert.is(code, 0);
  assert.match(readFileSync(join(site, 'site.yaml'), 'utf8'), '.42, role: worker, install: never }');
});

const NODES =
  '  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';

/** Returns a site with other definitions of its second and third node. */
function withNodes(nodes: string): string {
  return makeSite(edited(PLANT, [NODES, nodes]));
}

test('a value from a merge key is overridden on the node, and never edited', () => {
  const site = withNodes(`  harv-2: &base
    mac: 52:54:00:aa:01:02
    ip: 192.168.178.42
    install: never
    config: { install: { tty: "ttyS0,115200n8" } }
  harv-3:
    <<: *base
    mac: 52:54:00:aa:01:03
    ip: 192.168.178.43
`);
  const hides = refused(site, 'harv-3', 'config.install.device=/dev/sdb');
  assert.is(hides.code, 1);
  assert.match(
    hides.stderr,
    /^harvgen: plant\/site\.yaml:28:5 nodes\.harv-3\.config comes from the merge key <</,
  );
  const shared = refused(site, 'harv-2', 'install=always');
  assert.match(
    shared.stderr,
    /^harvgen: plant\/site\.yaml:30:9 the value of nodes\.harv-2 is also used here as \*base/,
  );
  assert.match(shared.stderr, /\nharvgen: nothing was saved\n$/);
  assert.is(
    harvgen(['set', 'plant', 'harv-3', 'install=null'], dirname(site)).stdout,
    'plant/site.yaml harv-3 install: nothing to remove, it is never, by an alias or a merge key at plant/site.yaml:27:14\n',
  );
  assert.is(
    harvgen(['set', 'plant', 'harv-3', 'install=always'], dirname(site)).stdout,
    'plant/site.yaml:33:14 harv-3 install: always (was never, by an alias or a merge key)\n',
  );
});

test('the target of an alias is never edited, but the alias can be replaced', () => {
  const site =
    withNodes(`  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, install: &how never, labels: &l { a: b } }
  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43, install: *how, labels: *l }
`);
  assert.match(
    refused(site, 'harv-3', 'labels.a=c').stderr,
    /25:80 nodes\.harv-3\.labels is the alias \*l: replace it/,
  );
  assert.match(
    refused(site, 'harv-2', 'labels.a=c').stderr,
    '25:80 the value of nodes.harv-2.labels is also used here',
  );
  assert.is(harvgen(['set', 'plant', 'harv-3', 'install=once', 'labels={a: c}'], dirname(site)).code, 0);
  assert.match(readFileSync(join(site, 'site.yaml'), 'utf8'), '43, install: once, labels: { a: c } }\n');
});

test('one entry of a list from a lower layer cannot be set', () => {
  const { code, stderr } = refused(makeSite(PLANT), 'harv-2', 'config.os.ntp_servers[0]=10.0.0.1');
  assert.is(code, 1);
  assert.match(
    stderr,
    /18:25 the entries of config\.os\.ntp_servers come from here.*set the whole list, as config\.os\.ntp_servers=\[…\]/,
  );
});

test('each key is saved in the file that has most of it, and all files are saved together', () => {
  const site = makeSite({
    'site.yaml': edited(PLANT, [
      NODES,
      '  harv-2: { config: { os: { modules: [kvm] } } }\n  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n',
    ]),
    'nodes/harv-2.yaml':
      'nodes:\r\n  harv-2:   # mine\r\n    mac: 52:54:00:aa:01:02\r\n    ip: 192.168.178.42',
  });
  const set = (...args: string[]) => harvgen(['set', 'plant', 'harv-2', ...args], dirname(site));
  assert.is(set('install=always', 'config.os.modules[1]=vfio', 'config.install.device=/dev/sdb').code, 0);
  assert.is(
    readFileSync(join(site, 'nodes/harv-2.yaml'), 'utf8'),
    'nodes:\r\n  harv-2:   # mine\r\n    mac: 52:54:00:aa:01:02\r\n    ip: 192.168.178.42\r\n    install: always',
  );
  assert.match(
    readFileSync(join(site, 'site.yaml'), 'utf8'),
    'harv-2: { config: { os: { modules: [kvm, vfio] }, install: { device: /dev/sdb } } }\n',
  );
  assert.equal(readdirSync(join(site, 'nodes')), ['harv-2.yaml']);
});

test('a node of an included file is edited in a file of the site', () => {
  const home = writeFiles(scratchFolder(), {
    'shared.yaml': 'nodes: { harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, install: never } }\n',
    'plant/site.yaml': edited(PLANT, ['site: plant', 'site: plant\ninclude: [../shared.yaml]']),
  });
  const before = readTree(home);
  assert.is(
    harvgen(['set', 'plant', 'harv-4', 'install=always'], home).stdout,
    'plant/site.yaml:28:14 harv-4 install: always (was never, from shared.yaml)\n',
  );
  assert.is(
    readTree(home)['plant/site.yaml'],
    `${before['plant/site.yaml']}  harv-4:\n    install: always\n`,
  );
  assert.is(
    harvgen(['set', 'plant', 'harv-4', 'install=null'], home).stdout,
    'plant/site.yaml:28:14 harv-4 install: removed (was always), now never, from shared.yaml at shared.yaml:1:73\n',
  );
  assert.equal(readTree(home), before);
});

test('a node of a range gets its own entry, which disappears with its last key', () => {
  const nodes = PLANT.indexOf('nodes:');
  const head = PLANT.slice(0, nodes);
  const range = `nodes:
  harv-1: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }
  harv-[2-3]:   # like each other
    mac: 52:54:00:aa:01:[02-03]
    ip: 192.168.178.[42-43]
`;
  const site = makeSite(head + range);
  const lines = head.split('\n').length - 1;
  const set = (...args: string[]) => harvgen(['set', 'plant', 'harv-3', ...args], dirname(site));
  assert.equal(set('install=never', 'mac=52:54:00:aa:01:09'), {
    code: 0,
    stdout:
      `plant/site.yaml:${lines + 7}:14 harv-3 install: never (was once, by default)\n` +
      `plant/site.yaml:${lines + 8}:10 harv-3 mac: 52:54:00:aa:01:09 (was 52:54:00:aa:01:03, from range harv-[2-3])\n`,
    stderr: '',
  });
  const text = () => readFileSync(join(site, 'site.yaml'), 'utf8');
  assert.is(text(), `${head + range}  harv-3:\n    install: never\n    mac: 52:54:00:aa:01:09\n`);
  assert.is(
    set('ip=null').stdout,
    `plant/site.yaml harv-3 ip: nothing to remove, it is 192.168.178.43, from range harv-[2-3] at plant/site.yaml:${lines + 5}:9\n`,
  );
  assert.match(set('install=null', 'mac=null').stdout, 'now 52:54:00:aa:01:03, from range harv-[2-3] at');
  assert.is(text(), head + range);
  // A range is not a node.
  const whole = harvgen(['set', 'plant', 'harv-[2-3]', 'install=never'], dirname(site));
  assert.is(whole.code, 2);
  assert.match(whole.stderr, 'Nodes: harv-1, harv-2, harv-3');
});

test('a node of a range in another file is edited next to the range, or in its own entry', () => {
  const nodes = PLANT.indexOf('nodes:');
  const rest = 'nodes:\n  harv-1: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }\n';
  const range = 'nodes:\n  harv-[2-3]: { mac: "52:54:00:aa:01:[02-03]", ip: "192.168.178.[42-43]" }\n';
  const site = makeSite({
    'site.yaml': PLANT.slice(0, nodes) + rest,
    'nodes/range.yaml': range,
    'own.yaml': 'nodes:\n  harv-3: { role: management }\n',
  });
  const set = (...args: string[]) => harvgen(['set', 'plant', ...args], dirname(site)).code;
  const text = (path: string) => readFileSync(join(site, path), 'utf8');
  assert.is(set('harv-2', 'role=worker'), 0);
  assert.is(text('nodes/range.yaml'), `${range}  harv-2:\n    role: worker\n`);
  assert.is(set('harv-3', 'install=never'), 0);
  assert.is(text('own.yaml'), 'nodes:\n  harv-3: { role: management, install: never }\n');
  assert.is(set('harv-2', 'role=null'), 0);
  assert.is(text('nodes/range.yaml'), range);
});

test('mode, links and byte order marks are kept', () => {
  const home = writeFiles(scratchFolder(), {
    'real.yaml': `\ufeff${PLANT.replaceAll('\n', '\r\n')}`,
    'plant/notes.txt': '',
  });
  chmodSync(join(home, 'real.yaml'), 0o640);
  symlinkSync('../real.yaml', join(home, 'plant/site.yaml'));
  assert.is(harvgen(['set', 'plant', 'harv-2', 'install=always'], home).code, 0);
  assert.ok(lstatSync(join(home, 'plant/site.yaml')).isSymbolicLink());
  assert.is(statSync(join(home, 'real.yaml')).mode & 0o777, 0o640);
  const text = readFileSync(join(home, 'real.yaml'), 'utf8');
  assert.is(text, `\ufeff${edited(PLANT, ['.42 }', '.42, install: always }']).replaceAll('\n', '\r\n')}`);
  assert.equal(readdirSync(home).sort(), ['plant', 'real.yaml']);
});

/** Runs harvgen set for keys of the site; returns the run and the lines that changed in its files. */
function setSite(site: string, ...args: string[]): Run & { lines: string[] } {
  const before = readTree(site);
  const run = harvgen(['set', 'plant', ...args], dirname(site));
  const after = readTree(site);
  const lines = Object.keys(before).flatMap((file) => changedLines(before[file] ?? '', after[file] ?? ''));
  return { ...run, lines };
}

test('keys of the site: comments, order and quotes stay, and the result is checked', () => {
  const site = makeSite(
    edited(
      PLANT,
      ['  version: v1.4.1\n', '  version: "v1.4.1"   # tested\n'],
      ['  mgmt:\n', '  mgmt:   # all\n'],
    ),
  );
  assert.equal(setSite(site, 'harvester.version=v1.5.1'), {
    code: 0,
    stdout: 'plant/site.yaml:3:12 harvester.version: v1.5.1 (was v1.4.1)\n',
    stderr: '',
    lines: ['-   version: "v1.4.1"   # tested', '+   version: "v1.5.1"   # tested'],
  });
  assert.equal(setSite(site, 'networks.mgmt.mtu=9000', 'cluster.token=${secret:other}').lines, [
    '+     mtu: 9000',
    '-   token: ${secret:cluster_token}',
    '+   token: ${secret:other}',
  ]);
  assert.equal(
    setSite(site, 'networks.mgmt.mtu=9000').stdout,
    'plant/site.yaml:13:10 networks.mgmt.mtu is already 9000\n',
  );
  assert.equal(setSite(site, 'networks.mgmt.mtu=null'), {
    code: 0,
    stdout: 'plant/site.yaml:13:10 networks.mgmt.mtu: removed (was 9000), now not set\n',
    stderr: '',
    lines: ['-     mtu: 9000'],
  });
  // An empty map has a meaning: a DHCP server without a pool.
  assert.equal(setSite(site, 'networks.mgmt.dhcp.pool=null').lines, [
    '-     dhcp:',
    '-       pool: 192.168.178.200-192.168.178.250',
    '+     dhcp: {}',
  ]);
  const { code, stderr, lines } = setSite(site, 'cluster.vip=192.168.178.42');
  assert.equal([code, lines], [1, []]);
  assert.match(stderr, 'The VIP 192.168.178.42 is already the IP address of the node harv-2');
  assert.match(stderr, /\n1 error: nothing was saved\n$/);
  assert.equal(
    setSite(site, 'defaults.boot.drive=0x81', 'nodes.harv-2.install=never').stdout.split('\n').slice(0, 2),
    [
      'plant/site.yaml:22:12 defaults.boot.drive: 0x81 (was not set)',
      'plant/site.yaml:25:66 nodes.harv-2.install: never (was not set)',
    ],
  );
});

test('keys of the site: in split files, included files, and from merge keys', () => {
  const home = writeFiles(scratchFolder(), {
    'shared.yaml': 'harvester: { version: v1.4.1, arch: amd64 }\n',
    'plant/site.yaml': edited(
      PLANT,
      ['harvester:\n  version: v1.4.1\n', 'include: [../shared.yaml]\n'],
      [
        'networks:\n  mgmt:\n    subnet: 192.168.178.0/24\n    gateway: 192.168.178.1\n    dns: [192.168.178.1]\n    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
        '',
      ],
      ['harv-2: {', 'harv-2: { <<: &same { install: never, mac: 52:54:00:aa:01:09 },'],
    ),
    'plant/networks.yaml':
      'networks:\n  mgmt:\n    subnet: 192.168.178.0/24\n    gateway: 192.168.178.1\n    dns: [192.168.178.1]\n    dhcp: {}\n',
  });
  const set = (...args: string[]) => harvgen(['set', 'plant', ...args], home);
  assert.is(
    set('harvester.version=v1.5.1', 'networks.mgmt.dns[1]=192.168.178.2').stdout,
    'plant/site.yaml:19:12 harvester.version: v1.5.1 (was v1.4.1, from shared.yaml)\n' +
      'plant/networks.yaml:5:26 networks.mgmt.dns[1]: 192.168.178.2 (was not set)\n',
  );
  assert.match(readFileSync(join(home, 'plant/site.yaml'), 'utf8'), /\nharvester:\n {2}version: v1\.5\.1\n$/);
  assert.is(readFileSync(join(home, 'shared.yaml'), 'utf8'), 'harvester: { version: v1.4.1, arch: amd64 }\n');
  assert.is(
    set('harvester.arch=null').stdout,
    'plant/site.yaml harvester.arch: nothing to remove, it is amd64, from shared.yaml at shared.yaml:1:37\n',
  );
  const merged = set('harv-2', 'install=once');
  assert.is(merged.code, 0, merged.stderr);
  assert.match(merged.stdout, 'harv-2 install: once (was never, by an alias or a merge key)');
});

test('a key of a configuration is set in the spelling of its file', () => {
  const home = writeFiles(scratchFolder(), {
    'shared.yaml': 'defaults: { config: { Install: { vipMode: static } } }\n',
    'plant/site.yaml': edited(
      PLANT,
      ['site: plant\n', 'site: plant\ninclude: [../shared.yaml]\n'],
      [
        'mode: create }',
        'mode: create, config: { OS: { ntpServers: [a.example.org] }, install: { vipMode: dhcp } } }',
      ],
    ),
  });
  const set = (...args: string[]) => harvgen(['set', 'plant', ...args], home).stdout;
  const keys = ['config.install.vip_mode=static', 'config.os.ntp_servers[0]=b.example.org'];
  assert.is(
    set('harv-1', ...keys),
    'plant/site.yaml:24:138 harv-1 config.install.vip_mode: static (was dhcp)\n' +
      'plant/site.yaml:24:100 harv-1 config.os.ntp_servers[0]: b.example.org (was a.example.org)\n',
  );
  const { nodes } = parse(readFileSync(join(home, 'plant/site.yaml'), 'utf8'));
  assert.equal(nodes['harv-1'].config, {
    OS: { ntpServers: ['b.example.org'] },
    install: { vipMode: 'static' },
  });
  assert.is(
    set('harv-1', 'config.install.vip_mode=null', 'config.os.ntp_servers=null'),
    'plant/site.yaml:24:138 harv-1 config.install.vip_mode: removed (was static), now static, from defaults at shared.yaml:1:43\n' +
      'plant/site.yaml:24:99 harv-1 config.os.ntp_servers: removed (was ["b.example.org"]), now ["0.suse.pool.ntp.org"], from defaults at plant/site.yaml:19:25\n',
  );
  assert.is(
    set('defaults.config.install.vip_mode=static'),
    'plant/site.yaml:23:17 defaults.config.install.vip_mode: static (was static, from shared.yaml)\n',
  );
});

test('keys of the site: a list of an included file is not replaced by one entry', () => {
  const home = writeFiles(scratchFolder(), {
    'shared.yaml': 'networks: { mgmt: { ntp: [192.168.178.1, 192.168.178.2] } }\n',
    'plant/site.yaml': edited(PLANT, ['site: plant\n', 'site: plant\ninclude: [../shared.yaml]\n']),
  });
  const { code, stderr } = harvgen(['set', 'plant', 'networks.mgmt.ntp[0]=192.168.178.3'], home);
  assert.is(code, 1);
  assert.is(
    stderr,
    "harvgen: shared.yaml:1:27 the entries of networks.mgmt.ntp come from here, and the site's own list would replace them: set the whole list, as networks.mgmt.ntp=[…]\nharvgen: nothing was saved\n",
  );
});

test('keys of the site and keys of a node are distinguished', () => {
  const site = makeSite(PLANT);
  const messages: readonly (readonly [args: string[], message: string])[] = [
    [
      ['harv-2', 'host.expose=[]'],
      'host.expose is not a key of a node: set it for the site with harvgen set plant host.expose=…',
    ],
    [
      ['harv-2', 'vlan=5'],
      'vlan is not a key of a node: set it for the site with harvgen set plant networks.mgmt.vlan=…',
    ],
    [
      ['install=always'],
      'install is a key of a node: name the node before it, or set it for all nodes as defaults.install',
    ],
    [['mac=52:54:00:aa:01:09'], 'mac is a key of a node: name the node before it'],
    [
      ['networks.mgmt.vln=5'],
      'a site has no key networks.mgmt.vln: did you mean networks.mgmt.vlan? Keys: networks.mgmt.subnet, ' +
        'networks.mgmt.gateway, networks.mgmt.dns, networks.mgmt.ntp, networks.mgmt.domain, networks.mgmt.vlan, ' +
        'networks.mgmt.mtu, networks.mgmt.interface, networks.mgmt.boot_server, networks.mgmt.iscsi, networks.mgmt.dhcp, networks.mgmt.libvirt',
    ],
    [['vlan=5'], 'a site has no key vlan: did you mean networks.mgmt.vlan?'],
    [['pool=a'], 'a site has no key pool: did you mean networks.mgmt.dhcp.pool?'],
    [['vip=a'], 'a site has no key vip: did you mean cluster.vip?'],
    [['harv-2'], 'missing required args: write KEY=VALUE after harv-2, such as install=always'],
  ];
  for (const [args, message] of messages)
    assert.equal(refused(site, ...args), {
      code: 2,
      stdout: '',
      stderr: `harvgen: ${message}\nSee harvgen --help.\n`,
    });
});

test('keys of the site: secrets are not printed, and an invalid name of a secret is not either', () => {
  const site = makeSite(edited(PLANT, ['token: ${secret:cluster_token}', 'token: ${secret:My-Real-Value}']));
  const { code, stdout, stderr } = harvgen(['set', 'plant', 'cluster.token=hunter2hunter2'], dirname(site));
  assert.is(code, 0, stderr);
  assert.is(stdout, 'plant/site.yaml:15:10 cluster.token: *** (was ***)\n');
  assert.not.match(stderr, /hunter|My-Real/);
});

test.run();
