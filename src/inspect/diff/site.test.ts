import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { INVENTORY } from './facts.ts';
import { plan } from './plan.ts';

const test = suite('the plan of lists of clients');

async function treeOf(of: string, edits: readonly Edit[]): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(edited(of, ...edits)));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** The texts about access, from one site to another. */
async function texts(from: readonly Edit[], to: readonly Edit[], of = PLANT): Promise<string[]> {
  return textsOf(await treeOf(of, from), await treeOf(of, to));
}

function textsOf(before: Tree, after: Tree): string[] {
  return plan(before, after).changes.flatMap(({ what, text }) => (what === 'access' ? text : []));
}

const lists = (text: string): Edit[] => [
  ['  url: http://192.168.178.7\n', `  url: http://192.168.178.7\n${text}`],
];

test('reports clients that may fetch more, by their list', async () => {
  assert.equal(await texts([], lists('  allow: [10.9.0.5, 10.9.1.0/24]\n  allow_scripts: [10.8.0.0/16]\n')), [
    '10.9.0.5 and 10.9.1.0/24 may now fetch the files of every node, with their secrets (server.allow)',
    '10.8.0.0/16 may now fetch the script of every node (server.allow_scripts)',
  ]);
  assert.equal(await texts([], [['allow: [10.9.0.0/24]', 'allow: [10.9.0.0/16]']], ISCSI_PLANT), [
    '10.9.0.0/16 may now fetch the files of every node of biology, with their secrets (tenants.biology.allow)',
  ]);
});

test('reports nothing for clients that may fetch the same or less', async () => {
  const wide = lists('  allow: [10.9.0.0/16]\n  allow_scripts: [10.8.0.0/16]\n');
  assert.equal(
    await texts(wide, lists('  allow: [10.9.4.0/24]\n  allow_scripts: [10.8.0.1, 10.9.0.1]\n')),
    [],
  );
  assert.equal(await texts(wide, []), []);
  const halves = lists('  allow: [10.9.0.0/25, 10.9.0.128/25]\n');
  assert.equal(await texts(halves, lists('  allow: [10.9.0.0/24]\n')), []);
  const nested: Edit = ['physics: { network: physics }', 'physics: { network: physics, allow: [10.9.0.5] }'];
  assert.equal(await texts([], [nested], ISCSI_PLANT), [
    '10.9.0.5 may now fetch the files of every node of physics, with their secrets (tenants.physics.allow)',
  ]);
});

test('reads the lists of the inventory, whatever the configuration of nginx looks like', async () => {
  const [before, after] = [await treeOf(PLANT, []), await treeOf(PLANT, lists('  allow: [10.9.0.5]\n'))];
  const withoutNginx = (tree: Tree) => new Map([...tree].filter(([path]) => !path.startsWith('nginx/')));
  assert.equal(textsOf(withoutNginx(before), withoutNginx(after)), [
    '10.9.0.5 may now fetch the files of every node, with their secrets (server.allow)',
  ]);
  const net = 'networks:\n';
  const named: Edit[] = [
    [net, `${net}  third: { subnet: 10.4.0.0/24, vlan: 104 }\n`],
    ['tenants:\n', 'tenants:\n  allowed: { network: third, allow: [10.9.0.5] }\n'],
  ];
  assert.equal(await texts([], named, ISCSI_PLANT), [
    '10.9.0.5 may now fetch the files of every node of allowed, with their secrets (tenants.allowed.allow)',
  ]);
});

test('reports that a tree of an earlier version has no lists', async () => {
  const [before, after] = [await treeOf(PLANT, []), await treeOf(PLANT, lists('  allow: [10.9.0.5]\n'))];
  const withAccess = (access: unknown): Tree => {
    const content = JSON.stringify({
      ...JSON.parse(textOf(before.get(INVENTORY) ?? { content: '' })),
      access,
    });
    return new Map(before).set(INVENTORY, { content });
  };
  const line = 'the earlier build has no record of its clients: compare server.allow yourself';
  assert.equal(textsOf(withAccess(undefined), after), [line]);
  assert.equal(textsOf(withAccess(undefined), before), []);
  const damaged = withAccess({ 'server.allow': '10.9.0.5', 'server.allow_scripts': [5, 'x'] });
  assert.equal(textsOf(damaged, after).length, 1);
  assert.equal(textsOf(after, damaged), []);
  assert.equal(textsOf(after, withAccess('gone')), []);
});

test.run();
