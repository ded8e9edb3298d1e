import type { BootSaid } from '../site/model.ts';
import { hasPlace, type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const chapSecretShared: Rule = {
  code: 'chap-secret-shared',
  severity: 'warning',
  what: "Each node has a password of its own (CHAP) at targets of the site's own.",
  why: "A node knows its own password: with another's it needs no more than that one's address to read and write its disk.",
  check({ nodes = [] }, report) {
    const first = new Map<
      string,
      { readonly name: string | undefined; readonly at: Place; readonly isSaid: boolean }
    >();
    for (const node of nodes) {
      const { chap, disk } = node?.iscsi ?? {};
      if (!node || !chap?.password || disk === undefined) continue;
      const at = placeOf(chap, 'password');
      const isSaid = saysPassword(node.boot as BootSaid | undefined);
      const other = first.get(chap.password);
      if (!other) {
        first.set(chap.password, { name: node.name, at, isSaid });
        continue;
      }
      const isSame = placeKey(other.at) === placeKey(at);
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} has the CHAP password of ${other.name}: either could log in as the other.`,
        at,
        related: isSame ? [] : [{ message: `${other.name} has it at`, at: other.at }],
        help: isSame
          ? 'take it out of the layer: unless said, each node has a secret of its own'
          : isSaid || other.isSaid
            ? `give ${(isSaid ? node : other).name} another secret; unless said, it has one of its own`
            : `say boot.chap.password of one of them: unless said, it is called by the node's name, with _ for - and .`,
      });
    }
  },
};

/** Whether it is said which password a node has, and not by its name alone. */
function saysPassword(boot: BootSaid | undefined): boolean {
  const chap = boot?.chap;
  return typeof chap === 'object' && chap !== null && hasPlace(chap as { password?: unknown }, 'password');
}
