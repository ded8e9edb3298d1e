import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const test = suite('the libvirt domains of virtual machines');

/** Returns the domain of a node of the edited common site. */
async function domain(name: string, ...edits: readonly Edit[]): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(NESTED, ...edits)));
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  return fileText(tree, `libvirt/domains/${name}.xml`) ?? '';
}

/** Returns each element with a name, on one line. */
const each = (xml: string, name: string) =>
  Array.from(xml.matchAll(new RegExp(`<${name}[ >][^]*?</${name}>`, 'g')), ([text]) =>
    text.replace(/\n */g, ''),
  );

const VM = 'vm: { preset: small, disks: [{ size: 300Gi }] }';
const QEMU: Edit = ['host:\n', 'host:\n  domain_type: qemu\n'];

const IDENTITY = 'mac: 52:54:00:0c:01:01, ip: 192.168.150.41';

// Firmware of a domain reports the domain's UUID, and iPXE asks by it: `www/ipxe/<uuid>.ipxe`.
test('takes the UUID of the inventory, in lower case; otherwise it derives one', async () => {
  const uuid = '4C4C4544-0042-3510-8057-B7C04F4D3332';
  const edits: Edit[] = [[IDENTITY, `${IDENTITY}, uuid: ${uuid}`]];
  assert.match(await domain('harvester-1', ...edits), `<uuid>${uuid.toLowerCase()}</uuid>`);
  const { tree } = await compile(makeSite(edited(NESTED, ...edits)));
  assert.ok(fileText(tree, `www/ipxe/${uuid.toLowerCase()}.ipxe`));
  assert.match(await domain('harvester-2', ...edits), /<uuid>(?!4c4c)[0-9a-f-]{36}</);
});

// Source: https://libvirt.org/formatdomain.html, "SMBIOS System Information".
test('gives the serial number of the inventory to firmware, also beside its settings', async () => {
  const smbios =
    '  <sysinfo type="smbios">\n    <system>\n      <entry name="serial">B5W7M32</entry>\n    </system>\n  </sysinfo>\n';
  const edits: Edit[] = [[IDENTITY, `${IDENTITY}, serial: B5W7M32`]];
  const xml = await domain('harvester-1', ...edits);
  assert.match(xml, smbios);
  assert.match(xml, '    <smbios mode="sysinfo"/>\n  </os>\n');
  assert.not.match(await domain('harvester-2', ...edits), /smbios/);
  const third = 'mac: 52:54:00:0c:01:03, ip: 192.168.150.43';
  const linux: Edit = [third, `${third}, serial: B5W7M32, boot: { os: linux, kernel: vmlinuz }`];
  const xml3 = await domain('harvester-3', linux);
  const [, both = ''] = /^(.*)<features>/s.exec(xml3) ?? [];
  assert.match(both, smbios);
  assert.match(both, '<sysinfo type="fwcfg">');
});

test('writes a complete domain', async () => {
  assert.is(
    await domain('harvester-1'),
    `<!-- Made by harvgen: edit the inventory instead. -->
<domain type="kvm">
  <name>harvester-1</name>
  <uuid>02f7dfa9-3ce9-8ceb-bd1b-8de55dc4013c</uuid>
  <title>harvester-1 of the site plant</title>
  <metadata>
    <harvgen:site xmlns:harvgen="urn:harvgen:site">plant</harvgen:site>
  </metadata>
  <memory unit="MiB">32768</memory>
  <vcpu>8</vcpu>
  <os firmware="efi">
    <type arch="x86_64" machine="q35">hvm</type>
    <firmware>
      <feature enabled="no" name="enrolled-keys"/>
      <feature enabled="no" name="secure-boot"/>
    </firmware>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode="host-passthrough" check="none"/>
  <clock offset="utc">
    <timer name="rtc" tickpolicy="catchup"/>
    <timer name="pit" tickpolicy="delay"/>
    <timer name="hpet" present="no"/>
  </clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>restart</on_crash>
  <devices>
    <disk type="file" device="disk">
      <driver name="qemu" type="qcow2" discard="unmap"/>
      <source file="/var/lib/libvirt/images/harvester-1-0.qcow2"/>
      <target dev="vda" bus="virtio"/>
      <serial>5001a4a0bb53b3b2</serial>
      <boot order="1"/>
    </disk>
    <interface type="network">
      <source network="plant-mgmt"/>
      <mac address="52:54:00:0c:01:01"/>
      <model type="virtio"/>
      <boot order="2"/>
    </interface>
    <serial type="pty">
      <log file="/var/log/libvirt/qemu/harvester-1_console.log" append="on"/>
      <target port="0"/>
    </serial>
    <console type="pty">
      <target type="serial" port="0"/>
    </console>
    <graphics type="vnc" autoport="yes">
      <listen type="address" address="127.0.0.1"/>
    </graphics>
    <video>
      <model type="virtio"/>
    </video>
    <rng model="virtio">
      <backend model="random">/dev/urandom</backend>
    </rng>
    <memballoon model="none"/>
  </devices>
</domain>
`,
  );
});

