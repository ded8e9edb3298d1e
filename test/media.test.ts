import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { mediaOf } from '../src/plan/media.ts';
import { MEDIUM_KINDS, type Medium } from '../src/plan/medium.ts';
import type { Site } from '../src/site/model.ts';
import { type Tree, textOf } from '../src/tree/tree.ts';
import { harvgenWarm as harvgen, harvgen as start } from './support/cli.ts';
import { runs, SEED } from './support/effort.ts';
import { LINUX_PLANT } from './support/linux-plant.ts';
import { edited, UNPINNED } from './support/plant.ts';
import { spread, written } from './support/random-files.ts';
import { sitePlan } from './support/random-plan.ts';
import { buildSite } from './support/random-site.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/** The files that cloud-init requests below the URL on the kernel command line. */
const CLOUD_INIT_FILES = ['meta-data', 'network-config', 'user-data', 'vendor-data'];

const test = suite('harvgen media');

const SAMPLES = fileURLToPath(new URL('../sites', import.meta.url));
const schema = JSON.parse(readFileSync(new URL('../schema/media.schema.json', import.meta.url), 'utf8'));
const isList = new Ajv2020({ allErrors: true }).compile(schema);

const URL_LINE = '  url: http://192.168.178.7\n';
const TLS =
  '  tls:\n    certificate: /etc/ssl/b.pem\n    key: /etc/ssl/b.key\n    url: https://boot.example.org\n';
const CLUSTER = 'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n';
const TWO_CLUSTERS = `clusters:
  old: { vip: 192.168.178.40, token: "\${secret:old}" }
  new: { vip: 192.168.178.60, token: "\${secret:new}", harvester: { version: v1.9.0, arch: arm64 } }
`;

const two = edited(
  UNPINNED,
  [CLUSTER, TWO_CLUSTERS],
  ['mode: create }', 'mode: create, cluster: old, firmware: bios }'],
  ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, cluster: old, boot: { os: local } }'],
  ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, cluster: new, mode: create, install: never }'],
).replace('cluster: old, boot:', 'boot:');

