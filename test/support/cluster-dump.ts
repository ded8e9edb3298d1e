import { createHash } from 'node:crypto';
import { DUMP_HEADER, DUMPED } from '../../src/knowledge/cluster-dump.ts';
import type { Cluster, Site } from '../../src/site/model.ts';
import { clusterObjects } from '../../src/targets/cluster/objects.ts';

/** A Kubernetes object that a test can change. */
// biome-ignore lint/suspicious/noExplicitAny: tests change objects of any kind
export type Running = Record<string, any>;

/** A site that sets a value of each kind that a dump shows. */
export const MANAGED_PLANT = `site: plant
harvester: { version: v1.5.1 }
server: { url: "http://192.168.178.7" }
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.1, dhcp: { server: external } }
cluster:
  vip: 192.168.178.40
  vip_mode: dhcp
  vip_hw_addr: "52:54:00:ec:0e:0b"
  token: \${secret:cluster_token}
defaults:
  profiles: [gpu]
  config:
    os:
      ssh_authorized_keys:
        - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBuWlbM6HVLzk1HHmSd2f8Bw0DOxFTvjZrWQF7Hv7o1o ann@example.org
        - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZ1bWJsZSBpbiB0aGUgZGFyayBhbmQgc2luZyBsb3Vk ben@example.org
      ntp_servers:
        - 0.suse.pool.ntp.org
        - 1.suse.pool.ntp.org
      dns_nameservers: [192.168.178.1]
      sysctls:
        vm.swappiness: "10"
        net.core.somaxconn: "4096"
      environment:
        EDITOR: vi
        LANG: C
      modules: [kvm, nbd]
      labels:
        example.org/plant: north
      write_files:
        - path: /etc/motd
          content: hello
          permissions: "0644"
    install:
      device: /dev/sda
      harvester:
        storage_class: { replica_count: 2 }
        longhorn: { default_settings: { guaranteedInstanceManagerCPU: 10 } }
      addons:
        rancher_monitoring:
          enabled: true
        rancher_logging: { enabled: false }
    system_settings:
      log-level: debug
      ui-source: bundled
      http-proxy:
        httpProxy: http://proxy.example.org:3128
        noProxy: localhost,192.168.178.0/24
      overcommit-config: '{"cpu":800,"memory":120,"storage":150}'
      vip-pools: { default: 192.168.178.64/28 }
      storage-network:
        vlan: 100
        clusterNetwork: mgmt
        range: 10.9.0.0/24
        exclude:
          - 10.9.0.1/32
      backup-target: { type: nfs, endpoint: "nfs://192.168.178.9:/backup" }
      upgrade-checker-enabled: "false"
profiles:
  gpu:
    config:
      os:
        labels: { example.org/gpu: a100 }
nodes:
  harv-1: { mac: "52:54:00:aa:01:01", ip: 192.168.178.41, mode: create }
  harv-[2-3]:
    mac: "52:54:00:aa:01:[02-03]"
    ip: "192.168.178.[42-43]"
    config:
      os:
        labels:
          example.org/rack: r2
  harv-4:
    mac: "52:54:00:aa:01:04"
    ip: 192.168.178.44
    role: worker
    config:
      os:
        sysctls:
          vm.overcommit_memory: "1"
`;

/** The settings that every cluster has, with their defaults, as in a v1.6 cluster. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'additional-ca': '',
  'auto-disk-provision-paths': '',
  'backup-target':
    '{"type":"","endpoint":"","accessKeyId":"","secretAccessKey":"","bucketName":"","bucketRegion":"","cert":"","virtualHostedStyle":false}',
  'cluster-registration-url': '',
  'containerd-registry': '',
  'default-storage-class': 'longhorn',
  'http-proxy': '{}',
  'log-level': 'info',
  'ntp-servers': '',
  'overcommit-config': '{"cpu":1600,"memory":150,"storage":200}',
  'ssl-certificates': '{}',
  'ssl-parameters': '{}',
  'storage-network': '',
  'support-bundle-image':
    '{"repository":"rancher/support-bundle-kit","tag":"v0.0.60","imagePullPolicy":"IfNotPresent"}',
  'ui-index': 'https://releases.rancher.com/harvester-ui/dashboard/latest/index.html',
  'ui-source': 'auto',
  'upgrade-checker-enabled': 'true',
  'vip-pools': '',
  'vm-force-reset-policy': '{"enable":true,"period":300}',
};

/** Values that Harvester writes itself. */
const OWN_VALUES: Readonly<Record<string, string>> = {
  'default-storage-class': 'harvester-longhorn',
  'upgradable-versions': 'v1.5.2',
};

