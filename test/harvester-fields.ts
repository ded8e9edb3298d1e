/**
 * Every key of the configuration that Harvester's installer reads, written down a second time: the annotations of
 * src/knowledge/harvester/config.schema.json can be held against it. Nothing here is made from that schema.
 *
 * Source: the structs and the list of settings in pkg/config/config.go of harvester/harvester-installer at each
 * tag, and from v1.9 on in pkg/installer/config/config.go of harvester/harvester. The names of add-ons are those
 * that the templates ask for: in pkg/config/templates there, and from v1.4 on in harvester/addons.
 */

/** A key of the configuration that holds a value, and the releases that have it. */
export interface Field {
  /** From the root, by dots. `[]` is an entry of a list, `*` a name that the operator chooses. */
  readonly path: string;
  /** The first release that has it. */
  readonly since: string;
  /** The last release that has it, if the newest release does not. */
  readonly until?: string;
  /** Releases between the two that lack it. */
  readonly absent?: readonly string[];
  /** The mode in which the installer uses it. */
  readonly mode: 'create' | 'join' | 'both';
  /** A valid value of the path. */
  readonly sample: unknown;
  /** Other keys that it requires, by their paths. */
  readonly with?: Readonly<Record<string, unknown>>;
}

/** The required keys of a webhook. */
const WEBHOOK = {
  'install.webhooks[].event': 'SUCCEEDED',
  'install.webhooks[].method': 'PUT',
  'install.webhooks[].url': 'http://192.168.178.7/done',
};

const FILE = { 'os.write_files[].path': '/etc/motd' };

const multipath = (list: string) => ({ [`${list}[].vendor`]: 'NETAPP', [`${list}[].product`]: 'LUN' });

const MULTIPATH = 'os.externalStorageConfig.multiPathConfig';
const MANAGEMENT = 'install.management_interface';
const LONGHORN = 'install.harvester.longhorn.default_settings';

