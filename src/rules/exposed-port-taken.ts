import type { Exposed, Server, Site } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import { listenerPlace, listenersOf } from '../targets/nginx/listeners.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

/** The port of ssh. */
const SSH = 22;

export const exposedPortTaken: Rule = {
  code: 'exposed-port-taken',
  severity: 'error',
  what: 'No exposed port of the host is one that something else listens at: nginx, or SSH.',
  why: 'Whichever comes first has the port. If that is socat, machines fetch nothing and nobody can log in to the host; if not, the port leads nowhere.',
  check(site, report) {
    for (const exposed of site.host?.expose ?? []) {
      const taken = exposed && takenBy(exposed, site);
      if (!taken) continue;
      report({
        message: `Port ${exposed.port} of the host is that of ${taken.what}: it cannot lead to a VIP as well.`,
        at: placeOf(exposed, 'port'),
        related: taken.at ? [{ message: 'it is set at', at: taken.at }] : [],
        help: taken.help,
      });
    }
  },
};

interface Taken {
  readonly what: string;
  readonly at?: Place;
  readonly help: string;
}

const OTHER = 'choose another port of the host, and say that of the VIP with `to`';

/** Who else listens there, at all addresses of the host; vnc-port-taken has the screens of virtual machines. */
function takenBy({ port }: Draft<Exposed>, { server }: Draft<Site>): Taken | undefined {
  if (port === undefined) return undefined;
  if (server?.url && server.host && server.port) {
    const listener = listenersOf(server as Server).find((one) => one.port === port);
    if (listener) {
      const at = listenerPlace(server, listener);
      return { what: 'nginx, which hands out what machines boot from', at, help: OTHER };
    }
  }
  if (port === SSH) {
    const help = `${OTHER}; where the host's SSH listens elsewhere, silence exposed-port-taken with the reason`;
    return { what: 'SSH', help };
  }
  return undefined;
}
