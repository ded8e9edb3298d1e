import { stripVTControlCharacters } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { NodePlan, Plan } from './change.ts';
import { formatText } from './format.ts';

const test = suite('a plan as text');

/** Returns the text about nodes and files. */
function text(nodes: readonly NodePlan[], color = false, rest: Partial<Plan> = {}): string {
  const plan: Plan = {
    nodes,
    changes: [],
    files: [{ path: 'README.md', change: 'removed', before: { content: '' } }],
    unchanged: 3,
    added: [],
    removed: [],
    ...rest,
  };
  const placed = { site: 'plant', folder: 'out/plant', root: 'out/plant', plan, edited: [] };
  return [...formatText([placed], { isTerminal: color, color })].join('');
}

const DIFF =
  '\ndiff --git a/out/plant/README.md b/out/plant/README.md\ndeleted file mode 100644\nindex e69de29..0000000\n';

const BUSY: NodePlan = {
  node: 'harv-1',
  change: 'changed',
  consequence: 'boots-otherwise',
  changes: [
    { what: 'ip', effect: 'boot', text: 'address 1 → 2' },
    { what: 'script', effect: 'boot', text: 'its script changes' },
    { what: 'role', effect: 'installation', text: 'role not set → worker' },
    { what: 'bmc', effect: 'inventory', text: 'bmc.address: not set → 3' },
  ],
};

test('changes at the next boot come first, later ones below a heading', () => {
  const lines = [
    'out/plant: 1 node changes; 0 files written, 1 removed, 3 unchanged',
    '  harv-1: address 1 → 2',
    '    its script changes',
    '    when it is reinstalled; an installed system does not change:',
    '      role not set → worker',
    '    in www/inventory.json:',
    '      bmc.address: not set → 3',
    DIFF,
  ];
  assert.is(text([BUSY]), lines.join('\n'));
});

test('the heading follows the name if no change is at the next boot', () => {
  const changes = BUSY.changes.slice(3);
  const files = [{ path: 'www/inventory.json', change: 'removed', before: { content: '' } }] as const;
  assert.match(
    text([{ ...BUSY, changes }], false, { files }),
    `  harv-1: only in www/inventory.json:\n    bmc.address`,
  );
});

test('counts nodes by their change', () => {
  const nodes = (['changed', 'changed', 'renamed', 'new', 'gone', 'gone'] as const).map(
    (change, index): NodePlan => ({ ...BUSY, node: `n${index}`, change }),
  );
  assert.match(text(nodes), 'out/plant: 2 nodes change, 1 is renamed, 1 is new, 2 are gone; ');
  assert.match(text(nodes.slice(5)), 'out/plant: 1 node is gone; ');
  assert.match(text([]), 'out/plant: no node changes; ');
  assert.match(
    text([], false, { changes: [{ what: 'url', text: 'x' }] }),
    'out/plant: 0 files written, 1 removed',
  );
});

test('a step before the deployment is on a line of its own, whatever its text', () => {
  const changes = [
    { what: 'ops', text: 'x' },
    { what: 'dhcp', when: 'before', text: 'y\u001b' },
    { what: 'secrets', when: 'before', text: 'x' },
  ] as const;
  assert.match(
    text([], false, { changes }),
    '  before deploying: y\\u{1b}; x\n  on the boot server, after deploying: x\n',
  );
});

test('the summaries of all sites, then all patches; or only the summaries', () => {
  const plans = ['a', 'b'].map((site) => ({
    site,
    folder: `out/${site}`,
    root: `out/${site}`,
    plan: {
      nodes: [],
      changes: [],
      files: [{ path: 'x', change: 'removed', before: { content: '' } }],
      unchanged: 0,
      added: [],
      removed: [],
    } as const,
    edited: site === 'a' ? ['x'] : [],
  }));
  const written = (patch: boolean, color = false) =>
    [...formatText(plans, { isTerminal: color, color }, { patch })].join('');
  const edited = '  x was edited since the last build: a build discards the edit only with --force';
  const headline = 'no node changes; 0 files written, 1 removed';
  const words = `out/a: ${headline}\n${edited}\nout/b: ${headline}\n`;
  const diff = DIFF.replaceAll('out/plant/README.md', 'out/a/x');
  assert.is(written(true), `${words}${diff}${diff.trimStart().replaceAll('out/a/', 'out/b/')}`);
  assert.is(written(false), words);
  assert.is(stripVTControlCharacters(written(true, true)), written(true));
  assert.is(stripVTControlCharacters(written(false, true)), words);
});

test('the steps on the boot server are one line', () => {
  const changes = [
    { what: 'secret-needed', name: 'a', text: 'the boot server needs the new secret a' },
    { what: 'dnsmasq', text: 'restart dnsmasq' },
    { what: 'nginx', text: 'reload nginx' },
  ] as const;
  assert.match(
    text([], false, { changes }),
    `
  the boot server needs the new secret a
  on the boot server, after deploying: restart dnsmasq; reload nginx
`,
  );
});

test('a reinstalled node is red, and no text controls the terminal', () => {
  const lines = text([{ ...BUSY, node: 'a\u001b[2J', consequence: 'reinstalls' }], true).split('\n');
  assert.is(lines[0], '\u001b[1mout/plant: 1 node changes; 0 files written, 1 removed, 3 unchanged\u001b[0m');
  assert.is(lines[1], '  \u001b[31ma\\u{1b}[2J: address 1 → 2\u001b[0m');
});

test("shows nodes' own values for the first of many nodes, and for each of a few", () => {
  const nodes = (count: number) =>
    Array.from({ length: count }, (_, index): NodePlan => {
      const [before, after] = [`10.0.1.${index + 1}`, `10.0.2.${index + 1}`];
      const text = `bmc.address: ${before} → ${after}`;
      return {
        node: `n${index + 1}`,
        change: 'changed',
        consequence: 'none',
        changes: [
          { what: 'labels', effect: 'inventory', text: 'labels.rack: a → b' },
          { what: 'bmc', key: 'bmc.address', before, after, effect: 'inventory', text },
        ],
      };
    });
  assert.match(
    text(nodes(12)),
    `
  n1 to n12 (12 nodes), each: in www/inventory.json:
    labels.rack: a → b
    bmc.address: 10.0.1.1 → 10.0.2.1 (n1; the others likewise)
`,
  );
  assert.match(
    text(nodes(3)),
    '  n3: in www/inventory.json:\n    labels.rack: a → b\n    bmc.address: 10.0.1.3',
  );
  assert.not.match(text(nodes(3)), 'likewise');
  // Other different texts prevent grouping.
  const others = nodes(12).map((plan, index) => {
    const changes = plan.changes.map((one) => ({
      ...one,
      what: 'ip' as const,
      text: `${one.text}${index % 2}`,
    }));
    return { ...plan, changes };
  });
  assert.not.match(text(others), 'likewise');
});

test('the text of a node cannot imitate a patch', () => {
  const changes = [{ what: 'ip', effect: 'boot', text: 'x\ndiff --git a/x b/x\n' }] as const;
  assert.match(text([{ ...BUSY, changes }]), '  harv-1: x\\u{a}diff --git a/x b/x\\u{a}\n');
});

test.run();
