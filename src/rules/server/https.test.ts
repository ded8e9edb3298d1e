import { ruleTest } from '../../../test/support/rule-test.ts';

/** Returns an edit of the boot server's URL and of tls. */
function withTls(url: string, tls?: string) {
  const more = tls ? `, url: ${tls}` : '';
  const text = `url: ${url}\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key${more} }`;
  return ['url: http://192.168.178.7', text] as const;
}

ruleTest('http-and-https-on-port', {
  'configurations from the port of all other files': {
    edits: [withTls('http://192.168.178.7:443', 'https://boot.example.org')],
    finds: [{ at: '6:71', message: 'Port 443 is set for https, but for http in server.url.' }],
  },
  'the default port for https': {
    edits: [withTls('http://boot.example.org:443')],
    finds: [{ at: '6:8', message: 'Port 443 is set for https, but for http in server.url.' }],
  },
  'all files from the port that firmware uses': {
    edits: [withTls('https://boot.example.org:80')],
    finds: [
      {
        at: '5:8',
        message: 'Port 80 is set for https, but firmware fetches iPXE binaries from it with http.',
      },
    ],
  },
  'configurations from the port that firmware uses': {
    edits: [withTls('https://boot.example.org', 'https://config.example.org:80')],
    finds: [
      {
        at: '6:71',
        message: 'Port 80 is set for https, but firmware fetches iPXE binaries from it with http.',
      },
    ],
  },
  'a port of `ports` with http, and configurations with https': {
    edits: [withTls('http://192.168.178.7\n  ports: [10000, 443]', 'https://boot.example.org')],
    finds: [{ at: '6:18', message: 'Port 443 is set for http, but for https in server.tls.url.' }],
  },
  'a port of `ports` with https, and firmware with http': {
    edits: [withTls('https://boot.example.org\n  ports: [80]')],
    finds: [
      {
        at: '6:11',
        message: 'Port 80 is set for https, but firmware fetches iPXE binaries from it with http.',
      },
    ],
  },
  'separate ports': { edits: [withTls('http://boot.example.org:8080')] },
  'two names on one port, both with https': {
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
    message: `The URL of server.media uses https with ${host}, which no public CA certifies: iPXE and the installer reject its certificate.`,
  };
}

ruleTest('https-needs-public-ca', {
  'media from an IP address': {
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
          'The ISO is fetched with https from mirror.home.arpa, which no public CA certifies: the installer rejects its certificate.',
      },
    ],
  },
  'configurations from a public IP address': {
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
          'Configurations are fetched with https from 9.9.9.9, but few public CAs certify an IP address: the installer rejects any other certificate.',
      },
    ],
  },
  'media and an ISO with http': { edits: [withMedia('http://192.168.178.8'), withIso('http://mirror')] },
  'media from a public name': { edits: [withMedia('https://releases.rancher.com/harvester')] },
  'an ISO from a name that only begins like a private one': { edits: [withIso('https://local.example.org')] },
});

const URL = 'url: http://192.168.178.7';
const TLS = 'tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }';

ruleTest('https-without-tls', {
  'https without a certificate': {
    edits: [[URL, 'url: https://boot.example.org']],
    finds: [
      {
        at: '5:8',
        message:
          'Machines fetch from https://boot.example.org, but nginx has no certificate: it does not answer there.',
      },
    ],
  },
  'https with a certificate': { edits: [[URL, `url: https://boot.example.org\n  ${TLS}`]] },
});

function ofConfiguration(host: string, at: string) {
  const message = `The installer fetches its configuration with https from ${host}, which no public CA certifies: it rejects the certificate.`;
  return { at, message };
}

ruleTest('tls-needs-public-ca', {
  'the IP address of the boot server, as the default of tls.url': {
    edits: [withTls('http://192.168.178.7')],
    finds: [ofConfiguration('192.168.178.7', '6:8')],
  },
  'a name of a private domain': {
    edits: [withTls('http://192.168.178.7', 'https://boot.plant.internal:8443')],
    finds: [ofConfiguration('boot.plant.internal', '6:71')],
  },
  'all files from an IP address: reported once': {
    edits: [withTls('https://192.168.178.7')],
    finds: [ofConfiguration('192.168.178.7', '6:8')],
  },
  'the ISO from an IP address': {
    edits: [withTls('https://192.168.178.7', 'https://boot.example.org')],
    finds: [
      {
        at: '5:8',
        message:
          'The installer fetches the ISO with https from 192.168.178.7, which no public CA certifies: it rejects the certificate.',
      },
    ],
  },
  'the ISO from another server': {
    edits: [
      withTls('https://192.168.178.7\n  media: http://192.168.178.8/harvester', 'https://boot.example.org'),
    ],
  },
  'a name in public DNS': { edits: [withTls('http://192.168.178.7', 'https://boot.example.org')] },
});
