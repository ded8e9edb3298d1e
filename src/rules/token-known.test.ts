import { ruleTest } from '../../test/support/rule-test.ts';
import { tokenKnown } from './token-known.ts';

function literal(token: string, silence: string): [string, string][] {
  return [
    ['${secret:cluster_token}', token],
    ['ip: 192.168.178.43 }\n', `ip: 192.168.178.43 }\nsilence: { ${silence} }\n`],
  ];
}

const KNOWN = [
  {
    at: '15:10',
    message: 'The token of the cluster plant stands in public examples: it is known to everybody.',
  },
];

ruleTest(tokenKnown, {
  'a token of an example, once and not as clear text and short as well': {
    edits: [['${secret:cluster_token}', 'SecretToken.123']],
    finds: KNOWN,
  },
  'whatever else is silenced': {
    edits: literal('harvester', 'clear-text-secret: a test plant'),
    finds: KNOWN,
  },
  'whether its length is silenced or not': {
    edits: literal('harvester', 'clear-text-secret: a test plant, token-short: a test plant'),
    finds: KNOWN,
  },
  'nothing, where it is silenced, and the others with it': {
    edits: literal('harvester', 'clear-text-secret: lab, token-short: lab, token-known: lab'),
  },
  'a secret of such a name': { edits: [['${secret:cluster_token}', '${secret:token}']] },
});
