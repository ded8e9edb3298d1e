import { ruleTest } from '../../test/support/rule-test.ts';
import { missingToken } from './missing-token.ts';

const TOKEN = '  token: ${secret:cluster_token}\n';
const CLUSTER = `cluster:\n  vip: 192.168.178.40\n${TOKEN}`;

ruleTest(missingToken, {
  'a cluster without a token': {
    edits: [[TOKEN, '']],
    finds: [
      {
        at: '13:1',
        message: 'The cluster plant has no token: its nodes cannot prove that they belong together.',
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
        message: 'The cluster west has no token: its nodes cannot prove that they belong together.',
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
  'a token that is short': {
    silence: ['clear-text-secret', 'token-short'],
    edits: [[TOKEN, '  token: "0"\n']],
  },
});