test('emulates the CPU with domain_type: qemu', async () => {
  const xml = await domain('harvester-1', QEMU);
  assert.match(xml, '<domain type="qemu">');
  assert.match(xml, '<cpu mode="maximum" check="none"/>');
});

test('puts all SCSI disks on one controller, each with a WWN', async () => {
  const disks =
    'disks: [{ size: 300Gi, bus: sata }, { size: 1Gi, bus: scsi, name: "1" }, { size: 1Gi, format: raw, on: data1, serial: log }, { size: 1Gi, bus: scsi, name: "3" }]';
  const xml = await domain('harvester-2', ['disks: [{ size: 300Gi }]', disks]);
  assert.equal(each(xml, 'disk'), [
    '<disk type="file" device="disk"><driver name="qemu" type="qcow2" discard="unmap"/><source file="/var/lib/libvirt/images/harvester-2-0.qcow2"/><target dev="sda" bus="sata"/><serial>5001a4a2dab2966c</serial><boot order="1"/></disk>',
    '<disk type="file" device="disk"><driver name="qemu" type="qcow2" discard="unmap"/><source file="/var/lib/libvirt/images/harvester-2-1.qcow2"/><target dev="sdb" bus="scsi"/><address type="drive" controller="0" bus="0" target="0" unit="0"/><serial>5001a4aaa7735e38</serial><wwn>5001a4aaa7735e38</wwn><boot order="2"/></disk>',
    '<disk type="file" device="disk"><driver name="qemu" type="raw" discard="unmap"/><source file="/var/lib/libvirt/images/data1/harvester-2_log.raw"/><target dev="vda" bus="virtio"/><serial>log</serial><boot order="3"/></disk>',
    '<disk type="file" device="disk"><driver name="qemu" type="qcow2" discard="unmap"/><source file="/var/lib/libvirt/images/harvester-2-3.qcow2"/><target dev="sdc" bus="scsi"/><address type="drive" controller="0" bus="0" target="0" unit="1"/><serial>5001a4a5fdfe69ab</serial><wwn>5001a4a5fdfe69ab</wwn><boot order="4"/></disk>',
  ]);
  assert.is(xml.match(/<controller /g)?.length, 1);
  assert.match(xml, '<controller type="scsi" index="0" model="virtio-scsi"/>');
});

/** Returns the boot order of a domain: the target of a disk, the MAC of a NIC. */
function bootOrder(xml: string): (string | undefined)[] {
  const devices = [...each(xml, 'disk'), ...each(xml, 'interface')].flatMap((text) => {
    const order = /<boot order="(\d+)"/.exec(text)?.[1];
    return order ? [{ order, name: /dev="(\w+)"|mac address="([^"]+)"/.exec(text)?.slice(1).join('') }] : [];
  });
  return devices.sort((a, b) => Number(a.order) - Number(b.order)).map(({ name }) => name);
}

test('boots the disk first, so that an installed machine is not reinstalled', async () => {
  assert.equal(bootOrder(await domain('harvester-1')), ['vda', '52:54:00:0c:01:01']);
});

test('boots the network first if the machine installs at each boot', async () => {
  const always: Edit = ['192.168.150.42 }', '192.168.150.42, install: always }'];
  assert.equal(bootOrder(await domain('harvester-2', always)), ['52:54:00:0c:01:02', 'vda']);
  const never: Edit = ['192.168.150.42 }', '192.168.150.42, install: never }'];
  assert.equal(bootOrder(await domain('harvester-2', never)), ['vda', '52:54:00:0c:01:02']);
});

test('boots the disk with Harvester and the boot NIC', async () => {
  const xml = await domain(
    'harvester-2',
    ['cluster:', '  vms: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, libvirt: {} }\ncluster:'],
    [
      '{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }',
      `{ nics: [{ mac: 52:54:00:0c:02:02, network: vms }, { mac: 52:54:00:0c:01:02, ip: 192.168.150.42, boot: true }],
    vm: { disks: [{ size: 1Gi }, { size: 300Gi, serial: system }] },
    config: { install: { device: /dev/disk/by-id/virtio-system } } }`,
    ],
  );
  assert.equal(bootOrder(xml), ['vdb', 'vda', '52:54:00:0c:01:02']);
});

