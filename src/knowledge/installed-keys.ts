import { onceFor } from '../values/once-for.ts';
import { isAtLeast, type Version } from '../values/version.ts';

/**
 * How a changed key of the installer's configuration reaches an installed node. An object in `cluster/` changes the node at once, or at
 * its next reboot. Other keys need a manual change or a reinstallation, never change, or only matter to the installer.
 */
export type Reach = 'cluster' | 'reboot' | 'manual' | 'reinstall' | 'never' | 'none';

/** How a change reaches a node that is installed, in a few words. */
export const REACH_WORDS: Readonly<Record<Reach, string>> = {
  cluster: 'at once, by `cluster/`',
  reboot: 'at its next reboot, by `cluster/`',
  manual: 'manually',
  reinstall: 'by reinstalling it',
  never: 'never',
  none: 'not at all: only the installation uses it',
};

/** The way of a key to installed nodes. */
export interface InstalledKey {
  /** The path in the configuration; it includes the keys below it. */
  readonly key: string;
  readonly reach: Reach;
  /** The first release in which the key reaches nodes in this way; in earlier ones, the change is manual. */
  readonly since?: string | undefined;
  /** The object, or what to do. */
  readonly how: string;
  /** Further effects and limits. */
  readonly effect?: string | undefined;
  /** The state after the key is removed from the inventory. */
  readonly removed?: string | undefined;
  readonly source: string;
}

type Details = Partial<Pick<InstalledKey, 'since' | 'effect' | 'removed'>>;

const INSTALLER = 'harvester-installer pkg/config/cos.go';
const YIP = 'yip pkg/plugins';
const NODE_WEBHOOK = 'harvester pkg/webhook/resources/node';
const SETTINGS = 'harvester pkg/webhook/resources/setting, pkg/controller/master/setting';
const OF_ADDONS = 'harvester pkg/webhook/resources/addon, package/upgrade/upgrade_manifests.sh';
const DOCS = 'docs.harvesterhci.io';

/** The first release with the resource CloudInit: node-manager v0.2.1. */
export const CLOUD_INIT_SINCE = 'v1.3.0';

/** The manual change in releases without CloudInit. */
const BY_CUSTOM = 'edit /oem/90_custom.yaml on each node, then reboot it';

function rows(keys: string, reach: Reach, how: string, source: string, details: Details = {}) {
  return keys.split(' ').map((key): InstalledKey => ({ key, reach, how, source, ...details }));
}

/** Returns the rows of keys of the operating system, which a CloudInit changes. */
function os(keys: string, how: string, details: Details = {}, source = `${INSTALLER}, ${YIP}`) {
  return rows(keys, 'reboot', how, source, { since: CLOUD_INIT_SINCE, ...details });
}

function setting(names: string, effect?: string): InstalledKey[] {
  return names.split(' ').flatMap((name) =>
    rows(`system_settings.${name}`, 'cluster', `Setting ${name}`, SETTINGS, {
      effect,
      removed: KEEPS_VALUE,
    }),
  );
}

const KEEPS_VALUE = 'the Setting keeps its value: empty it for the default';

/**
 * The add-ons of the installer: namespace and name of the object that every cluster has, and the first release with it. Source:
 * pkg/config/templates/rancherd-22-addons.yaml of the installer, and harvester/addons.
 */
export const ADDONS: Readonly<Record<string, readonly [namespace: string, name: string, since: string]>> = {
  harvester_vm_import_controller: ['harvester-system', 'vm-import-controller', 'v1.1.0'],
  harvester_pcidevices_controller: ['harvester-system', 'pcidevices-controller', 'v1.1.0'],
  harvester_seeder: ['harvester-system', 'harvester-seeder', 'v1.2.0'],
  rancher_logging: ['cattle-logging-system', 'rancher-logging', 'v1.2.0'],
  rancher_monitoring: ['cattle-monitoring-system', 'rancher-monitoring', 'v1.2.0'],
  nvidia_driver_toolkit: ['harvester-system', 'nvidia-driver-toolkit', 'v1.3.0'],
  kubeovn_operator: ['kube-system', 'kubeovn-operator', 'v1.6.0'],
  descheduler: ['kube-system', 'descheduler', 'v1.7.0'],
};

