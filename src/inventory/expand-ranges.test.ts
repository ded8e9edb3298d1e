import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { runs, SEED } from '../../test/support/effort.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { schemaOf } from '../knowledge/schemas.ts';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import { keyLocationOf, locationOf, type ValueMap } from '../source/origin.ts';
import { rangeAt, Source } from '../source/source.ts';
import { textOf } from '../tree/tree.ts';
import { expandRanges } from './expand-ranges.ts';
import { parseYaml } from './parse.ts';

const test = suite('ranges of nodes');

const RUNS = runs(40);

const HEAD = `site: plant
server: { url: http://172.16.255.254 }
networks:
  mgmt: { subnet: 172.16.0.0/16, gateway: 172.16.255.254, dns: [172.16.255.254], dhcp: {} }
profiles:
  compute: { boot: { os: linux, kernel: vmlinuz, args: ["nid=\${node:nid}"] } }
`;

/** The nodes of a text, and what is said of it: line, code and message. */
function expanded(nodes: string) {
  const report = new Report();
  const content = parseYaml(new Source('site.yaml', `nodes:\n${nodes}`), report);
  assert.ok(content);
  const result = expandRanges(content, report).nodes as ValueMap;
  return { nodes: result, plain: JSON.parse(JSON.stringify(result)), said: saidIn(report.sorted()) };
}

function saidIn(diagnostics: ReturnType<Report['sorted']>): string[] {
  return diagnostics.map((one) => {
    const { line, code, message, help } = plainDiagnostic(one, '.');
    return `${line} ${code} ${message} [${help}]`;
  });
}

async function compiled(files: string | Record<string, string>) {
  const { site, tree, diagnostics } = await compile(makeSite(files));
  return { site, tree, said: saidIn([...diagnostics]) };
}

test('each node has its own value of what has brackets, and the rest is the same for all', () => {
  const { nodes, plain, said } = expanded(`  cg[09-10]:
    mac: 52:54:00:7c:52:[09-0a]
    ip: 172.16.0.[9-10]
    xname: x1000c1s[1-2]b0n0
    nid: [9-10]
    uuid: 4c4c4544-0042-3510-8057-b7c04f4d33[09-10]
    serial: B5W[1-2]
    bmc: { mac: "b4:2e:99:a6:61:[f1-f2]", address: "172.16.0.[101-102]", protocol: ipmi }
    labels: { rack: "r[1-2]", row: a }
    config: { os: { modules: ["[1-2]"] } }
    boot: { args: ["x[1-2]"] }
    profiles: [compute]
  s[1-2]:
    nics: [{ mac: "52:54:00:7c:53:[01-02]", ip: "172.16.1.[1-2]" }, { name: "eno[1-2]", network: data }]
`);
  assert.equal(said, []);
  const node = (mac: string, number: number, ip: number) => ({
    mac: `52:54:00:7c:52:${mac}`,
    ip: `172.16.0.${ip}`,
    xname: `x1000c1s${number}b0n0`,
    nid: ip,
    uuid: `4c4c4544-0042-3510-8057-b7c04f4d33${ip === 9 ? '09' : '10'}`,
    serial: `B5W${number}`,
    bmc: { mac: `b4:2e:99:a6:61:f${number}`, address: `172.16.0.10${number}`, protocol: 'ipmi' },
    labels: { rack: `r${number}`, row: 'a' },
    config: { os: { modules: ['[1-2]'] } },
    boot: { args: ['x[1-2]'] },
    profiles: ['compute'],
  });
  const nics = (number: number) => ({
    nics: [
      { mac: `52:54:00:7c:53:0${number}`, ip: `172.16.1.${number}` },
      { name: `eno${number}`, network: 'data' },
    ],
  });
  assert.equal(plain, { cg09: node('09', 1, 9), cg10: node('0a', 2, 10), s1: nics(1), s2: nics(2) });
  const [first, second] = [nodes.cg09, nodes.cg10] as ValueMap[] as [ValueMap, ValueMap];
  assert.is(first.config, second.config, 'what is the same is shared');
  assert.is.not(first.bmc, second.bmc);
});

test('what is made of a range remembers where the range stands', () => {
  const { nodes } = expanded(`  a: {}\n  cg[1-2]: { ip: "10.0.0.[1-2]" }\n`);
  const line = ({ source, start }: ReturnType<typeof locationOf>) => source.position(start);
  assert.equal(line(keyLocationOf(nodes, 'cg2')), { line: 3, column: 3 });
  assert.equal(line(locationOf(nodes.cg2 as ValueMap, 'ip')), { line: 3, column: 18 });
  assert.is(rangeAt(locationOf(nodes.cg2 as ValueMap, 'ip')), 'cg[1-2]');
  assert.is(rangeAt(keyLocationOf(nodes, 'a')), undefined);
});