test('finds the disk with Harvester by its kernel name and by an alias', async () => {
  const second = (device: string, declared = ''): Edit => [
    '{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }',
    `{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42, ${declared}
    vm: { disks: [{ size: 300Gi }, { size: 300Gi, serial: system }, { size: 1Gi, name: b }] },
    silence: { unstable-disk-name: no matter here },
    config: { install: { device: ${device} } } }`,
  ];
  const path = '/dev/disk/by-path/pci-0000:04:00.0';
  const alias = `disks: [{ path: ${path}, aliases: [/dev/disk/by-id/virtio-system] }],`;
  for (const edit of [second('/dev/vdb'), second(path, alias)])
    assert.equal(bootOrder(await domain('harvester-2', edit)), ['vdb', 'vda', 'vdc', '52:54:00:0c:01:02']);
});

test('uses the architecture of the site for a machine without Harvester', async () => {
  const local: Edit = ['ip: 192.168.150.43 }', 'ip: 192.168.150.43, boot: { os: local } }'];
  for (const [arch, machine] of [
    ['arm64', 'aarch64'],
    ['amd64', 'x86_64'],
  ] as const)
    assert.match(
      await domain('harvester-3', local, ['version: v1.8.1', `version: v1.8.1, arch: ${arch}`]),
      `<type arch="${machine}"`,
    );
});

test('attaches NICs to networks of libvirt and to bridges of the host, these with an MTU', async () => {
  const xml = await domain(
    'harvester-2',
    [
      'cluster:',
      '  vms: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, mtu: 9000, libvirt: {} }\n  lan: { subnet: 10.2.0.0/24, interface: br0, mtu: 9000 }\n  far: { subnet: 10.3.0.0/24, interface: br1 }\ncluster:',
    ],
    [
      '{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }',
      '{ nics: [{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }, { mac: 52:54:00:0c:02:02, network: vms }, { mac: 52:54:00:0c:02:03, network: lan }, { mac: 52:54:00:0c:02:04, network: far }] }',
    ],
  );
  assert.equal(each(xml, 'interface').slice(1), [
    '<interface type="network"><source network="plant-vms"/><mac address="52:54:00:0c:02:02"/><model type="virtio"/></interface>',
    '<interface type="bridge"><source bridge="br0"/><mac address="52:54:00:0c:02:03"/><model type="virtio"/><mtu size="9000"/></interface>',
    '<interface type="bridge"><source bridge="br1"/><mac address="52:54:00:0c:02:04"/><model type="virtio"/></interface>',
  ]);
});

test('supports BIOS, if the release does', async () => {
  const xml = await domain(
    'harvester-2',
    ['version: v1.8.1', 'version: v1.7.1'],
    ['192.168.150.42 }', '192.168.150.42, firmware: bios }'],
  );
  assert.equal(each(xml, 'os'), ['<os><type arch="x86_64" machine="q35">hvm</type></os>']);
});

for (const [edits, gic] of [
  [[], 'host'],
  [[QEMU], '3'],
] as const) {
  test(`writes an arm64 domain with the interrupt controller ${gic}`, async () => {
    const xml = await domain('harvester-1', ['version: v1.8.1', 'version: v1.8.1, arch: arm64'], ...edits);
    assert.equal(each(xml, 'os'), [
      '<os firmware="efi"><type arch="aarch64" machine="virt">hvm</type><firmware><feature enabled="no" name="enrolled-keys"/><feature enabled="no" name="secure-boot"/></firmware></os>',
    ]);
    assert.equal(each(xml, 'features'), [`<features><acpi/><gic version="${gic}"/></features>`]);
    assert.match(xml, '<input type="keyboard" bus="usb"/>');
    assert.not.match(xml, '<timer');
  });
}

test('sets the screen, and the settings of one machine', async () => {
  const xml = await domain(
    'harvester-1',
    ['memory: 128Gi', 'memory: 256Gi'],
    [
      '192.168.150.41,',
      '192.168.150.41, vm: { preset: medium, vnc: { listen: 192.168.150.1, port: 5911, websocket: 5711 } },',
    ],
  );
  assert.equal(each(xml, 'graphics'), [
    '<graphics type="vnc" port="5911" autoport="no" websocket="5711"><listen type="address" address="192.168.150.1"/></graphics>',
  ]);
  assert.match(xml, '<memory unit="MiB">65536</memory>\n  <vcpu>16</vcpu>');
});

test('writes a domain for a machine that only boots its disk, and none for a physical machine', async () => {
  const local = await domain('harvester-3', ['192.168.150.43 }', '192.168.150.43, boot: { os: local } }']);
  assert.match(local, '<type arch="x86_64" machine="q35">hvm</type>');
  const mixed: Edit[] = [
    [VM, 'labels: {}'],
    ['192.168.150.41,', `192.168.150.41, ${VM},`],
    ['    os: { ntp', '    install: { device: /dev/vda }\n    os: { ntp'],
    // A bridge of the host, to which physical machines are attached too.
    ['dhcp: { server: libvirt', 'interface: br0\n    dhcp: { server: external'],
  ];
  assert.match(await domain('harvester-1', ...mixed), '<vcpu>8</vcpu>');
  assert.is(await domain('harvester-3', ...mixed), '');
});

test.run();