/** Returns the key of an Addon in the installer's configuration, or undefined for any other object. */
export function addonKey(addon: {
  readonly name: string;
  readonly namespace?: string | undefined;
}): string | undefined {
  return Object.keys(ADDONS).find((key) => {
    const [namespace, name] = ADDONS[key] ?? [];
    return name === addon.name && namespace === addon.namespace;
  });
}

function addons(): InstalledKey[] {
  const removed = 'the Addon keeps its state';
  return Object.entries(ADDONS).flatMap(([key, [namespace, name, since]]) =>
    rows(`install.addons.${key}`, 'cluster', `Addon ${namespace}/${name}`, OF_ADDONS, { since, removed }),
  );
}

const FIXED_NETWORK = 'on each node, change the connection profiles with nmcli';

/**
 * Every key of the installer's configuration. Sources name a repository of github.com/harvester, and a path in it; other sources are
 * complete.
 */
export const INSTALLED_KEYS: readonly InstalledKey[] = [
  ...rows(
    'scheme_version install.automatic install.skipchecks install.mode install.config_url install.iso_url install.with_net_images install.poweroff install.debug install.silent install.no_format install.raw_disk_image_path install.webhooks install.wipe_disks install.wipe_all_disks install.wipe_disks_list install.management_interface.default_route os.wifi cluster_networks install.harvester.enable_go_cover_dir install.harvester.longhorn.default_settings.guaranteedEngineManagerCPU install.harvester.longhorn.default_settings.guaranteedReplicaManagerCPU',
    'none',
    'only the installer reads it',
    'harvester-installer pkg/config/config.go',
  ),
  ...rows(
    'runtime_version rancher_version harvester_chart_version monitoring_chart_version logging_chart_version kubeovn_chart_version',
    'manual',
    'part of the release: upgrade Harvester with a Version and an Upgrade',
    'harvester pkg/controller/master/upgrade',
  ),
  ...rows(
    'token',
    'never',
    'it encrypts the data of RKE2: install a new cluster',
    'https://github.com/rancher/rke2/issues/6250',
  ),
  ...rows(
    'server_url',
    'reinstall',
    'rancherd reads it at the first boot only',
    'rancher/rancherd pkg/rancherd',
  ),
  ...os(
    'sans',
    'CloudInit: a file for RKE2 on nodes that can run the API',
    { since: 'v1.6.0', removed: 'the file stays, because /etc/rancher is persistent' },
    'k3s-io/k3s pkg/configfilearg/parser.go; harvester-installer pkg/config/templates',
  ),
  ...rows(
    'os.hostname',
    'reinstall',
    'it is the name of the node in Kubernetes: remove the node from the cluster, then reinstall it',
    'harvester#5119',
  ),
  ...os('os.ssh_authorized_keys', 'CloudInit: stage network.after', {
    removed:
      'the key stays: delete it in /oem/90_custom.yaml and /home/rancher/.ssh/authorized_keys of each node',
  }),
  ...os('os.password', 'CloudInit: stage initramfs.after', {
    removed: 'the installed password returns at the next boot',
  }),
  ...os('os.write_files', 'CloudInit: stage initramfs.after', {
    removed:
      'a file of the installation returns at each boot: delete it in /oem/90_custom.yaml of each node; others stay on persistent paths',
  }),
  ...os('os.modules', 'CloudInit: modprobe in stage initramfs.after', {
    removed: 'a module of the installation is still loaded: delete it in /oem/90_custom.yaml of each node',
  }),
  ...os('os.sysctls', 'CloudInit: stage initramfs.after', {
    removed:
      'the value of the installation returns at the next boot: delete it in /oem/90_custom.yaml of each node',
  }),
  ...os('os.environment', 'CloudInit: stage initramfs.after', {
    effect: 'for a proxy, use the Setting http-proxy',
    removed:
      'the value of the installation returns at the next boot: delete it in /oem/90_custom.yaml of each node',
  }),
  ...rows('os.labels', 'cluster', 'labels of the Node', 'kubelet --node-labels, kubernetes.io', {
    effect: 'the kubelet itself sets labels only when a node registers',
    removed: 'a label of the installation stays: kubectl label node NODE KEY-',
  }),
  ...rows(
    'os.ntp_servers',
    'cluster',
    'Setting ntp-servers, with the list of the create node for all nodes',
    'node-manager pkg/controller/nodeconfig',
    { since: 'v1.2.0', removed: KEEPS_VALUE },
  ),
  ...os('os.dns_nameservers', "CloudInit: the installer's own change, in stage initramfs.after", {
    effect: 'pods get new servers when the Deployment kube-system/rke2-coredns-rke2-coredns restarts',
    removed: 'the servers of the installation return at the next boot before v1.7.0, and stay since then',
  }),
  ...rows(
    'os.after_install_chroot_commands',
    'reinstall',
    'the commands run once, in the image that the installer writes',
    INSTALLER,
  ),
  ...rows(
    'os.persistent_state_paths',
    'manual',
    'add the path to PERSISTENT_STATE_PATHS in /oem/90_custom.yaml of each node, then reboot it',
    'harvester-installer pkg/config/templates/cos-rootfs.yaml',
  ),
  ...os('os.sshd.sftp', 'CloudInit: a file of sshd', {
    removed: 'the file stays, because /etc/ssh is persistent: set false',
  }),
  ...os('os.sshd.disable_password_auth', 'CloudInit: a file of sshd', {
    since: 'v1.8.0',
    removed: 'the file stays, because /etc/ssh is persistent: set false',
  }),
  ...os('os.externalStorageConfig.enabled', 'CloudInit: enables multipathd', {
    since: 'v1.4.0',
    effect:
      'a node installed without it needs another kernel argument than multipath=off: see os.additionalKernelArguments',
    removed: 'multipathd stays enabled: systemctl disable multipathd',
  }),
  ...os('os.externalStorageConfig.multiPathConfig', 'CloudInit: /etc/multipath.conf', {
    since: 'v1.4.0',
    removed:
      'the file of the installation returns at each boot: delete it in /oem/90_custom.yaml of each node',
  }),
  ...rows(
    'os.additionalKernelArguments',
    'manual',
    'on each node, run grub2-editenv /oem/grubenv set third_party_kernel_args="ARGUMENTS", then reboot it',
    'harvester-installer pkg/console/util.go',
  ),
  ...rows('install.role', 'cluster', 'label of the Node', NODE_WEBHOOK, {
    since: 'v1.3.0',
    effect:
      'only a later promotion reads it: a management node stays one, and a witness changes only when reinstalled',
    removed: 'the label stays: kubectl label node NODE KEY-',
  }),
  ...rows('install.cordoned', 'cluster', 'spec.unschedulable of the Node', NODE_WEBHOOK, {
    since: 'v1.9.0',
    effect: 'the last schedulable node is refused',
    removed: 'the Node keeps its state: kubectl uncordon NODE',
  }),
  ...rows(
    'install.management_interface.interfaces install.management_interface.bond_options install.management_interface.vlan_id install.management_interface.gateway',
    'manual',
    FIXED_NETWORK,
    `${DOCS} update-harvester-configuration; network-controller-harvester pkg/webhook/vlanconfig`,
    { since: 'v1.7.0' },
  ),
  ...rows(
    'install.management_interface.mtu',
    'manual',
    `${FIXED_NETWORK}, and set the annotation network.harvesterhci.io/uplink-mtu of the ClusterNetwork mgmt`,
    'network-controller-harvester pkg/webhook/clusternetwork',
    { since: 'v1.7.0' },
  ),
  ...rows(
    'install.management_interface.method install.management_interface.ip install.management_interface.subnet_mask',
    'never',
    'the IP address identifies the node: remove the node from the cluster, then install it as a new one',
    'harvester#2063, harvester#1228',
  ),
  ...rows(
    'install.vip install.vip_mode install.vip_hw_addr',
    'never',
    'all nodes join by it: install a new cluster',
    'harvester#2063, harvester#4584',
  ),
  ...rows(
    'install.cluster_pod_cidr install.cluster_service_cidr install.cluster_dns',
    'never',
    'RKE2 cannot change it: install a new cluster',
    'harvester deploy/charts/harvester (ValidatingAdmissionPolicy)',
  ),
  ...rows(
    'install.device install.persistent_partition_size install.force_efi install.force_mbr install.force_gpt install.tty',
    'reinstall',
    'the installer partitions the disk and writes the boot loader',
    'harvester-installer package/harvester-os/files/usr/sbin/harv-install',
  ),
  ...rows(
    'install.data_disk',
    'reinstall',
    'the default disk is fixed: add a further disk as a BlockDevice of the namespace longhorn-system',
    'node-disk-manager pkg/controller/blockdevice',
  ),
  ...addons(),
  ...rows(
    'install.harvester.storage_class.replica_count',
    'manual',
    'the StorageClass harvester-longhorn is immutable: make another one the default; volumes have spec.numberOfReplicas',
    'harvester pkg/webhook/resources/storageclass',
  ),
  ...rows(
    'install.harvester.longhorn.default_settings.guaranteedInstanceManagerCPU',
    'manual',
    'detach all volumes, then set the Setting instance-manager-resources; before v1.8.0, the Longhorn setting guaranteed-instance-manager-cpu',
    SETTINGS,
  ),
  ...rows(
    'install.harvester.longhorn.default_settings.storageReservedPercentageForDefaultDisk',
    'manual',
    'set the Longhorn setting storage-reserved-percentage-for-default-disk, for new disks; others have storageReserved in the Longhorn node',
    'longhorn/longhorn-manager types/setting.go',
  ),
  ...rows(
    'system_settings.api-ui-version system_settings.default-storage-class system_settings.harvester-csi-ccm-versions system_settings.server-version system_settings.ui-path system_settings.ui-plugin-bundled-version system_settings.upgradable-versions',
    'none',
    'Harvester itself writes it, and upgrades depend on it',
    'harvester pkg/settings/settings.go',
  ),
  ...setting('additional-ca', 'restarts Harvester'),
  ...setting(
    'additional-guest-memory-overhead-ratio overcommit-config max-hotplug-ratio',
    'affects new and restarted virtual machines',
  ),
  ...setting('auto-disk-provision-paths', 'formats the matching disks'),
  ...setting(
    'backup-target',
    'apply it separately: Harvester connects to the target, then removes the credentials from the Setting',
  ),
  ...setting('cluster-pod-security-standard', 'owns the security labels of the namespaces'),
  ...setting('cluster-registration-url', 'applies what it downloads from the URL'),
  ...setting(
    'containerd-registry',
    'apply it separately: Harvester removes the credentials from the Setting, and writes registries.yaml on all nodes',
  ),
  ...setting('http-proxy', 'restarts Rancher and Harvester; noProxy must contain every node'),
  ...setting('kubevirt-migration', 'refused during a migration'),
  ...setting(
    'longhorn-v2-data-engine-enabled',
    'restarts RKE2 on all nodes; cannot be disabled while V2 disks exist',
  ),
  ...setting('ntp-servers', 'os.ntp_servers of the create node takes precedence'),
  ...setting('ssl-certificates ssl-parameters', 'restarts the ingress'),
  ...setting('storage-network', 'all virtual machines and volumes must be stopped'),
  ...setting('vm-migration-network', 'refused during a migration'),
  ...setting('vip-pools', 'writes the ConfigMap kube-system/kubevip'),
  ...setting(
    'auto-rotate-rke2-certs csi-driver-config csi-online-expand-validation default-vm-termination-grace-period-seconds kubeconfig-default-token-ttl-minutes log-level rancher-cluster release-download-url support-bundle-expiration support-bundle-image support-bundle-namespaces support-bundle-node-collection-timeout support-bundle-timeout ui-index ui-plugin-index ui-source upgrade-checker-enabled upgrade-checker-url upgrade-config vm-force-reset-policy volume-snapshot-class',
  ),
];

const byKey = new Map(INSTALLED_KEYS.map((row) => [row.key, row]));

/** Returns the row of a path in a configuration, such as `os.sysctls.vm.swappiness`; undefined for an unknown key. */
export function installedKey(path: string): InstalledKey | undefined {
  for (let key = path; key !== ''; key = key.replace(/(?:^|[.[])[^.[]*$/, '')) {
    const row = byKey.get(key);
    if (row) return row;
  }
  return undefined;
}

/** Returns how a key reaches an installed node in a release: before its first release, manually. */
export const inRelease = onceFor((row: InstalledKey) =>
  onceFor((release: Version): InstalledKey => {
    if (row.since === undefined || isAtLeast(release, row.since)) return row;
    const isObject = row.reach === 'cluster' && row.key !== 'os.ntp_servers';
    const how = isObject ? 'change the object in the cluster' : BY_CUSTOM;
    return { ...row, reach: 'manual', how };
  }),
);
