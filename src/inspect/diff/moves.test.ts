import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT, plantCalled } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
import { detectMoves, plan } from './plan.ts';

const test = suite('machines that move between sites');
const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';
const B = plantCalled('b', 2);

async function treeOf(site: string, name: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(site, name));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** Returns the changes of both sites if the third machine of one site moves to the other. */
async function diff(keys: string, before: readonly Edit[] = []): Promise<unknown> {
  const moved = `  harv-9: { mac: 52:54:00:aa:01:03, ip: 192.168.2.49${keys} }\n`;
  const a = edited(PLANT, ...before);
  const gone = a.replace(/ {2}harv-3: .*\n/, '');
  const sites = [
    ['plant', a, gone],
    ['b', B, `${B}${moved}`],
  ] as const;
  const plans = await Promise.all(
    sites.map(async ([site, from, to]) => {
      const folder = `out/${site}`;
      return {
        site,
        folder,
        root: folder,
        edited: [],
        plan: plan(await treeOf(from, site), await treeOf(to, site)),
      };
    }),
  );
  return detectMoves(plans).map(({ plan: { nodes } }) =>
    nodes
      .filter(({ change }) => change !== 'changed')
      .map(({ node, change, consequence, changes }) => [node, change, consequence, ...changes]),
  );
}

const TO = {
  what: 'moved-to',
  before: 'plant',
  after: 'b',
  effect: 'boot',
  text: 'moved to b, as harv-9',
};

function from(text: string): object {
  return { what: 'moved-from', before: 'plant', after: 'b', effect: 'boot', text: `moved from plant${text}` };
}

const AWAY = [['harv-3', 'moved', 'boots-otherwise', TO]];

test('its disk has a system', async () => {
  const text = " (its disk has that site's system: to reinstall it, set install: always once)";
  assert.equal(await diff(''), [AWAY, [['harv-9', 'moved', 'boots-otherwise', from(text)]]]);
});

test('it is reinstalled at every boot', async () => {
  const text =
    ': will install Harvester v1.4.1 and join cluster b at its first boot and again at every later boot, wiping its disk';
  assert.equal(await diff(', install: always'), [AWAY, [['harv-9', 'moved', 'reinstalls', from(text)]]]);
});

test('it boots its disk', async () => {
  const text = ': boots its disk';
  assert.equal(await diff(', boot: { os: local }'), [
    AWAY,
    [['harv-9', 'moved', 'boots-otherwise', from(text)]],
  ]);
});

test('its disk may contain another system than Harvester', async () => {
  const text =
    ': will install Harvester v1.4.1 and join cluster b at its first boot, if its disk has no Harvester';
  const local: Edit = [HARV_3, HARV_3.replace(' }', ', boot: { os: local } }')];
  assert.equal(await diff('', [local]), [AWAY, [['harv-9', 'moved', 'installs', from(text)]]]);
});

test('no machine moves within one site, or between two sites of which one is unchanged', async () => {
  const [before, after] = [await treeOf(PLANT, 'plant'), await treeOf(edited(PLANT, [HARV_3, '']), 'plant')];
  const placed = { site: 'plant', folder: 'out/plant', root: 'out/plant', edited: [] };
  const plans = [
    { ...placed, plan: plan(before, after) },
    { ...placed, plan: plan(before, before) },
  ];
  assert.equal(detectMoves(plans), plans);
  const renamed = [
    { ...placed, plan: plan(before, await treeOf(edited(PLANT, ['harv-3:', 'harv-9:']), 'plant')) },
  ];
  assert.equal(detectMoves(renamed), renamed);
});

test.run();
