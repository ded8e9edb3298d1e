import type { Node, OciInstance, Site } from '../../site/model.ts';
import { ociNodes } from '../../site/nodes.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { contains, ipv4Number } from '../../values/addresses.ts';
import type { Target } from '../target.ts';

/** The script to hand to the launch. */
const FIRST_STAGE = 'oci/first-stage.ipxe';

/** What launches the instances. */
export const OCI_LAUNCH = 'scripts/oci-launch.sh';

/** The security list of the subnet, as the OCI CLI takes it: what may come in, and what may go out. */
export const INGRESS_RULES = 'oci/ingress-rules.json';
export const EGRESS_RULES = 'oci/egress-rules.json';

/**
 * The bytes of `ipxeScript` that we let pass (OCI's API, LaunchInstanceDetails.ipxeScript). The API's reference gives no limit: this
 * one is a guess, the ten kilobytes of older descriptions, and ours stays far below.
 */
export const SCRIPT_LIMIT = 10_240;

/** Seconds to wait after the first failure, the second and so on; the last holds for all after it. */
const PAUSES = [2, 5, 10, 20, 40, 60];

/** What a site needs on Oracle Cloud Infrastructure: what launches its nodes, and with which script and security list. */
export const oci: Target = {
  name: 'oci',
  *emit(site, render) {
    const nodes = ociNodes(site);
    if (nodes.length === 0) return;
    const launch = { site, ...launchedNodes(nodes), limit: SCRIPT_LIMIT };
    const content = render('oci/oci-launch.sh', launch) + render('oci/oci-launch-run.sh', {});
    yield { path: OCI_LAUNCH, content, executable: true };
    const first = { site, bootUrl: urlOf(site, BOOT_SCRIPT), pauses: PAUSES };
    yield { path: FIRST_STAGE, content: render('oci/first-stage.ipxe', first) };
    yield { path: INGRESS_RULES, content: `${JSON.stringify(ingressRules(site), null, 2)}\n` };
    yield { path: EGRESS_RULES, content: `${JSON.stringify(egressRules(site), null, 2)}\n` };
  },
};

type OciNode = Node & { readonly oci: OciInstance };

/** What the script knows of the nodes: what is the same of all of them, and of each what is its own. */
function launchedNodes(nodes: readonly OciNode[]) {
  const all = nodes.map((node) => ({ name: node.name, variables: variablesOf(node) }));
  const [first] = all;
  const shared = new Map(
    [...(first?.variables ?? [])].filter(([name, value]) =>
      all.every(({ variables }) => variables.get(name) === value),
    ),
  );
  return {
    shared: [...shared],
    nodes: all.map(({ name, variables }) => ({
      name,
      own: [...variables].filter(([variable]) => !shared.has(variable)),
    })),
  };
}

/** The script's variables of a node, each value as the CLI takes it. */
function variablesOf({ name, ip, bootNic, cluster, oci }: OciNode): Map<string, string> {
  const { nsgs, tags, sshPublicKey: key } = oci;
  const { subnet } = bootNic.network;
  // A secondary address is one of the subnet of its VNIC.
  const vip = cluster && contains(subnet, cluster.vip) ? cluster : undefined;
  // A key in the home folder of whoever launches is one from there: in quotes a tilde is none.
  const atHome = key?.startsWith('~/');
  const values = {
    ip,
    cidr: subnet.text,
    region: oci.region,
    compartment: oci.compartment,
    availability_domain: oci.availabilityDomain,
    fault_domain: oci.faultDomain,
    shape: oci.shape,
    image: oci.image,
    subnet: oci.subnet,
    public_ip: String(oci.publicIp),
    nsgs: nsgs.length > 0 ? JSON.stringify(nsgs) : undefined,
    tags: tags && JSON.stringify(tags),
    label: hostnameLabel(name),
    key: atHome ? undefined : key,
    key_at_home: atHome ? key?.slice(2) : undefined,
    cluster: vip?.name,
    vip: vip?.vip,
  };
  return new Map(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/**
 * Gives the name of a node as OCI's DNS takes it (RFC 952 and 1123; OCI's API, CreateVnicDetails.hostnameLabel): one label, which
 * begins with a letter. Of a name with dots it is the first one, which is no other node's. Undefined where it is none.
 */
function hostnameLabel(name: string): string | undefined {
  const [label = ''] = name.split('.');
  return /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label) ? label : undefined;
}

/** What people reach of a cluster, from where the inventory lets them in. */
const PORTS = [
  { port: 22, description: 'SSH' },
  { port: 443, description: "Harvester's dashboard" },
  { port: 6443, description: 'the Kubernetes API' },
];

const ANYWHERE = '0.0.0.0/0';

/**
 * What may reach the nodes: everything within their subnets, and what the inventory lets in (`oci.allow`). From
 * everywhere else comes nothing but word that a packet was too large for some link, without which downloads stall. A
 * protocol is an IANA number (1 is ICMP, 6 is TCP), or `all`. Source: OCI's API, IngressSecurityRule.
 */
function ingressRules(site: Site): object[] {
  const from = (source: string) => ({ source, sourceType: 'CIDR_BLOCK', isStateless: false });
  const sources = new Set(ociNodes(site).flatMap(({ oci }) => oci.allow));
  return [
    ...subnetsOf(site).map(({ subnet, members }) => ({
      ...from(subnet.text),
      description: `${members} among themselves`,
      protocol: 'all',
    })),
    ...[...sources].flatMap((source) =>
      PORTS.map(({ port, description }) => ({
        ...from(source.includes('/') ? source : `${source}/32`),
        description,
        protocol: '6',
        tcpOptions: { destinationPortRange: { min: port, max: port } },
      })),
    ),
    {
      ...from(ANYWHERE),
      description: 'path MTU discovery',
      protocol: '1',
      icmpOptions: { type: 3, code: 4 },
    },
  ];
}

/**
 * What the nodes may reach: everything, or on a site without a way to the internet themselves, the boot server, and what has
 * Harvester's files. A rule takes addresses alone: of host names there is none here, which the rule oci-host-name reports.
 * Source: OCI's API, EgressSecurityRule.
 */
function egressRules(site: Site): object[] {
  const to = (destination: string, description: string) => ({
    destination,
    destinationType: 'CIDR_BLOCK',
    description,
    isStateless: false,
    protocol: 'all',
  });
  if (!site.airGapped) return [to(ANYWHERE, 'everything')];
  const subnets = subnetsOf(site);
  // A host that is both is written once.
  const { host, media } = site.server;
  const files = new URL(media.url).hostname;
  const elsewhere = [
    [host, 'boot server'] as const,
    ...(files === host ? [] : [[files, "Harvester's files"] as const]),
  ];
  return [
    ...subnets.map(({ subnet, members }) => to(subnet.text, members)),
    ...elsewhere
      .filter(([host]) => ipv4Number(host) !== undefined)
      .filter(([host]) => !subnets.some(({ subnet }) => contains(subnet, host)))
      .map(([host, what]) => to(`${host}/32`, what)),
  ];
}

/** The subnets that nodes boot from, each once, and who is in it. */
function subnetsOf(site: Site) {
  const subnets = ociNodes(site).map(({ bootNic }) => bootNic.network.subnet);
  return [...new Map(subnets.map((subnet) => [subnet.text, subnet])).values()].map((subnet) => ({
    subnet,
    members: contains(subnet, site.server.host) ? 'nodes, VIP and boot server' : 'nodes and VIP',
  }));
}
