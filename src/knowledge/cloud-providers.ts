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

/** A fact for the sizes of a VM that match a pattern. */
type BySize<Fact> = Fact & { readonly sizes: string };

type Stated = Omit<CloudProvider, 'region' | 'image' | 'devices' | 'diskTypes' | 'device'> & {
  readonly [K in 'region' | 'image' | 'devices']: string;
} & {
  readonly diskTypes: readonly BySize<DiskTypes>[];
  readonly devicePaths: readonly BySize<{ readonly path: string }>[];
};

const { providers } = factsOf<{ readonly providers: Readonly<Record<ProviderName, Stated>> }>(
  'cloud-providers',
);

/** The providers of cloud VMs. */
export const PROVIDERS = Object.fromEntries(
  (Object.keys(providers) as ProviderName[]).map((name) => {
    const { region, image, devices, diskTypes, devicePaths, ...others } = providers[name];
    const patterns = { region: new RegExp(region), image: new RegExp(image), devices: new RegExp(devices) };
    const provider: CloudProvider = {
      ...others,
      ...patterns,
      diskTypes: (size) => firstForSize(diskTypes, size),
      device: (key, size) => `${firstForSize(devicePaths, size).path}${key}`,
    };
    return [name, provider];
  }),
) as Readonly<Record<ProviderName, CloudProvider>>;

function firstForSize<Fact>(facts: readonly BySize<Fact>[], size: string): Fact {
  return facts.find(({ sizes }) => new RegExp(sizes).test(size)) as Fact;
}

/** Whether an image is known to lack cloud-init: Google's own images of Debian. Source: GoogleCloudPlatform/compute-image-tools. */
export function lacksCloudInit(provider: ProviderName, image: string): boolean {
  return provider === 'google' && /^debian-cloud\//.test(image);
}
