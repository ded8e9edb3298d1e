import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlainLeaf } from '../src/inspect/explain/explain-node.ts';
import { harvgen } from './support/cli.ts';
import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from './support/cloud-init-plant.ts';
import { edited } from './support/plant.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('cloud-init in the output of commands');

const SITE = edited(
  CLOUD_INIT_PLANT,
  [
    GROUP_USER_DATA,
    'user_data: { packages: [slurmd], write_files: [{ path: /etc/k, content: "${secret:munge}" }] }',
  ],
  [
    OWN_USER_DATA,
    'user_data: { packages: [own], users: [{ name: x, plain_text_passwd: hobbes }] }\n      meta_data: { rack: "${secret:rack}" }',
  ],
);

function home(site = SITE): string {
  return writeFiles(scratchFolder(), { 'plant/site.yaml': site });
}

test('explain prints the source of each value, and hides secrets', () => {
  const { stdout } = harvgen(['explain', '--format', 'json', 'plant', 'cg01', 'cloud_init'], home());
  const leaves = JSON.parse(stdout) as PlainLeaf[];
  assert.equal(
    leaves.map(({ key, value, line, layer }) => [key, value, line, layer]),
    [
      ['cloud_init.user_data.packages[0]', 'slurmd', 8, 'group compute'],
      ['cloud_init.user_data.packages[1]', 'own', 20, 'node'],
      ['cloud_init.user_data.write_files[0].path', '/etc/k', 8, 'group compute'],
      ['cloud_init.user_data.write_files[0].content', '${secret:munge}', 8, 'group compute'],
      ['cloud_init.user_data.users[0].name', 'x', 20, 'node'],
      ['cloud_init.user_data.users[0].plain_text_passwd', '***', 20, 'node'],
      ['cloud_init.meta_data.rack', '${secret:rack}', 21, 'node'],
      // Derived values have no source location.
      ['cloud_init.meta_data.instance-id', 'plant.cg01', undefined, undefined],
      ['cloud_init.meta_data.local-hostname', 'cg01', undefined, undefined],
      ['cloud_init.network_config.version', 2, undefined, undefined],
      [
        'cloud_init.network_config.ethernets.nic0.match.macaddress',
        '52:54:00:7c:52:01',
        undefined,
        undefined,
      ],
      ['cloud_init.network_config.ethernets.nic0.dhcp4', true, undefined, undefined],
    ],
  );
});

test('secrets lists the secrets of cloud-init, once for a group', () => {
  const { stdout } = harvgen(['secrets', '--format', 'json', 'plant'], home());
  const [{ secrets }] = JSON.parse(stdout).sites;
  assert.equal(
    secrets.map(
      ({ name, needed, uses }: { name: string; needed: boolean; uses: Record<string, unknown>[] }) => [
        name,
        needed,
        ...uses.map(({ key, nodes }) => [key, nodes]),
      ],
    ),
    [
      ['munge', true, ['groups.compute.cloud_init.user_data.write_files[0].content', ['cg01', 'cg02']]],
      ['rack', true, ['cloud_init.meta_data.rack', ['cg01']]],
    ],
  );
});

test('diff reports other data, and a change that makes cloud-init detect a new machine', () => {
  const folder = home();
  harvgen(['build', 'plant'], folder);
  const linesFor = (site: string) => {
    writeFiles(folder, { 'plant/site.yaml': site });
    return harvgen(['diff', '--no-patch', 'plant'], folder)
      .stdout.split('\n')
      .filter((line) => line.includes('cloud-init'));
  };
  assert.equal(linesFor(SITE.replace('[slurmd]', '[slurmctld]')), [
    '  cg01 and cg02, each: cloud-init reads other user-data at the next boot',
  ]);
  assert.equal(linesFor(SITE.replace('rack: "', 'instance-id: x, rack: "a')), [
    '  cg01: cloud-init reads other meta-data at the next boot and treats it as a new machine: its instance-id changes',
  ]);
});

test.run();
