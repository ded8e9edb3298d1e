import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { saveFiles } from '../src/edit/save.ts';
import { DIAGNOSTICS } from '../src/rules/index.ts';
import { orUndefined } from '../src/values/or-undefined.ts';
import { runs, SEED } from './support/effort.ts';
import { applied, checkFixes, fixSite, isRevealed } from './support/fixes.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/** A mistake that no rule reports: the edits that make it, the title of its fix, whether it is safe, and the corrected text. */
interface Case {
  readonly code: string;
  readonly makes: readonly Edit[];
  readonly objects?: string;
  readonly title: string;
  readonly safe: boolean;
  /** A part of the corrected file. */
  readonly has: string;
}

const HARV_3 = 'harv-3: { mac: 52:54:00:aa:01:03,';
const LINUX = (boot: string): Edit => [
  'nodes:\n',
  `nodes:\n  cn01: { mac: 52:54:00:bb:01:01, ip: 192.168.178.61, ${boot} }\n`,
];

const CASES: Readonly<Record<string, Case>> = {
  'a key with a typo': {
    code: 'unknown-key',
    makes: [['  dns:', '  dsn:  # servers\n     ']],
    title: 'rename dsn to dns',
    safe: true,
    has: '    dns:  # servers\n      [192.168.178.1]\n',
  },
  'a quoted key with a typo': {
    code: 'unknown-key',
    makes: [['    gateway:', '    "gatewey" :']],
    title: 'rename "gatewey" to gateway',
    safe: true,
    has: '    gateway : 192.168.178.1\n',
  },
  'a key with several meanings': {
    code: 'unknown-key',
    makes: [['    dns:', '    dns1:']],
    title: 'rename dns1 to dns',
    safe: false,
    has: '    dns: [',
  },
  'a key without a blank after its colon': {
    code: 'unknown-key',
    makes: [['harv-2: { mac: 52', 'harv-2: { mac:52']],
    title: 'write `mac: value`',
    safe: true,
    has: 'harv-2: { mac: 52:54:00:aa:01:02, ip',
  },
  'a key of an inner map': {
    code: 'unknown-key',
    makes: [[HARV_3, `${HARV_3} os: { modules: [kvm] },`]],
    title: 'move os to config.os',
    safe: false,
    has: 'ip: 192.168.178.43, config: { os: { modules: [kvm] } } }',
  },
  'the name of a node': {
    code: 'bad-name',
    makes: [['harv-3:', 'Harv_3:']],
    title: 'rename Harv_3 to harv-3',
    safe: false,
    has: '  harv-3: {',
  },
  'another notation': {
    code: 'bad-value',
    makes: [['version: v1.4.1', 'version: "1.4.1" # old']],
    title: 'change 1.4.1 to v1.4.1',
    safe: true,
    has: 'version: "v1.4.1" # old\n',
  },
  'a value with a typo': {
    code: 'bad-value',
    makes: [['mode: create', 'mode: craete']],
    title: 'change craete to create',
    safe: true,
    has: 'mode: create }',
  },
  'a number where a text is needed': {
    code: 'wrong-type',
    makes: [['    os: {', '    os: { environment: { A: 0123 },']],
    title: 'write it in quotes',
    safe: true,
    has: 'environment: { A: "0123" },',
  },
  'a text where a list is needed': {
    code: 'wrong-type',
    makes: [['dns: [192.168.178.1]', 'dns: 192.168.178.1, 192.168.178.2']],
    title: 'change 192.168.178.1, 192.168.178.2 to [192.168.178.1, 192.168.178.2]',
    safe: true,
    has: 'dns: [192.168.178.1, 192.168.178.2]\n',
  },
  'a profile with a typo': {
    code: 'unknown-profile',
    makes: [
      [HARV_3, `${HARV_3} profiles: [wroker],`],
      ['nodes:\n', 'profiles: { worker: { install: never } }\nnodes:\n'],
    ],
    title: 'change wroker to worker',
    safe: false,
    has: 'profiles: [worker]',
  },
  'a network with a typo': {
    code: 'unknown-network',
    makes: [
      ['harv-3: { mac: 52:54:00:aa:01:03,', 'harv-3: { nics: [{ mac: 52:54:00:aa:01:03, network: mgnt }],'],
    ],
    title: 'change mgnt to mgmt',
    safe: false,
    has: 'network: mgmt }]',
  },
  'a group twice': {
    code: 'group-twice',
    makes: [
      LINUX('boot: { os: linux, kernel: a, initrd: b }, groups: [x, x]'),
      ['nodes:\n', 'groups: { x: {} }\nnodes:\n'],
    ],
    title: 'remove nodes.cn01.groups[1]',
    safe: true,
    has: 'groups: [x] }',
  },
  'a group twice, with another between': {
    code: 'group-twice',
    makes: [
      LINUX('boot: { os: linux, kernel: a, initrd: b }, groups: [x, y, x]'),
      ['nodes:\n', 'groups: { x: {}, y: {} }\nnodes:\n'],
    ],
    title: 'remove nodes.cn01.groups[2]',
    safe: false,
    has: 'groups: [x, y] }',
  },
  'a cluster with a typo': {
    code: 'unknown-cluster',
    makes: [
      ['cluster:\n', 'clusters:\n  plant:\n  '],
      ['  token', '    token'],
      [HARV_3, `${HARV_3} cluster: plent,`],
    ],
    title: 'change plent to plant',
    safe: false,
    has: 'cluster: plant,',
  },
  'a value of the node with a typo': {
    code: 'node-value',
    makes: [LINUX('boot: { os: linux, kernel: a, initrd: b, args: ["a=${node:nmae}"] }')],
    title: 'change ${node:nmae} to ${node:name}',
    safe: false,
    has: '["a=${node:name}"]',
  },
  'a kind of another version': {
    code: 'manifest-kind',
    makes: [],
    objects:
      '# first\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n---\napiVersion: kubevirt.io/v1beta7\nkind: VirtualMachine\nmetadata: { name: b }\n',
    title: 'change kubevirt.io/v1beta7 to kubevirt.io/v1',
    safe: false,
    has: '---\napiVersion: kubevirt.io/v1\n',
  },
  'a no-break space': {
    code: 'yaml-syntax',
    makes: [['  vip: 192', '  vip:\u00a0192']],
    title: 'replace it with a blank',
    safe: true,
    has: '  vip: 192',
  },
  'a list without blanks': {
    code: 'yaml-syntax',
    makes: [
      ['dns: [192.168.178.1]', 'dns:\n      - 192.168.178.2\n      -192.168.178.1\n      - 192.168.178.3'],
    ],
    title: 'write `- ` before each entry',
    safe: true,
    has: '      - 192.168.178.1\n',
  },
  'a block key without a blank': {
    code: 'yaml-syntax',
    makes: [['  vip: 192', '  vip:192']],
    title: 'write `key: value`',
    safe: true,
    has: '  vip: 192',
  },
  'a value with a colon': {
    code: 'yaml-syntax',
    makes: [['nodes:\n', 'groups:\n  y:\n    description: my plant: the first \n  z: {}\nnodes:\n']],
    title: 'write it in quotes',
    safe: true,
    has: '    description: "my plant: the first" \n',
  },
  'a value with a colon that may be a map': {
    code: 'yaml-syntax',
    makes: [['nodes:\n', 'groups:\n  y: description: the first\nnodes:\n']],
    title: 'write it in quotes',
    safe: false,
    has: '  y: "description: the first"\n',
  },
  'an address within its network': {
    code: 'bad-value',
    makes: [['subnet: 192.168.178.0/24', 'subnet: 192.168.178.128/24']],
    title: 'change 192.168.178.128/24 to 192.168.178.0/24',
    safe: false,
    has: 'subnet: 192.168.178.0/24\n',
  },
  'an address with a zero that may be octal': {
    code: 'bad-value',
    makes: [['gateway: 192.168.178.1', 'gateway: 192.168.178.010']],
    title: 'change 192.168.178.010 to 192.168.178.10',
    safe: false,
    has: 'gateway: 192.168.178.10\n',
  },
  'an address with the length of its network': {
    code: 'bad-value',
    makes: [['gateway: 192.168.178.1', 'gateway: 192.168.178.1/24']],
    title: 'change 192.168.178.1/24 to 192.168.178.1',
    safe: true,
    has: 'gateway: 192.168.178.1\n',
  },
  'a network with a netmask': {
    code: 'bad-value',
    makes: [['subnet: 192.168.178.0/24', 'subnet: 192.168.178.0/255.255.255.0']],
    title: 'change 192.168.178.0/255.255.255.0 to 192.168.178.0/24',
    safe: true,
    has: 'subnet: 192.168.178.0/24\n',
  },
  'a range from its end to its start': {
    code: 'bad-value',
    makes: [['pool: 192.168.178.200-192.168.178.250', 'pool: 192.168.178.250-192.168.178.200']],
    title: 'change 192.168.178.250-192.168.178.200 to 192.168.178.200-192.168.178.250',
    safe: false,
    has: 'pool: 192.168.178.200-192.168.178.250\n',
  },
  'a missing comma': {
    code: 'yaml-syntax',
    makes: [['aa:01:03, ip: 192.168.178.43', 'aa:01:03  ip: 192.168.178.43']],
    title: 'write a comma after the entry before',
    safe: true,
    has: 'aa:01:03,  ip: 192.168.178.43 }',
  },
  'a long number': {
    code: 'yaml-number',
    makes: [[HARV_3, `${HARV_3} serial: 12345678901234567890,`]],
    title: 'write it in quotes',
    safe: true,
    has: 'serial: "12345678901234567890"',
  },
  'an alias with a typo': {
    code: 'yaml-alias',
    makes: [
      ['gateway: 192', 'gateway: &router 192'],
      ['dns: [192.168.178.1]', 'dns: [*ruoter]'],
    ],
    title: 'change *ruoter to *router',
    safe: false,
    has: 'dns: [*router]',
  },
  'a line twice': {
    code: 'duplicate-key',
    makes: [['  vip: 192.168.178.40\n', '  vip: 192.168.178.40\n  vip: 192.168.178.40\n']],
    title: 'remove the second line, which is the same',
    safe: true,
    has: 'cluster:\n  vip: 192.168.178.40\n  token',
  },
  'a silence without effect': {
    code: 'idle-silence',
    makes: [
      [
        'nodes:\n',
        'silence:\n  # the reason\n  vip-mode-dhcp: none\n  # another\n  bond-lacp: none\nnodes:\n',
      ],
    ],
    title: 'remove silence.vip-mode-dhcp',
    safe: true,
    has: 'silence:\n  # another\n  bond-lacp: none\n',
  },
  'a silence of an error': {
    code: 'unsilenceable-rule',
    makes: [['nodes:\n', 'silence: { unknown-key: none }\nnodes:\n']],
    title: 'remove silence.unknown-key',
    safe: true,
    has: 'silence: {}\n',
  },
  'a rule with a typo': {
    code: 'unknown-rule',
    makes: [
      ['  vip: 192', '  vip_mode: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61\n  vip: 192'],
      ['nodes:\n', 'silence: { vip-mode-dchp: none }\nnodes:\n'],
    ],
    title: 'rename vip-mode-dchp to vip-mode-dhcp',
    safe: true,
    has: 'silence: { vip-mode-dhcp: none }\n',
  },
};

