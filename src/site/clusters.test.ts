import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { readInventory } from '../inventory/read.ts';
import { Report } from '../source/diagnostics/report.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import {
  clusterCidrs,
  clusterOutliers,
  clusterShapes,
  createNode,
  createsAnew,
  roleOf,
  workersBy,
} from './clusters.ts';
import type { Cluster, Node, Site } from './model.ts';
import { resolveSite } from './resolve.ts';

const testClusterShape = suite('cluster shapes');

const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';

async function drafted(...edits: readonly Edit[]): Promise<Draft<Site>> {
  const report = new Report();
  const inventory = readInventory(makeSite(edited(PLANT, ...edits)), report);
  assert.ok(inventory);
  return resolveSite(inventory, report);
}

async function etcdOf(...edits: readonly Edit[]): Promise<string[]> {
  return clusterShapes(await drafted(...edits)).map(({ etcd }) => namesOf(etcd));
}

function also(rest: string): Edit {
  return ['ip: 192.168.178.43', `ip: 192.168.178.43, ${rest}`];
}

testClusterShape('every node can hold etcd but for workers, and for witnesses after the first', async () => {
  assert.equal(await etcdOf(), ['harv-1, harv-2 and harv-3']);
  assert.equal(await etcdOf(also('role: worker')), ['harv-1 and harv-2']);
  assert.equal(
    await etcdOf(['ip: 192.168.178.42', 'ip: 192.168.178.42, role: witness'], also('role: witness')),
    ['harv-1 and harv-2'],
  );
});

testClusterShape('the create node can, whatever its role', async () => {
  assert.equal(await etcdOf(['mode: create', 'mode: create, role: worker']), ['harv-1, harv-2 and harv-3']);
});

testClusterShape('a role may stand in the configuration', async () => {
  assert.equal(await etcdOf(also('config: { install: { role: worker } }')), ['harv-1 and harv-2']);
});

testClusterShape('before v1.3.0 no role counts', async () => {
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
  testClusterShape(`of a cluster with ${name} nothing is concluded`, async () => {
    assert.equal(await etcdOf(...edits), []);
  });
}

testClusterShape('a role that is broken is not known', async () => {
  const site = await drafted(also('role: wroker'));
  assert.equal(
    site.nodes?.map((node) => node && roleOf(node)?.role),
    ['default', 'default', undefined],
  );
});

testClusterShape('the names of many nodes are not all written', async () => {
  const more = [4, 5].map((n) => `  harv-${n}: { mac: 52:54:00:aa:01:0${n}, ip: 192.168.178.4${n} }\n`);
  assert.equal(await etcdOf([HARV_3, HARV_3 + more[0]]), ['harv-1, harv-2, harv-3 and harv-4']);
  assert.equal(await etcdOf([HARV_3, HARV_3 + more.join('')]), ['harv-1, harv-2, harv-3 and 2 more']);
});

testClusterShape.run();

const testClusterCidrs = suite('clusterCidrs');
const NEW = ['v1.4.1', 'v1.5.0'] as const;
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

async function cluster(...edits: Edit[]): Promise<Draft<Cluster>> {
  const report = new Report();
  const inventory = readInventory(makeSite(edited(PLANT, ...edits)), report);
  assert.ok(inventory);
  return resolveSite(inventory, report).clusters?.[0] as Draft<Cluster>;
}

async function cidrs(...edits: Edit[]): Promise<(readonly [string, string, number | undefined])[]> {
  return clusterCidrs(await cluster(...edits)).map(({ of, cidr, at }) => [
    of,
    cidr.text,
    at?.source.position(at.start).line,
  ]);
}

testClusterCidrs('the defaults have no place, whatever the release', async () => {
  const defaults = [
    ['pod', '10.52.0.0/16', undefined],
    ['service', '10.53.0.0/16', undefined],
  ];
  assert.equal(await cidrs(), defaults);
  assert.equal(await cidrs(NEW), defaults);
});

testClusterCidrs('what the create node has counts, from whatever layer', async () => {
  assert.equal(
    await cidrs(
      NEW,
      [DEVICE, `${DEVICE}      cluster_pod_cidr: 10.152.0.0/16\n`],
      ['mode: create', 'mode: create, config: { install: { cluster_service_cidr: 10.153.0.0/16 } }'],
    ),
    [
      ['pod', '10.152.0.0/16', 22],
      ['service', '10.153.0.0/16', 24],
    ],
  );
});

testClusterCidrs('what a fault leaves open, and what the release would drop, is left out', async () => {
  const service = [['service', '10.53.0.0/16', undefined]];
  assert.equal(await cidrs(NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 10.152.0.1/16\n`]), service);
  assert.equal(await cidrs([DEVICE, `${DEVICE}      cluster_pod_cidr: 10.152.0.0/16\n`]), service);
});

testClusterCidrs('without a create node nothing is known', async () => {
  const without = await cluster([', mode: create', '']);
  assert.is(createNode(without), undefined);
  assert.equal(clusterCidrs(without), []);
});

testClusterCidrs.run();

const testCreatesAnew = suite('what comes of a create node that is installed anew');

testCreatesAnew('a new cluster, by its name where it is known, and nothing of a node that joins', () => {
  assert.is(createsAnew({ mode: 'create', cluster: 'plant' }), ', as a new cluster plant each time');
  assert.is(createsAnew({ mode: 'create' }), ', as a new cluster each time');
  assert.is(createsAnew({ mode: 'join', cluster: 'plant' }), '');
  assert.is(createsAnew({}), '');
});

testCreatesAnew.run();

const testClusterOutliers = suite('clusterOutliers');
const at: SourceLocation = { source: new Source('site.yaml', ''), start: 0, end: 0 };

/** Who is unlike whom among members with these values, the one at `create` being the create node. */
function among(values: readonly (number | undefined)[], create = 0): string[] {
  const members = values.map((ip, index) => ({
    name: `n${index}`,
    ip,
    mode: index === create ? 'create' : 'join',
  }));
  const site = { clusters: [{ members }] } as unknown as Draft<Site>;
  const trait = { value: ({ ip }: Draft<Node>) => ip, at: () => at };
  return Array.from(clusterOutliers(site, trait), ({ node, usual }) => `${node.name} ${usual.node.name}`);
}

testClusterOutliers('nobody where all have the same, or none is known', () => {
  assert.equal(among([1, 1, 1]), []);
  assert.equal(among([undefined, undefined]), []);
  assert.equal(among([]), []);
});

testClusterOutliers('what most have is usual', () => {
  assert.equal(among([1, 2, 2]), ['n0 n1']);
  assert.equal(among([1, 1, 2]), ['n2 n0']);
  assert.equal(among([3, 2, 1, 2, 1, 2]), ['n0 n1', 'n2 n1', 'n4 n1']);
});

testClusterOutliers('with as many of either, what the create node has', () => {
  assert.equal(among([1, 2]), ['n1 n0']);
  assert.equal(among([1, 2], 1), ['n0 n1']);
});

testClusterOutliers('who is not to be compared is passed over', () => {
  assert.equal(among([undefined, 1, 2, 2]), ['n1 n2']);
});

testClusterOutliers.run();
