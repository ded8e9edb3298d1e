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
  mgmt: { subnet: 172.16.0.0/16, gateway: 172.16.255.254, dns: [172.16.255.253], dhcp: {} }
profiles:
  compute: { boot: { os: linux, kernel: vmlinuz, args: ["nid=\${node:nid}"] } }
`;

/** Returns the nodes of a text, and the diagnostics: line, code, message and help. */
function expanded(nodes: string) {
  const report = new Report();
  const content = parseYaml(new Source('site.yaml', `nodes:\n${nodes}`), report);
  assert.ok(content);
  const result = expandRanges(content, report).nodes as ValueMap;
  return { nodes: result, plain: JSON.parse(JSON.stringify(result)), found: foundIn(report.sorted()) };
}

function foundIn(diagnostics: ReturnType<Report['sorted']>): string[] {
  return diagnostics.map((one) => {
    const { line, code, message, help } = plainDiagnostic(one, '.');
    return `${line} ${code} ${message} [${help}]`;
  });
}

async function compiled(files: string | Record<string, string>) {
  const { site, tree, diagnostics } = await compile(makeSite(files));
  return { site, tree, found: foundIn([...diagnostics]) };
}

test('each node has its own value where there are brackets, and the rest is the same for all', () => {
  const { nodes, plain, found } = expanded(`  cg[09-10]:
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
  assert.equal(found, []);
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
  assert.is(first.config, second.config, 'equal values are shared');
  assert.is.not(first.bmc, second.bmc);
});

test('nodes of a range record the location of the range', () => {
  const { nodes } = expanded(`  a: {}\n  cg[1-2]: { ip: "10.0.0.[1-2]" }\n`);
  const line = ({ source, start }: ReturnType<typeof locationOf>) => source.position(start);
  assert.equal(line(keyLocationOf(nodes, 'cg2')), { line: 3, column: 3 });
  assert.equal(line(locationOf(nodes.cg2 as ValueMap, 'ip')), { line: 3, column: 18 });
  assert.is(rangeAt(locationOf(nodes.cg2 as ValueMap, 'ip')), 'cg[1-2]');
  assert.is(rangeAt(keyLocationOf(nodes, 'a')), undefined);
});

test("a node's own keys take precedence over those of its range, in either order", () => {
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
    assert.equal(result.found, []);
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
    // A higher layer contains fewer nodes, as another range.
    { 'site.yaml': `${shared}nodes:\n  cg[2-2]: { serial: SN-2 }\n`, '../_shared/nodes.yaml': range },
  ];
  for (const files of ways) {
    const { site, found } = await compiled(files);
    assert.equal(found, []);
    assert.equal(
      site?.nodes.map(({ name, serial, ip }) => [name, serial, ip]),
      [
        ['cg1', undefined, '172.16.0.1'],
        ['cg2', 'SN-2', '172.16.0.2'],
      ],
    );
  }
});

