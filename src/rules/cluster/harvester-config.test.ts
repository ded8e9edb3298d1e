import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { RACK } from '../../../test/support/rack.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const NO_IMAGES =
  'It belongs to the release: with another version the node looks for images that its ISO does not carry.';
const NO_CHART =
  'It belongs to the release: with another version the cluster looks for a chart that its ISO does not carry.';
const COVER_DIR = 'mode: create, config: { install: { harvester: { enable_go_cover_dir: true } } }';

function release(version: string): readonly [string, string] {
  return ['version: v1.4.1', `version: ${version}`];
}

fixableRuleTest('internal-key', {
  'versions in defaults, once for all nodes': {
    edits: [[DEVICE, `${DEVICE}    rancher_version: v2.9.3\n    harvester_chart_version: 1.4.1\n`]],
    finds: [
      { at: '22:5', message: `rancher_version is internal to the installer. ${NO_IMAGES}` },
      { at: '23:5', message: `harvester_chart_version is internal to the installer. ${NO_CHART}` },
    ],
  },
  'a key for tests of Harvester itself': {
    edits: [['mode: create', COVER_DIR]],
    finds: [
      {
        at: '23:105',
        message:
          'install.harvester.enable_go_cover_dir is internal to the installer. It is for tests of Harvester itself and requires a build for such tests.',
      },
    ],
  },
  'a release that lacks the key': {
    edits: [
      release('v1.2.1'),
      ['mode: create', `${COVER_DIR}, silence: { key-gone: It is in the next one. }`],
    ],
  },
  'the release in the inventory': { edits: [release('v1.4.2')] },
});

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const WIFI = 'wifi: [{ name: plant, passphrase: "${secret:wifi}" }]';
const CONFIRMED = ['nodes:\n', 'silence: { disks-wiped: It is intended. }\nnodes:\n'] as const;

function longhorn(version: string): readonly (readonly [string, string])[] {
  const settings = 'harvester: { longhorn: { default_settings: { guaranteedInstanceManagerCPU: 8 } } }';
  return [release(version), [DEVICE, `${DEVICE}      ${settings}\n`]];
}

fixableRuleTest('key-gone', {
  'a key in defaults, once for all nodes': {
    edits: [release('v1.5.1'), [DEVICE, `${DEVICE}      wipe_disks: true\n`]],
    finds: [
      {
        at: '22:7',
        message: 'v1.4.3 was the last Harvester release with install.wipe_disks: v1.5.1 silently drops it.',
      },
    ],
  },
  'a list and its content: reported once': {
    edits: [release('v1.7.0'), [KEYS, `${KEYS}, ${WIFI}`]],
    finds: [
      {
        at: '19:54',
        message: 'v1.6.1 was the last Harvester release with os.wifi: v1.7.0 silently drops it.',
      },
    ],
  },
  'a key that one release lacks': {
    edits: longhorn('v1.3.0'),
    finds: [
      {
        at: '22:52',
        message:
          'Harvester v1.3.0 has no install.harvester.longhorn.default_settings.guaranteedInstanceManagerCPU: it silently drops the key.',
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
        message: 'v1.6.1 was the last Harvester release with os.wifi: v1.7.0 silently drops it.',
      },
    ],
  },
  'the last release with a key': { edits: [release('v1.6.1'), [KEYS, `${KEYS}, ${WIFI}`]] },
  'the last release with another key': {
    edits: [release('v1.4.3'), CONFIRMED, [DEVICE, `${DEVICE}      wipe_disks: true\n`]],
  },
  'the release before that one': { edits: longhorn('v1.2.2') },
  'the release after that one': { edits: longhorn('v1.3.1') },
});

const test = suite('key-gone with a replacement');

test('wipe_disks_list replaces wipe_disks', async () => {
  const site = edited(PLANT, release('v1.5.1'), [DEVICE, `${DEVICE}      wipe_disks: true\n`]);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ help }) => help),
    ['use wipe_disks_list, which v1.5.1 has: it takes the names of the disks to wipe'],
  );
});

test.run();

const LIST = 'wipe_disks_list: [/dev/disk/by-path/pci-0000:00:18.0-ata-1]';
const DISKS =
  'disks: [{ path: /dev/disk/by-path/pci-0000:00:17.0-ata-1, size: 512Gi }, { path: /dev/disk/by-path/pci-0000:00:18.0-ata-1, size: 512Gi }]';

