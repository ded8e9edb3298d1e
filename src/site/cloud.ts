import { createHash } from 'node:crypto';
import { PROVIDERS } from '../knowledge/cloud-providers.ts';
import { type CloudSize, knownSize, smallestSize } from '../knowledge/cloud-sizes.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Draft } from '../values/draft.ts';
import { parseSize } from '../values/size.ts';
import { entries, markIncomplete, valueOr, withOrigins } from './from-inventory.ts';
import { grownSize } from './hardware.ts';
import type { DomainDisk, Site } from './model.ts';
import type { CloudVm, HostDisk } from './model-host.ts';

type HostInventory = NonNullable<Draft<SiteInventory>['host']>;

/** Resolves the cloud VM of a host, with defaults. */
export function resolveCloud(cloud: NonNullable<HostInventory['cloud']>): Draft<CloudVm> {
  const { provider, image } = cloud;
  const images = provider && PROVIDERS[provider].images;
  const named = image ?? Object.keys(images ?? {})[0];
  const result = withOrigins<Draft<CloudVm>>(
    {
      provider,
      region: cloud.region,
      zone: cloud.zone,
      project: cloud.project,
      size: valueOr(cloud, 'size', 'auto'),
      spot: valueOr(cloud, 'spot', false),
      image: named && images && Object.hasOwn(images, named) ? images[named] : named,
      osDisk: withOrigins(
        { size: cloud.os_disk?.size, type: cloud.os_disk?.type },
        cloud.os_disk ?? withOrigins({}, cloud),
      ),
      sshKeys: entries(cloud.ssh_keys),
      network: cloud.network ?? withOrigins({}, cloud),
      allow: entries(cloud.allow),
    },
    cloud,
  );
  markIncomplete(result, { allow: cloud.allow, sshKeys: cloud.ssh_keys }, 'allow', 'sshKeys');
  return result;
}

/**
 * Returns the site's name in the form that all providers accept for their resources: lower-case letters, digits and hyphens,
 * beginning with a letter. Short, because the names of disks follow.
 */
export function cloudName(site: string): string {
  const name = site.replace(/[^a-z0-9]+/g, '-').replace(/^(?=[^a-z])/, 'h-');
  return name.slice(0, 30).replace(/-+$/, '');
}

/**
 * The LUNs of Azure's sizes with 8 threads; smaller ones, which hold no Harvester, have fewer. Sizes with 16 threads have 32, which a
 * number in the disk's name can use. Source: Azure, "Dsv5 sizes series", column of data disks.
 */
const LUNS = 16;

/**
 * Returns the number of a data disk at the provider: its LUN on Azure, its device name on AWS. It depends on the disk's name only, so
 * that removing a disk moves no other. It is the number at the end of the name or, without one, a number derived from the name.
 */
export function slotOf(disk: string): number {
  const number = Number(/\d+$/.exec(disk)?.[0] ?? Number.NaN);
  if (number < 2 * LUNS) return number;
  return (createHash('sha256').update(disk).digest()[0] as number) % LUNS;
}

/** Returns the name of a data disk at the provider, which accepts no `_` in it. */
export function diskTitle(site: string, disk: string): string {
  return `${cloudName(site)}-${disk.replaceAll('_', '-')}`;
}

/** Returns the device of a data disk on a cloud VM. */
export function cloudDevice(cloud: Draft<CloudVm>, site: string, disk: string): string | undefined {
  const { provider, size } = cloud;
  if (!provider || !size) return undefined;
  const keys = {
    aws: disk,
    google: disk,
    azure: String(slotOf(disk)),
    digitalocean: diskTitle(site, disk),
  };
  return PROVIDERS[provider].device(keys[provider], size);
}

/** Returns the name or number of a data disk at the provider, from its device; undefined if its device has another form. */
export function attachmentOf(
  { provider }: Pick<CloudVm, 'provider'>,
  { device }: Draft<HostDisk>,
): string | undefined {
  return PROVIDERS[provider].devices.exec(device ?? '')?.[1];
}

/** Returns the CPUs of all virtual machines of a site and their memory in GiB; undefined if one is unknown. */
export function machinesTotal({
  nodes = [],
}: Pick<Draft<Site>, 'nodes'>): Pick<CloudSize, 'threads' | 'gib'> | undefined {
  const domains = nodes.flatMap((node) => node?.domain ?? []);
  const [threads, mib] = [0, 0].map((_, index) =>
    domains.reduce((sum, one) => sum + ((index === 0 ? one.vcpus : one.memory) ?? Number.NaN), 0),
  ) as [number, number];
  return Number.isNaN(threads + mib) ? undefined : { threads, gib: mib / 1024 };
}

/** Returns the size of a site's cloud VM: its name and, if they are known, its threads and memory. */
export function cloudSizeOf(site: Pick<Draft<Site>, 'host' | 'nodes'>): Partial<CloudSize> | undefined {
  const { provider, region, size } = site.host?.cloud ?? {};
  if (!provider || size === undefined) return undefined;
  if (size !== 'auto') return knownSize(provider, size) ?? { name: size };
  const total = machinesTotal(site);
  return total && region !== undefined ? smallestSize(provider, region, total) : undefined;
}

/** The room for the operating system, packages and the media of releases, in GiB. */
const OS_GIB = 50;

/** The least room for them: the system and its packages, and the media of one release. */
export const LEAST_OS_GIB = 20;

/** The subnet of a new network, by default. */
export const NEW_NETWORK = '10.10.0.0/24';

/** Returns the size of the OS disk in GiB: by default with room for all images that are on no data disk. */
export function osDiskGib({ host, nodes }: Pick<Site, 'host' | 'nodes'>): number {
  const size = host?.cloud?.osDisk.size;
  if (size !== undefined) return gib(size);
  const images = nodes.flatMap(({ domain }) => domain?.disks ?? []).filter(({ on }) => !on);
  return OS_GIB + imagesGib(images);
}

/** Returns the room for full-grown images, in GiB. */
export function imagesGib(images: readonly Draft<DomainDisk>[]): number {
  return Math.ceil(images.reduce((sum, disk) => sum + grownSize(disk), 0) / 2 ** 30);
}

/** Returns a size of the inventory in whole GiB, rounded up. */
export function gib(size: string): number {
  return Math.ceil((parseSize(size) ?? 0) / 2 ** 30);
}
