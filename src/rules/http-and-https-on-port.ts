import type { Server } from '../site/model.ts';
import { type Listener, listenerPlace, listenersOf } from '../targets/nginx/listeners.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const httpAndHttpsOnPort: Rule = {
  code: 'http-and-https-on-port',
  severity: 'error',
  what: 'Where nginx speaks http and https, each has a port of its own.',
  why: 'A port of nginx speaks one of the two: machines that speak the other get no further than "400 Bad Request".',
  essential: true,
  check({ server }, report) {
    if (!server?.url || !server.host || !server.port || !isWhole(server)) return;
    const listeners = listenersOf(server as Server);
    for (const other of listeners.filter(({ isHttps }) => isHttps)) {
      const plain = listeners.find(({ isHttps, port }) => !isHttps && port === other.port);
      if (!plain) continue;
      const isFurther = plain.by === 'ports';
      report({
        message: {
          firmware: `Port ${other.port} is for https here, and firmware fetches iPXE's programs from it by http.`,
          ports: `Port ${other.port} is for http here, and for https in server.tls.url.`,
          url: `Port ${other.port} is for https here, and for http in server.url.`,
        }[plain.by as 'firmware' | 'ports' | 'url'],
        at: listenerPlace(server, isFurther ? plain : other),
        help: helpFor(plain, other),
      });
    }
  },
};

function helpFor(plain: Listener, other: Listener): string {
  if (plain.by === 'ports' || other.by === 'ports')
    return 'take it out of server.ports, or choose another one';
  return plain.by === 'firmware'
    ? 'choose another port, such as the usual one, 443'
    : 'choose another port for one of them';
}

/** Whether all is there that says where nginx answers. */
function isWhole({ tls }: Draft<Server>): boolean {
  return tls?.url !== undefined && tls.host !== undefined && tls.port !== undefined;
}
