/** The names of the providers of a cloud VM, as in `host.cloud.provider`. */
export type ProviderName = 'aws' | 'azure' | 'digitalocean' | 'google';

/** The types of disks that a provider has for a VM size: the first is the default. Empty if disks have no types. */
interface DiskTypes {
  readonly data: readonly string[];
  readonly os: readonly string[];
}

/** A provider of cloud VMs. */
export interface CloudProvider {
  readonly title: string;
  /** How the operator's programs find the credentials, for the README of the tree. */
  readonly login: string;
  /** The form of its region names, and one of them. */
  readonly region: RegExp;
  readonly aRegion: string;
  /** Regions that take no new VMs. */
  readonly closed: readonly string[];
  /** The keys of `host.cloud` that it does not have, in words. */
  readonly without: Readonly<{ spot?: string; zone?: string; project?: string }>;
  /** The keys of `network` for an existing network. */
  readonly network: readonly ('vpc' | 'subnet')[];
  readonly diskTypes: (size: string) => DiskTypes;
  /** The types of data disks for which IOPS and throughput can be set. */
  readonly provisioned: readonly string[];
  /** The images by their common names, in the provider's form; the first is the default. */
  readonly images: Readonly<Record<string, string>>;
  /** The form of the provider's own image names. */
  readonly image: RegExp;
  /** Returns the device of a data disk from its key at the provider. */
  readonly device: (key: string, size: string) => string;
  /** The forms of such devices: the group is the key. */
  readonly devices: RegExp;
}

const NO_ZONES = 'zones to choose';
const NO_PROJECTS = 'projects';
const EBS = ['gp3', 'gp2', 'io2', 'io1', 'st1', 'sc1', 'standard'];
const MANAGED = ['Premium_LRS', 'StandardSSD_LRS', 'Standard_LRS', 'Premium_ZRS', 'StandardSSD_ZRS'];
const HYPERDISKS = ['hyperdisk-balanced', 'hyperdisk-throughput'];
const PERSISTENT = ['pd-balanced', 'pd-ssd', 'pd-standard'];

/**
 * The providers of cloud VMs. Sources of disks: AWS, "Amazon EBS volume types". Azure, "Azure managed disk types". Google Cloud,
 * "N4 machine series". Source of closed regions: DigitalOcean, "Regional availability". Sources of devices: the udev rules of
 * WALinuxAgent (66-azure-storage.rules), of azure-vm-utils (80-azure-disk.rules) and of Google's guest-configs
 * (65-gce-disk-naming.rules); DigitalOcean, "How to mount volumes". The names of images are those of their publishers.
 */