export const FIELDS: readonly Field[] = [
  // HarvesterConfig
  { path: 'scheme_version', since: 'v1.1.0', mode: 'both', sample: 1 },
  { path: 'server_url', since: 'v1.1.0', mode: 'join', sample: 'https://192.168.178.40:443' },
  { path: 'token', since: 'v1.1.0', mode: 'both', sample: 'correct horse' },
  { path: 'sans[]', since: 'v1.6.0', mode: 'create', sample: 'harvester.example.org' },
  { path: 'runtime_version', since: 'v1.1.0', mode: 'both', sample: 'v1.30.7+rke2r1' },
  { path: 'rancher_version', since: 'v1.1.0', mode: 'both', sample: 'v2.9.3' },
  { path: 'harvester_chart_version', since: 'v1.1.0', mode: 'create', sample: '1.4.1' },
  { path: 'monitoring_chart_version', since: 'v1.1.0', mode: 'create', sample: '103.1.1+up45.31.1' },
  { path: 'logging_chart_version', since: 'v1.1.0', mode: 'create', sample: '103.1.0+up4.4.0' },
  { path: 'kubeovn_chart_version', since: 'v1.6.0', mode: 'create', sample: '1.13.13' },
  { path: 'cluster_networks.*.enable', since: 'v1.1.0', until: 'v1.1.0', mode: 'create', sample: true },
  {
    path: 'cluster_networks.*.description',
    since: 'v1.1.0',
    until: 'v1.1.0',
    mode: 'create',
    sample: 'VLANs',
  },
  { path: 'cluster_networks.*.config.*', since: 'v1.1.0', until: 'v1.1.0', mode: 'create', sample: 'eno2' },

  // OS
  { path: 'os.after_install_chroot_commands[]', since: 'v1.2.0', mode: 'both', sample: 'sync' },
  { path: 'os.ssh_authorized_keys[]', since: 'v1.1.0', mode: 'both', sample: 'github:octocat' },
  { path: 'os.write_files[].encoding', since: 'v1.1.0', mode: 'both', sample: 'b64', with: FILE },
  { path: 'os.write_files[].content', since: 'v1.1.0', mode: 'both', sample: 'cGxhbnQK', with: FILE },
  { path: 'os.write_files[].owner', since: 'v1.1.0', mode: 'both', sample: 'root', with: FILE },
  { path: 'os.write_files[].path', since: 'v1.1.0', mode: 'both', sample: '/etc/motd' },
  { path: 'os.write_files[].permissions', since: 'v1.1.0', mode: 'both', sample: '0644', with: FILE },
  { path: 'os.hostname', since: 'v1.1.0', mode: 'both', sample: 'harv-1' },
  { path: 'os.modules[]', since: 'v1.1.0', mode: 'both', sample: 'nvme_tcp' },
  { path: 'os.sysctls.*', since: 'v1.1.0', mode: 'both', sample: '262144' },
  { path: 'os.ntp_servers[]', since: 'v1.1.0', mode: 'both', sample: '0.suse.pool.ntp.org' },
  { path: 'os.dns_nameservers[]', since: 'v1.1.0', mode: 'both', sample: '192.168.178.1' },
  { path: 'os.wifi[].name', since: 'v1.1.0', until: 'v1.6.1', mode: 'both', sample: 'plant' },
  {
    path: 'os.wifi[].passphrase',
    since: 'v1.1.0',
    until: 'v1.6.1',
    mode: 'both',
    sample: 'correct horse',
    with: { 'os.wifi[].name': 'plant' },
  },
  { path: 'os.password', since: 'v1.1.0', mode: 'both', sample: 'correct horse' },
  { path: 'os.environment.*', since: 'v1.1.0', mode: 'both', sample: 'http://proxy.example.org:3128' },
  { path: 'os.labels.*', since: 'v1.1.0', mode: 'both', sample: 'rack-b' },
  { path: 'os.sshd.sftp', since: 'v1.2.2', mode: 'both', sample: true },
  { path: 'os.sshd.disable_password_auth', since: 'v1.8.0', mode: 'both', sample: true },
  { path: 'os.persistent_state_paths[]', since: 'v1.2.0', mode: 'both', sample: '/var/lib/acme' },
  { path: 'os.externalStorageConfig.enabled', since: 'v1.4.0', mode: 'both', sample: true },
  { path: `${MULTIPATH}[].vendor`, since: 'v1.4.0', mode: 'both', sample: 'IBM', with: multipath(MULTIPATH) },
  {
    path: `${MULTIPATH}[].product`,
    since: 'v1.4.0',
    mode: 'both',
    sample: '2145',
    with: multipath(MULTIPATH),
  },
  {
    path: `${MULTIPATH}.blacklist[].vendor`,
    since: 'v1.7.0',
    mode: 'both',
    sample: '.*',
    with: multipath(`${MULTIPATH}.blacklist`),
  },
  {
    path: `${MULTIPATH}.blacklist[].product`,
    since: 'v1.7.0',
    mode: 'both',
    sample: '.*',
    with: multipath(`${MULTIPATH}.blacklist`),
  },
  { path: `${MULTIPATH}.blacklistWwids[]`, since: 'v1.7.0', mode: 'both', sample: '.*' },
  {
    path: `${MULTIPATH}.blacklistExceptions[].vendor`,
    since: 'v1.7.0',
    mode: 'both',
    sample: 'IBM',
    with: multipath(`${MULTIPATH}.blacklistExceptions`),
  },
  {
    path: `${MULTIPATH}.blacklistExceptions[].product`,
    since: 'v1.7.0',
    mode: 'both',
    sample: '2145',
    with: multipath(`${MULTIPATH}.blacklistExceptions`),
  },
  { path: `${MULTIPATH}.blacklistExceptionWwids[]`, since: 'v1.7.0', mode: 'both', sample: '^3600a0980' },
  { path: 'os.additionalKernelArguments', since: 'v1.4.0', mode: 'both', sample: 'multipath=off iommu=pt' },

  // Install
  { path: 'install.automatic', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.skipchecks', since: 'v1.3.0', mode: 'both', sample: true },
  { path: 'install.mode', since: 'v1.1.0', mode: 'both', sample: 'create' },
  { path: `${MANAGEMENT}.interfaces[].name`, since: 'v1.1.0', mode: 'both', sample: 'eno1' },
  { path: `${MANAGEMENT}.interfaces[].hwAddr`, since: 'v1.1.0', mode: 'both', sample: '52:54:00:aa:01:01' },
  { path: `${MANAGEMENT}.method`, since: 'v1.1.0', mode: 'both', sample: 'static' },
  { path: `${MANAGEMENT}.ip`, since: 'v1.1.0', mode: 'both', sample: '192.168.178.41' },
  { path: `${MANAGEMENT}.subnet_mask`, since: 'v1.1.0', mode: 'both', sample: '255.255.255.0' },
  { path: `${MANAGEMENT}.gateway`, since: 'v1.1.0', mode: 'both', sample: '192.168.178.1' },
  // Its struct field is tagged `json:"-"`: taken in examples, read by no release.
  { path: `${MANAGEMENT}.default_route`, since: 'v1.1.0', mode: 'both', sample: true },
  { path: `${MANAGEMENT}.bond_options.mode`, since: 'v1.1.0', mode: 'both', sample: '802.3ad' },
  { path: `${MANAGEMENT}.bond_options.miimon`, since: 'v1.1.0', mode: 'both', sample: '100' },
  { path: `${MANAGEMENT}.bond_options.*`, since: 'v1.1.0', mode: 'both', sample: 'fast' },
  { path: `${MANAGEMENT}.mtu`, since: 'v1.1.0', mode: 'both', sample: 9000 },
  { path: `${MANAGEMENT}.vlan_id`, since: 'v1.1.0', mode: 'both', sample: 100 },
  { path: 'install.vip', since: 'v1.1.0', mode: 'create', sample: '192.168.178.40' },
  { path: 'install.vip_hw_addr', since: 'v1.1.0', mode: 'create', sample: '02:00:00:03:3d:61' },
  { path: 'install.vip_mode', since: 'v1.1.0', mode: 'create', sample: 'static' },
  { path: 'install.cluster_dns', since: 'v1.5.0', mode: 'create', sample: '10.153.0.10' },
  { path: 'install.cluster_pod_cidr', since: 'v1.5.0', mode: 'create', sample: '10.152.0.0/16' },
  { path: 'install.cluster_service_cidr', since: 'v1.5.0', mode: 'create', sample: '10.153.0.0/16' },
  { path: 'install.force_efi', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.device', since: 'v1.1.0', mode: 'both', sample: '/dev/disk/by-id/nvme-eui.01' },
  { path: 'install.config_url', since: 'v1.1.0', mode: 'both', sample: 'http://192.168.178.7/harv-1.yaml' },
  { path: 'install.silent', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.iso_url', since: 'v1.1.0', mode: 'both', sample: 'http://192.168.178.7/harvester.iso' },
  { path: 'install.poweroff', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.no_format', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.debug', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.tty', since: 'v1.1.0', mode: 'both', sample: 'ttyS0,115200n8' },
  { path: 'install.force_gpt', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.role', since: 'v1.3.0', mode: 'both', sample: 'management' },
  // harvester/harvester#11055: in no tag of harvester-installer.
  { path: 'install.cordoned', since: 'v1.9.0', mode: 'join', sample: true },
  { path: 'install.with_net_images', since: 'v1.3.0', mode: 'both', sample: true },
  { path: 'install.wipe_disks', since: 'v1.2.2', until: 'v1.4.3', mode: 'both', sample: true },
  { path: 'install.wipe_all_disks', since: 'v1.5.0', mode: 'both', sample: true },
  { path: 'install.wipe_disks_list[]', since: 'v1.5.0', mode: 'both', sample: '/dev/disk/by-id/nvme-eui.02' },
  { path: 'install.force_mbr', since: 'v1.1.0', mode: 'both', sample: true },
  { path: 'install.data_disk', since: 'v1.1.0', mode: 'both', sample: '/dev/disk/by-id/nvme-eui.03' },
  { path: 'install.persistent_partition_size', since: 'v1.2.0', mode: 'both', sample: '200Gi' },
  {
    path: 'install.raw_disk_image_path',
    since: 'v1.2.0',
    mode: 'both',
    sample: 'http://192.168.178.7/x.raw.zst',
  },
  { path: 'install.webhooks[].event', since: 'v1.1.0', mode: 'both', sample: 'FAILED', with: WEBHOOK },
  { path: 'install.webhooks[].method', since: 'v1.1.0', mode: 'both', sample: 'POST', with: WEBHOOK },
  { path: 'install.webhooks[].headers.*[]', since: 'v1.1.0', mode: 'both', sample: 'yes', with: WEBHOOK },
  {
    path: 'install.webhooks[].url',
    since: 'v1.1.0',
    mode: 'both',
    sample: 'http://192.0.2.1/',
    with: WEBHOOK,
  },
  { path: 'install.webhooks[].payload', since: 'v1.1.0', mode: 'both', sample: '{}', with: WEBHOOK },
  { path: 'install.webhooks[].insecure', since: 'v1.1.0', mode: 'both', sample: true, with: WEBHOOK },
  {
    path: 'install.webhooks[].basicAuth.user',
    since: 'v1.1.0',
    mode: 'both',
    sample: 'installer',
    with: { ...WEBHOOK, 'install.webhooks[].basicAuth.password': 'correct horse' },
  },
  {
    path: 'install.webhooks[].basicAuth.password',
    since: 'v1.1.0',
    mode: 'both',
    sample: 'correct horse',
    with: { ...WEBHOOK, 'install.webhooks[].basicAuth.user': 'installer' },
  },
  ...addon('harvester_vm_import_controller', 'v1.2.0'),
  ...addon('harvester_pcidevices_controller', 'v1.2.0'),
  ...addon('rancher_monitoring', 'v1.2.0'),
  ...addon('rancher_logging', 'v1.2.0'),
  ...addon('harvester_seeder', 'v1.2.0'),
  ...addon('nvidia_driver_toolkit', 'v1.3.0'),
  ...addon('kubeovn_operator', 'v1.6.0'),
  ...addon('descheduler', 'v1.7.0'),
  { path: 'install.harvester.storage_class.replica_count', since: 'v1.2.0', mode: 'create', sample: 2 },
  { path: `${LONGHORN}.guaranteedEngineManagerCPU`, since: 'v1.2.0', mode: 'create', sample: 6 },
  { path: `${LONGHORN}.guaranteedReplicaManagerCPU`, since: 'v1.2.0', mode: 'create', sample: 6 },
  {
    path: `${LONGHORN}.guaranteedInstanceManagerCPU`,
    since: 'v1.2.2',
    absent: ['v1.3.0'],
    mode: 'create',
    sample: 6,
  },
  {
    path: `${LONGHORN}.storageReservedPercentageForDefaultDisk`,
    since: 'v1.7.0',
    mode: 'create',
    sample: 10,
  },
  {
    path: 'install.harvester.enable_go_cover_dir',
    since: 'v1.1.3',
    absent: ['v1.2.0', 'v1.2.1'],
    mode: 'create',
    sample: true,
  },

  // GetSystemSettingsAllowList: all of them are strings to the installer.
  ...settings('v1.1.0', {
    'additional-ca': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    'api-ui-version': '1.1.9',
    'auto-disk-provision-paths': '/dev/sdb,/dev/sdc',
    'backup-target': '{"type":"nfs","endpoint":"nfs://192.168.178.20:/export/backup"}',
    'cluster-registration-url': 'https://rancher.example.org/v3/import/abc.yaml',
    'default-storage-class': 'harvester-longhorn',
    'http-proxy': '{"httpProxy":"http://proxy.example.org:3128"}',
    'log-level': 'debug',
    'overcommit-config': '{"cpu":1600,"memory":150,"storage":200}',
    'release-download-url': 'http://192.168.178.7/harvester',
    'server-version': 'v1.4.1',
    'ssl-certificates': '{"publicCertificate":"","privateKey":""}',
    'ssl-parameters': '{"protocols":"TLSv1.2 TLSv1.3"}',
    'support-bundle-image': '{"repository":"r","tag":"v1","imagePullPolicy":"IfNotPresent"}',
    'support-bundle-namespaces': 'tenant-a,tenant-b',
    'support-bundle-timeout': '30',
    'ui-index': 'https://ui.example.org/index.html',
    'ui-path': '/usr/share/harvester/harvester',
    'ui-source': 'bundled',
    'upgradable-versions': 'v1.4.2',
    'upgrade-checker-enabled': 'false',
    'upgrade-checker-url': 'https://updates.example.org/v1/checkupgrade',
    'vip-pools': '{"default":"192.168.178.128/28"}',
    'vm-force-reset-policy': '{"enable":true,"period":300}',
    'volume-snapshot-class': 'longhorn',
  }),
  ...settings('v1.1.1', {
    'containerd-registry': '{"Mirrors":{"docker.io":{"Endpoints":["https://registry.example.org"]}}}',
  }),
  ...settings('v1.2.0', { 'ntp-servers': '{"ntpServers":["0.suse.pool.ntp.org"]}' }),
  ...settings('v1.3.2', {
    'auto-rotate-rke2-certs': '{"enable":true,"expiringInHours":240}',
    'csi-driver-config': '{"driver.longhorn.io":{"volumeSnapshotClassName":"longhorn-snapshot"}}',
    'default-vm-termination-grace-period-seconds': '300',
    'harvester-csi-ccm-versions': '{"harvester-csi-provider":">=0.0.1 <0.3.0"}',
    'kubeconfig-default-token-ttl-minutes': '1440',
    'storage-network': '{"vlan":200,"clusterNetwork":"mgmt","range":"192.168.200.0/24"}',
    'support-bundle-expiration': '60',
    'support-bundle-node-collection-timeout': '60',
    'ui-plugin-index': 'https://ui.example.org/plugin.js',
  }),
  ...settings('v1.8.0', {
    'additional-guest-memory-overhead-ratio': '2.0',
    'cluster-pod-security-standard': '{"enabled":true}',
    'csi-online-expand-validation': '{"driver.longhorn.io":true}',
    'kubevirt-migration': '{"parallelMigrationsPerCluster":5}',
    'longhorn-v2-data-engine-enabled': 'true',
    'max-hotplug-ratio': '2',
    'rancher-cluster': '{"removeUpstreamClusterWhenNamespaceIsDeleted":false}',
    'ui-plugin-bundled-version': '1.8.0',
    'upgrade-config': '{"imagePreloadOption":{"strategy":{"type":"sequential"}}}',
    'vm-migration-network': '{"vlan":210,"clusterNetwork":"mgmt","range":"192.168.210.0/24"}',
  }),
];

function addon(name: string, since: string): Field[] {
  return [
    { path: `install.addons.${name}.enabled`, since, mode: 'create', sample: true },
    { path: `install.addons.${name}.values_content`, since, mode: 'create', sample: 'replicas: 1\n' },
  ];
}

function settings(since: string, samples: Readonly<Record<string, string>>): Field[] {
  return Object.entries(samples).map(([name, sample]) => ({
    path: `system_settings.${name}`,
    since,
    mode: 'create',
    sample,
  }));
}

/** Returns a configuration with only a value at a path and the keys that its field requires. */
export function configWith(path: string, sample: unknown): Record<string, unknown> {
  const config = {};
  const field = FIELDS.find((known) => known.path === path);
  for (const [other, value] of Object.entries(field?.with ?? {})) put(config, other, value);
  put(config, path, sample);
  return config;
}

/** Puts a value at a path: into the first entry of a list, under a separate name for `*`. */
function put(config: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split(/\.|(?=\[\])/).map((step) => (step === '*' ? 'sample.name' : step));
  let at: Record<string, unknown> = config;
  for (const [index, step] of steps.entries()) {
    const key = step === '[]' ? '0' : step;
    const next = steps[index + 1];
    if (next === undefined) at[key] = value;
    else at[key] ??= next === '[]' ? [] : {};
    at = at[key] as Record<string, unknown>;
  }
}
