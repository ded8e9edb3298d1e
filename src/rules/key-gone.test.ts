import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { keyGone } from './key-gone.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const WIFI = 'wifi: [{ name: plant, passphrase: "${secret:wifi}" }]';
const MEANT = ['nodes:\n', 'silence: { disks-wiped: It is meant. }\nnodes:\n'] as const;

function release(version: string): readonly [string, string] {
  return ['version: v1.4.1', `version: ${version}`];
}

function longhorn(version: string): readonly (readonly [string, string])[] {
  const settings = 'harvester: { longhorn: { default_settings: { guaranteedInstanceManagerCPU: 8 } } }';
  return [release(version), [DEVICE, `${DEVICE}      ${settings}\n`]];
}

ruleTest(keyGone, {
  'a key in defaults, once for all nodes': {
    edits: [release('v1.5.1'), [DEVICE, `${DEVICE}      wipe_disks: true\n`]],
    finds: [
      {
        at: '22:7',
        message:
          'v1.4.3 was the last Harvester release with install.wipe_disks: v1.5.1 drops it without a word.',
      },
    ],
  },
  'a list and what is in it, once': {
    edits: [release('v1.7.0'), [KEYS, `${KEYS}, ${WIFI}`]],
    finds: [
      {
        at: '19:54',
        message: 'v1.6.1 was the last Harvester release with os.wifi: v1.7.0 drops it without a word.',
      },
    ],
  },
  'a key that one release in between lacks': {
    edits: longhorn('v1.3.0'),
    finds: [
      {
        at: '22:52',
        message:
          'Harvester v1.3.0 is a release without install.harvester.longhorn.default_settings.guaranteedInstanceManagerCPU: it drops it without a word.',
      },
    ],
  },
  'two clusters of different releases with one key in defaults': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        `clusters:
  old: { vip: 192.168.178.40, token: "\${secret:cluster_token}" }
  new: { vip: 192.168.178.39, token: "\${secret:other_token}", harvester: { version: v1.7.0 } }
`,
      ],
      [KEYS, `${KEYS}, ${WIFI}`],
      ['harv-1: {', 'harv-1: { cluster: old,'],
      ['harv-2: {', 'harv-2: { cluster: new, mode: create,'],
      ['harv-3: {', 'harv-3: { boot: { os: local },'],
    ],
    finds: [
      {
        at: '19:54',
        message: 'v1.6.1 was the last Harvester release with os.wifi: v1.7.0 drops it without a word.',
      },
    ],
  },
  'the last release with a key': { edits: [release('v1.6.1'), [KEYS, `${KEYS}, ${WIFI}`]] },
  'the last release with another': {
    edits: [release('v1.4.3'), MEANT, [DEVICE, `${DEVICE}      wipe_disks: true\n`]],
  },
  'the release before the one in between': { edits: longhorn('v1.2.2') },
  'the release after it': { edits: longhorn('v1.3.1') },
});

const test = suite('key-gone, and what serves instead');

test('wipe_disks_list serves after wipe_disks', async () => {
  const site = edited(PLANT, release('v1.5.1'), [DEVICE, `${DEVICE}      wipe_disks: true\n`]);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ help }) => help),
    ['use wipe_disks_list, which v1.5.1 has: it takes the names of the disks to wipe'],
  );
});

test.run();
