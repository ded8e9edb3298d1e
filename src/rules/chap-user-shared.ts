import type { Chap } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const chapUserShared: Rule = {
  code: 'chap-user-shared',
  severity: 'error',
  what: "At targets of the site's own that tgt serves, a CHAP user has one password, whichever node or target it stands for.",
  why: 'All targets of tgt have one list of users: the second password of a name is refused, and a login by it.',
  essential: true,
  check({ server, nodes = [] }, report) {
    if (server?.iscsi?.driver !== 'tgt') return;
    const first = new Map<string, Account & { readonly name: string | undefined }>();
    for (const node of nodes) {
      const { chap, disk } = node?.iscsi ?? {};
      if (!node || !chap || disk === undefined) continue;
      for (const account of accountsOf(chap)) {
        const other = first.get(account.user);
        if (!other) first.set(account.user, { ...account, name: node.name });
        else if (other.password !== account.password)
          report({
            node,
            message: `The CHAP user ${account.user} of ${node.name} has another password than that of ${other.name === node.name ? 'its target' : other.name}: tgt knows one for each name.`,
            at: account.at,
            related: [{ message: 'the first is at', at: other.at }],
            help: 'take the user out: unless said, each node and each target has one of its own',
          });
      }
    }
  },
};

interface Account {
  readonly user: string;
  readonly password: string;
  readonly at: Place;
}

function accountsOf(chap: Draft<Chap>): Account[] {
  const { user, password, targetUser, targetPassword } = chap;
  return [
    ...(user && password ? [{ user, password, at: placeOf(chap, 'user') }] : []),
    ...(targetUser && targetPassword
      ? [{ user: targetUser, password: targetPassword, at: placeOf(chap, 'targetUser') }]
      : []),
  ];
}
