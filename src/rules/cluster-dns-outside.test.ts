import { ruleTest } from '../../test/support/rule-test.ts';
import { clusterDnsOutside } from './cluster-dns-outside.ts';

const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const NEW = ['v1.4.1', 'v1.5.0'] as const;

ruleTest(clusterDnsOutside, {
  'another service CIDR, and no address for the DNS': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_service_cidr: 10.153.0.0/16\n`]],
    finds: [
      {
        at: '22:29',
        message:
          "The service CIDR 10.153.0.0/16 does not hold 10.53.0.10, the default address of the cluster's DNS: it could not be made.",
      },
    ],
  },
  'an address outside of the default service CIDR': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_dns: 10.54.0.0\n`]],
    finds: [
      {
        at: '22:20',
        message:
          "The cluster's DNS, 10.54.0.0, lies outside of the service CIDR 10.53.0.0/16, the default: it could not be made.",
      },
    ],
  },
  'an address outside of the service CIDR, which the create node says': {
    edits: [
      NEW,
      [DEVICE, `${DEVICE}      cluster_dns: 10.153.0.10\n`],
      ['mode: create', 'mode: create, config: { install: { cluster_service_cidr: 10.153.4.0/30 } }'],
    ],
    finds: [
      {
        at: '22:20',
        message:
          "The cluster's DNS, 10.153.0.10, lies outside of the service CIDR 10.153.4.0/30: it could not be made.",
        related: ['24:114'],
      },
    ],
  },
  'an address in the service CIDR': {
    edits: [
      NEW,
      [DEVICE, `${DEVICE}      cluster_service_cidr: 10.153.0.0/16\n      cluster_dns: 10.153.255.254\n`],
    ],
  },
  'an address in the default service CIDR': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_dns: 10.53.0.53\n`]],
  },
  'another service CIDR that holds the default address': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_service_cidr: 10.53.0.0/20\n`]],
  },
});
