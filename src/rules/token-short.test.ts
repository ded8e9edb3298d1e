import { ruleTest } from '../../test/support/rule-test.ts';
import { tokenShort } from './token-short.ts';

/** A token that is written out, which another rule has something to say about, too. */
function literal(token: string): [string, string][] {
  return [
    ['${secret:cluster_token}', token],
    ['ip: 192.168.178.43 }\n', 'ip: 192.168.178.43 }\nsilence: { clear-text-secret: a test plant }\n'],
  ];
}

ruleTest(tokenShort, {
  'fifteen characters': {
    edits: literal('abcdefghijklmno'),
    finds: [
      {
        at: '15:10',
        message: 'The token of the cluster plant has fewer than 16 characters: it can be guessed.',
      },
    ],
  },
  'sixteen characters': { edits: literal('abcdefghijklmnop') },
  'a secret with a short name': { edits: [['${secret:cluster_token}', '${secret:t}']] },
});
