import type { ProviderName } from '../knowledge/cloud-providers.ts';

/** The cloud VM that is the host of a site. */
export interface CloudVm {
  readonly provider: ProviderName;
  readonly region: string;
  readonly zone?: string;
  /** The project of Google Cloud. */
  readonly project?: string;
  /** The size, or `auto`. */
  readonly size: string;
  readonly spot: boolean;
  /** The image in the provider's form. */
  readonly image: string;
  readonly osDisk: { readonly size?: string; readonly type?: string };
  /** The public keys of the operators. */
  readonly sshKeys: readonly string[];
  /** The subnet of a new network, or an existing network. */
  readonly network: { readonly cidr?: string; readonly vpc?: string; readonly subnet?: string };
  /** The clients that may log in (default: all). */
  readonly allow: readonly string[];
}

/** A data disk of the host. */
export interface HostDisk {
  readonly name: string;
  readonly device: string;
  /** As in the inventory. */
  readonly size?: string;
  readonly filesystem: 'ext4' | 'xfs';
  /** The directory where the disk is mounted. */
  readonly mount: string;
  /** The type at the provider of a cloud VM, and what the provider reserves. */
  readonly type?: string;
  readonly iops?: number;
  /** In MiB/s. */
  readonly throughput?: number;
}

/** An iSCSI disk for virtual machines of the host. */
export interface Lun {
  readonly name: string;
  /** As in the inventory. */
  readonly size: string;
  /** The names of the nodes that can use it; undefined for all virtual machines. */
  readonly nodes?: readonly string[];
}
