// needs: root busybox dnsmasq ip libvirtd qemu-img qemu-system-x86_64 unshare virsh virt-xml-validate xmllint /usr/share/OVMF/OVMF_CODE_4M.fd

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { DHCP_ARCHITECTURES } from '../../src/knowledge/boot-programs.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Site } from '../../src/site/model.ts';
import { type Tree, textOf } from '../../src/tree/tree.ts';
import { quoteXml } from '../../src/values/quoting.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';
import { type Answer, type DhcpRequest, plugIn } from './dhcp-client.ts';
import { type Libvirt, startLibvirt } from './libvirt.ts';
import { until } from './until.ts';

/** Every type of network, disk, NIC and firmware for libvirt. */
const EVERYTHING = `site: everything
harvester: { version: v1.7.1 }
server: { url: "http://192.168.150.1:8080" }
host: { domain_type: qemu, disks: { data1: { device: /dev/disk/by-id/data1 } } }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1, 9.9.9.9]
    ntp: [192.168.150.9, ntp.example.org]
    domain: everything.example.org
    mtu: 1400
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }
  storage:
    subnet: 10.20.0.0/24
    gateway: 10.20.0.254
    dns: [10.20.0.254]
    libvirt: { forward: route, address: 10.20.0.1 }
    dhcp: { server: libvirt, lease: 45m }
  alone:
    subnet: 10.30.0.0/24
    gateway: 10.30.0.1
    interface: virbr-lonely
    libvirt: { forward: isolated }
    dhcp: { server: libvirt, pool: 10.30.0.10-10.30.0.11, lease: infinite }
  switch: { subnet: 10.40.0.0/24, libvirt: { forward: isolated } }
  open: { subnet: 10.50.0.0/24, gateway: 10.50.0.1, libvirt: { forward: open } }
  lan: { subnet: 10.60.0.0/24, interface: br0, mtu: 1300 }
cluster: { vip: 192.168.150.40, vip_mode: dhcp, vip_hw_addr: 02:00:00:03:3d:61, token: "\${secret:token}" }
defaults:
  config: { os: { password: "\${secret:password}" } }
  vm: { vcpus: 1, memory: 256Mi, disks: [{ size: 250Gi }] }
silence: { vm-too-small: nothing is installed here, vm-below-minimum: nothing is installed here }
nodes:
  one.everything.example.org:
    mode: create
    nics:
      - { mac: 52:54:00:01:00:01, ip: 192.168.150.41 }
      - { mac: 52:54:00:01:00:02, network: mgmt }
      - { mac: 52:54:00:01:00:03, network: storage, ip: 10.20.0.41 }
      - { mac: 52:54:00:01:00:04, network: alone, ip: 10.30.0.41 }
      - { mac: 52:54:00:01:00:05, network: switch }
      - { mac: 52:54:00:01:00:06, network: open }
      - { mac: 52:54:00:01:00:07, network: lan }
    vm:
      disks:
        - { size: 250Gi }
        - { size: 1Gi, format: raw, on: data1, serial: data_1 }
        - { size: 1Gi, bus: scsi, name: "2" }
        - { size: 1Gi, bus: scsi, format: raw, name: "3" }
        - { size: 1Gi, bus: sata, name: "4" }
      vnc: { port: 5977, websocket: 5777 }
  2-two: { mac: 52:54:00:02:00:01, serial: B5W7M32, ip: 192.168.150.42, firmware: bios, install: always, vm: { vnc: { websocket: 5778 } } }
  three:
    mac: 52:54:00:03:00:01
    ip: 192.168.150.43
    install: never
    vm: { disks: [{ size: 1Gi, bus: scsi }, { size: 250Gi, bus: sata, serial: system }] }
    config: { install: { device: /dev/disk/by-id/ata-QEMU_HARDDISK_system } }
  four: { mac: 52:54:00:04:04:01, serial: B5W7M33, ip: 192.168.150.44, boot: { os: linux, kernel: vmlinuz }, vm: { disks: [] } }
  five: { mac: 52:54:00:05:05:01, ip: 192.168.150.45, boot: { os: linux, kernel: vmlinuz, loader: grub }, vm: { disks: [] } }
  six:
    boot: { os: linux, kernel: vmlinuz, loader: grub }
    nics: [{ mac: 52:54:00:06:06:01, ip: 192.168.150.46 }, { mac: 52:54:00:06:06:02, network: mgmt }]
    vm: { secure_boot: true }
`;

