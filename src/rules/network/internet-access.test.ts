import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B platform@example.org';

/** The common site without anything from the internet. */
const OFFLINE = `site: plant
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

const DOWNLOADS = (image: string, iso: string) => `apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
metadata: { name: leap, labels: { harvesterhci.io/imageDisplayName: leap } }
spec:
  { displayName: leap, sourceType: download, url: ${image} }
---
apiVersion: harvesterhci.io/v1beta1
kind: Version
metadata: { name: v1.4.2, namespace: harvester-system }
spec:
  isoURL: ${iso}
  isoChecksum: "${'0'.repeat(128)}"
`;

ruleTest('air-gapped', {
  'the common site, with public time servers and keys of GitHub': {
    edits: [['site: plant\n', 'site: plant\nair_gapped: true\n']],
    finds: [
      {
        at: '19:25',
        message:
          'The time server 0.suse.pool.ntp.org is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
      {
        at: '20:29',
        message:
          'The SSH key github:your_username is fetched from GitHub, but the site is air-gapped: no user can log in with it.',
        related: ['2:13'],
      },
    ],
  },
  'a VM image and an upgrade from the internet': {
    of: OFFLINE,
    objects: DOWNLOADS(
      'https://download.opensuse.org/leap.qcow2',
      'https://releases.rancher.com/harvester.iso',
    ),
    finds: [
      {
        at: '5:51',
        message:
          'The VM image leap is downloaded from download.opensuse.org, but the site is air-gapped: no VM can use it.',
        related: ['2:13'],
        help: 'copy it to server.images, and write `"${site:server.images}/FILE"`',
      },
      {
        at: '11:11',
        message:
          'The ISO of v1.4.2 is downloaded from releases.rancher.com, but the site is air-gapped: the upgrade cannot begin.',
        related: ['2:13'],
        help: 'copy it to server.media, and write `"${site:server.media}/VERSION/FILE"`',
      },
    ],
  },
  'a VM image and an upgrade from the site': {
    of: OFFLINE,
    objects: DOWNLOADS('http://192.168.178.9/leap.qcow2', 'http://mirror.example/harvester.iso'),
  },
  'public servers of a network': {
    of: OFFLINE,
    edits: [
      ['[192.168.178.1, 10.9.0.53]', '[9.9.9.9, 192.168.178.1, 1.1.1.1]'],
      ['ntp: [192.168.178.1]', 'ntp: [ntp.example.org, pool.ntp.org]'],
    ],
    finds: [
      {
        at: '11:11',
        message: 'The DNS server 9.9.9.9 is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
      {
        at: '11:35',
        message: 'The DNS server 1.1.1.1 is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
      {
        at: '12:28',
        message:
          'The time server pool.ntp.org is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
    ],
  },
  'public servers in the defaults and of a node': {
    of: OFFLINE,
    edits: [
      ['    os:\n', '    os:\n      ntp_servers: ["2.pool.ntp.org:123", 192.168.178.1, 172.32.0.2]\n'],
      ['mode: create', 'mode: create, config: { os: { dns_nameservers: [192.168.178.1, 172.32.0.1] } }'],
    ],
    finds: [
      {
        at: '20:21',
        message:
          'The time server 2.pool.ntp.org:123 is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
      {
        at: '20:58',
        message:
          'The time server 172.32.0.2 is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
      {
        at: '26:120',
        message:
          'The DNS server 172.32.0.1 is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
    ],
  },
  'media on the internet': {
    of: OFFLINE,
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
          'Machines fetch Harvester from releases.rancher.com, but the site is air-gapped: none can be installed.',
        related: ['2:13'],
      },
    ],
  },
  'an ISO on the internet': {
    of: OFFLINE,
    edits: [
      [
        '      device:',
        '      iso_url: https://github.com/harvester/harvester/releases/download/v1.4.1/harvester-v1.4.1-amd64.iso\n      device:',
      ],
    ],
    finds: [
      {
        at: '23:16',
        message: 'The ISO is fetched from github.com, but the site is air-gapped: the installation stops.',
        related: ['2:13'],
      },
    ],
  },
  'keys of accounts and URLs': {
    of: OFFLINE,
    edits: [[`        - ${KEY}\n`, '        - gitlab:you\n        - https://launchpad.net/~you/+sshkeys\n']],
    finds: [
      {
        at: '21:11',
        message:
          'The SSH key gitlab:you is fetched from GitLab, but the site is air-gapped: no user can log in with it.',
        related: ['2:13'],
      },
      {
        at: '22:11',
        message:
          'The SSH key https://launchpad.net/~you/+sshkeys is fetched from launchpad.net, but the site is air-gapped: no user can log in with it.',
        related: ['2:13'],
      },
    ],
  },
  'settings, webhooks and commands': {
    of: OFFLINE,
    edits: [
      [
        '    install:\n',
        `    system_settings:
      ui-index: https://releases.rancher.com/harvester-ui/dashboard/latest/index.html
      containerd-registry: '{"Mirrors":{"docker.io":{"Endpoints":["https://registry-1.docker.io","https://registry.lab"]}}}'
      http-proxy: { httpProxy: "http://8.8.8.8:3128", noProxy: "192.168.178.0/24,10.52.0.0/16,10.53.0.0/16,.svc,.cluster.local" }
    install:
      webhooks: [{ event: SUCCEEDED, method: POST, url: "https://hooks.slack.com/services/T0/B0/x" }, { event: FAILED, method: GET, url: "http://141.20.3.53/f" }]
