import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { installedKeys } from '../src/knowledge/installed-keys.ts';
import { clusterObjects } from '../src/targets/cluster/objects.ts';
import { type Booted, bootNode } from './support/node-boot.ts';
import { edited, PLANT } from './support/plant.ts';
import { resolvedFrom } from './support/resolved.ts';

/**
 * An installed node gets the CloudInits of an inventory that changed since then, and boots. The file node-boot.json has the result of
 * elemental 1.1.7, which is in Harvester v1.5 and v1.6 and contains yip v1.4.0. With HARVGEN_TEST_ELEMENTAL=FILE, that program boots
 * the node again, as root. HARVGEN_UPDATE=1 records its result.
 */

const test = suite('a node that boots with its CloudInits');

const RESULT = new URL('data/node-boot.json', import.meta.url);
const { HARVGEN_TEST_ELEMENTAL: elemental, HARVGEN_UPDATE: update } = process.env;

const NEW_HASH = `$6$new$${'n'.repeat(86)}`;
const OLD_KEY = 'ssh-ed25519 AAAAold old@example.org';
const NEW_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B new@example.org';
const PROFILE = '/etc/NetworkManager/system-connections/bridge-mgmt.nmconnection';
const sysctl = (name: string) => `/proc/sys/${name.replaceAll('.', '/')}`;

const site = edited(
  PLANT,
  ['version: v1.4.1', 'version: v1.8.1'],
  [
    'os: { ntp_servers: [0.suse.pool.ntp.org],\n      ssh_authorized_keys: ["github:your_username"] }',
    `sans: [api.example.org]
    os:
      ntp_servers: [0.suse.pool.ntp.org]
      ssh_authorized_keys: [${NEW_KEY}]
      password: ${NEW_HASH}
      dns_nameservers: [192.0.2.1, 192.0.2.2]
      modules: [nvme_tcp, kvm nested=1]
      sysctls: { vm.swappiness: "010", kernel.panic: "10" }
      environment: { HTTP_PROXY: "http://192.0.2.3:3128", MOTD: "it's \\"$HOME\\"" }
      sshd: { sftp: true, disable_password_auth: false }
      externalStorageConfig: { enabled: true, multiPathConfig: { blacklist: [{ vendor: .*, product: .* }] } }
      write_files:
        - { path: /etc/motd, content: "new\\n", permissions: "0644" }
        - { path: /etc/encoded, content: bmV3Cg==, encoding: b64, owner: rancher }`,
  ],
);

/** The installation of an older inventory, in the stages and steps of the installer. */
const INSTALLED = {
  'oem/90_custom.yaml': JSON.stringify({
    name: 'Harvester Configuration',
    stages: {
      rootfs: [{}],
      initramfs: [
        {
          commands: ['modprobe old'],
          files: [{ path: '/etc/motd', content: 'old\n', permissions: 0o777, owner: 0, group: 0 }],
          sysctl: { 'vm.swappiness': '60' },
          users: { rancher: { passwd: '$6$old$old' } },
          environment: { HTTP_PROXY: 'http://old.example.org:3128', OLD: 'stays' },
        },
      ],
      network: [{ hostname: 'harv-1', authorized_keys: { rancher: [OLD_KEY] } }],
    },
  }),
  // A file without the stage in between: yip runs those before and after it in parallel.
  'oem/92_hostname_override.yaml': '{"stages": {"network": [{"hostname": "harv-1"}]}}',
  [PROFILE.slice(1)]:
    '[connection]\nid=bridge-mgmt\n[ipv4]\nmethod=auto\ndns=203.0.113.1;\n[ipv6]\nmethod=auto\n',
  [sysctl('vm.swappiness').slice(1)]: '60\n',
  [sysctl('kernel.panic').slice(1)]: '0\n',
};

const oem: Record<string, string> = {};
for (const { kind, body } of clusterObjects(await resolvedFrom(site))) {
  if (kind !== 'CloudInit') continue;
  const { filename, contents, matchSelector } = body.spec as Record<string, string> & {
    matchSelector: object;
  };
  const labels: Record<string, string> = { 'kubernetes.io/hostname': 'harv-1' };
  if (Object.entries(matchSelector).every(([name, value]) => labels[name] === value))
    oem[filename as string] = contents as string;
}