test('an ambiguous value is reported once, with the correction', () => {
  const { found } = expanded(`  cg[01-06]:
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
  assert.equal(found, [
    '3 range-size `52:54:00:7c:52:[01-05]` expands to 5 MAC addresses, but cg[01-06] to 6 nodes. [write one for each node: 52:54:00:7c:52:[01-06] (MAC addresses are hexadecimal)]',
    '4 range-size `172.16.0.[1-7]` expands to 7 IP addresses, but cg[01-06] to 6 nodes. [write one for each node: 172.16.0.[1-6]]',
    '5 range-same All 6 nodes of cg[01-06] would have the same xname. [write one number for each node in brackets, such as [1-6]]',
    '6 bad-range `[6-1]` has `6-1` in brackets, whose first number is larger than its last. [write the numbers of the nodes of cg[01-06] as [1-6] or [1-6,8]]',
    '7 range-twice cg[06-10,08] and cg[01-06] both contain cg06: the choice of range is ambiguous. [remove it from one range; or add an entry for what differs: cg06: {…}]',
    '7 range-twice cg[06-10,08] contains cg08 twice. [remove one of the two]',
    '8 bad-range The name y[01 has an unmatched bracket. [write a range of nodes as cg[01-06] or cg[01-06,08]]',
    '9 bad-range w[1-20000] expands to 20000 nodes, but a range may have at most 10000. [remove an extra digit, or split the range]',
    '10 range-size `52:54:00:7c:52:[01-20]` expands to 32 MAC addresses, but n[01-20] to 20 nodes. [write one for each node: 52:54:00:7c:52:[01-14] (MAC addresses are hexadecimal)]',
    '11 range-same All 2 nodes of m[1-2] would have the same MAC address. [write one number for each node in brackets, such as [1-6]]',
    '12 range-size `52:54:00:7c:53:[01-05]` expands to 5 MAC addresses, but s[1-3,5] to 4 nodes. [omit the numbers that the name omits: 52:54:00:7c:53:[01-03,05]]',
    '12 range-size `172.16.1.[1-9]` expands to 9 IP addresses, but s[1-3,5] to 4 nodes. [write one for each node]',
  ]);
});

test('a schema error is reported for one node, and its consequences are not', async () => {
  const { found } = await compiled(`${HEAD}nodes:
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
    found.map((line) => line.replace(/ \[[\s\S]*/, '')),
    [
      '10 bad-value `172.16.1.256` is not an IPv4 address such as 192.168.178.41.',
      '12 unknown-key nodes.cg001 has no key instal: did you mean install?',
      '13 unknown-key nodes.cg001.vm has no key vcpu: did you mean vcpus?',
      '13 wrong-type nodes.cg001.vm.memory must be a string, not a number.',
      '14 bad-value `1!` is not an IPv4 address, or a name such as lab.example.org.',
    ],
  );
});

test('a reference to a secret is reported as such, and not as the same for all', async () => {
  const { found } = await compiled(`${HEAD}nodes:
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
    found.map((line) => line.replace(/^(\d+ [a-z-]+).*/, '$1')),
    [9, 10, 11, 12, 13, 14, 15, 15].map((line) => `${line} secret-out-of-place`),
  );
});

test('a range that is not a map, or is invalid, is reported once', async () => {
  for (const [value, line] of [
    ['', '8 wrong-type nodes.cg1 has no value.'],
    ['[x]', '8 wrong-type nodes.cg1 must be a map, not a list.'],
  ]) {
    const { found } = await compiled(`${HEAD}nodes:\n  cg[1-6]: ${value}\n`);
    assert.equal(
      found.map((text) => text.replace(/ \[[\s\S]*/, '')),
      [line],
    );
  }
  const { found } = await compiled(`${HEAD}nodes:\n  cg[06-01]: {}\n`);
  assert.is(found.length, 1);
  assert.match(found[0] ?? '', 'bad-range');
});

test('a diagnostic for very many nodes is reported for three', async () => {
  const { found } = await compiled(`${HEAD}nodes:
  cg[001-100]: { mac: "52:54:00:7c:52:[01-64]", profiles: [compute], ip: "172.16.1.[1-100]" }
`);
  assert.equal(
    found.map((line) => line.replace(/ \[[^\]]*\]$/, '')),
    [
      '6 node-value cg001 has no nid: ${node:nid} has no value.',
      '6 node-value cg002 has no nid: ${node:nid} has no value.',
      '6 node-value cg003 has no nid: ${node:nid} has no value. The same applies to 97 more of cg[001-100].',
    ],
  );
});

test('the first nodes of a range are the first by number, not by text', async () => {
  const { found } = await compiled(`${HEAD}nodes:
  cg[1-12]: { mac: "52:54:00:7c:52:[01-0c]", profiles: [compute], ip: "172.16.1.[1-12]" }
`);
  assert.equal(
    found.map((line) => /cg\d+/.exec(line)?.[0]),
    ['cg1', 'cg2', 'cg3'],
  );
});

test('brackets of a single node, and those that YAML reads as its own, have a help', async () => {
  const lone = await compiled(
    `${HEAD}nodes:\n  cg01: { mac: "52:54:00:7c:52:[01-06]", ip: 172.16.0.1, nid: 1, profiles: [compute] }\n`,
  );
  assert.match(lone.found.join('\n'), /8 bad-value .*write as many numbers in brackets in the node name/);
  for (const [text, quoted] of [
    ['  cg[1-6]: { ip: 172.16.0.[1-6] }', '172.16.0.[1-6]'],
    ['  cg[1-6]: { mac: 52:54:00:7c:52:[01-06], ip: x }', '52:54:00:7c:52:[01-06]'],
    ['  {cg[01-06]: {}}', 'cg[01-06]'],
    ['  cg[1-2]:\n    serial: [1-2]b', '[1-2]b'],
  ]) {
    const { found } = await compiled(`${HEAD}nodes:\n${text}\n`);
    assert.match(found.join('\n'), 'yaml-syntax');
    assert.match(found.join('\n'), `[quote the range: "${quoted}"]`);
  }
});

test('brackets in other names are not ranges', async () => {
  const { found } = await compiled(
    `${HEAD.replace('compute:', 'compute[1-2]:')}nodes:\n  a: { mac: 52:54:00:7c:52:01, ip: 172.16.0.1, boot: { os: local } }\n`,
  );
  assert.match(found.join('\n'), /6 bad-name `compute\[1-2\]` is not a name/);
});

test('the schema of a range has the same keys as that of a node', () => {
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

/** Sites with ranges, and the same without: `[from, count]` of each bracket, and its width. */
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

test('a site with ranges has the same output tree as one without', async () => {
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
    assert.equal(one?.found, other?.found);
    assert.ok(one?.tree && other?.tree);
    const texts = (tree: NonNullable<typeof one.tree>) =>
      [...tree].map(([path, file]) => [path, textOf(file)]);
    assert.equal(texts(one.tree), texts(other.tree));
  });
  await fc.assert(run, { seed: SEED, numRuns: RUNS });
});

test('a range in another notation: the correction', () => {
  for (const [range, meant] of [
    ['cg[06-01]', 'cg[01-06]'],
    ['cg[1..6]', 'cg[1-6]'],
    ['"cg[1:3, 5]"', 'cg[1-3,5]'],
  ])
    assert.match(expanded(`  ${range}: {}\n`).found.join(), `[did you mean ${meant}?]`);
});

test.run();
