import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { readSite } from '../inventory/read.ts';
import { Report } from '../source/diagnostics/report.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import {
  clusterCidrs,
  clusterOutliers,
  clusterShapes,
  createNode,
  recreatesCluster,
  roleOf,
  workersBy,
} from './clusters.ts';
import type { Cluster, Node, Site } from './model.ts';
import { resolveSite } from './resolve.ts';

const testClusterShape = suite('cluster shapes');

const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';

async function drafted(...edits: readonly Edit[]): Promise<Draft<Site>> {
  const report = new Report();
  const inventory = readSite(makeSite(edited(PLANT, ...edits)), report)?.inventory;
  assert.ok(inventory);
  return resolveSite(inventory, report);
}

async function etcdOf(...edits: readonly Edit[]): Promise<string[]> {
  return clusterShapes(await drafted(...edits)).map(({ etcd }) => namesOf(etcd));
}

function also(rest: string): Edit {
  return ['ip: 192.168.178.43', `ip: 192.168.178.43, ${rest}`];
}

testClusterShape('every node can run etcd, except workers and all witnesses after the first', async () => {
  assert.equal(await etcdOf(), ['harv-1, harv-2 and harv-3']);
  assert.equal(await etcdOf(also('role: worker')), ['harv-1 and harv-2']);
  assert.equal(
    await etcdOf(['ip: 192.168.178.42', 'ip: 192.168.178.42, role: witness'], also('role: witness')),
    ['harv-1 and harv-2'],
  );
});

testClusterShape('the create node can, in any role', async () => {
  assert.equal(await etcdOf(['mode: create', 'mode: create, role: worker']), ['harv-1, harv-2 and harv-3']);
});

testClusterShape('a role may be set in the configuration', async () => {
  assert.equal(await etcdOf(also('config: { install: { role: worker } }')), ['harv-1 and harv-2']);
});

testClusterShape('before v1.3.0, no role applies', async () => {
  const site = await drafted(also('role: worker'), ['version: v1.4.1', 'version: v1.2.2']);
  assert.equal(
    clusterShapes(site).map(({ etcd }) => namesOf(etcd)),
    ['harv-1, harv-2 and harv-3'],
  );
  assert.equal(workersBy(site.nodes as Draft<Node>[]), []);
});

const UNKNOWN: Readonly<Record<string, readonly Edit[]>> = {
  'an invalid role': [also('role: wroker')],
  'a misspelled role key': [also('rol: worker')],
  'an invalid role in the configuration': [also('config: { install: { role: wroker } }')],
  'a role and an invalid release': [also('role: worker'), ['version: v1.4.1', 'version: next']],
  'an unknown profile': [also('profiles: [compute]')],
  'an invalid mode': [also('mode: crate')],
  'an invalid boot': [also('boot: local')],
  'an unknown cluster': [also('cluster: west')],
  'a node that is text': [[HARV_3, '  harv-3: small\n']],
  'a node with an invalid name': [['  harv-3:', '  Harv-3:']],
  'two create nodes': [also('mode: create')],
  'no create node': [['mode: create', 'mode: join']],
};

for (const [name, edits] of Object.entries(UNKNOWN)) {
  testClusterShape(`a cluster with ${name} has no known shape`, async () => {
    assert.equal(await etcdOf(...edits), []);
  });
}

testClusterShape('a broken role is unknown', async () => {
  const site = await drafted(also('role: wroker'));
  assert.equal(
    site.nodes?.map((node) => node && roleOf(node)?.role),
    ['default', 'default', undefined],
  );
});

testClusterShape('of many nodes, not all names are listed', async () => {
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
  const inventory = readSite(makeSite(edited(PLANT, ...edits)), report)?.inventory;
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

testClusterCidrs('the defaults have no location, in any release', async () => {
  const defaults = [
    ['pod', '10.52.0.0/16', undefined],
    ['service', '10.53.0.0/16', undefined],
  ];
  assert.equal(await cidrs(), defaults);
  assert.equal(await cidrs(NEW), defaults);
});

testClusterCidrs('the values of the create node apply, from any layer', async () => {
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

testClusterCidrs('subnets that an error hides, or that the release would drop, are omitted', async () => {
  const service = [['service', '10.53.0.0/16', undefined]];
  assert.equal(await cidrs(NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 10.152.0.1/16\n`]), service);
  assert.equal(await cidrs([DEVICE, `${DEVICE}      cluster_pod_cidr: 10.152.0.0/16\n`]), service);
});

testClusterCidrs('without a create node, no subnet is known', async () => {
  const without = await cluster([', mode: create', '']);
  assert.is(createNode(without), undefined);
  assert.equal(clusterCidrs(without), []);
});

testClusterCidrs.run();

const testCreatesAnew = suite('the reinstallation of a create node');

testCreatesAnew('makes a new cluster, with its name if known; that of a joining node does not', () => {
  assert.is(recreatesCluster({ mode: 'create', cluster: 'plant' }), ', as a new cluster plant each time');
  assert.is(recreatesCluster({ mode: 'create' }), ', as a new cluster each time');
  assert.is(recreatesCluster({ mode: 'join', cluster: 'plant' }), '');
  assert.is(recreatesCluster({}), '');
});

testCreatesAnew.run();

const testClusterOutliers = suite('clusterOutliers');
const at: SourceLocation = { source: new Source('site.yaml', ''), start: 0, end: 0 };

/** Returns the outliers among members with these values; the member at `create` is the create node. */
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

testClusterOutliers('none if all values are equal or unknown', () => {
  assert.equal(among([1, 1, 1]), []);
  assert.equal(among([undefined, undefined]), []);
  assert.equal(among([]), []);
});

testClusterOutliers('the most common value is the usual one', () => {
  assert.equal(among([1, 2, 2]), ['n0 n1']);
  assert.equal(among([1, 1, 2]), ['n2 n0']);
  assert.equal(among([3, 2, 1, 2, 1, 2]), ['n0 n1', 'n2 n1', 'n4 n1']);
});

testClusterOutliers('on a tie, the value of the create node is the usual one', () => {
  assert.equal(among([1, 2]), ['n1 n0']);
  assert.equal(among([1, 2], 1), ['n0 n1']);
});

testClusterOutliers('members without a comparable value are skipped', () => {
  assert.equal(among([undefined, 1, 2, 2]), ['n1 n2']);
});

testClusterOutliers.run();