`,
      ],
      [
        '    os:\n',
        '    os:\n      after_install_chroot_commands: ["curl -o /x https://raw.githubusercontent.com/x"]\n',
      ],
    ],
    finds: [
      {
        at: '20:39',
        message: 'A command fetches from raw.githubusercontent.com, but the site is air-gapped: it fails.',
        related: ['2:13'],
      },
      {
        at: '24:7',
        message:
          'The setting ui-index refers to releases.rancher.com, but the site is air-gapped: nothing answers.',
        related: ['2:13'],
      },
      {
        at: '25:7',
        message:
          'The setting containerd-registry refers to registry-1.docker.io, but the site is air-gapped: nothing answers.',
        related: ['2:13'],
      },
      {
        at: '28:57',
        message: 'A webhook is sent to hooks.slack.com, but the site is air-gapped: it never arrives.',
        related: ['2:13'],
      },
      {
        at: '28:138',
        message: 'A webhook is sent to 141.20.3.53, but the site is air-gapped: it never arrives.',
        related: ['2:13'],
      },
    ],
  },
  'URLs that commands request, not those in their comments and messages': {
    of: OFFLINE,
    edits: [
      [
        '    os:\n',
        `    os:
      after_install_chroot_commands:
        - 'echo "see https://github.com/a; it is # new" >&2 && true # from https://github.com/b'
        - 'printf https://github.com/c | xargs curl -O'
        - 'echo deb http://deb.debian.org/d >/etc/apt/sources.list'
        - 'if true; then echo "$(curl https://gitlab.com/e#f)"; else echo https://github.com/g; fi'
        - "# don't fetch https://github.com/h\\ncurl https://raw.githubusercontent.com/i"
        - 'for f in a b; do echo https://github.com/$f; done | xargs -n1 curl -O'
        - '(echo https://github.com; echo main) | xargs git clone'
        - '{ if true; then echo baseurl=https://github.com; fi; } >/etc/zypp/repos.d/r.repo'
        - 'for f in a; do (echo https://github.com/j; true); done; { echo https://github.com; } | cat'
        - '{ echo https://github.com/k; } >&2; echo https://github.com/l; case $A in b) echo m >/etc/m ;; esac'
        - 'echo https://github.com/n >>/var/log/setup.log; echo https://github.com/o >/etc/motd; date | cat'