/** An air-gapped site, with a reservation that libvirt cannot express. */
const SEALED = `site: sealed
air_gapped: true
harvester: { version: v1.8.1 }
server: { url: http://192.168.160.1 }
host: { domain_type: qemu }
networks:
  sealed:
    subnet: 192.168.160.0/24
    gateway: 192.168.160.1
    dns: [192.168.160.1]
    dhcp: { server: libvirt, lease: 150s }
cluster: { vip: 192.168.160.40, token: "\${secret:token}" }
defaults:
  config: { os: { password: "\${secret:password}" } }
  vm: { vcpus: 1, memory: 256Mi, disks: [{ size: 250Gi }] }
silence: { vm-too-small: nothing is installed here, vm-below-minimum: nothing is installed here }
nodes:
  lone: { mode: create, nics: [{ mac: 52:54:00:04:00:01, ip: 192.168.160.41 }, { mac: 52:54:00:04:00:02 }] }
`;

const SITES = {
  plant: NESTED,
  arm: edited(NESTED, ['site: plant', 'site: arm'], ['version: v1.8.1', 'version: v1.8.1, arch: arm64']),
  everything: EVERYTHING,
  sealed: SEALED,
};

interface Context {
  readonly trees: Map<string, Tree>;
  readonly sites: Map<string, Site>;
  sandbox: Sandbox;
  libvirt: Libvirt;
}

const test = suite<Context>('emitted files, validated by libvirt, and the answers of its dnsmasq', {
  trees: new Map(),
  sites: new Map(),
} as Context);

test.before(async (context) => {
  for (const [name, text] of Object.entries(SITES)) {
    const { tree, site, diagnostics } = await compile(makeSite(text, name));
    if (!tree || !site) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    context.trees.set(name, tree);
    context.sites.set(name, site);
  }
  context.sandbox = await openSandbox();
  context.libvirt = await startLibvirt(context.sandbox);
  await context.sandbox.run(['mkdir', '-p', '/srv/harvgen/tftp', '/var/lib/libvirt/images/data1']);
  await context.sandbox.run(['ip', 'link', 'add', 'br0', 'type', 'bridge']);
});

test.after(async ({ sandbox }) => sandbox?.close());

const NETWORK = /^libvirt\/network(s\/.*)?\.xml$/;
const DOMAIN = /^libvirt\/domains\/.*\.xml$/;

/** Writes the files of a site's tree with matching paths. Returns the paths of the written files, in order. */
function written(tree: Tree | undefined, paths: RegExp): string[] {
  const found = [...(tree ?? [])].filter(([path]) => paths.test(path));
  const folder = writeFiles(
    scratchFolder(),
    Object.fromEntries(found.map(([path, file]) => [path, textOf(file)])),
  );
  assert.ok(found.length > 0);
  return found.map(([path]) => join(folder, path));
}

test('virt-xml-validate and xmllint', ({ trees }) => {
  for (const tree of trees.values()) {
    for (const [kind, paths] of [
      ['network', NETWORK],
      ['domain', DOMAIN],
    ] as const) {
      for (const path of written(tree, paths)) {
        const { status, stdout, stderr } = spawnSync('virt-xml-validate', [path, kind], { encoding: 'utf8' });
        assert.is(status, 0, stdout + stderr);
        assert.is(spawnSync('xmllint', ['--noout', path]).status, 0, path);
      }
    }
  }
});

const HOSTILE = [
  '',
  ' a  b ',
  'a & b',
  '&amp;',
  '<b/>',
  ']]>',
  '"',
  "'",
  '"/><evil x="',
  '--',
  '\\',
  '$(x)',
  'ä🙂',
];

test('a value quoted for XML reads back, as text and in an attribute with either type of quotes', () => {
  for (const value of HOSTILE) {
    const quoted = quoteXml(value);
    const input = `<a b="${quoted}" c='${quoted}'>${quoted}</a>\n`;
    for (const path of ['/a', '/a/@b', '/a/@c']) {
      const { stdout } = spawnSync('xmllint', ['--xpath', `string(${path})`, '-'], {
        input,
        encoding: 'utf8',
      });
      assert.is(stdout, `${value}\n`, path);
    }
  }
});

test('every network can be defined repeatedly, and starts; dnsmasq accepts the configuration from libvirt', async ({
  libvirt,
  sandbox,
  trees,
}) => {
  for (const name of ['everything', 'sealed']) {
    const paths = written(trees.get(name), NETWORK);
    for (const path of [...paths, ...paths]) await libvirt.virsh('net-define', path);
  }
  const all = (await libvirt.virsh('net-list', '--all', '--name')).split('\n').filter((name) => name !== '');
  assert.is(all.length, 6);
  for (const name of all) {
    await libvirt.virsh('net-start', name);
    const configuration = `/var/lib/libvirt/dnsmasq/${name}.conf`;
    if (name === 'everything-switch' || name === 'everything-open') {
      assert.is((await sandbox.run(['find', configuration]).catch(() => '')).trim(), '', name);
      continue;
    }
    await sandbox.run(['dnsmasq', '--test', `--conf-file=${configuration}`]);
  }
});