fixableRuleTest('key-too-new', {
  'a key of one node': {
    edits: [['ip: 192.168.178.42', `ip: 192.168.178.42, ${DISKS}, config: { install: { ${LIST} } }`]],
    finds: [
      {
        at: '24:217',
        message: 'install.wipe_disks_list came with Harvester v1.5.0: v1.4.1 silently drops it.',
      },
    ],
  },
  'a key in defaults, once for all nodes': {
    edits: [[KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]],
    finds: [
      {
        at: '19:62',
        message: 'os.sshd.disable_password_auth came with Harvester v1.8.0: v1.4.1 silently drops it.',
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
  'a map and its content: reported once': {
    edits: [release('v1.3.2'), [KEYS, `${KEYS}, externalStorageConfig: { enabled: true }`]],
    finds: [
      {
        at: '19:54',
        message: 'os.externalStorageConfig came with Harvester v1.4.0: v1.3.2 silently drops it.',
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
        message: 'os.sshd.disable_password_auth came with Harvester v1.8.0: v1.5.1 silently drops it.',
      },
    ],
  },
  'the release that a key came with': {
    edits: [release('v1.8.0'), [KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]],
  },
  'a candidate of that release': {
    edits: [release('v1.8.0-rc1'), [KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]],
  },
  'a system setting of the release that it came with': {
    edits: [release('v1.8.0'), [DEVICE, `${DEVICE}    system_settings: { max-hotplug-ratio: "4" }\n`]],
  },
  'a key for create nodes, in a layer of nodes that join': {
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

const keyTooNewTest = suite('key-too-new with a replacement');

async function helps(...edits: readonly (readonly [string, string])[]): Promise<unknown[]> {
  const { diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
  return diagnostics.flatMap(({ code, help }) => (code === 'key-too-new' ? [help] : []));
}

keyTooNewTest('wipe_disks replaces wipe_disks_list', async () => {
  assert.equal(await helps(['ip: 192.168.178.42', `ip: 192.168.178.42, config: { install: { ${LIST} } }`]), [
    'use wipe_disks, which v1.4.1 has: it wipes every disk of the machine',
  ]);
});

keyTooNewTest('a key is renamed to its replacement, unless that takes other values', async () => {
  const fixOf = async (key: string) => {
    const install = ['ip: 192.168.178.42', `ip: 192.168.178.42, config: { install: { ${key} } }`] as const;
    const { diagnostics } = await compile(makeSite(edited(PLANT, install)));
    const { fix } = diagnostics.find(({ code }) => code === 'key-too-new') ?? {};
    return fix && [fix.title, fix.safe];
  };
  assert.equal(await fixOf('wipe_all_disks: true'), ['rename wipe_all_disks to wipe_disks', false]);
  assert.equal(await fixOf(LIST), undefined);
});

keyTooNewTest('suggests removing a key without a replacement', async () => {
  assert.equal(await helps([KEYS, `${KEYS}, sshd: { disable_password_auth: true }`]), [
    'remove os.sshd.disable_password_auth, or install v1.8.0 or newer',
  ]);
});

keyTooNewTest('is the only rule that reports a key that neither the release nor the mode has', async () => {
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

keyTooNewTest.run();

const MAP = 'externalStorageConfig: { enabled: true, multiPathConfig: { blacklistWwids: [".*"] } }';
const LIST_OF_VALUE_TOO_NEW =
  'externalStorageConfig: { enabled: true, multiPathConfig: [{ vendor: NETAPP, product: LUN }] }';

ruleTest('value-too-new', {
  'a map instead of a list, in defaults: reported once': {
    edits: [release('v1.6.1'), [KEYS, `${KEYS}, ${MAP}`]],
    finds: [
      {
        at: '19:111',
        message:
          'os.externalStorageConfig.multiPathConfig accepts a map from Harvester v1.7.0: v1.6.1 cannot load the configuration.',
      },
    ],
  },
  'the oldest release with the key': {
    edits: [release('v1.4.0'), ['ip: 192.168.178.42', `ip: 192.168.178.42, config: { os: { ${MAP} } }`]],
    finds: [
      {
        at: '24:130',
        message:
          'os.externalStorageConfig.multiPathConfig accepts a map from Harvester v1.7.0: v1.4.0 cannot load the configuration.',
      },
    ],
  },
  'the release that accepts a map': { edits: [release('v1.7.0'), [KEYS, `${KEYS}, ${MAP}`]] },
  'a list': { edits: [release('v1.6.1'), [KEYS, `${KEYS}, ${LIST_OF_VALUE_TOO_NEW}`]] },
  'a release without the key': {
    edits: [
      release('v1.3.2'),
      [KEYS, `${KEYS}, ${MAP}`],
      ['nodes:\n', 'silence: { key-too-new: Waits for v1.7.0. }\nnodes:\n'],
    ],
  },
});

const EVERYTHING = `{
      sans: [harvester.example.org],
      install: { cluster_pod_cidr: 10.52.0.0/16, addons: { rancher_logging: { enabled: true } } },
      system_settings: { ui-source: bundled } }`;

/** The newest release, which has all of these keys. */
const NEWEST: Edit = ['version: v1.4.1', 'version: v1.9.0'];

ruleTest('key-of-other-mode', {
  'system settings on a node that joins': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, config: { system_settings: { ui-source: bundled } } }'],
    ],
    finds: [
      {
        at: '24:67',
        message: 'system_settings applies only to the create node, but harv-2 joins: it is ignored.',
      },
    ],
  },
  'several such keys, each at its location': {
    edits: [['ip: 192.168.178.42 }', `ip: 192.168.178.42, mode: join, config: ${EVERYTHING} }`], NEWEST],
    finds: [
      {
        at: '25:7',
        message: 'sans applies only to the create node, but harv-2 joins: it is ignored.',
      },
      {
        at: '26:18',
        message: 'install.cluster_pod_cidr applies only to the create node, but harv-2 joins: it is ignored.',
      },
      {
        at: '26:50',
        message: 'install.addons applies only to the create node, but harv-2 joins: it is ignored.',
      },
      {
        at: '27:7',
        message: 'system_settings applies only to the create node, but harv-2 joins: it is ignored.',
      },
    ],
  },
  'the VIP on a node that joins': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, config: { install: { vip: 192.168.178.40 } } }']],
    finds: [
      {
        at: '24:78',
        message: 'install.vip applies only to the create node, but harv-2 joins: it is ignored.',
      },
    ],
  },
  'a setting on a node that joins a cluster that exists': {
    edits: [
      ['  vip: 192.168.178.40\n', '  exists: true\n  vip: 192.168.178.40\n'],
      [', mode: create', ', config: { system_settings: { ui-source: bundled } }'],
    ],
    finds: [
      {
        at: '24:67',
        message: 'system_settings applies only to the create node, but harv-1 joins: it is ignored.',
        help: 'move it to defaults, from where cluster/ applies it; or remove it',
      },
    ],
  },
  'each such key on the create node': {
    edits: [['mode: create', `mode: create, config: ${EVERYTHING}`], NEWEST],
  },
  'each such key in defaults': {
    edits: [
      [
        '    install:\n',
        '    system_settings: { ui-source: bundled }\n    sans: [harvester.example.org]\n    install:\n      addons: { rancher_logging: { enabled: true } }\n',
      ],
      NEWEST,
    ],
  },
  'each such key in a profile of all nodes': {
    edits: [
      ['nodes:\n', `profiles:\n  all:\n    config: ${EVERYTHING}\nnodes:\n`],
      ['  config:\n    os:', '  profiles: [all]\n  config:\n    os:'],
      NEWEST,
    ],
  },
  'keys of both modes on a node that joins': {
    silence: ['cordoned-early'],
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, config: { install: { force_efi: true, cordoned: true } } }',
      ],
      NEWEST,
    ],
  },
  'such a key on a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, boot: { os: local }, config: { system_settings: { ui-source: bundled } } }',
      ],
    ],
  },
  'a server_url on the create node': {
    edits: [['mode: create }', 'mode: create, config: { server_url: "https://192.168.178.40:443" } }']],
    finds: [
      {
        at: '23:81',
        message:
          'server_url applies only to nodes that join, but harv-1 creates the cluster: its installer stops.',
      },
    ],
  },
  'a server_url in the defaults, which applies only to nodes that join': {
    edits: [['  config:\n', '  config:\n    server_url: https://192.168.178.40:443\n']],
  },
});

