import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { readInventory } from '../inventory/read.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Draft } from '../values/draft.ts';
import { clusterCidrs, createNode } from './clusters.ts';
import type { Cluster } from './model.ts';
import { resolveSite } from './resolve.ts';

const test = suite('clusterCidrs');
const NEW = ['v1.4.1', 'v1.5.0'] as const;
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

async function cluster(...edits: Edit[]): Promise<Draft<Cluster>> {
  const report = new Report();
  const inventory = await readInventory(makeSite(edited(PLANT, ...edits)), report);
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

test('the defaults have no place, whatever the release', async () => {
  const defaults = [
    ['pod', '10.52.0.0/16', undefined],
    ['service', '10.53.0.0/16', undefined],
  ];
  assert.equal(await cidrs(), defaults);
  assert.equal(await cidrs(NEW), defaults);
});

test('what the create node has counts, from whatever layer', async () => {
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

test('what a fault leaves open, and what the release would drop, is left out', async () => {
  const service = [['service', '10.53.0.0/16', undefined]];
  assert.equal(await cidrs(NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 10.152.0.1/16\n`]), service);
  assert.equal(await cidrs([DEVICE, `${DEVICE}      cluster_pod_cidr: 10.152.0.0/16\n`]), service);
});

test('without a create node nothing is known', async () => {
  const without = await cluster([', mode: create', '']);
  assert.is(createNode(without), undefined);
  assert.equal(clusterCidrs(without), []);
});

test.run();
