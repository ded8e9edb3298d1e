import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { DATE_OF_RELEASES, LAST_PATCHES, NEWEST_RELEASE } from '../../knowledge/harvester.ts';

/** The last patch of the minor release before the newest one. */
const [PREVIOUS = ''] = LAST_PATCHES.slice(-2);

/** Returns a release with a number added to one of its own: 1 is the minor one, 2 the patch. */
function later(release: string, position: 1 | 2, by = 1): string {
  const numbers = release.slice(1).split('.').map(Number);
  return `v${numbers.map((number, at) => (at < position ? number : at > position ? 0 : number + by)).join('.')}`;
}

const minorOf = (release: string) => release.replace(/\.\d+$/, '');
const NEXT_PATCH = later(NEWEST_RELEASE, 2);
const NEXT_MINOR = later(NEWEST_RELEASE, 1);
const NEXT_OF_PREVIOUS = later(PREVIOUS, 2);

ruleTest('release-too-old', {
  'a release before the oldest one': {
    edits: [['version: v1.4.1', 'version: v1.0.3']],
    finds: [
      {
        at: '3:12',
        message: 'Harvester v1.0.3 is older than v1.1.0, the oldest release that harvgen can install.',
      },
    ],
  },
  "a cluster's own release": {
    edits: [['  vip: 192.168.178.40\n', '  harvester: { version: v0.3.0 }\n  vip: 192.168.178.40\n']],
    finds: [
      {
        at: '14:25',
        message: 'Harvester v0.3.0 is older than v1.1.0, the oldest release that harvgen can install.',
      },
    ],
  },
  "the site's release for two clusters: reported once": {
    edits: [
      ['version: v1.4.1', 'version: v1.0.3'],
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '3:12',
        message: 'Harvester v1.0.3 is older than v1.1.0, the oldest release that harvgen can install.',
      },
    ],
  },
  'the oldest release': { edits: [['version: v1.4.1', 'version: v1.1.0']] },
  'a newer release of the only cluster': {
    edits: [
      ['version: v1.4.1', 'version: v1.0.3'],
      ['  vip: 192.168.178.40\n', '  harvester: { version: v1.1.3 }\n  vip: 192.168.178.40\n'],
    ],
  },
});

/** Returns the finding for the release of the site. */
function found(version: string) {
  return {
    at: '3:12',
    message: `Harvester ${version} is newer than ${NEWEST_RELEASE}, the newest known release: harvgen treats it like that one.`,
  };
}