if (elemental) {
  const files = Object.fromEntries(Object.entries(oem).map(([name, text]) => [`oem/${name}`, text]));
  const booted = bootNode(elemental, { ...INSTALLED, ...files });
  if (update) writeFileSync(RESULT, `${JSON.stringify({ oem, ...booted }, undefined, 2)}\n`);
  test('elemental leaves what was recorded', () => assert.equal({ oem, ...booted }, recorded));
}
const recorded: Booted & { oem: unknown } = JSON.parse(readFileSync(RESULT, 'utf8'));

test('has the files in /oem whose result was recorded', () => {
  const plain = (files: object) =>
    Object.fromEntries(Object.entries(files).map(([n, text]) => [n, parse(text)]));
  assert.equal(plain(oem), plain(recorded.oem as object));
});

/** The result of a boot for each key that a CloudInit changes: files by path, or commands. */
const LEFT: Readonly<Record<string, Readonly<Record<string, RegExp | string | undefined>> | string[]>> = {
  sans: {
    '/etc/rancher/rke2/config.yaml.d/99-z10-harvgen-sans.yaml': '600 0:0 tls-san+: ["api.example.org"]\n',
  },
  'os.ssh_authorized_keys': {
    '/home/rancher/.ssh/authorized_keys': new RegExp(` 1000:1000 ${OLD_KEY}\n${NEW_KEY}\n$`),
  },
  'os.password': { '/etc/shadow': new RegExp(`\nrancher:${NEW_HASH.replaceAll('$', '\\$')}:`) },
  'os.write_files': { '/etc/motd': '644 0:0 new\n', '/etc/encoded': '600 1000:1000 new\n' },
  'os.modules': ['modprobe nvme_tcp', 'modprobe kvm nested=1'],
  'os.sysctls': { [sysctl('vm.swappiness')]: / 010$/, [sysctl('kernel.panic')]: / 10$/ },
  'os.environment': {
    '/etc/environment':
      '644 0:0 HTTP_PROXY="http://192.0.2.3:3128"\nMOTD="it\'s \\"\\$HOME\\""\nOLD="stays"\n',
  },
  'os.dns_nameservers': {
    [PROFILE]: /\[ipv4\]\ndns=192\.0\.2\.1;192\.0\.2\.2;\nmethod=auto\n\[ipv6\]\nmethod=auto\n$/,
  },
  'os.sshd.sftp': {
    '/etc/ssh/sshd_config.d/sftp.conf': '644 0:0 Subsystem\tsftp\t/usr/libexec/ssh/sftp-server\n',
  },
  'os.sshd.disable_password_auth': { '/etc/ssh/sshd_config.d/99-disable-password-auth.conf': undefined },
  'os.externalStorageConfig.enabled': ['systemctl enable multipathd'],
  'os.externalStorageConfig.multiPathConfig': {
    '/etc/multipath.conf':
      '755 0:0 blacklist {\n    device {\n        vendor ".*"\n        product ".*"\n    }\n}\nblacklist_exceptions {\n}\n',
  },
};

test('each key that a CloudInit changes is in the table', () => {
  const keys = [...installedKeys().values()].filter(({ reach }) => reach === 'reboot').map(({ key }) => key);
  assert.equal(Object.keys(LEFT).sort(), keys.sort());
});

for (const [key, left] of Object.entries(LEFT))
  test(`${key} is as in the inventory`, () => {
    const { files, commands } = recorded;
    if (Array.isArray(left)) assert.ok(left.every((command) => commands.includes(command)));
    else
      for (const [path, state] of Object.entries(left))
        if (state instanceof RegExp) assert.match(files[path] ?? '', state);
        else assert.is(files[path], state);
  });

test('nothing else runs than the commands of the installation and the inventory', () => {
  const own = Object.values(LEFT).flatMap((left) => (Array.isArray(left) ? left : []));
  assert.equal(recorded.commands, ['modprobe old', ...own]);
});

test.run();
