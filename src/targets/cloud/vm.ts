import { PROVIDERS } from '../../knowledge/cloud-providers.ts';
import { cloudSizeOf, gib, NEW_NETWORK, osDiskGib } from '../../plan/host-capacity.ts';
import { attachmentOf, cloudName, diskTitle, slotOf } from '../../site/cloud.ts';
import type { Host, Site } from '../../site/model.ts';
import type { CloudVm, HostDisk } from '../../site/model-host.ts';
import { USER_DATA } from '../../tree/paths.ts';
import { quoteTerraform } from '../../values/quoting.ts';

/** A block or an attribute of Terraform's JSON syntax. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A map of blocks of one kind, such as `resource`: by type and name. */
export type Blocks = Readonly<Record<string, Readonly<Record<string, Json>>>>;

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

/** A data disk of the VM. */
export interface VmDisk extends HostDisk {
  /** The name of its resources in Terraform. */
  readonly key: string;
  /** The name of the disk at the provider. */
  readonly title: string;
  /** Its name or number on the VM. */
  readonly attached: string;
  readonly slot: number;
  readonly gib: number;
}

/** A port that the provider's firewall opens to these subnets. */
export interface Opening {
  readonly port: number;
  readonly sources: readonly string[];
}

/** A cloud VM with all that emitters of providers need. */
export interface Vm {
  readonly cloud: CloudVm;
  /** The name of the site, as name or first part of the names of all resources. */
  readonly name: string;
  readonly size: string;
  readonly keys: readonly string[];
  readonly os: { readonly gib: number; readonly type: string };
  readonly disks: readonly VmDisk[];
  readonly openings: readonly Opening[];
  /** The subnet of a new network; undefined if the network exists. */
  readonly cidr: string | undefined;
}

/** The user of the operators, where the provider or cloud-init creates one. */
export const USER = 'harvgen';

/** The expression of the file with the user data; `base64gzip` keeps it below the limits of providers. */
export const SEED = `file("\${path.module}/../${USER_DATA}")`;

/** Returns the VM of a site. */
export function vmOf(site: Site, { cloud, disks }: Host & { readonly cloud: CloudVm }): Vm {
  const size = cloudSizeOf(site)?.name ?? '';
  const types = PROVIDERS[cloud.provider].diskTypes(size);
  const { vpc, subnet, cidr } = cloud.network;
  const name = cloudName(site.name);
  return {
    cloud,
    name,
    size,
    keys: cloud.sshKeys.map(quoteTerraform),
    os: { gib: osDiskGib(site), type: cloud.osDisk.type ?? types.os[0] ?? '' },
    disks: disks.map((disk) => ({
      ...disk,
      key: disk.name.replace(/^(?=\d)/, '_'),
      title: diskTitle(site.name, disk.name),
      attached: attachmentOf(cloud, disk) ?? disk.name,
      slot: slotOf(disk.name),
      gib: gib(disk.size ?? ''),
      ...(types.data[0] !== undefined && { type: disk.type ?? types.data[0] }),
    })),
    openings: openingsOf(site, cloud),
    cidr: vpc === undefined && subnet === undefined ? (cidr ?? NEW_NETWORK) : undefined,
  };
}

const ANYWHERE = '0.0.0.0/0';

/** Returns the ports to open: SSH, and those that are exposed beyond loopback, each to its clients. The VM has no IPv6 address. */
function openingsOf({ host }: Site, cloud: CloudVm): Opening[] {
  const subnets = (allow: readonly string[]) =>
    allow.length === 0
      ? [ANYWHERE]
      : allow.filter((from) => !from.includes(':')).map((from) => (from.includes('/') ? from : `${from}/32`));
  const exposed = (host?.expose ?? []).filter(({ address }) => !address?.startsWith('127.'));
  const byPort = new Map<number, Set<string>>([[22, new Set(subnets(cloud.allow))]]);
  for (const { port, allow } of exposed) {
    const sources = byPort.get(port) ?? new Set();
    byPort.set(port, sources);
    for (const source of subnets(allow)) sources.add(source);
  }
  return [...byPort]
    .map(([port, sources]) => ({
      port,
      sources: sources.has(ANYWHERE) ? [ANYWHERE] : [...sources].sort(),
    }))
    .filter(({ sources }) => sources.length > 0);
}

/** Returns a map of resources, one for each disk. */
export function perDisk({ disks }: Vm, make: (disk: VmDisk) => Json): Readonly<Record<string, Json>> {
  return Object.fromEntries(disks.map((disk) => [disk.key, make(disk)]));
}

/** Resources without entries are left out. */
export function present(blocks: Blocks): Blocks {
  return Object.fromEntries(Object.entries(blocks).filter(([, named]) => Object.keys(named).length > 0));
}

/**
 * Keeps Terraform from deleting or replacing a disk or the VM while the file describes it. A resource that leaves the file is deleted
 * all the same: `diff` reports it. Source: Terraform, "resource block", `prevent_destroy`.
 */
export const KEPT = { prevent_destroy: true };

/** Returns a condition that `apply` checks: the user data is within the limit of the provider. */
export function fits(expression: string, limit: number, title: string): Json {
  return {
    condition: `\${length(${expression}) <= ${limit}}`,
    error_message: `${title} accepts user data of at most ${limit} characters: this site has more.`,
  };
}