/** Sites with all features. */
const SITES: Readonly<Record<string, string>> = {
  'by DHCP': join(SAMPLES, 'location_x'),
  'without DHCP': join(SAMPLES, 'location_y'),
  'on Oracle Cloud Infrastructure': join(SAMPLES, 'oci'),
  'on a libvirt host': join(SAMPLES, 'harvester_cloud'),
  'of machines that boot Linux': makeSite(LINUX_PLANT),
  'of machines that boot Linux, with cloud-init by https': makeSite(
    edited(LINUX_PLANT, ['  url: http://10.1.0.1\n', `  url: http://10.1.0.1\n${TLS}`]),
  ),
  'on arm64': makeSite(edited(UNPINNED, ['version: v1.3.2', 'version: v1.9.0\n  arch: arm64'])),
  'with an external DHCP server': makeSite(
    edited(UNPINNED, [
      '      pool: 192.168.178.200-192.168.178.250',
      '      server: external\n      pool: 192.168.178.200-192.168.178.250',
    ]),
  ),
  'with nodes by IP address, UUID and serial number, and signatures': makeSite(
    edited(
      UNPINNED,
      ['      pool: 192.168.178.200-192.168.178.250', '      server: external'],
      ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'],
      ['mac: 52:54:00:aa:01:01, ', ''],
      ['mac: 52:54:00:aa:01:02, ', 'uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, '],
      ['mac: 52:54:00:aa:01:03, ', 'mac: 52:54:00:aa:01:03, serial: B5W7M32, '],
    ),
  ),
  'with media on the internet, on another port': makeSite(
    edited(UNPINNED, [URL_LINE, '  url: http://boot:8080\n  media: https://mirror.example.org/h\n']),
  ),
  'with two releases, a local node and one that installs nothing': makeSite(two),
  'with pins': makeSite(
    edited(UNPINNED, [
      'v1.3.2\n',
      `v1.3.2\n  sha512: { harvester-v1.3.2-vmlinuz-amd64: "${'0'.repeat(128)}" }\n`,
    ]),
  ),
  'with configurations by https': makeSite(edited(UNPINNED, [URL_LINE, `${URL_LINE}${TLS}`])),
  'with all by https': makeSite(
    edited(UNPINNED, [URL_LINE, `  url: https://boot.example.org:8443\n${TLS.replace(/ {4}url: .*\n/, '')}`]),
  ),
  'with signatures': makeSite(edited(UNPINNED, [URL_LINE, `${URL_LINE}  sign: { signer: boot.plant }\n`])),
  'with signatures, and without DHCP': makeSite(
    edited(
      UNPINNED,
      [URL_LINE, `${URL_LINE}  sign: { signer: boot.plant }\n`],
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
      ['version: v1.3.2', 'version: v1.6.1'],
    ).replace(/\{ (mac: \S+, ip: [0-9.]+)/g, '{ nics: [{ name: eno1, $1 }]'),
  ),
  'with all URLs that a configuration can contain': makeSite({
    'site.yaml': edited(
      UNPINNED,
      ['["github:your_username"]', '["github:one", "gitlab:two.three", "https://keys.example.org/four"]'],
      [
        '    install:\n',
        `    install:
      iso_url: http://mirror.example.org/harvester-v1.3.2-amd64.iso
      webhooks:
        - { event: SUCCEEDED, method: POST, url: "https://hooks.example.org/services/T0/B0/s3cr3t?to={{.Hostname}}" }
`,
      ],
      [
        'defaults:\n  config:\n',
        `defaults:
  config:
    system_settings:
      http-proxy: { httpProxy: "http://proxy.example.org:3128", noProxy: "192.168.178.0/24,10.52.0.0/16,10.53.0.0/16,.svc,.cluster.local" }
      cluster-registration-url: https://rancher.example.org/v3/import/t0k3n.yaml
`,
      ],
      [
        '    os: { ntp_servers',
        `    os: { after_install_chroot_commands: ["curl -u x 'http://user:pa55@tools.example.org/a.sh?k=1' | sh"], ntp_servers`,
      ],
    ),
    'files/www/extra/a b.txt': 'text',
  }),
};

for (const [what, folder] of Object.entries(SITES)) {
  test(`a site ${what}: the list contains everything that its output refers to`, async () => {
    const { site, tree, diagnostics } = await compile(folder);
    assert.ok(site && tree, diagnostics.map(({ message }) => message).join('\n'));
    assert.ok(assertComplete(site, tree) > 10);
  });
}

test('a random site: the list contains everything that its output refers to', async () => {
  const scratch = scratchFolder();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(sitePlan, async (plan) => {
      count += 1;
      const files = written(spread(buildSite(plan).inventory, plan.style), plan.style);
      const { site, tree } = await compile(join(writeFiles(join(scratch, String(count)), files), 'plant'));
      assert.ok(site && tree);
      assertComplete(site, tree);
    }),
    { seed: SEED, numRuns: runs(60) },
  );
});

test('the list has digests of files in the output tree, except of files with substituted secrets', async () => {
  const { site, tree } = await compile(
    makeSite(edited(UNPINNED, ['  token: ${secret:cluster_token}', '  token: "in clear text"'])),
  );
  assert.ok(site && tree);
  const path = 'config/52-54-00-aa-01-01.yaml';
  const digest = createHash('sha512')
    .update(textOf(tree.get(`www/${path}`) ?? { content: '' }))
    .digest('hex');
  const of = (media: readonly Medium[]) => media.find(({ url }) => url === `http://192.168.178.7/${path}`);
  assert.is(of(mediaOf(site, tree))?.sha512, digest);
  const marked = await compile(makeSite(UNPINNED));
  assert.ok(marked.site && marked.tree);
  assert.equal(of(mediaOf(marked.site, marked.tree)), {
    url: `http://192.168.178.7/${path}`,
    kind: 'configuration',
    served: true,
    nodes: ['harv-1'],
  });
});

