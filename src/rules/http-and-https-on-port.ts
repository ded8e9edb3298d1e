import { placeOf } from '../origin.ts';
import type { Server } from '../site/model.ts';
import { listenersOf } from '../targets/nginx/listeners.ts';
import type { Rule } from './rule.ts';

export const httpAndHttpsOnPort: Rule = {
  code: 'http-and-https-on-port',
  severity: 'error',
  what: 'Where nginx speaks http and https, each has a port of its own.',
  why: 'A port of nginx speaks one of the two: machines that speak the other get no further than "400 Bad Request".',
  essential: true,
  check({ server }, report) {
    const { url, host, port, tls } = server ?? {};
    if (!server || !url || !host || !port || !tls?.url || !tls.host || !tls.port) return;
    const listeners = listenersOf(server as Server);
    const plain = listeners.find(({ isHttps }) => !isHttps);
    const other = listeners.find(({ isHttps, port }) => isHttps && port === plain?.port);
    if (!plain || !other) return;
    const isLoaders = !plain.others;
    report({
      message: isLoaders
        ? `Port ${other.port} is for https here, and firmware fetches iPXE's programs from it by http.`
        : `Port ${other.port} is for https here, and for http in server.url.`,
      at: isLoaders && other.others ? placeOf(server, 'url') : placeOf(tls, 'url'),
      help: isLoaders
        ? 'choose another port, such as the usual one, 443'
        : 'choose another port for one of them',
    });
  },
};