/** The labels that a node has, whatever the inventory contains. */
const SYSTEM_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'amd64',
  'cpu-model.node.kubevirt.io/Skylake-Server': 'true',
  cpumanager: 'true',
  'harvesterhci.io/managed': 'true',
  'kubernetes.io/os': 'linux',
  'kubevirt.io/schedulable': 'true',
  'network.harvesterhci.io/mgmt': 'true',
  'node.kubernetes.io/instance-type': 'rke2',
  'node.longhorn.io/create-default-disk': 'true',
  'plan.upgrade.cattle.io/sync-additional-ca': '2c27af4f7e13',
  'rke.cattle.io/machine': 'ca2df891-bdf6-4d3b-ad6c-e0cd34fc3a86',
};

const SERVER_LABELS: Readonly<Record<string, string>> = {
  'node-role.kubernetes.io/control-plane': 'true',
  'node-role.kubernetes.io/etcd': 'true',
  'node-role.kubernetes.io/master': 'true',
};

/** Returns the text of a setting as Harvester writes it back: other keys first, without those that have their default. */
function written(text: string): string {
  if (!text.startsWith('{')) return text;
  const entries = Object.entries(JSON.parse(text) as object).filter(
    ([, value]) => value !== '' && value !== false,
  );
  return JSON.stringify(Object.fromEntries(entries.reverse()));
}

function meta(name: string, namespace?: string): Running {
  return {
    creationTimestamp: '2026-10-01T08:00:00Z',
    name,
    ...(namespace && { namespace }),
    resourceVersion: '4711',
    uid: '5f3c1f3e-0000-4000-8000-000000000000',
  };
}

