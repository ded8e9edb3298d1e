import type { Site } from '../../site/model.ts';
import { ociNodes } from '../../site/nodes.ts';
import { type Cidr, contains, ipv4Number } from '../../values/addresses.ts';

/** A rule of a security list, as the OCI CLI takes it. Source: OCI's API, IngressSecurityRule and EgressSecurityRule. */
interface SecurityRule {
  readonly description: string;
  readonly isStateless: false;
  /** An IANA number (1 is ICMP, 6 is TCP), or `all`. */
  readonly protocol: '1' | '6' | 'all';
  readonly tcpOptions?: { readonly destinationPortRange: { readonly min: number; readonly max: number } };
  readonly icmpOptions?: { readonly type: number; readonly code: number };
}

interface IngressRule extends SecurityRule {
  readonly source: string;
  readonly sourceType: 'CIDR_BLOCK';
}

interface EgressRule extends SecurityRule {
  readonly destination: string;
  readonly destinationType: 'CIDR_BLOCK';
}

/** What people reach of a cluster: SSH on the nodes, the dashboard, the Kubernetes API. */
const PORTS = [
  { port: 22, what: 'SSH' },
  { port: 443, what: "Harvester's dashboard" },
  { port: 6443, what: 'the Kubernetes API' },
];

const ANYWHERE = '0.0.0.0/0';

/**
 * Gives what may reach the nodes: everything within their subnets, and what the inventory lets in (`oci.allow`). From
 * everywhere else comes nothing but word that a packet was too large for some link, without which downloads stall.
 */
export function ingressRules(site: Site): IngressRule[] {
  const sources = [...new Set(ociNodes(site).flatMap(({ oci }) => oci.allow))];
  return [
    ...subnetsOf(site).map((subnet) => ({
      ...from(subnet.text),
      description: `${membersOf(subnet, site)} among themselves`,
      protocol: 'all' as const,
    })),
    ...sources.flatMap((source) =>
      PORTS.map(({ port, what }) => ({
        ...from(source.includes('/') ? source : `${source}/32`),
        description: what,
        protocol: '6' as const,
        tcpOptions: { destinationPortRange: { min: port, max: port } },
      })),
    ),
    {
      ...from(ANYWHERE),
      description: 'path MTU discovery',
      protocol: '1' as const,
      icmpOptions: { type: 3, code: 4 },
    },
  ];
}

/**
 * Gives what the nodes may reach: everything, or on a site without a way to the internet themselves, the boot server, and what has
 * Harvester's files. A rule takes addresses alone: of host names there is none here, which the rule oci-host-name reports.
 */
export function egressRules(site: Site): EgressRule[] {
  if (!site.airGapped) return [to(ANYWHERE, 'everything')];
  const subnets = subnetsOf(site);
  const elsewhere = fetchedFrom(site).filter(({ host }) => !subnets.some((subnet) => contains(subnet, host)));
  const addresses = elsewhere.filter(({ host }) => isAddress(host));
  return [
    ...subnets.map((subnet) => to(subnet.text, membersOf(subnet, site))),
    ...addresses
      // One that has both is written once.
      .filter(({ host }, index) => addresses.findIndex((other) => other.host === host) === index)
      .map(({ host, what }) => to(`${host}/32`, what)),
  ];
}

/** Where nodes fetch from, as hosts. */
function fetchedFrom({ server }: Site): { readonly host: string; readonly what: string }[] {
  return [
    { host: server.host, what: 'boot server' },
    { host: new URL(server.media.url).hostname, what: "Harvester's files" },
  ];
}

function isAddress(host: string): boolean {
  return ipv4Number(host) !== undefined;
}

/** The subnets that nodes boot from, each once. */
function subnetsOf(site: Site): Cidr[] {
  const byText = new Map(
    ociNodes(site).map(({ bootNic: { network } }) => [network.subnet.text, network.subnet]),
  );
  return [...byText.values()];
}

/** Who is in a subnet. */
function membersOf(subnet: Cidr, { server }: Site): string {
  return isAddress(server.host) && contains(subnet, server.host)
    ? 'nodes, VIP and boot server'
    : 'nodes and VIP';
}

function to(destination: string, description: string): EgressRule {
  return {
    destination,
    destinationType: 'CIDR_BLOCK',
    description,
    isStateless: false,
    protocol: 'all',
  };
}

function from(source: string) {
  return { source, sourceType: 'CIDR_BLOCK' as const, isStateless: false as const };
}
