/** The names of the providers of a cloud VM, as in `host.cloud.provider`. */
export type ProviderName = 'aws' | 'azure' | 'digitalocean' | 'google';

/** A size of a cloud VM with nested virtualization: its CPU threads, and its memory in GiB. */
export interface CloudSize {
  readonly name: string;
  readonly threads: number;
  readonly gib: number;
}

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
  /** The sizes among which `auto` chooses. */
  readonly sizes: readonly CloudSize[];
  /** Whether a size is known to have nested virtualization (true) or to lack it (false). */
  readonly nests: (size: string) => boolean | undefined;
  readonly hasSpot: boolean;
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

/** Returns sizes of a series, by their threads, with the same memory in GiB for each. */
function series(name: (threads: number) => string, perThread: number, ...threads: readonly number[]) {
  return threads.map((number) => ({ name: name(number), threads: number, gib: perThread * number }));
}

/** AWS counts its sizes in units of four threads: 2xlarge has eight. */
const xlarge = (family: string) => (threads: number) => `${family}.${threads / 4}xlarge`;

const EBS = ['gp3', 'gp2', 'io2', 'io1', 'st1', 'sc1', 'standard'];
const MANAGED = ['Premium_LRS', 'StandardSSD_LRS', 'Standard_LRS', 'Premium_ZRS', 'StandardSSD_ZRS'];
const HYPERDISKS = ['hyperdisk-balanced', 'hyperdisk-throughput'];
const PERSISTENT = ['pd-balanced', 'pd-ssd', 'pd-standard'];

/**
 * The providers of cloud VMs. Sources of sizes and disks: AWS, EC2 user guide, "Use nested virtualization" (C8i, M8i, R8i; bare
 * metal), "Amazon EBS volume types". Azure, "Nested virtualization", "Dv5 and Dsv5-series", "Azure managed disk types". Google
 * Cloud, "About nested virtualization" (Intel only, not E2), "N4 machine series". DigitalOcean, "Droplet plans", "Regional
 * availability" (closed regions); it does not promise nested virtualization, but harvester-cloud uses it. Sources of devices: the
 * udev rules of WALinuxAgent (66-azure-storage.rules), of azure-vm-utils (80-azure-disk.rules) and of Google's guest-configs
 * (65-gce-disk-naming.rules); DigitalOcean, "How to mount volumes". The names of images are those of their publishers.
 */
export const PROVIDERS: Readonly<Record<ProviderName, CloudProvider>> = {
  aws: {
    title: 'AWS',
    login: '`aws configure`, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    region: /^[a-z]{2}(-[a-z]+)+-[0-9]$/,
    aRegion: 'eu-central-1',
    closed: [],
    sizes: [
      ...series(xlarge('m8i'), 4, 8, 16, 32, 48, 64, 96, 128, 192),
      ...series(xlarge('r8i'), 8, 16, 32, 48, 64, 96, 128, 192),
    ],
    // The processors of families with g are Arm, those with a are AMD: of the others, a bare-metal size has the CPU itself.
    nests: (size) => /^[cmr]8i[bdn]*(-flex)?\./.test(size) || /^[a-z]+\d+(?![a-z]*g)[a-z]*\.metal/.test(size),
    hasSpot: true,
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
    sizes: [
      ...series((threads) => `Standard_D${threads}s_v5`, 4, 8, 16, 32, 48, 64, 96),
      ...series((threads) => `Standard_E${threads}s_v5`, 8, 16, 32, 48, 64),
    ],
    nests: (size) => {
      const [, family, features, version = '1'] =
        /^Standard_([A-Z]+)\d+(?:-\d+)?([a-z]*)(?:_v(\d+))?$/.exec(size) ?? [];
      if (family === undefined) return undefined;
      if (family === 'A' || family === 'B' || /[ap]/.test(features ?? '')) return false;
      return family === 'D' || family === 'E' ? Number(version) >= 3 : undefined;
    },
    hasSpot: true,
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
    sizes: [
      ...series((threads) => `g-${threads}vcpu-${4 * threads}gb-intel`, 4, 8, 16, 32, 48, 60),
      ...series((threads) => `m-${threads}vcpu-${8 * threads}gb-intel`, 8, 16, 24, 32, 48),
    ],
    nests: (size) => (size.endsWith('-amd') ? false : size.endsWith('-intel') ? true : undefined),
    hasSpot: false,
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
    sizes: [
      ...series((threads) => `n4-standard-${threads}`, 4, 8, 16, 32, 48, 64, 80),
      ...series((threads) => `n4-highmem-${threads}`, 8, 16, 32, 48, 64, 80),
    ],
    nests: (size) => {
      const [family = ''] = size.split('-');
      if (/^(e2|f1|g1|[a-z]\d+d|t2a|[a-z]4a)$/.test(family)) return false;
      return /^(n1|n2|n4|c2|c3|c4|m1|m2|m3)$/.test(family) ? true : undefined;
    },
    hasSpot: true,
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

/** The memory in GiB that a host needs beside its machines, with `auto`: for itself, and because a guest has less than its nominal size. */
const SPARE_GIB = 4;

/** Returns the smallest size of a provider that has these threads, and this memory beside that of the host itself. */
export function smallestSize(
  provider: ProviderName,
  { threads, gib }: Omit<CloudSize, 'name'>,
): CloudSize | undefined {
  return PROVIDERS[provider].sizes
    .filter((size) => size.threads >= threads && size.gib >= gib + SPARE_GIB)
    .sort((a, b) => a.gib - b.gib || a.threads - b.threads)[0];
}

/** Returns the size of a name, if the table contains it. */
export function knownSize(provider: ProviderName, name: string): CloudSize | undefined {
  return PROVIDERS[provider].sizes.find((size) => size.name === name);
}
