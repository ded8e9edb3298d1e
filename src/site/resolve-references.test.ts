import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Edit } from '../../test/support/plant.ts';
import { CLUSTER, CLUSTERS, found, HARV_3, STORAGE } from '../../test/support/resolved.ts';

const test = suite('names that a site refers to');

test('a profile that is not there: where it is named, and which there are', async () => {
  const profiles: Edit = ['nodes:\n', 'profiles: { gpu: {}, rack-b: {} }\nnodes:\n'];
  assert.equal(await found(profiles, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [gpu, gpo]']), [
    ['26:73', 'unknown-profile', 'There is no profile gpo.', 'known profiles: gpu, rack-b'],
  ]);
  assert.equal(await found(['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [gpu]']), [
    [
      '25:68',
      'unknown-profile',
      'There is no profile gpu.',
      'known profiles: none: define it under profiles',
    ],
  ]);
});

test('a profile of defaults that is not there is said once, for all nodes', async () => {
  assert.equal(await found(['  config:\n', '  profiles: [gpu]\n  config:\n']), [
    [
      '17:14',
      'unknown-profile',
      'There is no profile gpu.',
      'known profiles: none: define it under profiles',
    ],
  ]);
});

test('profiles are not found among what every object has', async () => {
  for (const name of ['constructor', 'tostring', 'valueof']) {
    const [first] = (await found([
      'ip: 192.168.178.43',
      `ip: 192.168.178.43, profiles: [${name}]`,
    ])) as string[][];
    assert.is(first?.[2], `There is no profile ${name}.`);
  }
});

test('a network that is not there: where it is named, and which there are', async () => {
  assert.equal(
    await found(
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        HARV_3,
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: storge }] }',
      ],
    ),
    [
      [
        '26:103',
        'unknown-network',
        'A NIC of harv-3 is on the network storge, and there is no such network.',
        'known networks: storage, mgmt',
      ],
    ],
  );
});

test('a network that cannot be told: at the address, or at the NIC', async () => {
  assert.equal(await found(['  mgmt:\n', `${STORAGE}  mgmt:\n`], ['ip: 192.168.178.43', 'ip: 10.0.1.3']), [
    [
      '26:41',
      'network-unclear',
      "The address 10.0.1.3 of harv-3 is in none of the site's networks: storage, mgmt.",
      'correct the address, or the subnet that it belongs to',
    ],
  ]);
  assert.equal(
    await found(
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [HARV_3, '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }] }'],
    ),
    [
      [
        '26:68',
        'network-unclear',
        'It cannot be told which network a NIC of harv-3 is on: storage, mgmt.',
        'say it with network, or give the NIC its ip',
      ],
    ],
  );
});

test('a cluster that is not there: where it is named, and which there are', async () => {
  assert.equal(await found(['ip: 192.168.178.43', 'ip: 192.168.178.43, cluster: est']), [
    [
      '25:66',
      'unknown-cluster',
      'harv-3 belongs to est, and there is no such cluster.',
      'known clusters: plant',
    ],
  ]);
});

test('a node of one of several clusters says which', async () => {
  assert.equal(
    await found(
      [CLUSTER, CLUSTERS],
      ['mode: create', 'mode: create, cluster: east'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, cluster: east'],
    ),
    [
      [
        '25:3',
        'node-without-cluster',
        'harv-3 is to run Harvester and belongs to no cluster.',
        'say which: cluster: east or cluster: west',
      ],
    ],
  );
});

test('nodes of a site without a cluster are said', async () => {
  assert.equal(
    await found(
      [CLUSTER, ''],
      ['mode: create', 'boot: { os: local }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, boot: { os: local }'],
    ),
    [
      [
        '22:3',
        'node-without-cluster',
        'harv-3 is to run Harvester, and the site has no cluster that it could belong to.',
        'give the site a cluster: `cluster: {vip: …, token: …}`',
      ],
    ],
  );
});

test('cluster and clusters at once are an error that names both', async () => {
  const all = await found(
    [CLUSTER, `${CLUSTERS}${CLUSTER}`],
    ['  config:\n', '  cluster: east\n  config:\n'],
  );
  assert.equal(all, [
    [
      '16:1',
      'cluster-and-clusters',
      'The site has both cluster and clusters: cluster is the short form of clusters with one entry.',
      'move what is under cluster into clusters, under a name of its own',
      '13:1',
    ],
  ]);
});

test.run();
