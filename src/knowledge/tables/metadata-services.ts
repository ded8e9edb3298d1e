/**
 * Where a machine of a cloud provider asks who it is. To a virtual machine on one, such a service would tell the secrets
 * of its host, the user-data among them.
 */

/** A metadata service, or the addresses that providers have for theirs. */
export interface MetadataService {
  /** An address, or a subnet. */
  readonly address: string;
  /** The TCP ports, where others of the same address are for other things. */
  readonly ports?: readonly number[];
  /** Who has it there. */
  readonly who: string;
}

/**
 * Sources: AWS, EC2 user guide, "Instance metadata" (169.254.169.254), "Amazon Time Sync Service" and "EKS Pod Identity"
 * (169.254.170.23, fd00:ec2::23), ECS developer guide, "Task IAM role" (169.254.170.2); Google Cloud, "About VM metadata";
 * Azure, "What is IP address 168.63.129.16?" (the same address serves DNS); Alibaba Cloud, "Instance metadata"; Scaleway,
 * "Instance metadata" (169.254.42.42, fd00:42::42); RFC 3927, section 7: link-local addresses are never forwarded.
 */
export const METADATA_SERVICES: readonly MetadataService[] = [
  {
    address: '169.254.0.0/16',
    who: 'link-local: AWS, Azure, DigitalOcean, Google Cloud, OpenStack, Oracle, Scaleway',
  },
  { address: 'fd00:ec2::/32', who: 'AWS' },
  { address: 'fd00:42::42', who: 'Scaleway' },
  { address: 'fd20:ce::254', who: 'Google Cloud' },
  { address: '168.63.129.16', ports: [80, 32526], who: 'Azure' },
  { address: '100.100.100.200', who: 'Alibaba Cloud' },
];
