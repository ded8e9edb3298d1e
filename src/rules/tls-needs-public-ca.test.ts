import { ruleTest } from '../../test/support/rule-test.ts';
import { tlsNeedsPublicCa } from './tls-needs-public-ca.ts';

/** The boot server's URL, and what is said of TLS. */
function withTls(url: string, tls?: string) {
  const more = tls ? `, url: ${tls}` : '';
  const text = `url: ${url}\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key${more} }`;
  return ['url: http://192.168.178.7', text] as const;
}

function ofConfiguration(host: string, at: string) {
  const message = `The installer fetches its configuration by https from ${host}, for which no public CA vouches: it would refuse the certificate.`;
  return { at, message };
}

ruleTest(tlsNeedsPublicCa, {
  'the address of the boot server, which nobody has said': {
    edits: [withTls('http://192.168.178.7')],
    finds: [ofConfiguration('192.168.178.7', '6:8')],
  },
  'a name of a private domain': {
    edits: [withTls('http://192.168.178.7', 'https://boot.plant.internal:8443')],
    finds: [ofConfiguration('boot.plant.internal', '6:71')],
  },
  'everything from an address: said once': {
    edits: [withTls('https://192.168.178.7')],
    finds: [ofConfiguration('192.168.178.7', '6:8')],
  },
  'the ISO from an address': {
    edits: [withTls('https://192.168.178.7', 'https://boot.example.org')],
    finds: [
      {
        at: '5:8',
        message:
          'The installer fetches the ISO by https from 192.168.178.7, for which no public CA vouches: it would refuse the certificate.',
      },
    ],
  },
  'the ISO from elsewhere': {
    edits: [
      withTls('https://192.168.178.7\n  media: http://192.168.178.8/harvester', 'https://boot.example.org'),
    ],
  },
  'a name of the public DNS': { edits: [withTls('http://192.168.178.7', 'https://boot.example.org')] },
});