const test = suite('fixes of errors that no rule reports');

for (const [name, { code, makes, objects, title, safe, has }] of Object.entries(CASES)) {
  for (const eol of ['\n', '\r\n'])
    test(`${name}${eol === '\n' ? '' : ', with the line ends of Windows'}`, async () => {
      const withEnds = (text: string) => text.replaceAll('\n', eol);
      const site = makeSite({
        'site.yaml': withEnds(edited(PLANT, ...makes)),
        ...(objects === undefined ? {} : { 'manifests/objects.yaml': withEnds(objects) }),
      });
      const { diagnostics } = await compile(site);
      const fix = diagnostics.find((one) => one.code === code && one.fix)?.fix;
      assert.ok(fix, diagnostics.map((one) => `${one.code} ${one.message}`).join('\n'));
      assert.equal([fix.title, fix.safe], [title, safe]);
      const [text = ''] = [...applied(fix).values()];
      assert.ok(text.includes(withEnds(has)), text);
      if (eol === '\r\n') assert.not.match(text, /(?<!\r)\n/);
      const recompiled = async (edits: ReadonlyMap<string, string>) =>
        (await compile(site, { edits })).diagnostics;
      await checkFixes(diagnostics, recompiled, isRevealed);
    });
}

test('of random safe mistakes, all are corrected; a second run changes nothing', async () => {
  const safe = Object.values(CASES).filter((one) => one.safe);
  const some = fc.uniqueArray(fc.constantFrom(...safe), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(some, fc.constantFrom('\n', '\r\n'), async (cases, eol) => {
      let text = PLANT;
      for (const { makes } of cases) {
        const next = orUndefined(() => edited(text, ...makes)) ?? text;
        const keys = next.match(/^\w+:/gm) ?? [];
        if (new Set(keys).size === keys.length) text = next;
      }
      const site = makeSite(text.replaceAll('\n', eol));
      const path = join(site, 'site.yaml');
      const first = await fixSite(site);
      assert.equal(
        first.left.diagnostics.map(({ code, message }) => `${code}: ${message}`),
        [],
        text,
      );
      assert.ok(first.applied.length > 0);
      saveFiles(first.texts.changes, site);
      const corrected = readFileSync(path, 'utf8');
      if (eol === '\r\n') assert.not.match(corrected, /(?<!\r)\n/);
      const second = await fixSite(site);
      assert.equal([second.applied, second.texts.changes], [[], []]);
    }),
    { numRuns: runs(60), seed: SEED },
  );
});

test('every fixable code is a code', () => {
  const codes = new Set(Object.values(CASES).map(({ code }) => code));
  for (const code of codes)
    assert.ok(
      DIAGNOSTICS.some((one) => one.code === code),
      code,
    );
});

test.run();
