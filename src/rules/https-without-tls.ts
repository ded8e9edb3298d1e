import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const httpsWithoutTls: Rule = {
  code: 'https-without-tls',
  severity: 'error',
  what: 'Where machines fetch by https, nginx has a certificate.',
  why: 'Nothing would answer on the boot server: nginx speaks no https without a certificate and its key.',
  essential: true,
  check({ server }, report) {
    if (!server?.url?.startsWith('https:') || server.tls || isBroken(server, 'tls')) return;
    report({
      message: `Machines fetch from ${server.url}, and nginx has no certificate.`,
      at: placeOf(server, 'url'),
      help: 'say where it lies on the boot server, `tls: {certificate: …, key: …}`, or write http',
    });
  },
};
