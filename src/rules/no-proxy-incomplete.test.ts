import { ruleTest } from '../../test/support/rule-test.ts';
import { noProxyIncomplete } from './no-proxy-incomplete.ts';

const OS = 'config:\n    os:';

/** The setting, as it is written in the defaults: the value of noProxy in its line 22, or the setting in line 19. */
function withProxy(noProxy: string | undefined, proxy = 'httpsProxy: http://proxy.example.org:3128') {
  const own = noProxy === undefined ? '' : `        noProxy: "${noProxy}"\n`;
  return [OS, `config:\n    system_settings:\n      http-proxy:\n        ${proxy}\n${own}    os:`] as const;
}

function withText(text: string) {
  return [OS, `config:\n    system_settings:\n      http-proxy: '${text}'\n    os:`] as const;
}

/** Moves the site into the private subnet that Harvester adds by itself. */
const IN_TEN = [
  ['subnet: 192.168.178.0/24', 'subnet: 10.1.0.0/24'],
  ['url: http://192.168.178.7', 'url: http://10.1.0.7'],
  ['gateway: 192.168.178.1', 'gateway: 10.1.0.1'],
  ['dns: [192.168.178.1]', 'dns: [10.1.0.1]'],
  ['pool: 192.168.178.200-192.168.178.250', 'pool: 10.1.0.200-10.1.0.250'],
  ['vip: 192.168.178.40', 'vip: 10.1.0.40'],
  ['ip: 192.168.178.41', 'ip: 10.1.0.41'],
  ['ip: 192.168.178.42', 'ip: 10.1.0.42'],
  ['ip: 192.168.178.43', 'ip: 10.1.0.43'],
] as const;

const NODES_AND_VIP =
  'The noProxy of http-proxy does not cover the subnet 192.168.178.0/24 of the nodes and the VIP 192.168.178.40: nodes would reach each other through the proxy, and further ones could not join.';

ruleTest(noProxyIncomplete, {
  'a proxy without noProxy': {
    edits: [withProxy(undefined)],
    finds: [{ at: '19:7', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'a noProxy for something else': {
    edits: [withProxy('localhost,.example.org,192.168.179.0/24')],
    finds: [{ at: '21:18', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'a noProxy with a part of the subnet': {
    edits: [withProxy('192.168.178.0/27,192.168.178.40')],
    finds: [
      {
        at: '21:18',
        message:
          'The noProxy of http-proxy does not cover the subnet 192.168.178.0/24 of the nodes: nodes would reach each other through the proxy, and further ones could not join.',
        related: ['8:13'],
      },
    ],
  },
  'a noProxy with each node, and not the VIP': {
    edits: [withProxy('192.168.178.41,192.168.178.42,192.168.178.43')],
    finds: [
      {
        at: '21:18',
        message:
          'The noProxy of http-proxy does not cover the VIP 192.168.178.40: nodes would reach each other through the proxy, and further ones could not join.',
        related: ['14:8'],
      },
    ],
  },
  'a noProxy without the subnets of the cluster, which are not the usual ones': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.0'],
      withProxy('192.168.178.0/24'),
      [
        'install:\n',
        'install:\n      cluster_pod_cidr: 172.20.0.0/16\n      cluster_service_cidr: 172.21.0.0/16\n      cluster_dns: 172.21.0.10\n',
      ],
    ],
    finds: [
      {
        at: '21:18',
        message:
          'The noProxy of http-proxy does not cover the pod CIDR 172.20.0.0/16 and the service CIDR 172.21.0.0/16: nodes would reach each other through the proxy, and further ones could not join.',
        related: ['25:25', '26:29'],
      },
    ],
  },
  'a proxy that takes a password': {
    silence: ['clear-text-secret'],
    edits: [withProxy('localhost', 'httpProxy: http://user:password@proxy.example.org:3128')],
    finds: [{ at: '21:18', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'a proxy in JSON': {
    edits: [withText('{"httpProxy": "http://proxy.example.org:3128", "noProxy": ".svc"}')],
    finds: [{ at: '19:19', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'nodes in the subnet that Harvester adds, with a release that asks for them all the same': {
    edits: [...IN_TEN, withProxy('localhost')],
    finds: [
      {
        at: '21:18',
        message:
          'The noProxy of http-proxy does not cover the subnet 10.1.0.0/24 of the nodes: nodes would reach each other through the proxy, and further ones could not join.',
        related: ['8:13'],
      },
    ],
  },
  'nodes in the subnet that Harvester adds, with the last release that is content with that': {
    edits: [['version: v1.4.1', 'version: v1.3.0'], ...IN_TEN, withProxy('localhost')],
  },
  'the subnet of the nodes': { edits: [withProxy('192.168.178.0/24')] },
  'a wider one': { edits: [withProxy('localhost, 192.168.0.0/16')] },
  'each node, and the VIP': {
    edits: [withProxy('192.168.178.40,192.168.178.41,192.168.178.42,192.168.178.43')],
  },
  'no proxy': { edits: [withProxy(undefined, 'httpsProxy: ""')] },
  'a secret, which may hold what it likes': {
    edits: [withProxy(`\${secret:no_proxy}`, `httpProxy: \${secret:proxy}`)],
  },
  'JSON that is a secret': { edits: [withText(`\${secret:proxy}`)] },
  'JSON with the subnet': {
    edits: [withText('{"httpProxy": "http://proxy.example.org:3128", "noProxy": "192.168.178.0/24"}')],
  },
});
