import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { readInventory } from '../inventory/read.ts';
import { Report } from '../source/diagnostics/report.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import type { Draft } from '../values/draft.ts';
import { clusterShapes, roleOf, workersBy } from './clusters.ts';
import type { Node, Site } from './model.ts';
import { resolveSite } from './resolve.ts';

const test = suite('cluster shapes');

const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';

async function drafted(...edits: readonly Edit[]): Promise<Draft<Site>> {
  const report = new Report();
  const inventory = await readInventory(makeSite(edited(PLANT, ...edits)), report);
  assert.ok(inventory);
  return resolveSite(inventory, report);
}

async function etcdOf(...edits: readonly Edit[]): Promise<string[]> {
  return clusterShapes(await drafted(...edits)).map(({ etcd }) => namesOf(etcd));
}

function also(rest: string): Edit {
  return ['ip: 192.168.178.43', `ip: 192.168.178.43, ${rest}`];
}

test('every node can hold etcd but for workers, and for witnesses after the first', async () => {
  assert.equal(await etcdOf(), ['harv-1, harv-2 and harv-3']);
  assert.equal(await etcdOf(also('role: worker')), ['harv-1 and harv-2']);
  assert.equal(
    await etcdOf(['ip: 192.168.178.42', 'ip: 192.168.178.42, role: witness'], also('role: witness')),
    ['harv-1 and harv-2'],
  );
});

test('the create node can, whatever its role', async () => {
  assert.equal(await etcdOf(['mode: create', 'mode: create, role: worker']), ['harv-1, harv-2 and harv-3']);
});

test('a role may stand in the configuration', async () => {
  assert.equal(await etcdOf(also('config: { install: { role: worker } }')), ['harv-1 and harv-2']);
});

test('before v1.3.0 no role counts', async () => {
  const site = await drafted(also('role: worker'), ['version: v1.4.1', 'version: v1.2.2']);
  assert.equal(
    clusterShapes(site).map(({ etcd }) => namesOf(etcd)),
    ['harv-1, harv-2 and harv-3'],
  );
  assert.equal(workersBy(site.nodes as Draft<Node>[]), []);
});

const NOT_KNOWN: Readonly<Record<string, readonly Edit[]>> = {
  'a role that is none': [also('role: wroker')],
  'a misspelt role': [also('rol: worker')],
  'a role in the configuration that is none': [also('config: { install: { role: wroker } }')],
  'a role and a release that is none': [also('role: worker'), ['version: v1.4.1', 'version: next']],
  'a profile that is not there': [also('profiles: [compute]')],
  'a mode that is none': [also('mode: crate')],
  'a boot that is none': [also('boot: local')],
  'a cluster that is not there': [also('cluster: west')],
  'a node that is text': [[HARV_3, '  harv-3: small\n']],
  'a node whose name is none': [['  harv-3:', '  Harv-3:']],
  'two create nodes': [also('mode: create')],
  'no create node': [['mode: create', 'mode: join']],
};

for (const [name, edits] of Object.entries(NOT_KNOWN)) {
  test(`of a cluster with ${name} nothing is concluded`, async () => {
    assert.equal(await etcdOf(...edits), []);
  });
}

test('a role that is broken is not known', async () => {
  const site = await drafted(also('role: wroker'));
  assert.equal(
    site.nodes?.map((node) => node && roleOf(node)?.role),
    ['default', 'default', undefined],
  );
});

test('the names of many nodes are not all written', async () => {
  const more = [4, 5].map((n) => `  harv-${n}: { mac: 52:54:00:aa:01:0${n}, ip: 192.168.178.4${n} }\n`);
  assert.equal(await etcdOf([HARV_3, HARV_3 + more[0]]), ['harv-1, harv-2, harv-3 and harv-4']);
  assert.equal(await etcdOf([HARV_3, HARV_3 + more.join('')]), ['harv-1, harv-2, harv-3 and 2 more']);
});

test.run();