test('libvirt does not forward DNS queries of an air-gapped network', async ({ sandbox }) => {
  const lines = async (name: string) =>
    (await sandbox.run(['cat', `/var/lib/libvirt/dnsmasq/${name}.conf`])).split('\n');
  const sealed = await lines('sealed-sealed');
  assert.ok(sealed.includes('no-resolv'));
  assert.not.ok(sealed.includes('port=0'));
  assert.not.ok((await lines('everything-mgmt')).some((line) => ['no-resolv', 'port=0'].includes(line)));
  assert.ok((await lines('everything-storage')).includes('port=0'));
});

test('firmware gets iPXE, and iPXE gets the entry script, on every network that libvirt serves', async ({
  sandbox,
}) => {
  const client = await plugIn(sandbox, 'virbr-mgmt', 'boot');
  const mac = '52:54:00:03:00:01';
  for (const { code, transport, loader } of DHCP_ARCHITECTURES) {
    const answer = await client.ask({
      mac,
      arch: code,
      vendor: transport === 'http' ? 'HTTPClient' : 'PXEClient',
    });
    assert.is(
      answer?.boot_file,
      transport === 'http' ? `http://192.168.150.1:8080/loader/${loader}` : loader,
    );
    assert.is(answer?.vendor, transport === 'http' ? 'HTTPClient' : undefined);
    assert.is(answer?.siaddr, '192.168.150.1');
    const script = await client.ask({ mac, arch: code, userClass: 'iPXE' });
    assert.is(script?.boot_file, 'http://192.168.150.1:8080/boot.ipxe');
    assert.is(script?.opt175, 'b00101ff');
    assert.is(script?.vendor, undefined);
  }
});

/** The boot files for the firmware of nodes, by architecture. */
const GRUB: readonly (readonly [mac: string, bootFiles: Readonly<Record<string, string>>])[] = [
  ['52:54:00:04:04:01', {}],
  ['52:54:00:05:05:01', { x86_64: 'grubnetx64.efi', arm64: 'grubnetaa64.efi' }],
  ['52:54:00:06:06:01', { x86_64: 'shimx64.efi', arm64: 'shimaa64.efi' }],
  ['52:54:00:06:06:02', { x86_64: 'shimx64.efi', arm64: 'shimaa64.efi' }],
];

test('firmware of nodes that boot by GRUB gets GRUB, or iPXE for an architecture without GRUB', async ({
  sandbox,
}) => {
  const client = await plugIn(sandbox, 'virbr-mgmt', 'grub');
  for (const [mac, bootFiles] of GRUB) {
    for (const { code, name, transport, loader } of DHCP_ARCHITECTURES) {
      const isHttp = transport === 'http';
      const answer = await client.ask({ mac, arch: code, vendor: isHttp ? 'HTTPClient' : 'PXEClient' });
      const bootFile = bootFiles[name.replace(/^(?:efi|http)-/, '')] ?? loader;
      assert.is(answer?.boot_file, isHttp ? `http://192.168.150.1:8080/loader/${bootFile}` : bootFile);
      assert.is(answer?.vendor, isHttp ? 'HTTPClient' : undefined);
    }
    const script = await client.ask({ mac, arch: 7, userClass: 'iPXE' });
    assert.is(script?.boot_file, 'http://192.168.150.1:8080/boot.ipxe');
  }
});

test('firmware that requests HTTP boot only by its vendor class gets a URL', async ({ sandbox }) => {
  const client = await plugIn(sandbox, 'virbr-mgmt', 'vendor');
  for (const { code, transport, loader } of DHCP_ARCHITECTURES) {
    if (transport !== 'http') continue;
    const vendor = `HTTPClient:Arch:000${code}:UNDI:003000`;
    const answer = await client.ask({ mac: '52:54:00:03:00:01', vendor });
    assert.is(answer?.boot_file, `http://192.168.150.1:8080/loader/${loader}`);
    assert.is(answer?.vendor, 'HTTPClient');
  }
});

test('every NIC gets its IP address, on any NIC of a bond, and the options of the network', async ({
  sandbox,
}) => {
  const mgmt = {
    router: '192.168.150.1',
    dns: '192.168.150.1 9.9.9.9',
    ntpsrv: '192.168.150.9',
    domain: 'everything.example.org',
    mtu: '1400',
    lease: String(7 * 24 * 3600),
  };
  await assertAnswers(sandbox, 'virbr-mgmt', 'mgmt', [
    [{ mac: '52:54:00:01:00:01' }, { ...mgmt, ip: '192.168.150.41', hostname: 'one' }],
    [{ mac: '52:54:00:01:00:02' }, { ...mgmt, ip: '192.168.150.41', hostname: 'one' }],
    [{ mac: '52:54:00:02:00:01' }, { ...mgmt, ip: '192.168.150.42', hostname: '2-two' }],
    [{ mac: '02:00:00:03:3d:61' }, { ...mgmt, ip: '192.168.150.40' }],
  ]);
});

