/**
 * The cloud providers of rancher/harvester-cloud. Source: `projects/<provider>/{main,variables}.tf` and
 * `modules/<provider>` there (commit 8a9592a); the names of disks are those that the provider's udev rules give.
 */
export interface Provider {
  readonly name: string;
  /** What `prefix` is unless said. */
  readonly prefix: string;
  /** What a region of it looks like. */
  readonly region: RegExp;
  /** Threads and memory in GiB of the cloud VM, for the least, the middle and the largest cluster. */
  readonly sizes: readonly [CloudSize, CloudSize, CloudSize];
  /** That of a cluster of five nodes, where it is another one than the largest. */
  readonly five?: CloudSize;
  /** The stable name of a data disk, counted from 0; undefined where it is known only when the disk has been made. */
  readonly device: ((index: number, prefix: string) => string) | undefined;
  /** What such a name looks like, where it is not known. */
  readonly deviceForm?: string;
}

/** A size of cloud VM. */
export interface CloudSize {
  readonly name: string;
  readonly threads: number;
  readonly gib: number;
}

export type ProviderName = 'aws' | 'azure' | 'digitalocean' | 'google';

export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  aws: {
    name: 'AWS',
    prefix: 'aws-tf',
    region: /^[a-z]{2}(-[a-z]+)+-[0-9]$/,
    sizes: [
      { name: 'm8i.4xlarge', threads: 16, gib: 64 },
      { name: 'm8i.8xlarge', threads: 32, gib: 128 },
      { name: 'm8i.16xlarge', threads: 64, gib: 256 },
    ],
    // The number of the volume is part of it.
    device: undefined,
    deviceForm: '/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0',
  },
  azure: {
    name: 'Azure',
    prefix: 'azure',
    region: /^[a-z]{4,}[0-9]?(euap|stg)?$/,
    sizes: [
      { name: 'Standard_D16s_v5', threads: 16, gib: 64 },
      { name: 'Standard_D32s_v5', threads: 32, gib: 128 },
      { name: 'Standard_D64s_v5', threads: 64, gib: 256 },
    ],
    device: (index) => `/dev/disk/azure/scsi1/lun${index}`,
  },
  digitalocean: {
    name: 'DigitalOcean',
    prefix: 'do-tf',
    region: /^[a-z]{3}[0-9]$/,
    sizes: [
      { name: 'g-16vcpu-64gb', threads: 16, gib: 64 },
      { name: 'g-32vcpu-128gb', threads: 32, gib: 128 },
      { name: 'g-60vcpu-240gb', threads: 60, gib: 240 },
    ],
    five: { name: 'g-60vcpu-240gb-intel', threads: 60, gib: 240 },
    // The names of volumes are lower-case letters, digits and hyphens.
    device: (index, prefix) =>
      `/dev/disk/by-id/scsi-0DO_Volume_${prefix.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}-data-disk-${index + 1}`,
  },
  google: {
    name: 'Google Cloud',
    prefix: 'gcp-tf',
    region: /^[a-z]+-[a-z]+[0-9]+$/,
    sizes: [
      { name: 'n4-standard-16', threads: 16, gib: 64 },
      { name: 'n4-standard-32', threads: 32, gib: 128 },
      { name: 'n4-standard-64', threads: 64, gib: 256 },
    ],
    // The module names no device, and the boot disk is number 0.
    device: (index) => `/dev/disk/by-id/google-persistent-disk-${index + 1}`,
  },
};
