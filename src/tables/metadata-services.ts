/**
 * Where a machine of a cloud provider asks who it is. To a virtual machine on one, such a service would tell the secrets
 * of its host, the user-data among them.
 */

/** A metadata service, or the addresses that a provider has for it. */
export interface MetadataService {
  readonly address: string;
  /** The TCP ports, where others of the same address are for other things. */
  readonly ports?: readonly number[];
  /** Who has it there. */
  readonly who: string;
}

/**
 * Sources: AWS, EC2 user guide, "Instance metadata"; Google Cloud, "About VM metadata"; Azure, "What is IP address
 * 168.63.129.16?" (the same address serves DNS); Alibaba Cloud, "Instance metadata".
 */
export const METADATA_SERVICES: readonly MetadataService[] = [
  { address: '169.254.169.254', who: 'AWS, Azure, DigitalOcean, Google Cloud, OpenStack, Oracle' },
  { address: 'fd00:ec2::254', who: 'AWS' },
  { address: 'fd20:ce::254', who: 'Google Cloud' },
  { address: '168.63.129.16', ports: [80, 32526], who: 'Azure' },
  { address: '100.100.100.200', who: 'Alibaba Cloud' },
];