fixableRuleTest('key-without-effect', {
  // pkg/controller/master/setting/ssl_parameters.go of v1.9.0-rc6 (syncSSLParameters) does nothing.
  'ssl-parameters with Traefik': {
    edits: [
      ['v1.4.1', 'v1.9.0'],
      [DEVICE, `${DEVICE}    system_settings:\n      ssl-parameters: { protocols: TLSv1.3 }\n`],
    ],
    finds: [
      {
        at: '23:7',
        message:
          'system_settings.ssl-parameters has no effect in Harvester v1.9.0. Traefik replaced the ingress: a Setting traefik-default-tls-options in manifests/ sets its TLS versions and ciphers.',
      },
    ],
  },
  'ssl-parameters with nginx': {
    edits: [
      ['v1.4.1', 'v1.8.2'],
      [DEVICE, `${DEVICE}    system_settings:\n      ssl-parameters: { protocols: TLSv1.3 }\n`],
    ],
  },
  'keys of defaults, once for all nodes': {
    edits: [
      [
        DEVICE,
        `${DEVICE}      automatic: true\n      management_interface: { default_route: true }\n      force_gpt: true\n`,
      ],
    ],
    finds: [
      {
        at: '22:7',
        message:
          'install.automatic has no effect in Harvester v1.4.1. It applies only on the kernel command line, as harvester.install.automatic=true.',
      },
      {
        at: '23:31',
        message:
          'install.management_interface.default_route has no effect in Harvester v1.4.1. No release reads it: the management network always carries the default route.',
      },
      {
        at: '24:7',
        message:
          'install.force_gpt has no effect in Harvester v1.4.1. The installer overwrites it with the opposite of force_mbr.',
      },
    ],
  },
  'the values of an add-on, which the objects of the cluster apply': {
    edits: [
      [
        'mode: create',
        'mode: create, config: { install: { addons: { rancher_logging: { enabled: true, values_content: "a: b" } } } }',
      ],
    ],
    finds: [],
  },
  'a key that had an effect in older releases': {
    edits: [release('v1.2.2'), [DEVICE, `${DEVICE}      silent: true\n`]],
    finds: [
      {
        at: '22:7',
        message:
          'install.silent has no effect in Harvester v1.2.2. No automatic installation has used it since v1.2.2.',
      },
    ],
  },
  'the last release with that effect': {
    edits: [release('v1.2.1'), [DEVICE, `${DEVICE}      silent: true\n`]],
  },
  'an interactive installation': { edits: [[DEVICE, `${DEVICE}      automatic: false\n`]] },
  'similar keys with an effect': {
    edits: [
      [DEVICE, `${DEVICE}      poweroff: true\n`],
      [
        'mode: create',
        'mode: create, config: { install: { addons: { rancher_logging: { enabled: true } } } }',
      ],
    ],
  },
});

