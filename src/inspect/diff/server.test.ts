import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { INVENTORY } from './facts.ts';
import { plan } from './plan.ts';

const test = suite('the plan of readers of copies or URLs of the tree');

async function treeOf(...edits: readonly Edit[]): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(edited(LINUX_PLANT, ...edits)));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** The texts of changes with one `what`, from one site to another and back. */
async function bothWays(what: string, from: readonly Edit[], to: readonly Edit[]): Promise<string[][]> {
  const [old, now] = [await treeOf(...from), await treeOf(...to)];
  return [plan(old, now), plan(now, old)].map(({ changes }) =>
    changes.filter((change) => change.what === what).map(({ text }) => text),
  );
}

const bmc = (keys: string): Edit => ['nid: 1,', `nid: 1, bmc: { ${keys} },`];

test('powerman and ConMan must be updated when BMCs change', async () => {
  const address = bmc('address: 10.1.0.101');
  const other = 'install ops/powerman.conf again and restart it';
  const console = 'install ops/conman.conf again after its credentials and restart it';
  const again = [`where powerman runs, ${other}`, `where conman runs, ${console}`];
  assert.equal(await bothWays('ops', [address], [bmc('address: 10.1.0.102')]), [again, again]);
  const [added, removed] = await bothWays('ops', [], [address]);
  assert.equal(
    added,
    again.map((text) => text.replace(' again', '')),
  );
  assert.equal(removed, [
    'where powerman runs, remove the content of ops/powerman.conf from its configuration and restart it',
    'where conman runs, remove the content of ops/conman.conf from its configuration and restart it',
  ]);
  // The IP address stays the same.
  assert.equal(await bothWays('ops', [address], [bmc('address: 10.1.0.101, mac: "b4:2e:99:a6:61:f1"')]), [
    [],
    [],
  ]);
});

test("the boot server starts and stops to answer OpenCHAMI's URLs", async () => {
  const compat: Edit = ['url: http://10.1.0.1', 'url: http://10.1.0.1\n  compat: [ochami]'];
  const answers = "answers the URLs of OpenCHAMI's BSS, SMD and cloud-init server";
  assert.equal(await bothWays('compat', [], [compat]), [
    [`the boot server now ${answers}`],
    [`the boot server no longer ${answers}: clients get 404`],
  ]);
});

test('each entry of server.compat and server.ports', async () => {
  const keys = (text: string): Edit => ['url: http://10.1.0.1', `url: http://10.1.0.1\n  ${text}`];
  assert.equal(await bothWays('compat', [keys('compat: [phs]')], [keys('compat: [phs, phs-all, oci]')]), [
    [
      'the boot server now answers the list of all nodes (/all)',
      'a plain web server now answers the URL of oci-harvester (harvester/boot.php); nginx always does',
    ],
    [
      'the boot server no longer answers the list of all nodes (/all): clients get 404',
      'a plain web server no longer answers the URL of oci-harvester (harvester/boot.php); nginx always does',
    ],
  ]);
  assert.equal(await bothWays('ports', [], [keys('ports: [10000, 8080]')]), [
    ['the boot server now answers on port 10000', 'the boot server now answers on port 8080'],
    [
      'the boot server no longer answers on port 10000: machines whose boot image has this port get no script',
      'the boot server no longer answers on port 8080: machines whose boot image has this port get no script',
    ],
  ]);
  // Another order, and a port that the URL gets.
  assert.equal(await bothWays('ports', [keys('ports: [1, 2]')], [keys('ports: [2, 1]')]), [[], []]);
  const moved: Edit = ['url: http://10.1.0.1', 'url: http://10.1.0.1:10000'];
  assert.equal(await bothWays('ports', [keys('ports: [10000]')], [moved]), [[], []]);
  // A tree of version 1.0 does not contain the ports.
  const [old, now] = [await treeOf(keys('ports: [1]')), await treeOf(keys('ports: [2]'))];
  const text = textOf(old.get(INVENTORY) ?? { content: '' });
  const earlier = new Map(old).set(INVENTORY, { content: text.replace(/"ports": \[[^\]]*\],?/, '') });
  assert.equal(
    plan(earlier, now).changes.filter(({ what }) => what === 'ports'),
    [],
  );
});

test.run();
