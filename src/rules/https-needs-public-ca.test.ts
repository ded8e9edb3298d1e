import { ruleTest } from '../../test/support/rule-test.ts';
import { httpsNeedsPublicCa } from './https-needs-public-ca.ts';

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
