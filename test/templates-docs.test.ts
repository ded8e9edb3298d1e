import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { selfLocation } from '../src/source/origin.ts';
import { emitTargets } from '../src/targets/emit.ts';
import { rendererOf } from '../src/targets/render.ts';
import { builtInNames, builtInSource } from '../src/targets/templates/template.ts';
import { harvgen } from './support/cli.ts';
import { ISCSI_PLANT } from './support/iscsi-plant.ts';
import { LINUX_PLANT } from './support/linux-plant.ts';
import { blocksOf } from './support/markdown.ts';
import { NESTED } from './support/nested-plant.ts';
import { edited, PLANT } from './support/plant.ts';
import { RACK } from './support/rack.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = read('docs/templates.md');
const test = suite('docs/templates.md');

/** Sites that together have every template rendered, and every key of what templates get. */
const SITES = [
  makeSite({
    'site.yaml': edited(PLANT, ['server:\n', 'server:\n  sign: { signer: boot.plant }\n']),
    'files/www/a.txt': '',
  }),
  makeSite(edited(PLANT, ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n'])),
  makeSite(RACK),
  makeSite(edited(PLANT, ['.42 }', '.42, bmc: { address: 192.168.179.42, protocol: redfish } }'])),
  makeSite(NESTED),
  makeSite(
    edited(PLANT, [
      '  mgmt:\n',
      `  a: { subnet: 10.0.1.0/24, interface: eth1, dhcp: { server: isc } }
  b: { subnet: 10.0.2.0/24, dhcp: { server: external, hosts_files: true } }
  mgmt:
    interface: eth0
`,
    ]).replace('dhcp:\n      pool', 'dhcp:\n      hosts_files: true\n      pool'),
  ),
  makeSite(edited(NESTED, ['site: plant\n', 'site: plant\nair_gapped: true\n'])),
  makeSite(
    edited(
      NESTED,
      ['{ server: libvirt,', '{ server: dnsmasq,'],
      ['    gateway: 192.168.150.1\n', '    gateway: 192.168.150.1\n    interface: br0\n'],
    ),
  ),
  makeSite(LINUX_PLANT),
  makeSite(`site: plant
server: { url: http://10.20.0.1, iscsi: { format: qcow2 } }
images: { rocky9: { source: rocky9.qcow2 } }
networks:
  mgmt: { subnet: 10.20.0.0/24, gateway: 10.20.0.254, dns: [10.20.0.254], dhcp: { server: external } }
nodes: { cn01: { mac: 52:54:00:aa:01:01, ip: 10.20.0.11, boot: { os: iscsi, image: rocky9 } } }
`),
  ...['driver: lio', 'driver: iet', 'rbd: { pool: bmi }'].map((line) =>
    makeSite(edited(ISCSI_PLANT, ['  iscsi:\n', `  iscsi:\n    ${line}\n`])),
  ),
  ...['tftpd-hpa', 'xinetd', 'systemd'].map((server) =>
    makeSite(
      edited(
        ISCSI_PLANT,
        ['  iscsi:\n', `  tftp_server: ${server}\n  iscsi:\n`],
        ['firmware: bios }', 'firmware: bios, boot: { loader: pxelinux } }'],
      ),
    ),
  ),
  join(root, 'sites/location_x'),
  join(root, 'sites/location_y'),
  join(root, 'sites/harvester_cloud'),
  join(root, 'sites/oci'),
];

/** The first column of the first table below a heading. */
function namesBelow(heading: string): string[] {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [body = ''] = section.split('\n## ')[0]?.split('\n### ') ?? [];
  return Array.from(body.matchAll(/^\| `([\w/.-]+)` \|/gm), ([, name = '']) => name);
}

test('has a section for every built-in template, and its table has what the template gets, and nothing else', async () => {
  const passed = new Map(builtInNames().map((name) => [name, new Set<string>()]));
  for (const folder of SITES) {
    const { site } = await compile(folder);
    assert.ok(site);
    const render = rendererOf(new Map(), selfLocation(site), new Report());
    emitTargets(site, (template, data) => {
      for (const key of Object.keys(data)) passed.get(template)?.add(key);
      return render(template, data);
    });
  }
  const listed = namesBelow('Parts of scripts that lie there as they are');
  const asTheyAre = builtInNames().filter((name) => !builtInSource(name).file.endsWith('.eta'));
  assert.equal(listed, asTheyAre);
  for (const [name, keys] of passed) {
    assert.is(keys.size > 0, !asTheyAre.includes(name), name);
    if (keys.size > 0) assert.equal(namesBelow(`\`${name}.eta\``).sort(), [...keys].sort(), name);
  }
  const sections = Array.from(page.matchAll(/^### `(.*)\.eta`$/gm), ([, name]) => name);
  assert.equal(
    sections,
    [...passed.keys()].filter((name) => !asTheyAre.includes(name)),
  );
});

test('has a table for every part of a site, with all that is in it', () => {
  const parts = Array.from(
    read('src/site/model.ts').matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms),
    ([, name = '', body = '']) =>
      [name, Array.from(body.matchAll(/^ {2}readonly (\w+)\??:/gm), ([, key]) => key)] as const,
  );
  assert.ok(parts.length > 8);
  for (const [name, keys] of parts) assert.equal(namesBelow(name).sort(), keys.sort(), name);
});

test('lists how each ending quotes', () => {
  const endings = new Set(builtInNames().map((name) => name.split('.').at(-1)));
  for (const ending of endings) assert.match(page, `\n| \`${ending}\` | `);
});

test('the templates that it shows can be rendered', async () => {
  const blocks = builtInNames().flatMap((name) =>
    blocksOf(read('docs/how-to/site-templates.md'), `eta ${name}`).map((text) => [name, text] as const),
  );
  assert.ok(blocks.length > 0);
  for (const [name, text] of blocks) {
    const { diagnostics } = await compile(makeSite({ 'site.yaml': PLANT, [`templates/${name}.eta`]: text }));
    assert.equal(
      diagnostics.map(({ message }) => message),
      [],
    );
  }
});

test('shows what harvgen says of a fault', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/plant_a/site.yaml': edited(PLANT, ['site: plant', 'site: plant_a']),
    'sites/plant_a/templates/ipxe/node.ipxe.eta': '#!ipxe\necho <%= it.site.relase.text %>\n',
  });
  const said = harvgen(['check', 'sites/plant_a'], home).stderr.replace(/\n\n1 error\n$/, '\n');
  assert.ok(blocksOf(read('docs/how-to/site-templates.md'), 'text').includes(said), said);
});

test('names where the templates are', () => {
  for (const name of builtInNames()) {
    const { file, text } = builtInSource(name);
    assert.is(read(`src/targets/${file}`), text);
    assert.is(read(`dist/targets/${file}`), text);
  }
  assert.ok(JSON.parse(read('package.json')).files.includes('dist'));
});

test.run();