ruleTest('group-named-labels', {
  'a group of that name': {
    of: RACK,
    edits: [['  compute: {}', '  labels: {}']],
    finds: [
      {
        at: '6:3',
        message:
          'Clients cannot request the group labels (server.compat): /hsm/v2/groups/labels lists all group names.',
      },
    ],
  },
  'a site without OpenCHAMI URLs': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      ['  compute: {}', '  labels: {}'],
    ],
  },
  'a group with another name': { of: RACK, edits: [['  compute: {}', '  label: {}']] },
});

function message(label: string): string {
  return `A kubelet may not set the label ${label} on its node: the kubelet does not start.`;
}

ruleTest('restricted-label', {
  'a role, as a label of the node': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, labels: { node-role.kubernetes.io/worker: "true" }']],
    finds: [{ at: '24:67', message: message('node-role.kubernetes.io/worker') }],
  },
  'labels of the configuration in defaults, once for all nodes': {
    edits: [
      [
        KEYS,
        `${KEYS},\n      labels: { kubernetes.io/rack: b, example.org/rack: b, plant.k8s.io/rack: b, k8s.io/x: y }`,
      ],
    ],
    finds: [
      { at: '20:17', message: message('kubernetes.io/rack') },
      { at: '20:61', message: message('plant.k8s.io/rack') },
      { at: '20:83', message: message('k8s.io/x') },
    ],
  },
  'labels of the node and of the configuration': {
    edits: [
      [KEYS, `${KEYS}, labels: { example.org/rack: b }`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, labels: { kubernetes.io/role: storage }'],
    ],
    finds: [{ at: '24:67', message: message('kubernetes.io/role') }],
  },
  'labels that a kubelet may set': {
    edits: [
      [
        KEYS,
        `${KEYS},
      labels: { topology.kubernetes.io/region: east, node.kubernetes.io/instance-type: small, beta.kubernetes.io/arch: amd64,
        kubernetes.io/os: linux, kubelet.kubernetes.io/x: y, node.kubernetes.io/x: y, rack.node.kubernetes.io/x: y }`,
      ],
    ],
  },
  'other prefixes, and none': {
    edits: [
      [
        KEYS,
        `${KEYS}, labels: { mykubernetes.io/x: y, kubernetes.io.example.org/x: y, kubernetes.io: y, k8s.io: y }`,
      ],
    ],
  },
});

