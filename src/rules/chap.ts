import type { BootSaid, Chap, Node } from '../site/model.ts';
import { hasPlace, isBroken, keyPlaceOf, placeOf } from '../source/origin.ts';
import { type Place, placeKey } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';
import { perNode, repeats } from './support.ts';

export const chapNone: Rule = {
  code: 'chap-none',
  severity: 'warning',
  what: "At a target of the site's own a node proves who it is (CHAP).",
  why: "Without that its address is all that the target asks for: whoever takes it, and guesses the target's name, reads and writes the node's disk.",
  check: perNode((node, report) => {
    const boot = node.boot as BootSaid | undefined;
    if (!node.iscsi || !boot || boot.chap !== 'none' || boot.target !== undefined) return;
    report({
      oncePerPlace: true,
      message: `${node.name} proves nothing to its target: whoever has its address has its disk.`,
      at: placeOf(boot, 'chap'),
      help: 'take `chap: none` out: user and password follow from the name of the node then, and `harvgen secrets` says which secrets that needs',
    });
  }),
};

export const chapSecretBothWays: Rule = {
  code: 'chap-secret-both-ways',
  severity: 'error',
  what: 'No password by which a target proves who it is (mutual CHAP) is that of a node.',
  why: 'RFC 7143, 9.2.1, forbids it: whoever is asked for one could ask the other the same, and answer with what that says. Initiators and targets refuse the login.',
  check({ nodes = [] }, report) {
    // Of several with one password the first counts.
    const names = new Map(nodes.toReversed().map((node) => [node?.iscsi?.chap?.password, node?.name]));
    for (const node of nodes) {
      const { chap } = node?.iscsi ?? {};
      if (!node || !chap?.targetPassword || !names.has(chap.targetPassword)) continue;
      const whose = chap.password === chap.targetPassword ? node.name : names.get(chap.targetPassword);
      report({
        node,
        oncePerPlace: true,
        message: `The target of ${node.name} has the CHAP password of ${whose === node.name ? 'the node' : whose}: it would prove nothing.`,
        at: placeOf(chap, 'targetPassword'),
        help: 'give the target another secret: `target_password: ${secret:chap_target}`',
      });
    }
  },
};

export const chapSecretShared: Rule = {
  code: 'chap-secret-shared',
  severity: 'warning',
  what: "Each node has a password of its own (CHAP) at targets of the site's own.",
  why: "A node knows its own password: with another's it needs no more than that one's address to read and write its disk.",
  check({ nodes = [] }, report) {
    const ofOwn = nodes.filter((node) => node?.iscsi?.disk !== undefined);
    for (const { one: node, first: other } of repeats(
      ofOwn,
      (node) => node.iscsi?.chap?.password || undefined,
    )) {
      const at = passwordPlace(node);
      const otherAt = passwordPlace(other);
      const isSaid = saysPassword(node);
      const isSame = placeKey(otherAt) === placeKey(at);
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} has the CHAP password of ${other.name}: either could log in as the other.`,
        at,
        related: isSame ? [] : [{ message: `${other.name} has it at`, at: otherAt }],
        help: isSame
          ? 'take it out of the layer: unless said, each node has a secret of its own'
          : isSaid || saysPassword(other)
            ? `give ${(isSaid ? node : other).name} another secret; unless said, it has one of its own`
            : `say boot.chap.password of one of them: unless said, it is called by the node's name, with _ for - and .`,
      });
    }
  },
};

function passwordPlace({ iscsi }: Draft<Node>): Place {
  return placeOf(iscsi?.chap as Draft<Chap>, 'password');
}

/** Whether it is said which password a node has, and not by its name alone. */
function saysPassword({ boot }: Draft<Node>): boolean {
  const { chap } = (boot ?? {}) as BootSaid;
  return typeof chap === 'object' && chap !== null && hasPlace(chap, 'password');
}

export const chapTargetUser: Rule = {
  code: 'chap-target-user',
  severity: 'warning',
  what: 'Who a target is (CHAP, `target_user`) is said beside the password by which it proves that.',
  why: 'Without `target_password` a target proves nothing, and the name is used nowhere.',
  check: perNode((node, report) => {
    const { chap } = (node.boot ?? {}) as BootSaid;
    if (!node.iscsi || typeof chap !== 'object' || chap === null) return;
    const said = chap as { readonly target_user?: unknown; readonly target_password?: unknown };
    if (!hasPlace(said, 'target_user') || hasPlace(said, 'target_password')) return;
    if (isBroken(said, 'target_password')) return;
    report({
      oncePerPlace: true,
      message: `boot.chap.target_user says nothing here: ${node.name} does not ask its target to prove who it is.`,
      at: keyPlaceOf(said, 'target_user'),
      help: "say target_password beside it, another secret than the node's own; or take it out",
    });
  }),
};

export const chapUserShared: Rule = {
  code: 'chap-user-shared',
  severity: 'error',
  what: "At targets of the site's own that tgt serves, a CHAP user has one password, whichever node or target it stands for.",
  why: 'All targets of tgt have one list of users: the second password of a name is refused, and a login by it.',
  essential: true,
  check({ server, nodes = [] }, report) {
    if (server?.iscsi?.driver !== 'tgt') return;
    for (const { one, first } of repeats(nodes.flatMap(accountsOf), ({ user }) => user)) {
      const { node, user, password, at } = one;
      if (password === first.password) continue;
      report({
        node,
        message: `The CHAP user ${user} of ${node.name} has another password than that of ${first.node.name === node.name ? 'its target' : first.node.name}: tgt knows one for each name.`,
        at,
        related: [{ message: 'the first is at', at: first.at }],
        help: 'take the user out: unless said, each node and each target has one of its own',
      });
    }
  },
};

/** Gives who logs in at a node's target of the site's own, and who answers there. */
function accountsOf(node: Draft<Node> | undefined) {
  const { chap, disk } = node?.iscsi ?? {};
  if (!node || !chap || disk === undefined) return [];
  const { user, password, targetUser, targetPassword } = chap;
  return [
    ...(user && password ? [{ node, user, password, at: placeOf(chap, 'user') }] : []),
    ...(targetUser && targetPassword
      ? [{ node, user: targetUser, password: targetPassword, at: placeOf(chap, 'targetUser') }]
      : []),
  ];
}
