import { createHash } from 'node:crypto';
import { PROVIDERS } from '../knowledge/cloud-providers.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Draft } from '../values/draft.ts';
import { entries, markIncomplete, valueOr, withOrigins } from './from-inventory.ts';
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

/** Whether a client in `allow` can connect to a cloud VM from elsewhere: the VM has no IPv6 address, and loopback is the VM itself. */
export function reachesVm(from: string): boolean {
  return !/:|^127\./.test(from);
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