function withSetting(setting: string) {
  return ['config:\n    os:', `config:\n    system_settings:\n      ${setting}\n    os:`] as const;
}

ruleTest('setting-not-json', {
  'text that is not JSON': {
    edits: [withSetting('overcommit-config: "cpu=1600"')],
    finds: [
      {
        at: '19:26',
        message:
          'system_settings.overcommit-config is a string without the JSON of a map: Harvester rejects it.',
      },
    ],
  },
  'JSON of something else': {
    edits: [withSetting('overcommit-config: "[1600, 150, 200]"')],
    finds: [
      {
        at: '19:26',
        message:
          'system_settings.overcommit-config is a string without the JSON of a map: Harvester rejects it.',
      },
    ],
  },
  'an empty string that the installer reads': {
    edits: [withSetting('containerd-registry: ""')],
    finds: [
      {
        at: '19:28',
        message:
          'system_settings.containerd-registry is a string without the JSON of a map: Harvester rejects it.',
      },
    ],
  },
  'an empty string that the installer of an older release does not read': {
    edits: [['version: v1.4.1', 'version: v1.2.1'], withSetting('containerd-registry: ""')],
  },
  'an empty string': { edits: [withSetting('overcommit-config: ""')] },
  JSON: { edits: [withSetting(`overcommit-config: '{"cpu": 1600, "memory": 150, "storage": 200}'`)] },
  'a map': { edits: [withSetting('overcommit-config: { cpu: 1600, memory: 150, storage: 200 }')] },
  'JSON with secrets': {
    edits: [
      withSetting(
        `backup-target: '{"type": "s3", "secretAccessKey": "\${secret:key}", "refreshIntervalInSeconds": \${secret:interval}}'`,
      ),
    ],
  },
  'a secret that may be JSON': { edits: [withSetting(`backup-target: \${secret:backup}`)] },
  'plain text for a setting that became a map later': {
    edits: [withSetting('cluster-registration-url: https://rancher.example.org/v3/import/x.yaml')],
  },
  'a setting of plain text': { edits: [withSetting('log-level: debug')] },
});

const TREATED = 'the installed system treats it as a template and replaces the text after it.';
const FILE = 'config: { os: { write_files: [{ path: /etc/plant, content: ';
const CONTENT = 'rack {{ .Values.rack }}\n';

