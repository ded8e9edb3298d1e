import type { Server } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import { listenersOf } from '../targets/nginx/listeners.ts';
import type { Draft } from '../values/draft.ts';
import { parseServerUrl } from '../values/server-url.ts';
import type { Rule } from './rule.ts';

export const nextIsItself: Rule = {
  code: 'next-is-itself',
  severity: 'error',
  what: 'The next boot server is that of another site.',
  why: 'A machine that the site does not know would be sent in a circle, and never be told that it is unknown.',
  check({ server }, report) {
    const next = server?.next && parseServerUrl(server.next);
    if (!next || !isWhole(server)) return;
    // Where there are no scripts it would be no circle, and still no other site.
    if (!listenersOf(server as Server).some(({ host, port }) => host === next.host && port === next.port))
      return;
    report({
      message: `The next boot server, ${server.next}, is the site's own.`,
      at: placeOf(server, 'next'),
      help: 'write the server.url of the other site; the last of several sites has no next one',
    });
  },
};

/** Whether all is there that says where nginx answers. */
function isWhole({ url, host, port, tls }: Draft<Server>): boolean {
  if (url === undefined || host === undefined || port === undefined) return false;
  return !tls || (tls.url !== undefined && tls.host !== undefined && tls.port !== undefined);
}