ruleTest('release-unknown', {
  'the next patch': { edits: [['v1.4.1', NEXT_PATCH]], finds: [found(NEXT_PATCH)] },
  'the next minor release': { edits: [['v1.4.1', NEXT_MINOR]], finds: [found(NEXT_MINOR)] },
  'a higher major number': { edits: [['v1.4.1', 'v2.0.0']], finds: [found('v2.0.0')] },
  'a candidate of a newer release': {
    edits: [['v1.4.1', `${NEXT_MINOR}-rc1`]],
    finds: [found(`${NEXT_MINOR}-rc1`)],
  },
  "a cluster's own release": {
    edits: [['  vip: 192.168.178.40\n', `  harvester: { version: ${NEXT_PATCH} }\n  vip: 192.168.178.40\n`]],
    finds: [{ ...found(NEXT_PATCH), at: '14:25' }],
  },
  "the site's release for two clusters: reported once": {
    edits: [
      ['v1.4.1', NEXT_PATCH],
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [found(NEXT_PATCH)],
  },
  'the next patch of a maintained release': {
    edits: [['v1.4.1', NEXT_OF_PREVIOUS]],
    finds: [
      {
        at: '3:12',
        message: `Harvester ${NEXT_OF_PREVIOUS} is newer than ${PREVIOUS}, the newest known release of ${minorOf(PREVIOUS)}: harvgen treats it like that one.`,
        help: 'install a newer harvgen, or read the release notes for changes of the configuration',
      },
    ],
  },
  'the latest build': {
    edits: [['v1.4.1', 'master']],
    finds: [
      {
        at: '3:12',
        message: `Harvester master is a build of a branch: harvgen treats it like ${NEWEST_RELEASE}, the newest known release.`,
        help: 'install a release: the files of a build change without notice',
      },
    ],
  },
  'a build of a release branch': {
    edits: [['v1.4.1', `${minorOf(PREVIOUS)}-head`]],
    finds: [
      {
        at: '3:12',
        message: `Harvester ${minorOf(PREVIOUS)}-head is a build of a branch: harvgen treats it like ${PREVIOUS}, the newest known release of ${minorOf(PREVIOUS)}.`,
      },
    ],
  },
  'a build of the next release': {
    edits: [['v1.4.1', `${minorOf(NEXT_MINOR)}-head`]],
    finds: [
      {
        at: '3:12',
        message: `Harvester ${minorOf(NEXT_MINOR)}-head is a build of a branch: harvgen treats it like ${NEWEST_RELEASE}, the newest known release.`,
      },
    ],
  },
  'the newest release': { edits: [['v1.4.1', NEWEST_RELEASE]] },
  'a candidate of the newest release': { edits: [['v1.4.1', `${NEWEST_RELEASE}-rc6`]] },
});

/** Returns the edit and the finding for a release that does not exist. */
function none(version: string, newest: string, help: string) {
  return {
    edits: [['v1.4.1', version]] as const,
    finds: [
      {
        at: '3:12',
        message: `There is no Harvester ${version}: the newest release ${newest} (on ${DATE_OF_RELEASES}).`,
        help: `install ${help}; or, for a release of your own, add silence: {no-such-release: "the reason"}`,
      },
    ],
  };
}

fixableRuleTest('no-such-release', {
  'a patch after the last one': none('v1.4.9', 'of v1.4 is v1.4.3', 'v1.4.3'),
  'a patch of the oldest release': none('v1.1.9', 'of v1.1 is v1.1.3', 'v1.1.3'),
  'its candidate': none('v1.4.4-rc1', 'of v1.4 is v1.4.3', 'v1.4.3'),
  'a patch that nothing precedes': none(
    later(NEWEST_RELEASE, 2, 99),
    `of ${minorOf(NEWEST_RELEASE)} is ${NEWEST_RELEASE}`,
    NEWEST_RELEASE,
  ),
  'a dot in the wrong place': none('v14.2.0', `is ${NEWEST_RELEASE}`, NEWEST_RELEASE),
  'two digits instead of one': none('v1.41.0', `is ${NEWEST_RELEASE}`, NEWEST_RELEASE),
  'a build of a branch that cannot exist': none('v14.1-head', `is ${NEWEST_RELEASE}`, NEWEST_RELEASE),
  'the last patch of each release': { edits: [['v1.4.1', 'v1.4.3']] },
  'a candidate of a release': { edits: [['v1.4.1', 'v1.4.2-rc1']] },
});

const OLD: [string, string] = ['version: v1.4.1', 'version: v1.2.2'];

fixableRuleTest('role-too-new', {
  'a witness on a release without roles': {
    edits: [OLD, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']],
    finds: [
      {
        at: '25:63',
        message:
          'The role witness requires Harvester v1.3.0: v1.2.2 drops it silently and promotes any node.',
        related: ['3:12'],
      },
    ],
  },
  'workers in defaults: reported once': {
    edits: [OLD, ['  config:\n', '  role: worker\n  config:\n']],
    finds: [
      {
        at: '17:9',
        message: 'The role worker requires Harvester v1.3.0: v1.2.2 drops it silently and promotes any node.',
        related: ['3:12'],
      },
    ],
  },
  'a witness on a candidate of the first release with roles': {
    edits: [
      ['version: v1.4.1', 'version: v1.3.0-rc1'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness'],
    ],
  },
  'a machine that boots its own disk': {
    edits: [
      OLD,
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43 }\n  other: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker, boot: { os: local } }',
      ],
    ],
  },
  'no roles on a release without roles': { edits: [OLD] },
});