ruleTest('template-in-value', {
  'the values of an add-on, which nothing renders': {
    edits: [
      [
        'mode: create',
        'mode: create, config: { install: { addons: { rancher_logging: { enabled: true, values_content: "a: {{ b }}" } } } }',
      ],
    ],
  },
  'a file of one node': {
    edits: [['ip: 192.168.178.42', `ip: 192.168.178.42, ${FILE}"rack {{ .Values.rack }}" }] } }`]],
    finds: [{ at: '24:116', message: `os.write_files[0].content contains {{: ${TREATED}` }],
  },
  'a file in base64': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, ${FILE}${Buffer.from(CONTENT).toString('base64')}, encoding: b64 }] } }`,
      ],
    ],
    finds: [{ at: '24:116', message: `os.write_files[0].content contains {{ after decoding: ${TREATED}` }],
  },
  'a compressed file': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, ${FILE}"${gzipSync(CONTENT).toString('base64')}", encoding: gz+b64 }] } }`,
      ],
    ],
    finds: [{ at: '24:116', message: `os.write_files[0].content contains {{ after decoding: ${TREATED}` }],
  },
  'values, list items and names in defaults: reported once for all nodes': {
    edits: [
      [
        'os: { ntp_servers: [0.suse.pool.ntp.org],',
        `os: { ntp_servers: [0.suse.pool.ntp.org],
      environment: { RACK: "{{ rack }}", "{{ A }}": b },
      after_install_chroot_commands: ["true", "docker ps --format {{.Names}}"],`,
      ],
    ],
    finds: [
      { at: '19:28', message: `os.environment.RACK contains {{: ${TREATED}` },
      { at: '19:42', message: `The name os.environment.{{ A }} contains {{: ${TREATED}` },
      { at: '20:47', message: `os.after_install_chroot_commands[1] contains {{: ${TREATED}` },
    ],
  },
  'a map of a system setting': {
    edits: [
      [
        DEVICE,
        `${DEVICE}    system_settings: { http-proxy: { httpsProxy: "", noProxy: "{{ networks }}" } }\n`,
      ],
    ],
    finds: [{ at: '22:63', message: `system_settings.http-proxy.noProxy contains {{: ${TREATED}` }],
  },
  'JSON that ends in }}, single braces, and escaped braces': {
    edits: [
      [DEVICE, `${DEVICE}    system_settings: { containerd-registry: '{"Mirrors":{"docker.io":{}}}' }\n`],
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, ${FILE}"{ {{\`{{\`}} .Values.rack }} {{ \`{{\` }}{" }] } }`,
      ],
    ],
  },
  'templates of a webhook, and a secret': {
    edits: [
      [
        DEVICE,
        `${DEVICE}      webhooks: [{ event: STARTED, method: POST, url: "http://192.168.178.7/{{.Hostname}}", payload: "{{.IPAddrV4}} \${secret:webhook}" }]\n`,
      ],
    ],
  },
  'a key that the release does not have': {
    edits: [
      [
        'mode: create',
        'mode: create, config: { system_settings: { upgrade-config: "{{ name }}" } }, silence: { key-too-new: Waits for v1.8.0. }',
      ],
    ],
  },
});

const URL = 'http://192.168.178.7/done';

function webhook(text: string): readonly [string, string] {
  return [DEVICE, `${DEVICE}      webhooks: [{ event: SUCCEEDED, method: POST, ${text} }]\n`];
}

fixableRuleTest('webhook-template', {
  'an unknown name': {
    edits: [webhook(`url: "${URL}/{{.HostName}}"`)],
    finds: [
      {
        at: '22:57',
        message:
          'install.webhooks[0].url contains {{.HostName}}, an unknown name: the installer replaces it with nothing.',
      },
    ],
  },
  'an unknown name in a payload of one node': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, config: { install: { webhooks: [{ event: FAILED, method: PUT, url: "${URL}", payload: "{{ .Serial }}" }] } }`,
      ],
    ],
    finds: [
      {
        at: '24:162',
        message:
          'install.webhooks[0].payload contains {{.Serial}}, an unknown name: the installer replaces it with nothing.',
      },
    ],
  },
  'invalid templates': {
    edits: [webhook(`url: "${URL}/{{Hostname}}", payload: "{{.Hostname}"`)],
    finds: [
      {
        at: '22:57',
        message:
          'install.webhooks[0].url is not a valid template (Hostname has no dot before it): the installer sends no webhook at all.',
      },
      {
        at: '22:108',
        message:
          'install.webhooks[0].payload is not a valid template (a {{ without its }}): the installer sends no webhook at all.',
      },
    ],
  },
  'a template in a header': {
    edits: [webhook(`url: "${URL}", headers: { X-Machine: ["{{.Hostname}}"] }`)],
    finds: [
      {
        at: '22:109',
        message:
          'install.webhooks[0].headers.X-Machine[0] contains {{, but headers are not templates: it is sent unchanged.',
      },
    ],
  },
  'all names, pipelines, JSON that ends in }}, and secrets': {
    edits: [
      webhook(
        `url: "${URL}/{{.Hostname}}?mac={{ .MACAddr | urlquery }}", headers: { X-Key: ["\${secret:key}"] }, payload: '{"ip":{"v4":"{{.IPAddrV4}}","v6":{{printf "%q" .IPAddrV6}}}}'`,
      ),
    ],
  },
});