test('what a node says by itself lies over what its range says, whichever stands first', () => {
  const range = '  cg[1-3]: { ip: "10.0.0.[1-3]", bmc: { address: "10.0.1.[1-3]", protocol: ipmi } }\n';
  const own = '  cg2: { install: never, bmc: { address: 10.0.1.99 } }\n';
  const plain = {
    cg1: { ip: '10.0.0.1', bmc: { address: '10.0.1.1', protocol: 'ipmi' } },
    cg2: { ip: '10.0.0.2', bmc: { address: '10.0.1.99', protocol: 'ipmi' }, install: 'never' },
    cg3: { ip: '10.0.0.3', bmc: { address: '10.0.1.3', protocol: 'ipmi' } },
  };
  for (const text of [range + own, own + range]) {
    const result = expanded(text);
    assert.equal(result.plain, plain);
    assert.equal(result.said, []);
    assert.equal(Object.keys(result.plain), ['cg1', 'cg2', 'cg3']);
  }
});

test('a range in one file, and one of its nodes in another', async () => {
  const range =
    'nodes:\n  cg[1-2]: { mac: "52:54:00:00:00:[01-02]", ip: "172.16.0.[1-2]", nid: "[1-2]", profiles: [compute] }\n';
  const own = 'nodes:\n  cg2: { serial: SN-2 }\n';
  const shared = `include: [../_shared/nodes.yaml]\n${HEAD}`;
  const ways: Record<string, string>[] = [
    { 'site.yaml': HEAD + range, 'nodes/cg2.yaml': own },
    { 'site.yaml': HEAD + own, 'nodes/all.yaml': range },
    { 'site.yaml': shared + own, '../_shared/nodes.yaml': range },
    // A layer above says of fewer nodes, as another range.
    { 'site.yaml': `${shared}nodes:\n  cg[2-2]: { serial: SN-2 }\n`, '../_shared/nodes.yaml': range },
  ];
  for (const files of ways) {
    const { site, said } = await compiled(files);
    assert.equal(said, []);
    assert.equal(
      site?.nodes.map(({ name, serial, ip }) => [name, serial, ip]),
      [
        ['cg1', undefined, '172.16.0.1'],
        ['cg2', 'SN-2', '172.16.0.2'],
      ],
    );
  }
});

test('what cannot be told is said once, with what would be right', () => {
  const { said } = expanded(`  cg[01-06]:
    mac: 52:54:00:7c:52:[01-05]
    ip: 172.16.0.[1-7]
    xname: x1000c1s1b0n0
    nid: "[6-1]"
  cg[06-10,08]: {}
  y[01: {}
  w[1-20000]: {}
  n[01-20]: { mac: "52:54:00:7c:52:[01-20]" }
  m[1-2]: { nics: [{ mac: 52:54:00:7c:52:01 }] }
  s[1-3,5]: { mac: "52:54:00:7c:53:[01-05]", ip: "172.16.1.[1-9]" }
  one[1]: { nid: 5 }
`);
  assert.equal(said, [
    '3 range-size `52:54:00:7c:52:[01-05]` is 5 MAC addresses, and cg[01-06] 6 nodes. [write as many as the name has: 52:54:00:7c:52:[01-06], since MAC addresses count in hexadecimal]',
    '4 range-size `172.16.0.[1-7]` is 7 addresses, and cg[01-06] 6 nodes. [write as many as the name has: 172.16.0.[1-6]]',
    '5 range-same All 6 nodes of cg[01-06] would have the same xname. [write what differs in brackets, such as [1-6], as many as the name has]',
    '6 bad-range `[6-1]` has `6-1` in brackets, whose first number is larger than its last. [write the numbers of the nodes of cg[01-06] as [1-6] or [1-6,8]]',
    '7 range-twice cg[06-10,08] has cg06, and so has cg[01-06]: which of the two should count cannot be told. [leave it out of one, or say what is different of cg06 by itself: cg06: {…}]',
    '7 range-twice cg[06-10,08] has cg08 twice. [leave one of the two out]',
    '8 bad-range The name y[01 has an unmatched bracket. [write a range of nodes as cg[01-06] or cg[01-06,08]]',
    '9 bad-range w[1-20000] stands for 20000 nodes, and a range has at most 10000. [look for a digit too many, or divide it]',
    '10 range-size `52:54:00:7c:52:[01-20]` is 32 MAC addresses, and n[01-20] 20 nodes. [write as many as the name has: 52:54:00:7c:52:[01-14], since MAC addresses count in hexadecimal]',
    '11 range-same All 2 nodes of m[1-2] would have the same MAC address. [write what differs in brackets, such as [1-6], as many as the name has]',
    '12 range-size `52:54:00:7c:53:[01-05]` is 5 MAC addresses, and s[1-3,5] 4 nodes. [leave out what the name leaves out: 52:54:00:7c:53:[01-03,05]]',
    '12 range-size `172.16.1.[1-9]` is 9 addresses, and s[1-3,5] 4 nodes. [write as many as the name has]',
  ]);
});

