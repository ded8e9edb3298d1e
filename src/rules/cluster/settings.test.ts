import { readFileSync } from 'node:fs';
import type { Edit } from '../../../test/support/plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

const PEM: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('../../../test/data/certificates.json', import.meta.url), 'utf8'),
);

const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const setting = (text: string): Edit => [DEVICE, `${DEVICE}    system_settings: { ${text} }\n`];
const block = (name: string, text: string): Edit => [
  DEVICE,
  `${DEVICE}    system_settings:\n      ${name}: |\n${text.trimEnd().replace(/^/gm, '        ')}\n`,
];
const release = (to: string): Edit => ['v1.4.1', to];
const network = (text: string) => setting(`storage-network: { clusterNetwork: mgmt, ${text} }`);
const START = 'Harvester refuses it at each of its starts, and the new cluster never gets ready.';
const ssl = (certificate = '', key = '') =>
  setting(`ssl-certificates: ${JSON.stringify({ ca: '', publicCertificate: certificate, privateKey: key })}`);

ruleTest('setting-refused', {
  'a number with a unit': {
    edits: [setting('support-bundle-timeout: 10m')],
    finds: [
      {
        at: '22:48',
        message: `support-bundle-timeout must be a whole number without a unit, a sign or leading zeros: ${START}`,
      },
    ],
  },
  'a number in a block of JSON, and another key of the same': {
    edits: [block('vm-force-reset-policy', '{\n  "enable": true,\n  "Period": 0\n}')],
    finds: [{ at: '26:21', message: `vm-force-reset-policy.Period must be a number from 1 on: ${START}` }],
  },
  'a missing number, which Go reads as 0': {
    edits: [setting('overcommit-config: { cpu: 800, memory: 150 }')],
    finds: [
      {
        at: '22:43',
        message: `overcommit-config.storage must be a number from 100 on, and is missing: ${START}`,
      },
    ],
  },
  'too small a range, from v1.5.0 on': {
    edits: [release('v1.6.1'), network('vlan: 200, range: 10.2.0.16/29')],
    finds: [
      {
        at: '22:83',
        message:
          'storage-network.range has 6 usable IP addresses, but needs 12 for 3 nodes: Harvester refuses it, and the setting has no effect.',
      },
    ],
  },
  'the rules of v1.4: no least size, and no exclude': {
    edits: [network('vlan: 1, range: 10.2.0.16/29, exclude: [10.3.0.0/16]')],
  },
  'a range of another setting': {
    edits: [
      release('v1.8.1'),
      setting(
        'storage-network: { clusterNetwork: mgmt, vlan: 200, range: 10.2.0.0/24 }, vm-migration-network: { clusterNetwork: mgmt, vlan: 201, range: 10.2.0.0/25 }',
      ),
    ],
    finds: [
      {
        at: '22:162',
        message:
          'vm-migration-network.range overlaps the range of storage-network, 10.2.0.0/24: Harvester refuses it, and the setting has no effect.',
      },
    ],
  },
  'a certificate without its key': {
    silence: ['clear-text-secret'],
    edits: [ssl(PEM.server)],
    finds: [
      { at: '22:693', message: `ssl-certificates.privateKey must be one private key in PEM: ${START}` },
    ],
  },
  'a certificate and its key': { silence: ['clear-text-secret'], edits: [ssl(PEM.server, PEM.serverKey)] },
  'secrets, whose values are unknown': {
    edits: [ssl('${secret:certificate}', '${secret:key}')],
  },
});

ruleTest('setting-doubtful', {
  'a key of another certificate': {
    silence: ['clear-text-secret'],
    edits: [ssl(PEM.server, PEM.caKey)],
    finds: [
      {
        at: '22:693',
        message:
          'ssl-certificates.privateKey is the key of another certificate: the dashboard does not answer.',
      },
    ],
  },
  'a certificate that is not one of a CA': {
    edits: [block('additional-ca', PEM.server ?? '')],
    finds: [
      {
        at: '23:22',
        message:
          'additional-ca has a certificate that is not one of a CA: TLS connections that need it fail.',
      },
    ],
  },
  'a certificate that has expired': {
    edits: [block('additional-ca', PEM.expired ?? '')],
    finds: [
      {
        at: '23:22',
        message: 'additional-ca has a certificate that has expired: TLS connections that need it fail.',
      },
    ],
  },
  'certificates of CAs': { edits: [block('additional-ca', `${PEM.ca}${PEM.ca}`)] },
  'a proxy without a scheme': {
    edits: [setting('http-proxy: { httpProxy: "proxy:3128", noProxy: "192.168.178.0/24,10.0.0.0/8" }')],
    finds: [
      {
        at: '22:49',
        message:
          'http-proxy.httpProxy must be a URL with http:// or https://: programs use no proxy, or fail.',
      },
    ],
  },
  'a range that the nodes use': {
    edits: [release('v1.6.1'), network('vlan: 200, range: 192.168.178.0/24')],
    finds: [
      {
        at: '22:83',
        message:
          'storage-network.range overlaps the network mgmt, 192.168.178.0/24: packets to the one reach the other.',
      },
    ],
  },
  'a private range of its own': { edits: [release('v1.6.1'), network('vlan: 200, range: 10.2.0.0/24')] },
});
