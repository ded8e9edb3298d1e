import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { textOf } from '../../tree/tree.ts';

const test = suite('the scripts that the entry script requests');

/** With an external DHCP server no node needs a MAC. */
const EXTERNAL: Edit = ['      pool: 192.168.178.200-192.168.178.250', '      server: external'];
const [FIRST, SECOND, THIRD] = ['01', '02', '03'].map((end) => `mac: 52:54:00:aa:01:${end}, `) as [
  string,
  string,
  string,
];

async function lookUpsOf(...edits: readonly Edit[]): Promise<string[]> {
  const { tree, diagnostics } = await compile(makeSite(edited(PLANT, EXTERNAL, ...edits)));
  const script = fileText(tree, 'www/boot.ipxe');
  assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
  return Array.from(
    script.matchAll(/^isset \$\{(\S+)\} && chain --replace --autofree (\S+) \|\|$/gm),
    ([, a, b]) => `${a} ${b}`,
  );
}

const BY_MAC = ['netX', 'net0', 'net1', 'net2', 'net3'].map(
  (nic) => `${nic}/mac ipxe/\${${nic}/mac:hexhyp}.ipxe`,
);
const BY_IP = 'ip ipxe/${ip}.ipxe';
const BY_UUID = 'uuid ipxe/${uuid}.ipxe';
const BY_SERIAL = 'serial ipxe/serial/${serial:uristring}.ipxe';
const UUID = 'uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, ';

test('only MACs if all nodes have one', async () => {
  assert.equal(await lookUpsOf(), BY_MAC);
});

test('then the IP address, the UUID and the serial number, if they identify a node', async () => {
  assert.equal(await lookUpsOf([FIRST, '']), [...BY_MAC, BY_IP]);
  assert.equal(await lookUpsOf([FIRST, FIRST + UUID]), [...BY_MAC, BY_UUID]);
  assert.equal(await lookUpsOf([FIRST, UUID], [SECOND, 'serial: B5W7M32, ']), [
    ...BY_MAC,
    BY_IP,
    BY_UUID,
    BY_SERIAL,
  ]);
});

test('no MAC if no node has one', async () => {
  assert.equal(await lookUpsOf([FIRST, ''], [SECOND, ''], [THIRD, '']), [BY_IP]);
});

test('a machine without a script requests another IP address before each retry, if there is DHCP', async () => {
  const scriptOf = async (...edits: readonly Edit[]) => {
    const { tree } = await compile(makeSite(edited(LINUX_PLANT, ...edits)));
    return fileText(tree, 'www/boot.ipxe') ?? '';
  };
  assert.match(
    await scriptOf(),
    /\nsleep 30\n#.*\ndhcp netX \|\|\n#.*\nchain --replace --autofree boot.ipxe \|\| goto start\n$/,
  );
  const without = await scriptOf(
    ['    dhcp: { pool: 10.1.0.200-10.1.0.250 }\n', ''],
    ['args: [ip=dhcp,', 'args: [ip=10.1.0.11,'],
  );
  assert.not.match(without, 'dhcp netX');
});

test('unknown machines boot a Linux of their own, by architecture', async () => {
  const { tree, diagnostics } = await compile(
    makeSite(
      edited(LINUX_PLANT, [
        'groups:\n',
        `unknown_machines:
  boot: { kernel: discover/vmlinuz, initrd: [a.img, b.img], root: { squashfs: discover/root }, args: ["x='a b'"] }
  by_arch:
    arm64: { kernel: http://10.1.0.1:8000/arm }
groups:
`,
      ]),
    ),
  );
  const script = fileText(tree, 'www/boot.ipxe');
  assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
  const [before, ...after] = script.split('\n:waiting\n');
  assert.match(
    before ?? '',
    /\|\|\niseq \$\{buildarch\} arm64 && goto linux-arm64 \|\|\ngoto linux-other\n$/,
  );
  assert.is(
    after.join().replace(/[\s\S]*goto start\n/, ''),
    `
:linux-arm64
echo \${site}: \${netX/mac} has no script, and boots Linux for unknown machines
imgfree
kernel --name kernel http://10.1.0.1:8000/arm BOOTIF=01-\${netX/mac:hexhyp} || goto waiting
boot || goto waiting

:linux-other
echo \${site}: \${netX/mac} has no script, and boots Linux for unknown machines
imgfree
kernel --name kernel http://10.1.0.1/images/discover/vmlinuz initrd=initrd0 initrd=initrd1 root=live:http://10.1.0.1/images/discover/root rd.live.image rd.live.overlay.overlayfs=1 x='a b' BOOTIF=01-\${netX/mac:hexhyp} || goto waiting
initrd --name initrd0 http://10.1.0.1/images/a.img || goto waiting
initrd --name initrd1 http://10.1.0.1/images/b.img || goto waiting
boot || goto waiting
`,
  );
  assert.match(fileText(tree, 'scripts/fetch-media.sh') ?? '', /^image discover\/vmlinuz$/m);
});