test('a fault of the shape is said of one node, and what follows is not', async () => {
  const { said } = await compiled(`${HEAD}nodes:
  cg[001-100]:
    mac: 52:54:00:7c:52:[01-64]
    ip: 172.16.1.[200-299]
    nid: [1-100]
    instal: never
    vm: { vcpu: 3, memory: 5 }
    bmc: { address: "[1-100]!" }
    profiles: [compute]
`);
  assert.equal(
    said.map((line) => line.replace(/ \[[\s\S]*/, '')),
    [
      '10 bad-value `172.16.1.256` is not an IPv4 address such as 192.168.178.41.',
      '12 unknown-key nodes.cg001 has no key instal: did you mean install?',
      '13 unknown-key nodes.cg001.vm has no key vcpu: did you mean vcpus?',
      '13 wrong-type nodes.cg001.vm.memory must be a string, not a number.',
      '14 bad-value `1!` is not an IPv4 address, or a name such as lab.example.org.',
    ],
  );
});

test('a reference to a secret is said to be one, and not to be the same for all', async () => {
  const { said } = await compiled(`${HEAD}nodes:
  cg[1-6]:
    mac: \${secret:mac}
    ip: \${secret:ip}
    uuid: \${secret:uuid}
    serial: \${secret:serial}
    xname: \${secret:xname}
    nid: \${secret:nid}
    bmc: { address: "\${secret:address}", mac: "\${secret:mac}" }
    profiles: [compute]
`);
  assert.equal(
    said.map((line) => line.replace(/^(\d+ [a-z-]+).*/, '$1')),
    [9, 10, 11, 12, 13, 14, 15, 15].map((line) => `${line} secret-out-of-place`),
  );
});

test('a range that has no map, or cannot be read, is said once', async () => {
  for (const [value, line] of [
    ['', '8 wrong-type nodes.cg1 has no value.'],
    ['[x]', '8 wrong-type nodes.cg1 must be a map, not a list.'],
  ]) {
    const { said } = await compiled(`${HEAD}nodes:\n  cg[1-6]: ${value}\n`);
    assert.equal(
      said.map((text) => text.replace(/ \[[\s\S]*/, '')),
      [line],
    );
  }
  const { said } = await compiled(`${HEAD}nodes:\n  cg[06-01]: {}\n`);
  assert.is(said.length, 1);
  assert.match(said[0] ?? '', 'bad-range');
});

test('what is the same of very many nodes is said of three', async () => {
  const { said } = await compiled(`${HEAD}nodes:
  cg[001-100]: { mac: "52:54:00:7c:52:[01-64]", profiles: [compute], ip: "172.16.1.[1-100]" }
`);
  assert.equal(
    said.map((line) => line.replace(/ \[[^\]]*\]$/, '')),
    [
      '6 node-value cg001 has no nid, which ${node:nid} stands for.',
      '6 node-value cg002 has no nid, which ${node:nid} stands for.',
      '6 node-value cg003 has no nid, which ${node:nid} stands for. The same applies to 97 more of cg[001-100].',
    ],
  );
});

test('the first of a range are the first by their numbers, not by their letters', async () => {
  const { said } = await compiled(`${HEAD}nodes:
  cg[1-12]: { mac: "52:54:00:7c:52:[01-0c]", profiles: [compute], ip: "172.16.1.[1-12]" }
`);
  assert.equal(
    said.map((line) => /cg\d+/.exec(line)?.[0]),
    ['cg1', 'cg2', 'cg3'],
  );
});

test('brackets of a node alone, and those that YAML takes for its own, have a help', async () => {
  const lone = await compiled(
    `${HEAD}nodes:\n  cg01: { mac: "52:54:00:7c:52:[01-06]", ip: 172.16.0.1, nid: 1, profiles: [compute] }\n`,
  );
  assert.match(lone.said.join('\n'), /8 bad-value .*give the name of the node as many numbers in brackets/);
  for (const [text, quoted] of [
    ['  cg[1-6]: { ip: 172.16.0.[1-6] }', '172.16.0.[1-6]'],
    ['  cg[1-6]: { mac: 52:54:00:7c:52:[01-06], ip: x }', '52:54:00:7c:52:[01-06]'],
    ['  {cg[01-06]: {}}', 'cg[01-06]'],
    ['  cg[1-2]:\n    serial: [1-2]b', '[1-2]b'],
  ]) {
    const { said } = await compiled(`${HEAD}nodes:\n${text}\n`);
    assert.match(said.join('\n'), 'yaml-syntax');
    assert.match(said.join('\n'), `[a range must stand in quotes here: "${quoted}"]`);
  }
});

test('brackets in names of other things are no ranges', async () => {
  const { said } = await compiled(
    `${HEAD.replace('compute:', 'compute[1-2]:')}nodes:\n  a: { mac: 52:54:00:7c:52:01, ip: 172.16.0.1, boot: { os: local } }\n`,
  );
  assert.match(said.join('\n'), /6 bad-name `compute\[1-2\]` is not a name/);
});

test('the editors know of a range what they know of a node', () => {
  const { $defs } = schemaOf('site.schema.json') as Record<string, Record<string, Record<string, object>>>;
  const keysOf = (schema: object | undefined) => {
    const { properties = {} } = schema as { properties?: Record<string, object> };
    return properties;
  };
  const [node, range] = [keysOf($defs?.node), keysOf($defs?.['node-range'])];
  assert.equal(Object.keys(range), Object.keys(node));
  const bmc = keysOf(keysOf($defs?.layer).bmc);
  assert.equal(Object.keys(keysOf(range.bmc)), Object.keys(bmc));
  const nics = (of: Record<string, object>) => Object.keys(keysOf((of.nics as { items: object }).items));
  assert.equal(nics(range), nics(node));
});

/** Sites by ranges, and the same written out by hand: `[from, count]` of each bracket, and how wide. */
const random = fc.array(
  fc.record({
    racks: fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 3 })),
    slots: fc.tuple(fc.nat(95), fc.integer({ min: 1, max: 12 })),
    isPadded: fc.boolean(),
    own: fc.option(fc.nat(1000), { nil: undefined }),
    isOwnFirst: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);

