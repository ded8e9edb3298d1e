import { ruleTest } from '../../test/support/rule-test.ts';
import { tokenShared } from './token-shared.ts';

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

ruleTest(tokenShared, {
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
  'two secrets': { edits: twoClusters('${secret:east_token}', '${secret:west_token}') },
  'two tokens with a secret in common': {
    edits: twoClusters('${secret:cluster_token}-east', '${secret:cluster_token}-west'),
  },
});
