import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';
import { isUncertified } from './uncertified-host.ts';

const HELP =
  'a name of the public DNS, which may lead to a private address, with a certificate of a public CA; or no tls at all';

export const tlsNeedsPublicCa: Rule = {
  code: 'tls-needs-public-ca',
  severity: 'error',
  what: 'What the installer fetches from the boot server by https comes from a name for which a public CA can vouch.',
  why: 'The installer verifies certificates, knows the public CAs alone, and cannot be told of another: it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
  check({ server, nodes = [] }, report) {
    const { url, host, tls } = server ?? {};
    if (!server || !tls?.host) return;
    if (isUncertified(tls.host)) {
      report({
        message: `The installer fetches its configuration by https from ${tls.host}, for which no public CA vouches: it would refuse the certificate.`,
        at: placeOf(tls, 'url'),
        help: `server.tls.url: ${HELP}`,
      });
    }
    if (!url?.startsWith('https:') || !host || host === tls.host || !isUncertified(host)) return;
    if (!nodes.some((node) => node?.config?.install?.iso_url?.startsWith(`${url}/`))) return;
    report({
      message: `The installer fetches the ISO by https from ${host}, for which no public CA vouches: it would refuse the certificate.`,
      at: placeOf(server, 'url'),
      help: `server.url: ${HELP}; or server.media elsewhere`,
    });
  },
};