test('a site by ranges gives the tree of the one that is written out', async () => {
  const run = fc.asyncProperty(random, async (ranges) => {
    const byRange: Record<string, unknown> = {};
    const out: Record<string, Record<string, unknown>> = {};
    ranges.forEach(({ racks: [rack, racks], slots: [slot, slots], isPadded, own, isOwnFirst }, index) => {
      const last = (first: number, count: number) => first + count - 1;
      const two = (number: number, radix = 10) => number.toString(radix).padStart(2, '0');
      const wide = (number: number) => (isPadded ? two(number) : String(number));
      const total = racks * slots;
      const names: string[] = [];
      for (let r = rack; r <= last(rack, racks); r += 1)
        for (let s = slot; s <= last(slot, slots); s += 1) names.push(`g${index}r${r}s${wide(s)}`);
      const chosen = own === undefined ? undefined : names[own % total];
      const single = { serial: `SN-${index}`, bmc: { protocol: 'redfish' } };
      if (chosen !== undefined && isOwnFirst) byRange[chosen] = single;
      byRange[`g${index}r[${rack}-${last(rack, racks)}]s[${wide(slot)}-${wide(last(slot, slots))}]`] = {
        mac: `52:54:00:00:0${index}:[01-${two(total, 16)}]`,
        ip: `172.16.${index}.[1-${total}]`,
        nid: `[${index * 100 + 1}-${index * 100 + total}]`,
        bmc: { address: `172.16.1${index}.[101-${100 + total}]`, protocol: 'ipmi' },
        profiles: ['compute'],
      };
      if (chosen !== undefined && !isOwnFirst) byRange[chosen] = single;
      names.forEach((name, at) => {
        out[name] = {
          mac: `52:54:00:00:0${index}:${two(at + 1, 16)}`,
          ip: `172.16.${index}.${at + 1}`,
          nid: index * 100 + at + 1,
          bmc: { address: `172.16.1${index}.${101 + at}`, protocol: name === chosen ? 'redfish' : 'ipmi' },
          profiles: ['compute'],
          ...(name === chosen ? { serial: `SN-${index}` } : {}),
        };
      });
    });
    const [one, other] = await Promise.all(
      [byRange, out].map((nodes) => compiled(HEAD + stringify({ nodes }))),
    );
    assert.equal(one?.said, other?.said);
    assert.ok(one?.tree && other?.tree);
    const texts = (tree: NonNullable<typeof one.tree>) =>
      [...tree].map(([path, file]) => [path, textOf(file)]);
    assert.equal(texts(one.tree), texts(other.tree));
  });
  await fc.assert(run, { seed: SEED, numRuns: RUNS });
});

test.run();
