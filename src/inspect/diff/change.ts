/**
 * When a change counts: when the machine boots next; when its domain is shut off and started again, since libvirt changes
 * none that runs; when it is installed anew, since Harvester reads its configuration at no other time; or for nobody but
 * those who read www/inventory.json.
 */
export type Effect = 'boot' | 'restart' | 'installation' | 'inventory';

/** What of a node is not what it was. */
export type NodeAspect =
  | 'new'
  | 'gone'
  | 'moved-from'
  | 'moved-to'
  | 'name'
  | 'install'
  | 'os'
  | 'linux'
  | 'iscsi'
  | 'tenant'
  | 'loader'
  | 'mac'
  | 'uuid'
  | 'serial'
  | 'ip'
  | 'drive'
  | 'script'
  | 'cloud_init'
  | 'cluster'
  | 'mode'
  | 'role'
  | 'release'
  | 'arch'
  | 'nic'
  | 'config'
  | 'firmware'
  | 'xname'
  | 'nid'
  | 'groups'
  | 'labels'
  | 'disks'
  | 'hardware'
  | 'bmc'
  | 'vm'
  | 'domain';

/** A change of a node, as programs read it too: schema/diff.schema.json is the same for them. */
export interface NodeChange {
  readonly what: NodeAspect;
  /** Of a configuration, a domain, a Linux, a disk by iSCSI and what is declared of a machine: which key, dotted. Of a NIC: its MAC address, or its name without one. */
  readonly key?: string;
  /** Not there where nothing was set, and where it may not be shown. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly effect: Effect;
  /** The change in a few words. */
  readonly text: string;
}

/** The most serious thing that a machine does otherwise: schema/diff.schema.json says what each means. */
export type Consequence =
  | 'reinstalls'
  | 'installs'
  | 'unexplained'
  | 'boots-otherwise'
  | 'when-restarted'
  | 'when-installed'
  | 'none'
  | 'stranger';

/** Everything that is to be said of a node. */
export interface NodePlan {
  readonly node: string;
  readonly change: 'new' | 'gone' | 'moved' | 'renamed' | 'changed';
  readonly consequence: Consequence;
  /** The most serious first. */
  readonly changes: readonly NodeChange[];
}

/** What is to be done on the boot server, once the tree is deployed: `what` says what for. */
export const SERVER_STEPS = [
  'server',
  'root',
  'media',
  'linux-images',
  'sign',
  'grub',
  'images',
  'targets',
  'pxelinux',
  'tftp',
  'secrets',
  'dnsmasq',
  'dhcp',
  'nginx',
  'kubernetes',
  'host-setup',
  'ops',
] as const;

/** What of the site is not what it was. */
export type SiteAspect =
  | 'network'
  | 'cluster'
  | 'url'
  | 'config-url'
  | 'boot-script'
  | 'compat'
  | 'image'
  | 'secret-needed'
  | 'secret-unused'
  | 'secret-value'
  | 'host'
  | 'iscsi'
  | 'tenant'
  | 'disk-image'
  | (typeof SERVER_STEPS)[number];

/** A change that is not of a node. */
export interface SiteChange {
  readonly what: SiteAspect;
  /** The network, the cluster, the tenant, the image or the secret. */
  readonly name?: string;
  /** Of a network, a cluster, a tenant or an image that stays, and of the iSCSI server: which key, dotted. */
  readonly key?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly text: string;
}