ruleTest('webhook-template-form', {
  'a form of Go templates that is not checked': {
    edits: [webhook(`url: "${URL}/{{ $x := .Hostname }}{{$x}}"`)],
    finds: [
      {
        at: '22:57',
        message:
          'install.webhooks[0].url contains {{ $x := .Hostname }}, which harvgen cannot check: if it is invalid, the installer sends no webhook at all.',
      },
    ],
  },
  'names, if and with': {
    edits: [webhook(`url: "${URL}/{{with .Hostname}}{{.}}{{else}}{{if .MACAddr}}x{{end}}{{end}}"`)],
  },
});

const ZIPPED = gzipSync('Plant 2\n').toString('base64');

function file(content: string, encoding: string): readonly [string, string] {
  return [
    KEYS,
    `${KEYS},\n      write_files: [{ path: /etc/plant, encoding: ${encoding}, content: ${content} }]`,
  ];
}

function messageOfUndecodableFile(encoding: string, error: string): string {
  return `The content of /etc/plant does not have the encoding ${encoding} (${error}): the file stays empty.`;
}

ruleTest('undecodable-file', {
  'plain text with the encoding base64, in defaults': {
    edits: [file('"Plant, rack B"', 'b64')],
    finds: [
      {
        at: '20:65',
        message: messageOfUndecodableFile(
          'b64',
          'it contains spaces, but base64 may contain only line breaks: write it below content: |',
        ),
        related: ['20:51'],
      },
    ],
  },
  'truncated base64, on one node': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant, content: UGxhbnQgMgo, encoding: base64 }] } }',
      ],
    ],
    finds: [
      {
        at: '24:116',
        message: messageOfUndecodableFile('base64', 'its length is not a multiple of four: it is truncated'),
        related: ['24:139'],
      },
    ],
  },
  'base64 without gzip': {
    edits: [file('UGxhbnQgMgo=', 'gz+b64')],
    finds: [
      {
        at: '20:68',
        message: messageOfUndecodableFile('gz+b64', 'its decoded base64 is not gzip'),
        related: ['20:51'],
      },
    ],
  },
  'gzip without base64': {
    edits: [file('x', 'gzip')],
    finds: [
      {
        at: '20:66',
        message: messageOfUndecodableFile(
          'gzip',
          'compressed data is not text, but a configuration contains only text',
        ),
        related: ['20:51'],
      },
    ],
  },
  'base64 with line breaks': { edits: [file('"UGxh\\nbnQg\\nMgo=\\n"', 'b64')] },
  'base64 of gzip': { edits: [file(`"${ZIPPED}"`, 'gzip+base64')] },
  'plain text, with and without an encoding': {
    edits: [
      [
        KEYS,
        `${KEYS}, write_files: [{ path: /a, content: "a b", encoding: "" }, { path: /b, content: "a b" }]`,
      ],
    ],
  },
  'a secret, and no content': {
    edits: [
      [
        KEYS,
        `${KEYS}, write_files: [{ path: /a, content: "\${secret:a}", encoding: b64 }, { path: /b, encoding: gz+b64 }]`,
      ],
    ],
  },
});

const MESSAGE = 'os.write_files writes /etc/plant twice: this entry replaces the content of an earlier one.';

ruleTest('write-file-twice', {
  'one path twice, in defaults': {
    edits: [
      [
        KEYS,
        `${KEYS},\n      write_files: [{ path: /etc/plant, content: a }, { path: /etc/b }, { path: /etc/plant, content: c }]`,
      ],
    ],
    finds: [{ at: '20:81', message: MESSAGE, related: ['20:29'] }],
  },
  'one file under two names, on one node': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant }, { path: /etc/./plant }] } }',
      ],
    ],
    finds: [{ at: '24:117', message: MESSAGE, related: ['24:95'] }],
  },
  'paths that begin alike, and the same path on two nodes': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant }, { path: /etc/plant.d }] } }',
      ],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, config: { os: { write_files: [{ path: /etc/plant }] } }'],
    ],
  },
  'a list of a node, which replaces that of defaults': {
    edits: [
      [KEYS, `${KEYS}, write_files: [{ path: /etc/plant }]`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant }] } }'],
    ],
  },
});
