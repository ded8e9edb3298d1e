import type { Server } from '../site/model.ts';
import { listenerPlace, listenersOf } from '../targets/nginx/listeners.ts';
import type { Rule } from './rule.ts';

export const portHasConfigurations: Rule = {
  code: 'port-has-configurations',
  severity: 'error',
  what: 'No port of `server.ports` is the one at which nginx hands out configurations alone, by the same name.',
  why: 'Of two servers with one name and port nginx has the first, and passes over the other with no more than a warning: machines would be told that there are no configurations (nginx, src/http/ngx_http.c).',
  essential: true,
  check({ server }, report) {
    const { tls } = server ?? {};
    if (!server?.url || !server.host || !server.port || !tls?.url || !tls.host || !tls.port) return;
    const listeners = listenersOf(server as Server);
    const own = listeners.find(({ by }) => by === 'tls');
    const further = listeners.find(
      ({ by, host, port, isHttps }) => by === 'ports' && isHttps && host === own?.host && port === own.port,
    );
    if (!further) return;
    report({
      message: `Port ${further.port} is that of server.tls.url, at which nginx hands out configurations and nothing else.`,
      at: listenerPlace(server, further),
      related: [{ message: 'server.tls is at', at: listenerPlace(server, own ?? further) }],
      help: 'take it out of server.ports, or choose another one',
    });
  },
};
