import { PROVIDERS } from '../../knowledge/cloud-providers.ts';
import { cloudSizeOf, gib, NEW_NETWORK, osDiskGib } from '../../plan/host-capacity.ts';
import { attachmentOf, cloudName, diskTitle, reachesVm, slotOf } from '../../site/cloud.ts';
import type { Host, Site } from '../../site/model.ts';
import type { CloudVm } from '../../site/model-host.ts';
import { USER_DATA } from '../../tree/paths.ts';
import { grouped } from '../../values/grouped.ts';
import { quoteTerraform } from '../../values/quoting.ts';
import { reachablePorts } from '../systemd/systemd.ts';

/** A block or an attribute of Terraform's JSON syntax. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Blocks by type and name, such as `aws_route.out`; those without a name are called `host`. Missing ones are left out. */
export type Blocks = Readonly<Record<string, Json | undefined>>;

/** The part of `main.tf.json` that depends on the provider. */
export interface Main {
  /** The source and version of the provider, and its block. */
  readonly source: readonly [name: string, source: string, version: string];
  readonly provider: Json;
  readonly data?: Blocks;
  readonly locals?: Readonly<Record<string, Json>>;
  readonly resource: Blocks;
  /** The public address of the VM, as an expression without braces, and the user who logs in. */
  readonly address: string;
  readonly user: string;
  /** Other outputs, with the text of each. */
  readonly output?: Readonly<Record<string, string>>;
}

/** The user of the operators, where the provider or cloud-init creates one. */
export const USER = 'harvgen';

/** The expression of the file with the user data; `base64gzip` keeps it below the limits of providers. */
export const SEED = `file("\${path.module}/../${USER_DATA}")`;

/** A cloud VM with all that emitters of providers need. */
export type Vm = ReturnType<typeof vmOf>;

/** Returns the VM of a site. */
export function vmOf(site: Site, { cloud, disks }: Host & { readonly cloud: CloudVm }) {
  const size = cloudSizeOf(site)?.name ?? '';
  const types = PROVIDERS[cloud.provider].diskTypes(size);
  const { vpc, subnet, cidr } = cloud.network;
  return {
    cloud,
    // The name of the site, as name or first part of the names of all resources.
    name: cloudName(site.name),
    size,
    keys: cloud.sshKeys.map(quoteTerraform),
    os: { gib: osDiskGib(site), type: cloud.osDisk.type ?? types.os[0] ?? '' },
    disks: disks.map((disk) => ({
      ...disk,
      // The names in Terraform, at the provider, and on the VM, where it may be a number.
      key: disk.name.replace(/^(?=\d)/, '_'),
      title: diskTitle(site.name, disk.name),
      attached: attachmentOf(cloud, disk) ?? disk.name,
      slot: slotOf(disk.name),
      gib: gib(disk.size ?? ''),
      ...(types.data[0] !== undefined && { type: disk.type ?? types.data[0] }),
    })),
    openings: openingsOf(site, cloud),
    // The subnet of a new network; undefined if the network exists.
    cidr: vpc === undefined && subnet === undefined ? (cidr ?? NEW_NETWORK) : undefined,
  };
}

const ANYWHERE = '0.0.0.0/0';

/** Returns the ports to open: SSH, and those that are exposed beyond loopback, each to its clients. The VM has no IPv6 address. */
function openingsOf(site: Site, cloud: CloudVm) {
  const opened = [{ port: 22, allow: cloud.allow }, ...reachablePorts(site)].flatMap(({ port, allow }) => {
    const addresses = allow.length > 0 ? allow.filter(reachesVm) : [ANYWHERE];
    return addresses.map((from) => [port, from.includes('/') ? from : `${from}/32`] as const);
  });
  return Array.from(grouped(opened), ([port, subnets]) => {
    const sources = subnets.includes(ANYWHERE) ? [ANYWHERE] : [...new Set(subnets)].sort();
    return { key: `p${port}`, port, sources };
  });
}

/** Returns blocks of a type, one for each item, with its `key` as the name. */
export function perItem<T extends { readonly key: string }>(
  type: string,
  items: readonly T[],
  blockOf: (item: T) => Json,
): Blocks {
  return Object.fromEntries(items.map((item) => [`${type}.${item.key}`, blockOf(item)]));
}

/**
 * Keeps Terraform from deleting or replacing a disk or the VM while the file describes it. A resource that leaves the file is deleted
 * all the same: `diff` reports it. Source: Terraform, "resource block", `prevent_destroy`.
 */
export const KEPT = { prevent_destroy: true };

/** Returns a condition that `apply` checks: the user data is within the limit of the provider, in characters. */
export function fits(limit: number, title: string): Json {
  return {
    condition: `\${length(local.user_data) <= ${limit}}`,
    error_message: `${title} accepts user data of at most ${limit} characters: this site has more.`,
  };
}
