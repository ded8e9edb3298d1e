import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../test/support/nested-plant.ts';
import { edited } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { airGapped } from './air-gapped.ts';

const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B platform@example.org';

/** The common site with nothing of the internet. */
const AWAY = `site: plant
air_gapped: true
harvester:
  version: v1.4.1
server:
  url: http://192.168.178.7
networks:
  mgmt:
    subnet: 192.168.178.0/24
    gateway: 192.168.178.1
    dns: [192.168.178.1, 10.9.0.53]
    ntp: [192.168.178.1]
    dhcp: {}
cluster:
  vip: 192.168.178.40
  token: \${secret:cluster_token}
defaults:
  config:
    os:
      ssh_authorized_keys:
        - ${KEY}
    install:
      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1
nodes:
  harv-1: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }
  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }
  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }
`;

ruleTest(airGapped, {
  'the common site, which has public time servers and keys of GitHub': {
    edits: [['site: plant\n', 'site: plant\nair_gapped: true\n']],
    finds: [
      {
        at: '19:25',
        message:
          'The time server 0.suse.pool.ntp.org is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
      {
        at: '20:29',
        message:
          'The SSH key github:your_username is fetched from GitHub, and the site is air-gapped: nobody could log in with it.',
        related: ['2:13'],
      },
    ],
  },
  'public servers of a network': {
    of: AWAY,
    edits: [
      ['[192.168.178.1, 10.9.0.53]', '[9.9.9.9, 192.168.178.1, 1.1.1.1]'],
      ['ntp: [192.168.178.1]', 'ntp: [ntp.example.org, pool.ntp.org]'],
    ],
    finds: [
      {
        at: '11:11',
        message:
          'The DNS server 9.9.9.9 is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
      {
        at: '11:35',
        message:
          'The DNS server 1.1.1.1 is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
      {
        at: '12:28',
        message:
          'The time server pool.ntp.org is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
    ],
  },
  'public servers that the defaults and a node name': {
    of: AWAY,
    edits: [
      ['    os:\n', '    os:\n      ntp_servers: ["2.pool.ntp.org:123", 192.168.178.1, 172.32.0.2]\n'],
      ['mode: create', 'mode: create, config: { os: { dns_nameservers: [192.168.178.1, 172.32.0.1] } }'],
    ],
    finds: [
      {
        at: '20:21',
        message:
          'The time server 2.pool.ntp.org:123 is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
      {
        at: '20:58',
        message:
          'The time server 172.32.0.2 is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
      {
        at: '26:120',
        message:
          'The DNS server 172.32.0.1 is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
    ],
  },
  'media on the internet': {
    of: AWAY,
    edits: [
      [
        '  url: http://192.168.178.7\n',
        '  url: http://192.168.178.7\n  media: https://releases.rancher.com/harvester\n',
      ],
    ],
    finds: [
      {
        at: '7:10',
        message:
          'Machines fetch Harvester from releases.rancher.com, and the site is air-gapped: none could be installed.',
        related: ['2:13'],
      },
    ],
  },
  'an ISO on the internet': {
    of: AWAY,
    edits: [
      [
        '      device:',
        '      iso_url: https://github.com/harvester/harvester/releases/download/v1.4.1/harvester-v1.4.1-amd64.iso\n      device:',
      ],
    ],
    finds: [
      {
        at: '23:16',
        message:
          'The ISO is fetched from github.com, and the site is air-gapped: the installation would stop.',
        related: ['2:13'],
      },
    ],
  },
  'a node that has a way out': {
    of: AWAY,
    edits: [
      [
        'mode: create',
        'mode: create, silence: { air-gapped: has a way out }, config: { os: { dns_nameservers: [9.9.9.9] } }',
      ],
    ],
  },
  'all of it on the site': { of: AWAY, edits: [] },
  "names that are nearly public, and addresses of the site that are nobody else's": {
    of: AWAY,
    edits: [
      ['[192.168.178.1, 10.9.0.53]', '[141.20.3.53, 172.31.255.254]'],
      ['ntp: [192.168.178.1]', 'ntp: [pool.ntp.org.example.org, carpool.ntp.org, 100.127.0.1]'],
      ['    dhcp: {}\n', '    dhcp: {}\n  campus: { subnet: 141.20.0.0/16 }\n'],
      [
        '  url: http://192.168.178.7\n',
        '  url: http://192.168.178.7\n  media: http://releases.rancher.com.example.org/harvester\n',
      ],
    ],
  },
  'the same in a site that is not air-gapped': {
    of: AWAY,
    edits: [
      ['air_gapped: true\n', 'air_gapped: false\n'],
      ['[192.168.178.1, 10.9.0.53]', '[9.9.9.9]'],
      ['ntp: [192.168.178.1]', 'ntp: [0.suse.pool.ntp.org]'],
    ],
  },
  'public time servers in configurations, where the host tells the time': {
    of: NESTED,
    edits: [['site: plant\n', 'site: plant\nair_gapped: true\n']],
    finds: [
      {
        at: '23:25',
        message:
          'The time server 0.suse.pool.ntp.org is on the internet, and the site is air-gapped: it would never answer.',
        related: ['2:13'],
      },
    ],
  },
  'machines that ask their host for the time, and for names': {
    of: NESTED,
    edits: [
      ['site: plant\n', 'site: plant\nair_gapped: true\n'],
      ['ntp_servers: [0.suse.pool.ntp.org], ', ''],
    ],
  },
});

const test = suite('air-gapped, what to do');

test('where the host tells the time, it is named', async () => {
  const site = edited(NESTED, ['site: plant\n', 'site: plant\nair_gapped: true\n']);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ help }) => help),
    ['remove it: machines then ask the host, 192.168.150.1'],
  );
});

test.run();