test('the URLs of a configuration are listed without passwords', () => {
  const folder = SITES['with all URLs that a configuration can contain'] ?? '';
  for (const format of ['text', 'json', 'urls', 'sha512']) {
    const { code, stdout, stderr } = harvgen(['media', '--format', format, 'plant'], dirname(folder));
    assert.is(code, 0);
    assert.not.match(stdout + stderr, /pa55|s3cr3t|t0k3n|k=1/);
  }
  const { sites } = JSON.parse(harvgen(['media', '--format', 'json', 'plant'], dirname(folder)).stdout);
  const others = sites[0].media.filter(({ served, kind }: Medium) => !served && kind !== 'checksums');
  assert.equal(
    others.map(({ kind, url }: Medium) => `${kind} ${url}`),
    [
      'iso http://mirror.example.org/harvester-v1.3.2-amd64.iso',
      'ssh-keys https://github.com/one.keys',
      'ssh-keys https://gitlab.com/two.three.keys',
      'ssh-keys https://keys.example.org/four',
      'command http://tools.example.org/',
      'webhook https://hooks.example.org/',
      'setting https://rancher.example.org/',
    ],
  );
});

test('the list contains the URLs of a site template', async () => {
  const { site, tree } = await compile(
    makeSite({
      'site.yaml': UNPINNED,
      'templates/ipxe/node.ipxe.eta':
        '#!ipxe\n# http://remark.example.org\nkernel https://elsewhere.example.org/vmlinuz a=b\n',
    }),
  );
  assert.ok(site && tree);
  assert.equal(
    mediaOf(site, tree).filter(({ kind }) => kind === 'other'),
    [
      {
        url: 'https://elsewhere.example.org/vmlinuz',
        kind: 'other',
        served: false,
        nodes: ['harv-1', 'harv-2', 'harv-3'],
      },
    ],
  );
});

test('--format json matches its schema, for all sites', () => {
  const kinds = new Set<string>();
  for (const folder of Object.values(SITES)) {
    const list = JSON.parse(harvgen(['media', '--format', 'json', folder], SAMPLES).stdout);
    const { media } = list.sites[0];
    assert.ok(isList(list), JSON.stringify(isList.errors));
    for (const { kind } of media) kinds.add(kind);
  }
  assert.equal([...kinds].sort(), MEDIUM_KINDS.filter((kind) => kind !== 'other').sort());
  assert.equal(schema.$defs.medium.properties.kind.enum, MEDIUM_KINDS);
});

test('--format text is readable', () => {
  const home = dirname(
    makeSite(
      edited(UNPINNED, [
        'v1.3.2\n',
        `v1.3.2
  sha512: { harvester-v1.3.2-vmlinuz-amd64: "${'0123456789abcdef'.repeat(8)}" }
  size: { harvester-v1.3.2-vmlinuz-amd64: 13742080, harvester-v1.3.2-amd64.iso: 6442450944 }
`,
      ]),
    ),
  );
  const { code, stdout, stderr } = start(['media', 'plant'], home);
  assert.equal([code, stderr], [0, '']);
  const [head, release, programs] = stdout.split('\n\n');
  assert.is(head, 'plant: 20 URLs');
  assert.is(
    release,
    `Harvester v1.3.2 amd64, to mirror from https://releases.rancher.com/harvester/v1.3.2/:
  kernel     http://192.168.178.7/harvester/v1.3.2/harvester-v1.3.2-vmlinuz-amd64          13.1 MiB (13742080)   0123456789abcdef…  harv-1 to harv-3 (3 nodes)
  initrd     http://192.168.178.7/harvester/v1.3.2/harvester-v1.3.2-initrd-amd64                                 not pinned         harv-1 to harv-3 (3 nodes)
  rootfs     http://192.168.178.7/harvester/v1.3.2/harvester-v1.3.2-rootfs-amd64.squashfs                        not pinned         harv-1 to harv-3 (3 nodes)
  iso        http://192.168.178.7/harvester/v1.3.2/harvester-v1.3.2-amd64.iso              6.0 GiB (6442450944)  not pinned         harv-1 to harv-3 (3 nodes)
  checksums  https://releases.rancher.com/harvester/v1.3.2/harvester-v1.3.2-amd64.sha512                         not pinned
  total  6.0 GiB (6456193024) and 2 of unknown size
  3 of 4 not pinned: harvgen media --pin plant pins the digests of the release's checksum file`,
  );
  assert.match(
    programs ?? '',
    "program  tftp://192.168.178.7/snponly.efi               Debian's package ipxe           harv-1 to harv-3",
  );
});

