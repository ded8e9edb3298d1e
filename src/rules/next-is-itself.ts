import { placeOf } from '../origin.ts';
import { parseServerUrl } from '../site/server-url.ts';
import type { Rule } from './rule.ts';

export const nextIsItself: Rule = {
  code: 'next-is-itself',
  severity: 'error',
  what: 'The next boot server is that of another site.',
  why: 'A machine that the site does not know would be sent in a circle, and never be told that it is unknown.',
  check({ server }, report) {
    const next = server?.next && parseServerUrl(server.next);
    if (!next || next.host !== server.host) return;
    if (next.port !== server.port && !server.ports?.includes(next.port)) return;
    report({
      message: `The next boot server, ${server.next}, is the site's own.`,
      at: placeOf(server, 'next'),
      help: 'write the server.url of the other site; the last of several sites has no next one',
    });
  },
};