/** Returns the objects of a cluster that was installed and is managed from a site, with all that controllers add. */
export function runningObjects(site: Site, cluster: Cluster): Running[] {
  const declared = clusterObjects(site).filter((one) => one.cluster === cluster);
  const bodyOf = (kind: string, name: string) =>
    declared.find((one) => one.kind === kind && one.name === name)?.body as Running | undefined;
  const create = cluster.members.find(({ mode }) => mode === 'create') ?? cluster.members[0];
  const ntp = (create?.config.os?.ntp_servers ?? []).join(' ');
  const nodes = cluster.members.map((node, index) => {
    const name = node.config.os?.hostname ?? node.name;
    const own = bodyOf('Node', name);
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        annotations: {
          'etcd.rke2.cattle.io/node-name': `${name}-5ed1b1f4`,
          'harvesterhci.io/ntp-service':
            '{"ntpSyncStatus":"synced","currentNtpServers":"0.suse.pool.ntp.org"}',
          'rke2.io/node-args': '["server","--token","********","--disable","rke2-snapshot-controller"]',
        },
        labels: {
          ...SYSTEM_LABELS,
          ...(node.role === 'worker' ? {} : SERVER_LABELS),
          'kubernetes.io/hostname': name,
          ...own?.metadata.labels,
        },
        ...meta(name),
        creationTimestamp: new Date(Date.UTC(2026, 9, 1, 8, index)).toISOString().replace('.000', ''),
      },
      spec: { podCIDR: `10.52.${index}.0/24`, providerID: `rke2://${name}`, ...own?.spec },
      status: {
        addresses: [
          { address: node.ip, type: 'InternalIP' },
          { address: name, type: 'Hostname' },
        ],
        nodeInfo: { architecture: 'amd64', bootID: '0d6f5ad8', kubeletVersion: 'v1.32.4+rke2r1' },
      },
    };
  });
  const declaredSettings = declared.filter(({ kind }) => kind === 'Setting').map(({ name }) => name);
  const settings = [
    ...new Set([...Object.keys(DEFAULTS), 'server-version', 'upgradable-versions', ...declaredSettings]),
  ].map((name) => {
    const value = written(String(bodyOf('Setting', name)?.value ?? OWN_VALUES[name] ?? ''));
    const isVersion = name === 'server-version';
    return {
      apiVersion: 'harvesterhci.io/v1beta1',
      default: isVersion ? cluster.version.text : (DEFAULTS[name] ?? ''),
      kind: 'Setting',
      metadata: {
        ...meta(name),
        ...(value && {
          annotations: { 'harvesterhci.io/hash': createHash('sha256').update(value).digest('hex') },
        }),
      },
      status: {
        conditions: [{ lastUpdateTime: '2026-10-01T08:10:00Z', status: 'True', type: 'configured' }],
      },
      ...(value && { value }),
    };
  });
  const addons: Running[] = ['rancher-monitoring', 'rancher-logging'].map((name) => ({
    apiVersion: 'harvesterhci.io/v1beta1',
    kind: 'Addon',
    metadata: {
      labels: { 'addon.harvesterhci.io/experimental': 'false' },
      ...meta(name, `cattle-${name.slice(8)}-system`),
    },
    spec: {
      chart: name,
      repo: 'http://harvester-cluster-repo.cattle-system.svc/charts',
      version: '105.1.2+up61.3.2',
      enabled: false,
      valuesContent: 'prometheus:\n  retention: 5d\n',
      ...bodyOf('Addon', name)?.spec,
    },
    status: { status: '' },
  }));
  const otherAddons = declared
    .filter(({ kind, name }) => kind === 'Addon' && !addons.some(({ metadata }) => metadata.name === name))
    .map(({ body, name, namespace }) => ({
      ...body,
      metadata: meta(name, namespace),
      spec: {
        chart: name,
        repo: 'http://harvester-cluster-repo.cattle-system.svc/charts',
        version: '0.1.0',
        valuesContent: '',
        ...(body.spec as object),
      },
    }));
  const cloudInits = declared
    .filter(({ kind }) => kind === 'CloudInit')
    .map(({ body, name }) => {
      const spec = body.spec as Running;
      const hash = createHash('sha256').update(spec.contents).digest('hex');
      const selected = cluster.members
        .map(({ name: node }) => node)
        .filter((node) => [undefined, node].includes(spec.matchSelector['kubernetes.io/hostname']));
      const condition = (type: string, status: string) => ({
        lastTransitionTime: '2026-10-02T08:00:00Z',
        message: '',
        reason: 'CloudInit',
        status,
        type,
      });
      return {
        ...body,
        metadata: {
          annotations: { 'node.harvesterhci.io/cloudinit-hash': hash },
          finalizers: ['node.harvesterhci.io/cloudinit'],
          generation: 1,
          ...meta(name),
        },
        spec: { paused: false, ...spec },
        status: {
          rollouts: Object.fromEntries(
            selected.map((node) => [
              node,
              {
                conditions: [
                  condition('Applicable', 'True'),
                  condition('Present', 'True'),
                  condition('OutOfSync', 'False'),
                ],
              },
            ]),
          ),
        },
      };
    });
  const configs = cluster.members.map(({ name }) => ({
    apiVersion: 'node.harvesterhci.io/v1beta1',
    kind: 'NodeConfig',
    metadata: { finalizers: ['node-config-cleanup'], ...meta(name, 'harvester-system') },
    spec: { longhornConfig: { enableV2DataEngine: false }, ...(ntp && { ntpConfigs: { ntpServers: ntp } }) },
  }));
  const { harvester } = create?.config.install ?? {};
  const longhorn = harvester?.longhorn?.default_settings ?? {};
  return [
    ...nodes,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        annotations: {
          'kube-vip.io/ignore-service-security': 'true',
          'kube-vip.io/requestedIP': cluster.vip,
          'kube-vip.io/vipHost': create?.name,
          ...(cluster.vipHwAddr && { 'kube-vip.io/hwaddr': cluster.vipHwAddr }),
        },
        ...meta('ingress-expose', 'kube-system'),
      },
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: [{ ip: cluster.vip, ipMode: 'VIP' }] } },
    },
    ...settings,
    ...addons,
    ...otherAddons,
    ...cloudInits,
    ...configs,
    {
      allowVolumeExpansion: true,
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: meta('harvester-longhorn'),
      parameters: {
        migratable: 'true',
        numberOfReplicas: String(harvester?.storage_class?.replica_count ?? 3),
      },
      provisioner: 'driver.longhorn.io',
      reclaimPolicy: 'Delete',
    },
    {
      apiVersion: 'longhorn.io/v1beta2',
      kind: 'Setting',
      metadata: meta('guaranteed-instance-manager-cpu', 'longhorn-system'),
      value: ((cpu) => `{"v1":"${cpu}","v2":"${cpu}"}`)(longhorn.guaranteedInstanceManagerCPU ?? 12),
    },
    ...declared
      .filter(({ kind }) => !['Node', 'Setting', 'Addon', 'CloudInit', 'Secret'].includes(kind))
      .map(({ body, name, namespace }) => ({
        ...body,
        metadata: { ...(body.metadata as object), ...meta(name, namespace) },
      })),
  ].map((object) => structuredClone(object) as Running);
}

/** Returns objects as scripts/dump-cluster.sh prints them. */
export function dumpOf(objects: readonly Running[]): string {
  const list = { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };
  return `${DUMP_HEADER} ${Object.keys(DUMPED).join(' ')}\n${JSON.stringify(list, null, 4)}\n`;
}
