import { ruleTest } from '../../test/support/rule-test.ts';
import { httpAndHttpsOnPort, httpsNeedsPublicCa, httpsWithoutTls, tlsNeedsPublicCa } from './https.ts';

/** The boot server's URL, and what is said of TLS. */
function withTls(url: string, tls?: string) {
  const more = tls ? `, url: ${tls}` : '';
  const text = `url: ${url}\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key${more} }`;
  return ['url: http://192.168.178.7', text] as const;
}

ruleTest(httpAndHttpsOnPort, {
  'configurations from the port of all else': {
    edits: [withTls('http://192.168.178.7:443', 'https://boot.example.org')],
    finds: [{ at: '6:71', message: 'Port 443 is for https here, and for http in server.url.' }],
  },
  'the usual port, which nobody has said': {
    edits: [withTls('http://boot.example.org:443')],
    finds: [{ at: '6:8', message: 'Port 443 is for https here, and for http in server.url.' }],
  },
  'everything from the port that firmware fetches from': {
    edits: [withTls('https://boot.example.org:80')],
    finds: [
      {
        at: '5:8',
        message: "Port 80 is for https here, and firmware fetches iPXE's programs from it by http.",
      },
    ],
  },
  'configurations from the port that firmware fetches from': {
    edits: [withTls('https://boot.example.org', 'https://config.example.org:80')],
    finds: [
      {
        at: '6:71',
        message: "Port 80 is for https here, and firmware fetches iPXE's programs from it by http.",
      },
    ],
  },
  'a further port by http, and configurations by https': {
    edits: [withTls('http://192.168.178.7\n  ports: [10000, 443]', 'https://boot.example.org')],
    finds: [{ at: '6:18', message: 'Port 443 is for http here, and for https in server.tls.url.' }],
  },
  'a further port by https, and firmware by http': {
    edits: [withTls('https://boot.example.org\n  ports: [80]')],
    finds: [
      {
        at: '6:11',
        message: "Port 80 is for https here, and firmware fetches iPXE's programs from it by http.",
      },
    ],
  },
  'ports of their own': { edits: [withTls('http://boot.example.org:8080')] },
  'two names at one port, both by https': {
    edits: [withTls('https://boot.example.org', 'https://config.example.org')],
  },
});

const SERVER = 'url: http://192.168.178.7';
const INSTALL = 'install:\n';
const ISO = '/harvester-v1.4.1-amd64.iso';

function withMedia(url: string) {
  return [SERVER, `${SERVER}\n  media: ${url}`] as const;
}

function withIso(url: string) {
  return [INSTALL, `${INSTALL}      iso_url: ${url}${ISO}\n`] as const;
}

function ofMedia(host: string) {
  return {
    at: '6:10',
    message: `server.media is fetched over https from ${host}, for which no public CA vouches: iPXE and the installer would refuse its certificate.`,
  };
}

ruleTest(httpsNeedsPublicCa, {
  'media from an address': {
    edits: [withMedia('https://192.168.178.8/harvester')],
    finds: [ofMedia('192.168.178.8')],
  },
  'media from a name without a dot': { edits: [withMedia('https://mirror')], finds: [ofMedia('mirror')] },
  'media from a private domain': {
    edits: [withMedia('https://mirror.plant.Local:8443/harvester')],
    finds: [ofMedia('mirror.plant.local')],
  },
  'an ISO for all nodes from a private domain': {
    edits: [withIso('https://mirror.home.arpa')],
    finds: [
      {
        at: '21:16',
        message:
          'The ISO is fetched over https from mirror.home.arpa, for which no public CA vouches: the installer would refuse its certificate.',
      },
    ],
  },
  'configurations from a public address': {
    edits: [
      [
        SERVER,
        `${SERVER}\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key, url: https://9.9.9.9 }`,
      ],
    ],
    finds: [
      {
        at: '6:71',
        message:
          'Configurations are fetched over https from 9.9.9.9, and few public CAs vouch for an address: the installer would refuse any other certificate.',
      },
    ],
  },
  'media and an ISO by http': { edits: [withMedia('http://192.168.178.8'), withIso('http://mirror')] },
  'media from a public name': { edits: [withMedia('https://releases.rancher.com/harvester')] },
  'an ISO from a name that only begins like a private one': { edits: [withIso('https://local.example.org')] },
});

const URL = 'url: http://192.168.178.7';
const TLS = 'tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }';

ruleTest(httpsWithoutTls, {
  'https, and no certificate': {
    edits: [[URL, 'url: https://boot.example.org']],
    finds: [
      { at: '5:8', message: 'Machines fetch from https://boot.example.org, and nginx has no certificate.' },
    ],
  },
  'https, and a certificate': { edits: [[URL, `url: https://boot.example.org\n  ${TLS}`]] },
});

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
