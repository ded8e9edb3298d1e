import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { ISCSI_HARVESTER, onBootVolume } from '../../../test/support/iscsi-harvester-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const test = suite('Harvester on an iSCSI disk: the script, the kernel command line and the configuration');

interface Files {
  /** The script's commands, without comments and console messages. */
  readonly steps: readonly string[];
  readonly kernel: readonly string[];
  readonly config: string;
}

/** Returns the files of the second node. */
async function filesOf(site: string, ...edits: readonly Edit[]): Promise<Files> {
  const { tree, diagnostics } = await compile(makeSite(edited(site, ...edits)));
  const script = fileText(tree, 'www/ipxe/52-54-00-aa-01-02.ipxe');
  const config = fileText(tree, 'www/config/52-54-00-aa-01-02.yaml');
  assert.ok(script && config, diagnostics.map(({ message }) => message).join('\n'));
  const steps = script.split('\n').filter((line) => line !== '' && !/^(?:#|echo )/.test(line));
  const kernel = steps.find((line) => line.startsWith('kernel '))?.split(' ') ?? [];
  return { steps, kernel, config };
}

/** Returns the steps from one to another, including both. */
function between(steps: readonly string[], from: string, to: string): readonly string[] {
  return steps.slice(steps.indexOf(from), steps.indexOf(to) + 1);
}

const SELF = 'chain --replace --autofree http://192.168.178.7/ipxe/52-54-00-aa-01-02.ipxe';
const HOOK =
  'sanhook --drive 0x80 iscsi:10.21.0.2:tcp:3260:1:iqn.2024-07.internal.harvgen:plant:harv-2:harvester:@@secret:iscsi_suffix@@ || goto away';
const LOGIN = [
  'set initiator-iqn iqn.2024-07.internal.harvgen:plant:harv-2',
  'set username plant.harv-2',
  'set password @@secret:chap_harv_2@@',
];

test('a disk of the site: connects by its own NIC, boots the disk, or else installs on it', async () => {
  const { steps, kernel, config } = await filesOf(ISCSI_HARVESTER);
  assert.equal(between(steps, 'set keep-san 0', ':no_disk'), [
    'set keep-san 0',
    'sanunhook --drive 0x80 ||',
    'clear reverse-username ||',
    'clear reverse-password ||',
    'set nic:int32 0',
    ':look',
    'isset ${net${nic}/mac} || goto no_nic',
    'iseq ${net${nic}/mac} 52:54:00:aa:02:02 && goto found ||',
    'inc nic',
    'goto look',
    ':found',
    'ifclose net${nic}',
    'set net${nic}/ip 10.21.0.12',
    'set net${nic}/netmask 255.255.255.0',
    'ifopen net${nic} || goto away',
    ...LOGIN,
    HOOK,
    'sanboot --keep --drive 0x80 ||',
    ':no_disk',
  ]);
  assert.equal(steps.slice(steps.indexOf(':away')), [':away', 'sleep 30', `${SELF} || goto away`]);
  assert.equal(
    kernel.filter((word) => /^(ip|rd\.iscsi)/.test(word)),
    ['ip=dhcp', 'rd.iscsi.firmware=1', 'rd.iscsi.ibft=1'],
  );
  assert.match(config, 'additionalKernelArguments: "multipath=off rd.iscsi.firmware=1 rd.iscsi.ibft=1"\n');
  assert.match(
    config,
    'device: "/dev/disk/by-path/ip-10.21.0.2:3260-iscsi-iqn.2024-07.internal.harvgen:plant:harv-2:harvester:@@secret:iscsi_suffix@@-lun-1"\n',
  );
});

test('an external disk by the only NIC: under UEFI boots only a Harvester, and keeps the IP address of the firmware', async () => {
  const { steps, kernel, config } = await filesOf(onBootVolume());
  const hook = 'sanhook --drive 0x80 iscsi:169.254.0.2:tcp:3260:1:iqn.2015-02.oracle.boot:uefi || goto away';
  assert.equal(between(steps, hook, ':no_disk'), [
    hook,
    'iseq ${platform} efi && goto disk_uefi ||',
    ':disk_bios',
    'sanboot --keep --drive 0x80 ||',
    'goto no_disk',
    ':disk_uefi',
    'sanboot --keep --drive 0x80 --label COS_GRUB ||',
    'imgfetch --name installed file://COS_GRUB/EFI/BOOT/BOOTX64.EFI && goto installed ||',
    'goto no_disk',
    ':installed',
    'imgfree installed',
    'sanboot --keep --drive 0x80 ||',
    'goto away',
    ':no_disk',
  ]);
  assert.not.ok(steps.some((line) => line.startsWith('set username')));
  assert.equal(
    kernel.filter((word) => /^(ip|rd\.iscsi)/.test(word)),
    ['ip=ibft', 'rd.iscsi.firmware=1', 'rd.iscsi.ibft=1'],
  );
  assert.match(
    config,
    'device: "/dev/disk/by-path/ip-169.254.0.2:3260-iscsi-iqn.2015-02.oracle.boot:uefi-lun-1"\n',
  );
});

test('install: always connects to the disk but does not boot it; install: never boots it or halts', async () => {
  const always = await filesOf(ISCSI_HARVESTER, [
    'defaults:\n',
    'silence: { install-always: for the test }\ndefaults:\n  install: always\n',
  ]);
  assert.ok(always.steps.includes(HOOK));
  assert.not.ok(always.steps.some((line) => line.startsWith('sanboot')));
  assert.ok(always.kernel.length > 0);
  const never = await filesOf(ISCSI_HARVESTER, ['defaults:\n', 'defaults:\n  install: never\n']);
  assert.equal(never.steps.slice(never.steps.indexOf('sanboot --keep --drive 0x80 ||')), [
    'sanboot --keep --drive 0x80 ||',
    ':no_disk',
    ':halt',
    'sleep 3600',
    'goto halt',
    ':no_nic',
    ':away',
    'sleep 30',
    `${SELF} || goto away`,
  ]);
});

test('supports mutual CHAP; an unreachable server leads to the local disk', async () => {
  const { steps } = await filesOf(ISCSI_HARVESTER, [
    'size: 400Gi }',
    'size: 400Gi, fallback: disk, chap: { password: "${secret:in}", target_user: san, target_password: "${secret:out}" } }',
  ]);
  assert.equal(steps.slice(steps.indexOf('set username plant.harv-2'), steps.indexOf(HOOK)), [
    'set username plant.harv-2',
    'set password @@secret:in@@',
    'set reverse-username san',
    'set reverse-password @@secret:out@@',
  ]);
  assert.equal(steps.slice(steps.indexOf(':away')), [
    ':away',
    'sanunhook --drive 0x80 ||',
    'sanboot --no-describe --drive 0x80 ||',
    'exit 1',
  ]);
});

test('a configuration with several paths keeps multipath enabled', async () => {
  const { config } = await filesOf(ISCSI_HARVESTER, [
    '    os: { ntp_servers',
    '    os: { externalStorageConfig: { enabled: true, multiPathConfig: [{ vendor: DELL, product: MD38xxi }] }, ntp_servers',
  ]);
  assert.match(config, 'additionalKernelArguments: "rd.iscsi.firmware=1 rd.iscsi.ibft=1"\n');
});

test('arguments of the configuration take precedence; its disk must be the same one', async () => {
  const args = 'rd.iscsi.firmware multipath=on';
  const { config } = await filesOf(ISCSI_HARVESTER, [
    '    os: { ntp_servers',
    `    os: { additionalKernelArguments: "${args}", ntp_servers`,
  ]);
  assert.match(config, `additionalKernelArguments: "${args}"\n`);
  const { diagnostics } = await compile(
    makeSite(edited(onBootVolume(), ['  config:\n', '  config:\n    install: { device: /dev/sda }\n'])),
  );
  assert.equal(
    diagnostics.filter(({ code }) => code === 'contradicts-derived').map(({ message }) => message),
    [
      'The configuration of harv-1 sets install.device: /dev/sda, but the site sets /dev/disk/by-path/ip-169.254.0.2:3260-iscsi-iqn.2015-02.oracle.boot:uefi-lun-1.',
    ],
  );
  const byId = await filesOf(onBootVolume(), [
    '  config:\n',
    '  config:\n    install: { device: /dev/disk/by-id/wwn-0x360 }\n',
  ]);
  assert.match(byId.config, 'device: "/dev/disk/by-id/wwn-0x360"\n');
});

test('reports a disk that is too small, with its size', async () => {
  const { diagnostics } = await compile(makeSite(edited(ISCSI_HARVESTER, ['size: 400Gi', 'size: 40Gi'])));
  assert.equal(
    diagnostics.filter(({ code }) => code === 'disk-too-small').map(({ message }) => message),
    [
      'The iSCSI disk (boot.size) has 40Gi (40 whole GiB), but Harvester v1.4.1 requires 250 GiB: the installer stops with "device size too small".',
    ],
  );
});

test.run();