export const PROVIDERS: Readonly<Record<ProviderName, CloudProvider>> = {
  aws: {
    title: 'AWS',
    login: '`aws configure`, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    region: /^[a-z]{2}(-[a-z]+)+-[0-9]$/,
    aRegion: 'eu-central-1',
    closed: [],
    without: { project: NO_PROJECTS },
    network: ['vpc', 'subnet'],
    diskTypes: () => ({ data: EBS, os: EBS.filter((type) => type !== 'st1' && type !== 'sc1') }),
    provisioned: ['gp3', 'io1', 'io2'],
    images: {
      'debian-13': '136693071363/debian-13-amd64-*',
      'ubuntu-24.04': '099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*',
      'sles-15': '013907871322/suse-sles-15-sp6-v*-hvm-ssd-x86_64',
      'leap-15.6': '679593333241/openSUSE-Leap-15-6-v*-hvm-ssd-x86_64-*',
    },
    image: /^ami-[0-9a-f]{8,17}$/,
    // The user data links this name to the volume, which udev knows by its ID.
    device: (key) => `/dev/disk/by-id/ebs-${key}`,
    devices: /^\/dev\/disk\/by-id\/ebs-([a-z0-9_-]+)$/,
  },
  azure: {
    title: 'Azure',
    login: '`az login`, and ARM_SUBSCRIPTION_ID',
    region: /^[a-z]{4,}[0-9]?(euap|stg)?$/,
    aRegion: 'westeurope',
    closed: [],
    without: { zone: NO_ZONES, project: NO_PROJECTS },
    network: ['subnet'],
    diskTypes: () => ({ data: MANAGED, os: MANAGED }),
    provisioned: [],
    images: {
      'debian-13': 'Debian:debian-13:13-gen2',
      'ubuntu-24.04': 'Canonical:ubuntu-24_04-lts:server',
      'sles-15': 'SUSE:sles-15-sp6:gen2',
      'leap-15.6': 'SUSE:opensuse-leap-15-6:gen2',
    },
    image: /^[\w.-]+:[\w.-]+:[\w.-]+(:[\w.-]+)?$|^\/subscriptions\/.+\/(images|versions)\/[^/]+$/,
    // Since version 6, disks are NVMe.
    device: (key, size) =>
      /_v([6-9]|\d\d)$/.test(size) ? `/dev/disk/azure/data/by-lun/${key}` : `/dev/disk/azure/scsi1/lun${key}`,
    devices: /^\/dev\/disk\/azure\/(?:data\/by-lun\/|scsi1\/lun)(\d|[1-5]\d|6[0-3])$/,
  },
  digitalocean: {
    title: 'DigitalOcean',
    login: 'DIGITALOCEAN_TOKEN',
    region: /^[a-z]{3}[0-9]$/,
    aRegion: 'fra1',
    closed: ['ams1', 'ams2', 'nyc2', 'sfo1'],
    without: { spot: 'spot VMs', zone: NO_ZONES, project: NO_PROJECTS },
    network: ['vpc'],
    diskTypes: () => ({ data: [], os: [] }),
    provisioned: [],
    images: { 'debian-13': 'debian-13-x64', 'ubuntu-24.04': 'ubuntu-24-04-x64' },
    image: /^([a-z][a-z0-9-]*|\d+)$/,
    device: (key) => `/dev/disk/by-id/scsi-0DO_Volume_${key}`,
    devices: /^\/dev\/disk\/by-id\/scsi-0DO_Volume_([a-z][a-z0-9-]*)$/,
  },
  google: {
    title: 'Google Cloud',
    login: '`gcloud auth application-default login`, and GOOGLE_PROJECT without `host.cloud.project`',
    region: /^[a-z]+-[a-z]+[0-9]+$/,
    aRegion: 'europe-west4',
    closed: [],
    without: {},
    network: ['vpc', 'subnet'],
    // Series up to 2 have persistent disks, newer ones Hyperdisk; the third generation has both.
    diskTypes: (size) => {
      const generation = Number(/^[a-z](\d)/.exec(size)?.[1] ?? 4);
      if (generation <= 2) return { data: PERSISTENT, os: PERSISTENT };
      if (generation > 3) return { data: HYPERDISKS, os: HYPERDISKS.slice(0, 1) };
      return { data: [...HYPERDISKS, ...PERSISTENT], os: ['hyperdisk-balanced', 'pd-balanced', 'pd-ssd'] };
    },
    provisioned: ['hyperdisk-balanced', 'hyperdisk-throughput'],
    images: {
      'ubuntu-24.04': 'ubuntu-os-cloud/ubuntu-2404-lts-amd64',
      'debian-13': 'debian-cloud/debian-13',
      'sles-15': 'suse-cloud/sles-15',
      'leap-15.6': 'opensuse-cloud/opensuse-leap',
    },
    image: /^[a-z0-9.:-]+\/[a-z0-9-]+$/,
    device: (key) => `/dev/disk/by-id/google-${key}`,
    devices: /^\/dev\/disk\/by-id\/google-([a-zA-Z0-9_-]+)$/,
  },
};

/** Whether an image is known to lack cloud-init: Google's own images of Debian. Source: GoogleCloudPlatform/compute-image-tools. */
export function lacksCloudInit(provider: ProviderName, image: string): boolean {
  return provider === 'google' && /^debian-cloud\//.test(image);
}