`,
      ],
    ],
    finds: [
      ['22', 'github.com'],
      ['23', 'deb.debian.org'],
      ['24', 'gitlab.com'],
      ['25', 'raw.githubusercontent.com'],
      ['26', 'github.com'],
      ['27', 'github.com'],
      ['28', 'github.com'],
      ['29', 'github.com'],
    ].map(([line, host]) => ({
      at: `${line}:11`,
      message: `A command fetches from ${host}, but the site is air-gapped: it fails.`,
      related: ['2:13'],
    })),
  },
  'URLs that cloud-init requests, not those in its messages': {
    of: LINUX_PLANT,
    edits: [
      ['site: plant\n', 'site: plant\nair_gapped: true\n'],
      [
        'compute: { description: Compute nodes }',
        'compute: { cloud_init: { user_data: { final_message: "https://github.com/a", power_state: { mode: reboot, message: "https://github.com/b" }, runcmd: [[echo, "https://github.com/c"], [curl, "https://gitlab.com/d"]], users: [{ name: a }, b] } } }',
      ],
    ],
    finds: [
      {
        at: '12:192',
        message: 'A command fetches from gitlab.com, but the site is air-gapped: it fails.',
        related: ['2:13'],
      },
    ],
  },
  'Linux of nodes and of unknown machines, and data of cloud-init': {
    of: LINUX_PLANT,
    edits: [
      ['site: plant\n', 'site: plant\nair_gapped: true\n'],
      ['kernel: rocky9/vmlinuz', 'kernel: http://dl.fedoraproject.org/vmlinuz'],
      ['squashfs: rocky9/root.squashfs', 'squashfs: http://9.9.9.9/root'],
      ['groups:\n', 'unknown_machines: { boot: { kernel: "https://deb.debian.org/linux" } }\ngroups:\n'],
      [
        'compute: { description: Compute nodes }',
        'compute: { cloud_init: { user_data: { ssh_import_id: [gh:you], runcmd: ["curl http://10.1.0.1/x"] } } }',
      ],
    ],
    finds: [
      {
        at: '11:37',
        message: 'A kernel is fetched from deb.debian.org, but the site is air-gapped: no machine boots it.',
        related: ['2:13'],
      },
      {
        at: '13:57',
        message:
          'The SSH key gh:you is fetched from api.github.com, but the site is air-gapped: no user can log in with it.',
        related: ['2:13'],
      },
      {
        at: '19:15',
        message:
          'A kernel is fetched from dl.fedoraproject.org, but the site is air-gapped: no machine boots it.',
        related: ['2:13'],
      },
      {
        at: '21:25',
        message:
          'A root file system is fetched from 9.9.9.9, but the site is air-gapped: no machine boots it.',
        related: ['2:13'],
      },
    ],
  },
  'URLs in kernel arguments of the installer': {
    of: OFFLINE,
    edits: [
      [
        '.42 }',
        '.42, boot: { args: ["rd.live.debug=1 updates=http://8.8.8.8/u", "x=http://192.168.178.7/"] } }',
      ],
    ],
    finds: [
      {
        at: '26:72',
        message: 'The argument updates refers to 8.8.8.8, but the site is air-gapped: nothing answers.',
        related: ['2:13'],
      },
    ],
  },
  'a node with internet access': {
    of: OFFLINE,
    edits: [
      [
        'mode: create',
        'mode: create, silence: { air-gapped: has a way out }, config: { os: { dns_nameservers: [9.9.9.9] } }',
      ],
    ],
  },
  'all servers on the site': { of: OFFLINE, edits: [] },
  'names similar to public ones, and public IP addresses on a network of the site': {
    of: OFFLINE,
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
    of: OFFLINE,
    edits: [
      ['air_gapped: true\n', 'air_gapped: false\n'],
      ['[192.168.178.1, 10.9.0.53]', '[9.9.9.9]'],
      ['ntp: [192.168.178.1]', 'ntp: [0.suse.pool.ntp.org]'],
    ],
  },
  'public time servers in configurations, with the host as time server': {
    of: NESTED,
    edits: [['site: plant\n', 'site: plant\nair_gapped: true\n']],
    finds: [
      {
        at: '23:25',
        message:
          'The time server 0.suse.pool.ntp.org is on the internet, but the site is air-gapped: it never answers.',
        related: ['2:13'],
      },
    ],
  },
  'machines with their host as time and DNS server': {
    of: NESTED,
    edits: [
      ['site: plant\n', 'site: plant\nair_gapped: true\n'],
      ['ntp_servers: [0.suse.pool.ntp.org], ', ''],
    ],
  },
});

const test = suite('air-gapped: help');

test('names the host if it is the time server', async () => {
  const site = edited(NESTED, ['site: plant\n', 'site: plant\nair_gapped: true\n']);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ help }) => help),
    ['remove it: machines then use the host, 192.168.150.1'],
  );
});

test.run();

const ISOLATED: Edit = ['    dhcp: {', '    libvirt: { forward: isolated }\n    dhcp: {'];
const DNS: Edit = ['dns: [192.168.150.1]', 'dns: [9.9.9.9]'];

ruleTest('isolated-away', {
  'servers on the internet: each reported once': {
    of: NESTED,
    edits: [ISOLATED, DNS],
    finds: [
      {
        at: '17:11',
        message:
          'The DNS server 9.9.9.9 is on the internet, but harvester-1 boots from the isolated network mgmt: it never answers.',
        related: ['18:16'],
      },
      {
        at: '23:25',
        message:
          'The time server 0.suse.pool.ntp.org is on the internet, but harvester-1 boots from the isolated network mgmt: it never answers.',
        related: ['18:16'],
      },
    ],
  },
  'servers of the site': {
    of: NESTED,
    edits: [ISOLATED, ['0.suse.pool.ntp.org', '192.168.150.1']],
  },
  'an isolated network that nothing boots from': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        '  vms: { subnet: 10.20.0.0/24, dns: [9.9.9.9], libvirt: { forward: isolated } }\ncluster:',
      ],
    ],
  },
  'a forwarded network': { of: NESTED, edits: [DNS] },
});

const OS = 'config:\n    os:';

/** Returns an edit that sets http-proxy in the defaults: the value of noProxy is in line 22, or the setting in line 19. */
function withProxy(noProxy: string | undefined, proxy = 'httpsProxy: http://proxy.example.org:3128') {
  const own = noProxy === undefined ? '' : `        noProxy: "${noProxy}"\n`;
  return [OS, `config:\n    system_settings:\n      http-proxy:\n        ${proxy}\n${own}    os:`] as const;
}

function withText(text: string) {
  return [OS, `config:\n    system_settings:\n      http-proxy: '${text}'\n    os:`] as const;
}

/** Edits that move the site to the private subnet that Harvester itself adds. */
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
  'The noProxy of http-proxy does not contain the subnet 192.168.178.0/24 of the nodes and the VIP 192.168.178.40: nodes connect through the proxy, and further nodes cannot join.';

fixableRuleTest('no-proxy-incomplete', {
  'a proxy without noProxy': {
    edits: [withProxy(undefined)],
    finds: [{ at: '19:7', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'a noProxy for another destination': {
    edits: [withProxy('localhost,.example.org,192.168.179.0/24')],
    finds: [{ at: '21:18', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'a noProxy with a part of the subnet': {
    edits: [withProxy('192.168.178.0/27,192.168.178.40')],
    finds: [
      {
        at: '21:18',
        message:
          'The noProxy of http-proxy does not contain the subnet 192.168.178.0/24 of the nodes: nodes connect through the proxy, and further nodes cannot join.',
        related: ['8:13'],
      },
    ],
  },
  'a noProxy with each node but not the VIP': {
    edits: [withProxy('192.168.178.41,192.168.178.42,192.168.178.43')],
    finds: [
      {
        at: '21:18',
        message:
          'The noProxy of http-proxy does not contain the VIP 192.168.178.40: nodes connect through the proxy, and further nodes cannot join.',
        related: ['14:8'],
      },
    ],
  },
  'a noProxy without the subnets of the cluster, which are not the default ones': {
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
          'The noProxy of http-proxy does not contain the pod CIDR 172.20.0.0/16 and the service CIDR 172.21.0.0/16: nodes connect through the proxy, and further nodes cannot join.',
        related: ['25:25', '26:29'],
      },
    ],
  },
  'a proxy with a password': {
    silence: ['clear-text-secret'],
    edits: [withProxy('localhost', 'httpProxy: http://user:password@proxy.example.org:3128')],
    finds: [{ at: '21:18', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'a proxy in JSON': {
    edits: [withText('{"httpProxy": "http://proxy.example.org:3128", "noProxy": ".svc"}')],
    finds: [{ at: '19:19', message: NODES_AND_VIP, related: ['8:13', '14:8'] }],
  },
  'nodes in the subnet that Harvester adds, in a release that also requires them': {
    edits: [...IN_TEN, withProxy('localhost')],
    finds: [
      {
        at: '21:18',
        message:
          'The noProxy of http-proxy does not contain the subnet 10.1.0.0/24 of the nodes: nodes connect through the proxy, and further nodes cannot join.',
        related: ['8:13'],
      },
    ],
  },
  'nodes in the subnet that Harvester adds, in the last release that does not': {
    edits: [['version: v1.4.1', 'version: v1.3.0'], ...IN_TEN, withProxy('localhost')],
  },
  'the subnet of the nodes': { edits: [withProxy('192.168.178.0/24')] },
  'a larger subnet': { edits: [withProxy('localhost, 192.168.0.0/16')] },
  'each node, and the VIP': {
    edits: [withProxy('192.168.178.40,192.168.178.41,192.168.178.42,192.168.178.43')],
  },
  'no proxy': { edits: [withProxy(undefined, 'httpsProxy: ""')] },
  'a secret of unknown content': {
    edits: [withProxy(`\${secret:no_proxy}`, `httpProxy: \${secret:proxy}`)],
  },
  'JSON that is a secret': { edits: [withText(`\${secret:proxy}`)] },
  'JSON with the subnet': {
    edits: [withText('{"httpProxy": "http://proxy.example.org:3128", "noProxy": "192.168.178.0/24"}')],
  },
});

const NTP = 'os: { ntp_servers: [0.suse.pool.ntp.org],';
const DNS_LINE = '    dns: [192.168.178.1]\n';

ruleTest('ntp-missing', {
  'neither the network nor the configuration sets one': {
    edits: [[NTP, 'os: {']],
    finds: [
      {
        at: '13:1',
        message:
          'The nodes of plant have no time server: when their clocks differ, etcd and certificates fail.',
      },
    ],
  },
  'an empty list that replaces that of the network': {
    edits: [
      [NTP, 'os: { ntp_servers: [],'],
      [DNS_LINE, `${DNS_LINE}    ntp: [192.168.178.1]\n`],
    ],
    finds: [
      {
        at: '14:1',
        message:
          'The nodes of plant have no time server: when their clocks differ, etcd and certificates fail.',
      },
    ],
  },
  'one of two clusters': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
      [
        '192.168.178.43 }\n',
        '192.168.178.43 }\n  west-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, mode: create, cluster: west, config: { os: { ntp_servers: [] } } }\n',
      ],
    ],
    finds: [
      {
        at: '15:3',
        message:
          'The nodes of west have no time server: when their clocks differ, etcd and certificates fail.',
      },
    ],
  },
  'a time server of the network': {
    edits: [
      [NTP, 'os: {'],
      [DNS_LINE, `${DNS_LINE}    ntp: [192.168.178.1]\n`],
    ],
  },
  'a time server in the setting of the cluster': {
    edits: [
      [NTP, 'os: {'],
      [
        '    install:\n',
        '    system_settings: { ntp-servers: { ntpServers: [192.168.178.1] } }\n    install:\n',
      ],
    ],
  },
});
