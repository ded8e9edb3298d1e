import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { keyTooNew } from './key-too-new.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const LIST = 'wipe_disks_list: [/dev/disk/by-path/pci-0000:00:18.0-ata-1]';
const DISKS =
  'disks: [{ path: /dev/disk/by-path/pci-0000:00:17.0-ata-1, size: 512Gi }, { path: /dev/disk/by-path/pci-0000:00:18.0-ata-1, size: 512Gi }]';

function release(version: string): readonly [string, string] {
  return ['version: v1.4.1', `version: ${version}`];
}

ruleTest(keyTooNew, {
  'a key of one node': {
    edits: [['ip: 192.168.178.42', `ip: 192.168.178.42, ${DISKS}, config: { install: { ${LIST} } }`]],
    finds: [
      {
        at: '24:217',
        message: 'install.wipe_disks_list came with Harvester v1.5.0: v1.4.1 drops it without a word.',
      },
    ],
  },
  'a key in defaults, once for all nodes': {
    edits: [[KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]],
    finds: [
      {
        at: '19:62',
        message: 'os.sshd.disable_password_auth came with Harvester v1.8.0: v1.4.1 drops it without a word.',
      },
    ],
  },
  'a system setting, at which the installer stops': {
    edits: [release('v1.7.1'), [DEVICE, `${DEVICE}    system_settings: { max-hotplug-ratio: "4" }\n`]],
    finds: [
      {
        at: '22:24',
        message: 'system_settings.max-hotplug-ratio came with Harvester v1.8.0: v1.7.1 stops at it.',
      },
    ],
  },
  'a map and what is in it, once': {
    edits: [release('v1.3.2'), [KEYS, `${KEYS}, externalStorageConfig: { enabled: true }`]],
    finds: [
      {
        at: '19:54',
        message: 'os.externalStorageConfig came with Harvester v1.4.0: v1.3.2 drops it without a word.',
      },
    ],
  },
  'two clusters of different releases with one key in defaults': {
    edits: [
      release('v1.8.0'),
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        `clusters:
  old: { vip: 192.168.178.40, token: "\${secret:cluster_token}", harvester: { version: v1.5.1 } }
  new: { vip: 192.168.178.39, token: "\${secret:other_token}" }
`,
      ],
      [KEYS, `${KEYS}, sshd: { disable_password_auth: true }`],
      ['harv-1: {', 'harv-1: { cluster: old,'],
      ['harv-2: {', 'harv-2: { cluster: new, mode: create,'],
      ['harv-3: {', 'harv-3: { boot: { os: local },'],
    ],
    finds: [
      {
        at: '19:62',
        message: 'os.sshd.disable_password_auth came with Harvester v1.8.0: v1.5.1 drops it without a word.',
      },
    ],
  },
  'the release that a key came with': {
    edits: [release('v1.8.0'), [KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]],
  },
  'what precedes that release': {
    edits: [release('v1.8.0-rc1'), [KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]],
  },
  'a system setting of the release that it came with': {
    edits: [release('v1.8.0'), [DEVICE, `${DEVICE}    system_settings: { max-hotplug-ratio: "4" }\n`]],
  },
  'a key for the create node alone, in a layer of nodes that join': {
    edits: [
      ['nodes:\n', 'profiles:\n  more: { config: { sans: [harvester.plant.example] } }\nnodes:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [more]'],
    ],
  },
  'a node that silences it': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { sshd: { disable_password_auth: true } } }, silence: { key-too-new: Waits. }',
      ],
    ],
  },
});

const test = suite('key-too-new, and what serves instead');

async function helps(...edits: readonly (readonly [string, string])[]): Promise<unknown[]> {
  const { diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
  return diagnostics.flatMap(({ code, help }) => (code === 'key-too-new' ? [help] : []));
}

test('wipe_disks serves before wipe_disks_list', async () => {
  assert.equal(await helps(['ip: 192.168.178.42', `ip: 192.168.178.42, config: { install: { ${LIST} } }`]), [
    'use wipe_disks, which v1.4.1 has: it wipes every disk of the machine',
  ]);
});

test('it is to be removed where nothing serves', async () => {
  assert.equal(await helps([KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]), [
    'remove it, or install v1.8.0 or newer',
  ]);
});

test('speaks of a key that the release lacks and the mode does not take, alone', async () => {
  const { diagnostics } = await compile(
    makeSite(
      edited(PLANT, [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { sans: [harvester.plant.example] }',
      ]),
    ),
  );
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['key-too-new'],
  );
});

test.run();
