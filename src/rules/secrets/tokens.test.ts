import { RUNNING } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const TOKEN = '  token: ${secret:cluster_token}\n';
const RUNNING_TOKEN =
  'token: "${secret:cluster_token}", and set the secret to the token of the running cluster plant';
const CLUSTER = `cluster:\n  vip: 192.168.178.40\n${TOKEN}`;

fixableRuleTest('missing-token', {
  'a cluster without a token': {
    edits: [[TOKEN, '']],
    finds: [
      {
        at: '13:1',
        message: 'The cluster plant has no token: its nodes cannot join it.',
      },
    ],
  },
  'a running cluster without a token': {
    edits: [[TOKEN, ''], ...RUNNING],
    finds: [
      {
        at: '13:1',
        message: 'The cluster plant has no token: its nodes cannot join it.',
        help: `add ${RUNNING_TOKEN}`,
      },
    ],
  },
  'one of two clusters without a token, with or without nodes': {
    edits: [
      [
        CLUSTER,
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39 }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '15:3',
        message: 'The cluster west has no token: its nodes cannot join it.',
      },
    ],
  },
  'two clusters with a token each': {
    edits: [
      [
        CLUSTER,
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
  },
  'a short token': {
    silence: ['clear-text-secret', 'token-short'],
    edits: [[TOKEN, '  token: "0"\n']],
  },
});

function literal(token: string, silence: string): [string, string][] {
  return [
    ['${secret:cluster_token}', token],
    ['ip: 192.168.178.43 }\n', `ip: 192.168.178.43 }\nsilence: { ${silence} }\n`],
  ];
}

const KNOWN = [
  {
    at: '15:10',
    message: 'The token of the cluster plant is in public examples: it is publicly known.',
  },
];

ruleTest('token-known', {
  'a token of an example: reported once, and not by other rules': {
    edits: [['${secret:cluster_token}', 'SecretToken.123']],
    finds: KNOWN,
  },
  'of a running cluster, which keeps it: only that it is in clear text is reported': {
    edits: [['${secret:cluster_token}', 'SecretToken.123'], ...RUNNING],
    silence: ['clear-text-secret'],
  },
  'with a silence of another rule': {
    edits: literal('harvester', 'clear-text-secret: a test plant'),
    finds: KNOWN,
  },
  'with a silence of token-short': {
    edits: literal('harvester', 'clear-text-secret: a test plant, token-short: a test plant'),
    finds: KNOWN,
  },
  'with silences of all three rules': {
    edits: literal('harvester', 'clear-text-secret: lab, token-short: lab, token-known: lab'),
  },
  'a secret with such a name': { edits: [['${secret:cluster_token}', '${secret:token}']] },
});

/** Returns edits that set a token in clear text, which another rule also reports. */
function literalOfTokenShort(token: string): [string, string][] {
  return [
    ['${secret:cluster_token}', token],
    ['ip: 192.168.178.43 }\n', 'ip: 192.168.178.43 }\nsilence: { clear-text-secret: a test plant }\n'],
  ];
}

ruleTest('token-short', {
  'fifteen characters': {
    edits: literalOfTokenShort('abcdefghijklmno'),
    finds: [
      {
        at: '15:10',
        message: 'The token of the cluster plant has fewer than 16 characters: it can be guessed.',
      },
    ],
  },
  'fifteen characters, of a running cluster': {
    edits: [...literalOfTokenShort('abcdefghijklmno'), ...RUNNING],
  },
  'sixteen characters': { edits: literalOfTokenShort('abcdefghijklmnop') },
  'a secret with a short name': { edits: [['${secret:cluster_token}', '${secret:t}']] },
});

function twoClusters(east: string, west: string): [string, string][] {
  return [
    [
      'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
      `clusters:\n  east: { vip: 192.168.178.40, token: "${east}" }\n  west: { vip: 192.168.178.39, token: "${west}" }\n`,
    ],
    ['  config:\n', '  cluster: east\n  config:\n'],
    [
      'ip: 192.168.178.43 }\n',
      'ip: 192.168.178.43 }\n  w-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.44, cluster: west, mode: create }\n',
    ],
  ];
}

ruleTest('token-shared', {
  'one secret for two clusters': {
    edits: twoClusters('${secret:cluster_token}', '${secret:cluster_token}'),
    finds: [
      {
        at: '15:39',
        message: 'The cluster west has the token of east: a node of one could join the other.',
        related: ['14:39'],
      },
    ],
  },
  'one secret for two running clusters': {
    edits: [
      ...twoClusters('${secret:cluster_token}', '${secret:cluster_token}').map(
        ([from, to]): [string, string] => [
          from,
          to.replaceAll('{ vip', '{ exists: true, vip').replace(', mode: create', ''),
        ],
      ),
      [', mode: create', ''],
    ],
    finds: [
      {
        at: '15:53',
        message: 'The cluster west has the token of east: a node of one could join the other.',
        related: ['14:53'],
        help: 'set the token of each running cluster; or, if both have this one, add silence: {token-shared: "the reason"}',
      },
    ],
  },
  'two secrets': { edits: twoClusters('${secret:east_token}', '${secret:west_token}') },
  'two tokens that contain the same secret': {
    edits: twoClusters('${secret:cluster_token}-east', '${secret:cluster_token}-west'),
  },
});
