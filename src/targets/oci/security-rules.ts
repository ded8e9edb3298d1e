import { contains } from '../../site/ipv4.ts';
import type { Site } from '../../site/model.ts';
import { ociNodes } from '../../site/oci-nodes.ts';

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
    ...subnetsOf(site).map((source) => ({
      ...from(source),
      description: 'nodes, VIP and boot server among themselves',
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

/** Gives what the nodes may reach: everything, or on a site without a way to the internet themselves and the boot server. */
export function egressRules(site: Site): EgressRule[] {
  const subnets = subnetsOf(site);
  const { host } = site.server;
  const isInside = ociNodes(site).some(({ bootNic }) => contains(bootNic.network.subnet, host));
  const server = isInside || !/^[0-9.]+$/.test(host) ? [] : [`${host}/32`];
  return (site.airGapped ? [...subnets, ...server] : [ANYWHERE]).map((destination) => ({
    destination,
    destinationType: 'CIDR_BLOCK' as const,
    description: destination === ANYWHERE ? 'everything' : 'nodes, VIP and boot server',
    isStateless: false as const,
    protocol: 'all' as const,
  }));
}

/** The subnets that nodes boot from, each once. */
function subnetsOf(site: Site): string[] {
  return [...new Set(ociNodes(site).map(({ bootNic }) => bootNic.network.subnet.text))];
}

function from(source: string) {
  return { source, sourceType: 'CIDR_BLOCK' as const, isStateless: false as const };
}
