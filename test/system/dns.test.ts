// needs: root dnsmasq ip named-checkzone nsenter setpriv unshare
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { PATIENCE } from '../../src/rehearse/machine.ts';
import { openSandbox } from '../../src/rehearse/sandbox.ts';
import { fileText } from '../support/file-text.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';

/* The names of machines from the real dnsmasq, and zone files that the real named accepts. */

const SITE = (dns: string, more = '') => `site: plant
server: { url: http://10.1.0.1, dns: ${dns} }
${more}networks:
  mgmt: { subnet: 10.1.0.0/24, dns: [10.1.0.1], domain: demo.example.org, dhcp: {} }
  bmc: { subnet: 10.9.0.0/24 }
  lab: { subnet: 10.8.0.0/24, domain: example.org, dhcp: { server: external } }
defaults: { boot: { os: linux, kernel: vmlinuz } }
nodes:
  cg01: { mac: 52:54:00:00:00:01, ip: 10.1.0.11, xname: x1000c0s7b0n0, bmc: { address: 10.9.0.1 } }
  cg02: { mac: 52:54:00:00:00:02, ip: 10.1.0.12, xname: x1000c0s7b0n1, bmc: { address: 10.9.0.1 } }
  ns: { mac: 52:54:00:00:00:03, ip: 10.1.0.13, bmc: { address: bmc.example.com } }
  mds.lab.example.org: { mac: 52:54:00:00:00:04, ip: 10.1.0.14, bmc: { address: 10.1.0.24, protocol: ipmi } }
  oss.demo.example.org: { mac: 52:54:00:00:00:05, ip: 10.8.0.1, boot: { os: local } }
  web.io: { mac: 52:54:00:00:00:06, ip: 10.1.0.16 }
`;

async function treeOf(text: string) {
  const { tree, diagnostics } = await compile(makeSite(text));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

const test = suite('names of machines by DNS');

test('dnsmasq resolves host names, xnames and BMCs, both ways, and no name of its own host', async () => {
  const tree = await treeOf(SITE('dnsmasq', 'air_gapped: true\n'));
  const sandbox = await openSandbox();
  try {
    await sandbox.run(['ip', 'address', 'add', '10.1.0.1/24', 'dev', 'lo']);
    const folder = join(sandbox.folder, 'tree');
    const paths = ['dnsmasq/plant.conf', 'dnsmasq/plant.names'];
    writeFiles(folder, Object.fromEntries(paths.map((path) => [path, fileText(tree, path) ?? ''])));
    await sandbox.bind(folder, '/srv/harvgen/plant');
    await sandbox.run(['mkdir', '-p', '/srv/harvgen/tftp']);
    await sandbox.run(['sh', '-c', 'echo 10.1.0.99 own-name >>/etc/hosts']);
    await sandbox.run(['dnsmasq', '--test', '--conf-file=/srv/harvgen/plant/dnsmasq/plant.conf']);
    const daemon = sandbox.spawn(
      [
        'dnsmasq',
        '--keep-in-foreground',
        '--pid-file=',
        '--conf-file=/srv/harvgen/plant/dnsmasq/plant.conf',
        '--dhcp-leasefile=/run/leases',
      ],
      { stdio: 'ignore' },
    );
    const ask = async (script: string) =>
      JSON.parse(
        await sandbox.run([
          process.execPath,
          '-e',
          `const resolver = new (require('node:dns').promises.Resolver)({ timeout: 2000, tries: 1 });
          resolver.setServers(['10.1.0.1']);
          const all = (names, how) => Promise.all(names.map((name) => resolver[how](name).then(String, ({ code }) => code)));
          (async () => console.log(JSON.stringify(await ${script})))()`,
        ]),
      );
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(200))
      if (String(await ask("all(['cg01'], 'resolve4')")) === '10.1.0.11') break;
    const names = [
      'cg01',
      'cg02.demo.example.org',
      'x1000c0s7b0n1',
      'x1000c0s7b0',
      'cg01-bmc',
      'cg02-bmc',
      'mds.lab.example.org',
      'mds-bmc.lab.example.org',
      'own-name',
      'unknown.demo.example.org',
    ];
    assert.equal(await ask(`all(${JSON.stringify(names)}, 'resolve4')`), [
      '10.1.0.11',
      '10.1.0.12',
      '10.1.0.12',
      '10.9.0.1',
      '10.9.0.1',
      'ENOTFOUND',
      '10.1.0.14',
      '10.1.0.24',
      'ENOTFOUND',
      'ENOTFOUND',
    ]);
    assert.equal(await ask("all(['10.1.0.11', '10.9.0.1', '10.1.0.14'], 'reverse')"), [
      'cg01.demo.example.org',
      'cg01-bmc',
      'mds.lab.example.org',
    ]);
    await sandbox.stop(daemon);
  } finally {
    await sandbox.close();
  }
});