test.run();

const installer = suite("the kernel command line of Harvester's installer");

/** Returns the arguments of the second node's installer, after its initrd. */
async function lineOf(...edits: readonly Edit[]): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
  const [, line] =
    /^kernel \S+ initrd=\S+ (.*) \|\| goto failed$/m.exec(
      fileText(tree, 'www/ipxe/52-54-00-aa-01-02.ipxe') ?? '',
    ) ?? [];
  assert.ok(line, diagnostics.map(({ message }) => message).join('\n'));
  return line.replace(/root=live:\S+ /, '').replace(/config_url=\S+/, 'config_url=URL');
}

const IDENTITY = 'mac: 52:54:00:aa:01:02, ip: 192.168.178.42';
const booting = (text: string): Edit => [IDENTITY, `${IDENTITY}, boot: { ${text} }`];
const AUTOMATIC = 'harvester.install.automatic=true';
const FROM = 'harvester.install.config_url=URL';

installer('names the boot NIC wherever its name is known', async () => {
  assert.is(await lineOf(), `ip=dhcp net.ifnames=1 rd.cos.disable console=tty1 ${AUTOMATIC} ${FROM}`);
  assert.is(
    await lineOf([IDENTITY, 'nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }]']),
    `ip=eno1:dhcp net.ifnames=1 rd.cos.disable console=tty1 ${AUTOMATIC} ${FROM}`,
  );
});

installer('contains the arguments of the inventory last; an ip= replaces that of harvgen', async () => {
  assert.is(
    await lineOf(booting('args: ["rd.net.dhcp.retry=30", \'dyndbg="file a +p" a=${node:name}\']')),
    `ip=dhcp net.ifnames=1 rd.cos.disable console=tty1 ${AUTOMATIC} ${FROM} rd.net.dhcp.retry=30 dyndbg="file a +p" a=harv-2`,
  );
  assert.is(
    await lineOf(booting('args: ["vlan=eno1.5:eno1", "ip=eno1.5:dhcp"]')),
    `net.ifnames=1 rd.cos.disable console=tty1 ${AUTOMATIC} ${FROM} vlan=eno1.5:eno1 ip=eno1.5:dhcp`,
  );
});

installer("ignores arguments of a layer for Linux, but not the node's own", async () => {
  const derived = `ip=dhcp net.ifnames=1 rd.cos.disable console=tty1 ${AUTOMATIC} ${FROM}`;
  for (const [layer, own] of [
    ['os: linux', 'os: linux, kernel: vmlinuz'],
    ['kernel: vmlinuz', 'os: linux'],
  ]) {
    const edits: Edit[] = [
      [
        'defaults:\n',
        `defaults:\n  boot: { ${layer}, args: [ip=eno9:dhcp, "console=ttyS0,115200", root=/dev/nfs] }\n`,
      ],
      ['mac: 52:54:00:aa:01:01', 'boot: { os: harvester }, mac: 52:54:00:aa:01:01'],
      ['mac: 52:54:00:aa:01:03', `boot: { ${own} }, mac: 52:54:00:aa:01:03`],
    ];
    assert.is(await lineOf(...edits, booting('os: harvester')), derived);
    assert.is(await lineOf(...edits, booting('os: harvester, args: [quiet]')), `${derived} quiet`);
  }
});

installer('keeps the DNS servers of a network without DHCP with an own ip=', async () => {
  const line = await lineOf(
    ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
    ['version: v1.4.1', 'version: v1.6.1'],
    ...['01', '03'].map(
      (end): Edit => [
        `{ mac: 52:54:00:aa:01:${end}, ip: 192.168.178.4${Number(end)}`,
        `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:${end}, ip: 192.168.178.4${Number(end)} }]`,
      ],
    ),
    [IDENTITY, `nics: [{ name: eno1, ${IDENTITY} }], boot: { args: ["ip=eno1.5:dhcp"] }`],
  );
  assert.match(line, /^nameserver=\S+ .*net\.ifnames=1 .* ip=eno1\.5:dhcp$/);
});

