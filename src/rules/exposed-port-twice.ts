import type { Exposed } from '../site/model.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const exposedPortTwice: Rule = {
  code: 'exposed-port-twice',
  severity: 'error',
  what: 'No port of the host is exposed twice, but at different addresses of the host.',
  why: 'A connection can lead to one place only: the second socat finds the port taken, and tries again for ever. Without `address` a port is exposed at all addresses.',
  essential: true,
  check({ host }, report) {
    const exposed = host?.expose ?? [];
    for (const [index, one] of exposed.entries()) {
      const first = one && exposed.slice(0, index).find((other) => other && isSamePort(one, other));
      if (!first) continue;
      report({
        message: `Port ${one.port} of the host${one.address ? `, at ${one.address},` : ''} is exposed already: it can lead to one place only.`,
        at: placeOf(one, 'port'),
        related: [{ message: 'it is exposed first at', at: placeOf(first, 'port') }],
        help: 'choose another port of the host for one of them: `to` is the one of the VIP',
      });
    }
  },
};

function isSamePort(one: Draft<Exposed>, other: Draft<Exposed>): boolean {
  if (one.port === undefined || one.port !== other.port) return false;
  if ([one, other].some((exposed) => isBroken(exposed, 'address'))) return false;
  return one.address === other.address || one.address === undefined || other.address === undefined;
}