test('another ISO than the full one has an upstream URL, and needs no pin', () => {
  const home = dirname(
    makeSite(
      edited(UNPINNED, [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43, config: { install: { with_net_images: true, iso_url: "http://mirror.example.org/harvester-v1.3.2-amd64-net-install.iso" } } }',
      ]),
    ),
  );
  const { stdout } = harvgen(['media', 'plant'], home);
  assert.match(stdout, '4 of 4 not pinned');
  assert.match(
    harvgen(['media', '--format', 'urls', 'plant'], home).stdout,
    'https://releases.rancher.com/harvester/v1.3.2/harvester-v1.3.2-amd64-net-install.iso\n',
  );
});

test('--format urls can be read by wget', () => {
  const { stdout } = harvgen(['media', '--format', 'urls', 'location_x', 'location_y'], SAMPLES);
  const lines = stdout.trimEnd().split('\n');
  // The releases of both, and the ISO of an upgrade: all of them have known digests.
  assert.is(lines.length, 9);
  assert.equal([...new Set(lines)].sort(), lines);
  for (const line of lines)
    assert.match(line, /^https:\/\/releases\.rancher\.com\/harvester\/(v1\.[46]\.1|v1\.7\.2)\/harvester-\1-/);
});

test('errors of an inventory are reported as by check, and nothing is listed', () => {
  const home = dirname(makeSite(edited(UNPINNED, ['v1.3.2', '1.3.2'])));
  const { code, stdout, stderr } = harvgen(['media', 'plant'], home);
  assert.equal([code, stdout], [1, '']);
  assert.match(stderr, '\n1 error: nothing was listed\n');
});

test.run();

/**
 * Asserts that the list contains everything that an output tree refers to. Returns the number of references. Reads the emitted
 * files, independent of the code that makes them.
 */
function assertComplete(site: Site, tree: Tree): number {
  const media = mediaOf(site, tree);
  const urls = media.map(({ url }) => url);
  assert.is(new Set(urls).size, urls.length, 'without duplicates');
  // URLs that the inventory itself has in kernel arguments.
  const args = site.nodes.flatMap(({ linux }) => linux?.args ?? []).join(' ');
  assert.not(media.some(({ kind, url }) => kind === 'other' && !args.includes(url)));
  const known = new Set([...urls, ...media.flatMap(({ from }) => (from && 'url' in from ? [from.url] : []))]);
  const referred = [...tree].flatMap(([path, file]) => references(path, textOf(file), site));
  for (const { path, url } of referred) assert.ok(known.has(url), `${path} refers to ${url}`);
  return referred.length;
}

interface Reference {
  readonly path: string;
  readonly url: string;
}

function references(path: string, text: string, site: Site): Reference[] {
  const refer = (found: readonly string[]) => found.map((url) => ({ path, url }));
  if (path.endsWith('.ipxe')) return refer([...absolute(text), ...relative(text, site)]);
  if (path.startsWith('www/grub/')) return refer(ofGrub(text));
  if (path.endsWith('fetch-media.sh')) return refer(ofFetchMedia(text));
  if (path.startsWith('dnsmasq/')) return refer(ofDnsmasq(text, site));
  if (path.startsWith('www/config/')) return refer(ofConfiguration(text));
  if (path.startsWith('nginx/')) return refer(ofNginx(text, site));
  return [];
}

