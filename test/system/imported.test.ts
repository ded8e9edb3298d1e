// needs: root bash busybox cpio curl dnsmasq ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/qemu/pxe-virtio.rom
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { harvgen } from '../support/cli.ts';
import { CONFIG_CREATE, CONFIG_JOIN, DHCPD, SETTINGS, script } from '../support/ipxe-examples.ts';
import { scratchFolder, writeFiles } from '../support/scratch.ts';
import { deploy, SECRETS, siteOf } from './deploy.ts';

/*
 * Machines boot from the site that `harvgen import` makes of all files of ipxe-examples: the installer's stand-in gets the
 * values of the old configurations.
 */

/** A configuration with its media on the boot server, and with the secrets that the deployment installs. */
const local = (config: string) =>
  config
    .replace(/(?<= iso_url: ).*/, 'http://10.10.0.7/harvester/harvester-amd64.iso')
    .replace(/(?<=token: )\S+/, String(SECRETS.cluster_token))
    .replace(/(?<=password: ).*/, () => JSON.stringify(SECRETS.node_password));

/** Upstream's placeholder, and the names that settings.yml makes. */
const KEY = 'ssh-rsa ...          # Replace with your public key';
const create = local(CONFIG_CREATE).replace('harv-a', 'harvester-node-0');
const joining = local(CONFIG_JOIN)
  .replace('harv-b', 'harvester-node-1')
  .replace(/ssh-ed25519 .*/, KEY);

const NODES = [
  { mac: '52:54:00:0d:62:e2', ip: '10.10.0.30', file: 'config-create.yaml', old: create },
  { mac: '52:54:00:35:86:92', ip: '10.10.0.31', file: 'config-join.yaml', old: joining },
] as const;

/** settings.yml of the same machines and the same VIP. Only this file contains a release. */
const LAB = local(SETTINGS)
  .replaceAll('192.168.50.', '10.10.0.')
  .replace('10.10.0.254', '10.10.0.7')
  .replace('10.10.0.131', '10.10.0.19')
  .replaceAll('ens6', 'ens5')
  .replace('02:00:00:03:3D:61', '52:54:00:EC:0E:0B')
  .replace('02:00:00:0D:62:E2', '52:54:00:0D:62:E2')
  .replace('02:00:00:35:86:92', '52:54:00:35:86:92');

const test = suite<{ plant: Plant }>('machines of ipxe-examples boot from the imported site');

test.before(async (context) => {
  const folder = writeFiles(scratchFolder(), {
    'dhcpd.conf': DHCPD,
    'settings.yml': LAB,
    ...Object.fromEntries(
      NODES.flatMap(({ mac, file, old }) => [
        [file, old],
        [mac, script(file)],
      ]),
    ),
  });
  const files = [...NODES.map(({ file }) => file), ...NODES.flatMap(({ mac }) => ['--join', `ipxe:${mac}`])];
  const others = ['--join', 'dhcpd:dhcpd.conf', '--join', 'settings:settings.yml'];
  const options = ['--to', 'lab', '--secrets-to', 'secrets.yaml'];
  const run = harvgen(['import', 'harvester', ...files, ...others, ...options], folder);
  assert.is(run.code, 0, run.stderr);
  const { cluster_token, node_password } = SECRETS;
  assert.equal(parse(readFileSync(join(folder, 'secrets.yaml'), 'utf8')), { cluster_token, node_password });
  context.plant = await openPlant({ interface: 'eth9', address: '10.10.0.7/24' });
  const site = join(folder, 'lab');
  await deploy(context.plant, await siteOf(site), site);
});

test.after(async ({ plant }) => plant?.close());

test('each gets its script, its configuration, and the values of the old one', async ({ plant }) => {
  await Promise.all(
    NODES.map(async ({ mac, ip, old }) => {
      const before = parse(old);
      const machine = await plant.boot({ name: before.os.hostname, macs: [mac], firmware: 'bios-ipxe' });
      const { reported, config } = readReport(await machine.waitFor('STAND-IN end'));
      await machine.stop();
      assert.is(reported('nic'), `eth0 ${mac}`);
      assert.is(reported('address'), `${ip}/24`);
      assert.is(reported('hostname-from-dhcp'), before.os.hostname);
      assert.is(reported('root-answers'), 'yes');
      assert.is(reported('config-url'), `http://10.10.0.7/config/${mac.replaceAll(':', '-')}.yaml`);
      const cmdline = reported('cmdline') ?? '';
      for (const argument of ['ip=ens5:dhcp', 'console=ttyS0', 'harvester.install.automatic=true'])
        assert.ok(cmdline.split(' ').includes(argument), cmdline);
      assertSame(config, before, mac);
    }),
  );
});

test.run();

/** Asserts that a configuration has the values of the old one, in the form of the release. */
// biome-ignore lint/suspicious/noExplicitAny: parsed YAML
function assertSame({ token, os, install, server_url }: any, old: any, mac: string): void {
  assert.is(token, old.token);
  // Of the placeholder, nothing is left: the key is that of settings.yml.
  const keys = parse(LAB).harvester_config.ssh_authorized_keys;
  for (const [key, value] of Object.entries({ ...old.os, ssh_authorized_keys: keys }))
    assert.equal(os[key], value, key);
  const { method, bond_options: bond } = old.install.management_interface;
  // The kernel command line contains the NIC's name.
  const interfaces = [{ hwAddr: mac }];
  const bondOptions = { ...bond, miimon: String(bond.miimon) };
  assert.equal(install.management_interface, { interfaces, method, bond_options: bondOptions });
  assert.equal([install.mode, install.device], [old.install.mode, old.install.device]);
  const { vip, vip_mode: vipMode, vip_hw_addr: vipMac } = old.install;
  assert.equal(
    [install.vip, install.vip_mode, install.vip_hw_addr],
    [vip, vipMode?.toLowerCase(), vipMac?.toLowerCase()],
  );
  // The first from settings.yml, the other from the kernel's arguments in the scripts.
  assert.equal([install.role, install.skipchecks], [old.server_url && 'worker', true]);
  // The old one has a placeholder for the VIP of the other node.
  assert.is(server_url, old.server_url && 'https://10.10.0.19:443');
}