test('named accepts the zones for CoreDNS, and finds their records', async () => {
  const tree = await treeOf(SITE('coredns'));
  assert.equal(
    [...tree.keys()].filter((path) => path.startsWith('coredns/')),
    ['coredns/Corefile', 'coredns/demo.example.org.zone', 'coredns/example.org.zone', 'coredns/hosts'],
  );
  const zone = (name: string) => {
    const text = fileText(tree, `coredns/${name}.zone`) ?? '';
    const file = join(writeFiles(scratchFolder(), { zone: text }), 'zone');
    // The option -D prints the zone as named has read it.
    const shown = execFileSync(
      'named-checkzone',
      ['-D', '-k', 'fail', '-n', 'fail', '-i', 'full', name, file],
      { encoding: 'utf8' },
    );
    return shown
      .split('\n')
      .flatMap((line) => /^(\S+)\s+60\s+IN\s+(A|NS)\s+(\S+)/.exec(line)?.slice(1).join(' ') ?? []);
  };
  assert.equal(zone('demo.example.org').sort(), [
    'cg01.demo.example.org. A 10.1.0.11',
    'cg02.demo.example.org. A 10.1.0.12',
    'demo.example.org. NS ns-harvgen.demo.example.org.',
    'ns-harvgen.demo.example.org. A 10.1.0.1',
    'ns.demo.example.org. A 10.1.0.13',
    'oss.demo.example.org. A 10.8.0.1',
    'x1000c0s7b0n0.demo.example.org. A 10.1.0.11',
    'x1000c0s7b0n1.demo.example.org. A 10.1.0.12',
  ]);
  assert.equal(zone('example.org').sort(), [
    'example.org. NS ns.example.org.',
    'mds-bmc.lab.example.org. A 10.1.0.24',
    'mds.lab.example.org. A 10.1.0.14',
    'ns.example.org. A 10.1.0.1',
  ]);
  // A zone for io would hide all other names in it.
  assert.match(fileText(tree, 'coredns/hosts') ?? '', '10.1.0.16 web.io');
  const serial = (text = '') => /SOA \S+ \S+ (\d+)/.exec(text)?.[1];
  const other = await treeOf(SITE('coredns').replace('ip: 10.1.0.13', 'ip: 10.1.0.15'));
  const path = 'coredns/demo.example.org.zone';
  assert.is.not(serial(fileText(tree, path)), serial(fileText(other, path)));
});

test('the Corefile has each zone, and the hosts file before other servers', async () => {
  const hosts = 'hosts /srv/harvgen/plant/coredns/hosts';
  const bind = 'bind 10.1.0.1';
  const blocks = async (more: string) =>
    (fileText(await treeOf(SITE('coredns', more)), 'coredns/Corefile') ?? '').replace(/^#.*\n/gm, '').trim();
  const zones = ['demo.example.org', 'example.org'].map(
    (name) => `${name} {\n    ${bind}\n    file /srv/harvgen/plant/coredns/${name}.zone\n    errors\n}\n`,
  );
  assert.is(
    await blocks(''),
    `${zones.join('\n')}\n. {\n    ${bind}\n    ${hosts} {\n        fallthrough\n    }\n    forward . /etc/resolv.conf\n    errors\n}`,
  );
  assert.is(
    await blocks('air_gapped: true\n'),
    `${zones.join('\n')}\n. {\n    ${bind}\n    ${hosts}\n    errors\n}`,
  );
});

test.run();