/** Absolute URLs, also in kernel arguments, except of disks. For cloud-init's directory, the requested files. */
function absolute(text: string): string[] {
  const found = Array.from(text.matchAll(/[a-z]+:\/\/[^\s,"']+/g), ([url]) => url);
  return found
    .filter((url) => !url.startsWith('file:'))
    .flatMap((url) =>
      /\/cloud-init\/[^/]+\/$/.test(url) ? CLOUD_INIT_FILES.map((file) => url + file) : url,
    );
}

/** GRUB has its own notation for hosts. Excludes URLs that it composes at run time. */
function ofGrub(text: string): string[] {
  const own = Array.from(
    text.matchAll(/\(http,([^)]+)\)([^\s']+)/g),
    ([, host, path]) => `http://${host}${path}`,
  );
  return [...own.filter((url) => !url.includes('$')), ...absolute(text)];
}

/** iPXE resolves relative URLs against that of the script, and inserts the identifiers of the machine. */
function relative(text: string, { server, nodes }: Site): string[] {
  const paths = Array.from(text.matchAll(/\s((?:ipxe|sign|config)\/\S+)/g), ([, path = '']) => path);
  return paths.flatMap((path) =>
    nodes.flatMap((node) => {
      const mac = node.bootNic.mac?.replaceAll(':', '-');
      const values = { mac, ip: mac ? undefined : node.ip, uuid: node.uuid, serial: node.serial };
      let isKnown = true;
      const named = path.replace(
        /\$\{(?:net\w\/)?(mac|ip|uuid|serial)(?::\w+)?\}/,
        (_, setting: keyof typeof values) => {
          isKnown = values[setting] !== undefined;
          return values[setting] ?? '';
        },
      );
      return isKnown ? [`${server.url}/${named}`] : [];
    }),
  );
}

function ofFetchMedia(text: string): string[] {
  const base = /^releases=\$\{HARVESTER_RELEASES:-(.*)\}$/m.exec(text)?.[1];
  return Array.from(
    text.matchAll(/^(?:fetch|checksums) (v\S+) (\S+)/gm),
    ([, version, name]) => `${base}/${version}/${name}`,
  );
}

function ofDnsmasq(text: string, { server, nodes }: Site): string[] {
  const loaded = (arch: string) => nodes.some((node) => node.loader === 'grub' && node.arch === arch);
  return (
    Array.from(text.matchAll(/^dhcp-boot=.*,(\S+)$/gm), ([, file = '']) => file)
      // DHCP has an answer for each architecture; a site has GRUB for those of its nodes.
      .filter(
        (file) => !/(?:grub|shim)[^/]*$/.test(file) || loaded(file.endsWith('aa64.efi') ? 'arm64' : 'amd64'),
      )
      .map((file) => (file.includes('://') ? file : `tftp://${server.host}/${file}`))
  );
}
function ofConfiguration(text: string): string[] {
  const { os, install } = parse(text);
  const keys = ((os.ssh_authorized_keys ?? []) as string[]).flatMap((key) => {
    const [, account, user] = /^(github|gitlab):(.*)$/.exec(key) ?? [];
    return user === undefined ? [] : [`https://${account}.com/${user}.keys`];
  });
  return [...(install.iso_url ? [install.iso_url] : []), ...keys];
}

/** Files with their own location; patterns cover the others. */
function ofNginx(text: string, { server, networks }: Site): string[] {
  const paths = Array.from(text.matchAll(/^ *location = "?(\/[^"{]*?)"? \{$/gm), ([, path = '']) => path);
  return (
    paths
      // Only people request these, and no machine.
      .filter((path) => path !== '/' && path !== '/inventory.json')
      // An alias of a URL that is on the list.
      .filter((path) => path !== '/harvester/boot.php')
      // BIOS does not boot by HTTP.
      .filter(
        (path) =>
          !path.startsWith('/loader/') || (path.endsWith('.efi') && networks.some(({ dhcp }) => dhcp)),
      )
      // Firmware fetches iPXE binaries by http, independent of the URL of the boot server.
      .map((path) =>
        path.startsWith('/loader/') && server.url.startsWith('https:')
          ? `http://${server.host}${path}`
          : `${server.url}${path}`,
      )
  );
}