test('a network without a pool leases nothing to unknown machines', async ({ sandbox }) => {
  await assertAnswers(sandbox, 'virbr-storage', 'stor', [
    [
      { mac: '52:54:00:01:00:03' },
      { ip: '10.20.0.41', router: '10.20.0.254', dns: '10.20.0.254', lease: '2700' },
    ],
    [{ mac: '52:54:00:09:00:09' }, undefined],
  ]);
  await assertAnswers(sandbox, 'virbr-sealed', 'seal', [
    [
      { mac: '52:54:00:04:00:02' },
      {
        ip: '192.168.160.41',
        router: '192.168.160.1',
        dns: '192.168.160.1',
        ntpsrv: '192.168.160.1',
        lease: '150',
      },
    ],
    [{ mac: '52:54:00:09:00:09' }, undefined],
  ]);
});

test('unknown machines that use the whole pool take no lease from a node; an isolated network has its router', async ({
  sandbox,
}) => {
  const unknownMachines = await plugIn(sandbox, 'virbr-lonely', 'many');
  // dnsmasq checks for some seconds whether an IP address is free before it offers it.
  for (const mac of ['52:54:00:09:00:01', '52:54:00:09:00:02'])
    await until(async () => /^10\.30\.0\.1[01]$/.test((await unknownMachines.ask({ mac }))?.ip ?? ''));
  await assertAnswers(sandbox, 'virbr-lonely', 'lone', [
    [
      { mac: '52:54:00:01:00:04' },
      { ip: '10.30.0.41', router: '10.30.0.1', dns: undefined, lease: '4294967295' },
    ],
  ]);
});

test('every domain can be defined repeatedly, and QEMU starts each', async ({
  libvirt,
  sandbox,
  sites,
  trees,
}) => {
  for (const name of ['everything', 'sealed']) {
    for (const path of [...written(trees.get(name), DOMAIN), ...written(trees.get(name), DOMAIN)])
      await libvirt.virsh('define', path);
    for (const { name: node, firmware, facts, os, domain } of sites.get(name)?.nodes ?? []) {
      for (const { file, format, size } of domain?.disks ?? [])
        await sandbox.run(['qemu-img', 'create', '-q', '-f', format, file, String(size)]);
      await libvirt.virsh('start', '--paused', node);
      const running = await libvirt.virsh('dumpxml', node);
      const isSecure = facts.vm?.secure_boot === true;
      if (isSecure) {
        assert.match(
          running,
          /<loader [^>]*secure='yes'[^>]*>\/usr\/share\/OVMF\/OVMF_CODE_4M\.(?:ms|secboot)\.fd</,
        );
        assert.match(running, /<nvram [^>]*template='\/usr\/share\/OVMF\/OVMF_VARS_4M\.ms\.fd'/);
      }
      // Not the firmware that verifies signatures: Secure Boot is off.
      else if (firmware === 'uefi') assert.match(running, '>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>');
      else assert.not.match(running, '<loader');
      const command = await sandbox.run([
        'sh',
        '-c',
        `cat "/proc/$(cat /run/libvirt/qemu/${node}.pid)/cmdline" | tr '\\0' ' '`,
      ]);
      assert.is(command.includes('name=opt/org.tianocore/IPv4PXESupport,string=no'), os === 'linux');
      assert.is(command.includes('"romfile":""'), os === 'linux');
      for (const { serial, wwn } of domain?.disks ?? []) {
        assert.match(running, `<serial>${serial}</serial>`);
        if (wwn) assert.match(running, `<wwn>${wwn}</wwn>`);
      }
      await libvirt.virsh('destroy', node);
    }
  }
});

test('the screen is on loopback, at the port that the inventory sets', async ({ libvirt }) => {
  await libvirt.virsh('start', '--paused', 'one.everything.example.org');
  assert.is((await libvirt.virsh('vncdisplay', 'one.everything.example.org')).trim(), '127.0.0.1:77');
});

test.run();

/** Sends requests on a bridge, and compares the expected parts of each answer. */
async function assertAnswers(
  sandbox: Sandbox,
  bridge: string,
  name: string,
  cases: readonly (readonly [DhcpRequest, { readonly [key: string]: string | undefined } | undefined])[],
): Promise<void> {
  const client = await plugIn(sandbox, bridge, name);
  for (const [request, expected] of cases) {
    const answer: Answer | undefined = await client.ask(request);
    if (!expected) assert.is(answer, undefined, request.mac);
    else assert.equal(Object.fromEntries(Object.keys(expected).map((key) => [key, answer?.[key]])), expected);
  }
}
