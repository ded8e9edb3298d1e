import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/** No schema closes the values of cloud-init, and those of imported files: each may be of any type. */
const test = suite('values of any type');

/** One value of each type of JSON, at depths where code may expect a text or a list of texts. */
const VALUES: readonly unknown[] = [null, true, 1, 'text', [], [['a'], { a: 'b' }], {}, { a: { b: [null] } }];

/** Every key that a rule or a target reads. */
const CLOUD_INIT = `
user_data:
  hostname: a
  bootcmd: [a, [b, c]]
  runcmd: [a, [b, c]]
  mounts: [[a, b]]
  ssh_authorized_keys: [a]
  password: \${secret:a}
  chpasswd: { list: "a:b", users: [{ name: a, password: b }], expire: false }
  users: [{ name: a, passwd: b, ssh_authorized_keys: [c] }]
  write_files:
    - { path: /a.yaml, content: "\${secret:a}", append: true, defer: true, encoding: b64, permissions: "0600", owner: "a:b" }
    - { path: /a.yaml, content: b, append: yes }
  merge_how: [{ name: list, settings: [append] }]
  x-own: a
vendor_data: { runcmd: [a], write_files: [{ path: /b, content: c }] }
meta_data: { instance-id: a, local-hostname: b, public-keys: [c] }
network_config: { version: 2, ethernets: { a: { match: { macaddress: b }, addresses: [c] } } }
`;

type Path = readonly (string | number)[];

function* pathsOf(value: unknown, path: Path = []): Iterable<Path> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** Returns a copy of a value in which another value is at a path. */
function withValue(whole: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  const copy = (Array.isArray(whole) ? [...whole] : { ...(whole as object) }) as Record<
    string | number,
    unknown
  >;
  copy[step] = withValue(copy[step], rest, value);
  return copy;
}

const BASE = parse(PLANT) as object;
const LINUX = {
  mac: '52:54:00:aa:01:09',
  ip: '192.168.178.49',
  boot: { os: 'linux', kernel: 'http://192.168.178.7/vmlinuz', args: ['quiet'] },
};

/** Compiles a site with cloud-init data, and renders its files. Throws what compile throws. */
async function compiled(cloudInit: unknown): Promise<void> {
  const site = { ...BASE, groups: { g: { user_data: (cloudInit as { user_data?: unknown })?.user_data } } };
  const nodes = {
    ...(parse(PLANT).nodes as object),
    'lin-1': { ...LINUX, groups: ['g'], cloud_init: cloudInit },
  };
  const { tree, diagnostics } = await compile(makeSite(JSON.stringify({ ...site, nodes })));
  formatText(diagnostics, { color: false, folder: '/' });
  for (const { content } of tree?.values() ?? []) assert.ok(content.length >= 0);
}

test('compile throws for none at any place of cloud-init data', async () => {
  const cloudInit = parse(CLOUD_INIT);
  await compiled(cloudInit);
  for (const path of pathsOf(cloudInit))
    for (const value of VALUES) {
      try {
        await compiled(withValue(cloudInit, path, value));
      } catch (error) {
        throw new Error(`${path.join('.')}: ${JSON.stringify(value)}: ${(error as Error).stack}`);
      }
    }
});

test('compile throws for none at any place of an inventory', async () => {
  const rich = {
    ...BASE,
    groups: { g: { user_data: { runcmd: ['a'] } } },
    nodes: {
      ...(parse(PLANT).nodes as object),
      'lin-1': { ...LINUX, groups: ['g'], labels: { a: 'b' }, cloud_init: { user_data: { x: 'y' } } },
    },
  };
  for (const path of pathsOf(rich))
    for (const value of VALUES) {
      const site = withValue(rich, path, value);
      try {
        const { diagnostics } = await compile(makeSite(JSON.stringify(site)));
        formatText(diagnostics, { color: false, folder: '/' });
      } catch (error) {
        throw new Error(`${path.join('.')}: ${JSON.stringify(value)}: ${(error as Error).stack}`);
      }
    }
});

/** Files of several formats; other formats report them. */
const FOREIGN: readonly string[] = [
  'maclist: [{ mac: "52:54:00:aa:01:01", name: a, ip: 10.0.0.1, configs: [b] }]\nconfig: [{ name: b, os: { hostname: c } }]\nserver: http://a\n',
  'kind: ConfigMap\nmetadata: { name: a }\ndata: { data.yaml: "maclist: []" }\n',
  '[{ "hosts": ["a"], "macs": ["52:54:00:aa:01:01"], "params": "a=b", "kernel": "http://a/b", "cloud-init": { "user-data": { "a": "b" } } }]',
  '{ "Components": [{ "ID": "x0c0s0b0n0", "NID": 1, "Role": "Compute" }] }',
  '[{ "ID": "x0c0s0b0n0", "MACAddress": "52:54:00:aa:01:01", "IPAddresses": [{ "IPAddress": "10.0.0.1" }] }]',
  'nodes: [{ name: a, nid: 1, xname: x0c0s0b0n0, bmc_mac: "52:54:00:aa:01:02", interfaces: [{ mac_addr: "52:54:00:aa:01:01", ip_addrs: [{ ip_addr: 10.0.0.1 }] }] }]\n',
  '[{ "name": "a", "data": { "b": "c" }, "file": { "encoding": "plain", "content": "#cloud-config\\na: b" } }]',
  '[{ "ip-address": "10.0.0.1", "mac-address": "52:54:00:aa:01:01" }]',
];

test('no import throws for any at a place of its files', () => {
  for (const file of FOREIGN)
    for (const path of pathsOf(parse(file)))
      for (const value of VALUES) {
        const text = JSON.stringify(withValue(parse(file), path, value), null, 1);
        for (const kind of [...IMPORT_FORMATS, ...JOINED_FORMATS]) {
          const source = new Source('/a', text);
          const report = new Report();
          try {
            if ('isLike' in kind) joinedSite([{ kind, source }], {}, report);
            else kind.read(source, {}, report);
          } catch (error) {
            throw new Error(`${kind.name}, ${path.join('.')}: ${text}: ${(error as Error).stack}`);
          }
        }
      }
});

test.run();