installer('does not name a device that the initrd lacks', async () => {
  for (const name of ['lo', 'mgmt-br'])
    assert.match(await lineOf([IDENTITY, `nics: [{ name: ${name}, ${IDENTITY} }]`]), /^ip=dhcp /);
});

installer('contains all consoles in order; the first is also that of the installed system', async () => {
  const edit = booting('consoles: ["ttyS0,115200n8", tty1]');
  assert.is(
    await lineOf(edit),
    `ip=dhcp net.ifnames=1 rd.cos.disable ${AUTOMATIC} ${FROM} console=ttyS0,115200n8 console=tty1`,
  );
  const { tree } = await compile(makeSite(edited(PLANT, edit)));
  assert.match(fileText(tree, 'www/config/52-54-00-aa-01-02.yaml') ?? '', /^ {2}tty: "ttyS0,115200n8"$/m);
});

// The installer runs on the first console, and the kernel's /dev/console is the last.
// Source: harvester-installer v1.8.1, package/harvester-os/files/usr/bin/setup-installer.sh and pkg/console/tty.go.
installer(
  'of a virtual machine is on its screen, with the messages of the system in the log of its serial port',
  async () => {
    const consolesOf = async (...edits: Edit[]) => {
      const { tree } = await compile(makeSite(edited(NESTED, ...edits)));
      const script = fileText(tree, 'www/ipxe/52-54-00-0c-01-01.ipxe') ?? '';
      return script.match(/(?<= )console=\S+/g)?.join(' ');
    };
    const install = (tty: string): Edit => ['config:\n', `config:\n    install: { tty: "${tty}" }\n`];
    assert.is(await consolesOf(), 'console=tty1 console=ttyS0,115200n8');
    assert.is(
      await consolesOf(['version: v1.8.1', 'version: v1.8.1, arch: arm64']),
      'console=tty1 console=ttyAMA0,115200n8',
    );
    assert.is(await consolesOf(install('ttyS0,57600')), 'console=ttyS0,57600 console=tty1');
    assert.is(await consolesOf(install('tty1')), 'console=tty1 console=ttyS0,115200n8');
    const listed: Edit = ['defaults:\n', 'defaults:\n  boot: { consoles: [ttyS0] }\n'];
    assert.is(await consolesOf(listed), 'console=ttyS0');
    const { tree } = await compile(makeSite(NESTED));
    assert.match(fileText(tree, 'www/config/52-54-00-0c-01-01.yaml') ?? '', /^ {2}tty: "ttyS0,115200n8"$/m);
  },
);

installer('a console that YAML ends at its comma is an error', async () => {
  const { diagnostics } = await compile(makeSite(edited(PLANT, booting('consoles: [ttyS0,115200n8, tty1]'))));
  assert.equal(
    diagnostics.map(({ message, help }) => [message, help]),
    [
      [
        '`115200n8` is not a console without /dev/, such as ttyS0, or "ttyS0,115200n8" in quotes.',
        'write a console without /dev/, such as ttyS0, or "ttyS0,115200n8" in quotes',
      ],
    ],
  );
});

installer('an interactive installation needs neither a disk nor a login', async () => {
  const asks: Edit = [IDENTITY, `${IDENTITY}, config: { install: { automatic: false } }`];
  assert.is(await lineOf(asks), `ip=dhcp net.ifnames=1 rd.cos.disable console=tty1 ${FROM}`);
  const { diagnostics } = await compile(
    makeSite(
      edited(
        PLANT,
        [',\n      ssh_authorized_keys: ["github:your_username"] }', ' }'],
        ['      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n', '      automatic: false\n'],
      ),
    ),
  );
  assert.equal(diagnostics, []);
});

installer.run();

const iscsi = suite('the script of a node that boots an iSCSI disk');

const SITE = `site: plant
server:
  url: http://10.1.0.1
  iscsi: { address: 10.1.0.2, suffix: "\${secret:suffix}" }
networks:
  mgmt: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, dns: [10.1.0.1], dhcp: {} }
images:
  rocky9: { source: rocky9.qcow2, public: true }
nodes:
  cn01:
    mac: 52:54:00:7c:52:01
    ip: 10.1.0.11
    boot: { os: iscsi, image: rocky9 }
`;

async function scriptOf(...edits: readonly Edit[]): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(SITE, ...edits)));
  const file = tree?.get('www/ipxe/52-54-00-7c-52-01.ipxe');
  if (!file) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return textOf(file);
}

