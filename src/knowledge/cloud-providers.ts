import { factsOf } from './facts.ts';

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

/** The types of disks. Sources: AWS, "Amazon EBS volume types"; Azure, "Azure managed disk types"; Google Cloud, "N4 machine series". */
const EBS = ['gp3', 'gp2', 'io2', 'io1', 'st1', 'sc1', 'standard'];
const MANAGED = ['Premium_LRS', 'StandardSSD_LRS', 'Standard_LRS', 'Premium_ZRS', 'StandardSSD_ZRS'];
const HYPERDISKS = ['hyperdisk-balanced', 'hyperdisk-throughput'];
const PERSISTENT = ['pd-balanced', 'pd-ssd', 'pd-standard'];

type Derived = Pick<CloudProvider, 'diskTypes' | 'device'>;

/** What depends on the size of a VM. Sources: as in facts/cloud-providers.json. */
const DERIVED: Readonly<Record<ProviderName, Derived>> = {
  aws: {
    diskTypes: () => ({ data: EBS, os: EBS.filter((type) => type !== 'st1' && type !== 'sc1') }),
    // The user data links this name to the volume, which udev knows by its ID.
    device: (key) => `/dev/disk/by-id/ebs-${key}`,
  },
  azure: {
    diskTypes: () => ({ data: MANAGED, os: MANAGED }),
    // Since version 6, disks are NVMe.
    device: (key, size) =>
      /_v([6-9]|\d\d)$/.test(size) ? `/dev/disk/azure/data/by-lun/${key}` : `/dev/disk/azure/scsi1/lun${key}`,
  },
  digitalocean: {
    diskTypes: () => ({ data: [], os: [] }),
    device: (key) => `/dev/disk/by-id/scsi-0DO_Volume_${key}`,
  },
  google: {
    // Series up to 2 have persistent disks, newer ones Hyperdisk; the third generation has both.
    diskTypes: (size) => {
      const generation = Number(/^[a-z](\d)/.exec(size)?.[1] ?? 4);
      if (generation <= 2) return { data: PERSISTENT, os: PERSISTENT };
      if (generation > 3) return { data: HYPERDISKS, os: HYPERDISKS.slice(0, 1) };
      return { data: [...HYPERDISKS, ...PERSISTENT], os: ['hyperdisk-balanced', 'pd-balanced', 'pd-ssd'] };
    },
    device: (key) => `/dev/disk/by-id/google-${key}`,
  },
};

type Stated = Omit<CloudProvider, 'region' | 'image' | 'devices' | keyof Derived> & {
  readonly [K in 'region' | 'image' | 'devices']: string;
};

const { providers } = factsOf<{ readonly providers: Readonly<Record<ProviderName, Stated>> }>(
  'cloud-providers',
);

/** The providers of cloud VMs. */
export const PROVIDERS = Object.fromEntries(
  (Object.keys(providers) as ProviderName[]).map((name) => {
    const { region, image, devices, ...others } = providers[name];
    const patterns = { region: new RegExp(region), image: new RegExp(image), devices: new RegExp(devices) };
    return [name, { ...others, ...patterns, ...DERIVED[name] }];
  }),
) as Readonly<Record<ProviderName, CloudProvider>>;

/** Whether an image is known to lack cloud-init: Google's own images of Debian. Source: GoogleCloudPlatform/compute-image-tools. */
export function lacksCloudInit(provider: ProviderName, image: string): boolean {
  return provider === 'google' && /^debian-cloud\//.test(image);
}