const HELP = (node: string) =>
  `once installation starts: harvgen set SITE ${node} install=null && harvgen build SITE; if a profile or the defaults set it, set it to once there`;

ruleTest('install-always', {
  'a node that is installed at every boot': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, install: always']],
    finds: [
      {
        at: '24:66',
        message: 'harv-2 is reinstalled, and its disk wiped, every time it boots from the network.',
        help: HELP('harv-2'),
      },
    ],
  },
  'a node with boot.drive, which is not the disk that is wiped': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, install: always, boot: { drive: 0x81 }']],
    finds: [
      {
        at: '24:66',
        message: 'harv-2 is reinstalled, and its disk wiped, every time it boots from the network.',
        help: `${HELP('harv-2')}; check install.device, the disk that is wiped; boot.drive is not`,
      },
    ],
  },
  'set in a profile': {
    edits: [
      ['nodes:\n', 'profiles:\n  lab: { install: always }\nnodes:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [lab]'],
    ],
    finds: [
      {
        at: '23:19',
        message: 'harv-2 is reinstalled, and its disk wiped, every time it boots from the network.',
      },
    ],
  },
  'set in defaults and overridden by two nodes': {
    edits: [
      ['  config:\n', '  install: always\n  config:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, install: once'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, install: never'],
    ],
    finds: [
      {
        at: '17:12',
        message:
          'harv-1 is reinstalled, and its disk wiped, every time it boots from the network, as a new cluster plant each time.',
        help: `${HELP('harv-1')}; if the cluster is running, remove mode: create, and set \`exists: true\` for the cluster`,
      },
    ],
  },
  'the other values of install': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, install: once'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, install: never'],
    ],
  },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, install: always, boot: { os: local }']],
  },
});

fixableRuleTest('unknown-pin', {
  'a pin of a file name with a typo': {
    edits: [
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.4.1-amd64.is0: "${'0'.repeat(128)}"`],
    ],
    finds: [
      {
        at: '5:5',
        message: 'No node of the site boots from harvester-v1.4.1-amd64.is0: its pin has no effect.',
      },
    ],
  },
  'a pin of another release': {
    edits: [
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.4.2-amd64.iso: "${'0'.repeat(128)}"`],
    ],
    finds: [
      {
        at: '5:5',
        message: 'No node of the site boots from harvester-v1.4.2-amd64.iso: its pin has no effect.',
      },
    ],
  },
  'a size of an unused file': {
    edits: [['version: v1.4.1', 'version: v1.4.1\n  size: { harvester-v1.4.1-arm64.iso: 7 }']],
    finds: [
      {
        at: '4:11',
        message: 'No node of the site boots from harvester-v1.4.1-arm64.iso: its size has no effect.',
      },
    ],
  },
  'a pin of a cluster that has no nodes': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        `clusters:
  old: { vip: 192.168.178.40, token: "\${secret:old}" }
  new: { vip: 192.168.178.60, token: "\${secret:new}", harvester: { version: v1.6.1 } }
`,
      ],
      ['mode: create }', 'mode: create, cluster: old }'],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, cluster: old }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, cluster: old }'],
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.6.1-amd64.iso: "${'0'.repeat(128)}"`],
    ],
    finds: [
      {
        at: '5:5',
        message: 'No node of the site boots from harvester-v1.6.1-amd64.iso: its pin has no effect.',
      },
    ],
  },
  'a size of a file that the nodes boot from': {
    edits: [['version: v1.4.1', 'version: v1.4.1\n  size: { harvester-v1.4.1-amd64.iso: 7 }']],
  },
  'a pin of a file that the nodes boot from': {
    edits: [
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.4.1-amd64.iso: "${'0'.repeat(128)}"`],
    ],
  },
});