const commands = (script: string) =>
  script
    .split('\n')
    .filter((line) => line !== '' && !/^(#(?!!)|echo)/.test(line))
    .join('\n');

const boot = (more: string): Edit => ['image: rocky9 }', `image: rocky9, ${more} }`];

iscsi('contains the whole boot: one NIC, the initiator, the disk, and a retry', async () => {
  assert.is(
    commands(await scriptOf()),
    `#!ipxe
set node cn01
set keep-san 0
sanunhook --drive 0x80 ||
clear reverse-username ||
clear reverse-password ||
set nic:int32 0
:look
isset \${net\${nic}/mac} || goto no_nic
iseq \${net\${nic}/mac} 52:54:00:7c:52:01 && goto found ||
:next
inc nic
goto look
:found
set other:int32 0
:close
isset \${net\${other}/mac} || goto closed
iseq \${other} \${nic} || ifclose net\${other}
inc other
goto close
:closed
isset \${net\${nic}/ip} || dhcp net\${nic} || goto next
ifopen net\${nic}
set initiator-iqn iqn.2024-07.internal.harvgen:plant:cn01
set username plant.cn01
set password @@secret:chap_cn01@@
sanboot iscsi:10.1.0.2:tcp:3260:1:iqn.2024-07.internal.harvgen:plant:cn01:rocky9:@@secret:suffix@@ ||
goto away
:no_nic
:away
sleep 30
chain --replace --autofree http://10.1.0.1/ipxe/52-54-00-7c-52-01.ipxe || goto away`,
  );
});

iscsi('prints no secret on the console', async () => {
  assert.not.match(await scriptOf(), /^echo.*@@/m);
});

iscsi('supports mutual CHAP and no CHAP', async () => {
  const mutual = await scriptOf(
    boot(
      `chap: { user: n1, password: "\${secret:one}", target_user: t1, target_password: "\${secret:two}" }`,
    ),
  );
  assert.match(
    mutual,
    'set username n1\nset password @@secret:one@@\nset reverse-username t1\nset reverse-password @@secret:two@@\n',
  );
  assert.not.match(mutual, /^clear/m);
  const none = await scriptOf(boot('chap: none'));
  assert.not.match(none, /^set (reverse-)?(username|password)/m);
  assert.match(
    none,
    '\nclear username ||\nclear password ||\nclear reverse-username ||\nclear reverse-password ||\n',
  );
});

iscsi('writes the LUN in hexadecimal for iPXE, and in decimal on the console', async () => {
  const script = await scriptOf(boot('lun: 12'));
  assert.match(script, 'tcp:3260:c:iqn.');
  assert.match(script, 'LUN 12 ');
});

iscsi('boots an external target by its own name', async () => {
  const script = await scriptOf([
    'image: rocky9 }',
    'target: iqn.2001-05.com.example:a:b, server: 10.1.0.9, port: 860, lun: 0 }',
  ]);
  assert.match(script, '\nsanboot iscsi:10.1.0.9:tcp:860:0:iqn.2001-05.com.example:a:b ||\n');
  assert.not.match(script, /^set username/m);
});

iscsi('falls back to the local disk: by iPXE under BIOS, by the firmware under UEFI', async () => {
  const script = await scriptOf(boot('fallback: disk, drive: 0x81'));
  assert.match(
    script,
    /:away\niseq \$\{platform\} efi && goto firmware \|\|\necho .*\nsanboot --no-describe --drive 0x81 \|\|\n:firmware\necho .*\nexit 1\n$/,
  );
  assert.not.match(script, 'sleep');
});

iscsi('accepts any NIC of the management bond as boot NIC', async () => {
  const script = await scriptOf([
    '    mac: 52:54:00:7c:52:01\n    ip: 10.1.0.11\n',
    '    nics: [{ mac: 52:54:00:7c:52:01, network: mgmt, ip: 10.1.0.11 }, { mac: 52:54:00:7c:52:11, network: mgmt }]\n',
  ]);
  assert.match(
    script,
    'mac} 52:54:00:7c:52:01 && goto found ||\niseq ${net${nic}/mac} 52:54:00:7c:52:11 && goto found ||\n',
  );
});

iscsi('uses the NIC that booted if the IP address is the only identifier', async () => {
  const { tree } = await compile(
    makeSite(edited(SITE, ['    mac: 52:54:00:7c:52:01\n', ''], ['dhcp: {}', 'dhcp: { server: external }'])),
  );
  const file = tree?.get('www/ipxe/10.1.0.11.ipxe');
  assert.ok(file);
  assert.not.match(textOf(file), /net\$\{|no_nic|ifopen/);
});

iscsi.run();
