import type { Node, OciInstance, Site } from '../../site/model.ts';
import { ociNodes } from '../../site/nodes.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { contains, ipv4Number } from '../../values/addresses.ts';
import { RETRY_PAUSES } from '../ipxe/ipxe.ts';
import type { Target } from '../target.ts';

/** The iPXE script for the launch. */
const FIRST_STAGE = 'oci/first-stage.ipxe';

/** The script that launches the instances. */
export const OCI_LAUNCH = 'scripts/oci-launch.sh';

/** The security list of the subnet, in the format of the OCI CLI: incoming and outgoing traffic. */
export const INGRESS_RULES = 'oci/ingress-rules.json';
export const EGRESS_RULES = 'oci/egress-rules.json';

/**
 * Maximum size of `ipxeScript` in bytes (OCI's API, LaunchInstanceDetails.ipxeScript). The API reference has no limit: this is
 * the ten kilobytes of older descriptions. The script is much shorter.
 */
export const SCRIPT_LIMIT = 10_240;

/** The files for Oracle Cloud Infrastructure: the launch script, the iPXE script of the instances and their security list. */
export const oci: Target = {
  name: 'oci',
  *emit(site, render) {
    const nodes = ociNodes(site);
    if (nodes.length === 0) return;
    const launch = { site, ...launchedNodes(nodes), limit: SCRIPT_LIMIT };
    const content = render('oci/oci-launch.sh', launch) + render('oci/oci-launch-run.sh', {});
    yield { path: OCI_LAUNCH, content, executable: true };
    const first = { site, bootUrl: urlOf(site, BOOT_SCRIPT), pauses: RETRY_PAUSES };
    yield { path: FIRST_STAGE, content: render('oci/first-stage.ipxe', first) };
    yield { path: INGRESS_RULES, content: `${JSON.stringify(ingressRules(site), null, 2)}\n` };
    yield { path: EGRESS_RULES, content: `${JSON.stringify(egressRules(site), null, 2)}\n` };
  },
};

type OciNode = Node & { readonly oci: OciInstance };

/** Returns the variables of the script: those that all nodes share, and the others of each node. */
function launchedNodes(nodes: readonly OciNode[]) {
  const all = nodes.map((node) => ({ name: node.name, variables: variablesOf(node) }));
  const isShared = ([name, value]: readonly [string, string]) =>
    all.every(({ variables }) => variables.some(([other, its]) => other === name && its === value));
  return {
    shared: (all[0]?.variables ?? []).filter(isShared),
    nodes: all.map(({ name, variables }) => ({
      name,
      own: variables.filter((variable) => !isShared(variable)),
    })),
  };
}

/** Returns the script's variables of a node, with the values for the CLI. */
function variablesOf({ name, ip, bootNic, cluster, oci }: OciNode): [string, string][] {
  const { nsgs, tags, sshPublicKey: key } = oci;
  const { subnet } = bootNic.network;
  // A secondary IP address must be in the subnet of its VNIC.
  const vip = cluster && contains(subnet, cluster.vip) ? cluster : undefined;
  // The shell does not expand a quoted tilde, so the script adds the home directory of the operator.
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
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/**
 * Returns the name of a node for OCI's DNS (RFC 952 and 1123; OCI's API, CreateVnicDetails.hostnameLabel): one label that begins
 * with a letter. Of a name with dots it is the first label, which is unique among nodes. Undefined for an invalid label.
 */
function hostnameLabel(name: string): string | undefined {
  const [label = ''] = name.split('.');
  return /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label) ? label : undefined;
}

/** The ports of a cluster that users may reach, from the subnets in the inventory. */
const PORTS = { 22: 'SSH', 443: "Harvester's dashboard", 6443: 'the Kubernetes API' };

const ANYWHERE = '0.0.0.0/0';

/**
 * Returns the rules for incoming traffic: everything within the subnets, and the ports for `oci.allow`. All other sources may
 * only report that a packet was too large for a link; without these reports, downloads stall. A
 * protocol is an IANA number (1 is ICMP, 6 is TCP), or `all`. Source: OCI's API, IngressSecurityRule.
 */
function ingressRules(site: Site): object[] {
  const from = (source: string, description: string, protocol: string, options: object = {}) => {
    return { source, sourceType: 'CIDR_BLOCK', isStateless: false, description, protocol, ...options };
  };
  const within = subnetsOf(site).map(({ subnet, members }) =>
    from(subnet.text, `${members} among themselves`, 'all'),
  );
  const allowed = [...new Set(ociNodes(site).flatMap(({ oci }) => oci.allow))].flatMap((source) =>
    Object.entries(PORTS).map(([text, description]) => {
      const [subnet, port] = [source.includes('/') ? source : `${source}/32`, Number(text)];
      return from(subnet, description, '6', {
        tcpOptions: { destinationPortRange: { min: port, max: port } },
      });
    }),
  );
  const icmp = from(ANYWHERE, 'path MTU discovery', '1', { icmpOptions: { type: 3, code: 4 } });
  return [...within, ...allowed, icmp];
}

/**
 * Returns the rules for outgoing traffic: everything, or for an air-gapped site only the boot server and the server of the
 * installation media. Rules accept only IP addresses, so host names are omitted, which the rule oci-host-name reports.
 * Source: OCI's API, EgressSecurityRule.
 */
function egressRules(site: Site): object[] {
  const to = (destination: string, description: string) => {
    return { destination, destinationType: 'CIDR_BLOCK', description, isStateless: false, protocol: 'all' };
  };
  if (!site.airGapped) return [to(ANYWHERE, 'everything')];
  const subnets = subnetsOf(site);
  const { host, media } = site.server;
  // A host that is both is listed once, as boot server.
  const servers = new Map([[new URL(media.url).hostname, 'installation media']]);
  servers.delete(host);
  return [
    ...subnets.map(({ subnet, members }) => to(subnet.text, members)),
    ...[[host, 'boot server'] as const, ...servers]
      .filter(([server]) => ipv4Number(server) !== undefined)
      .filter(([server]) => !subnets.some(({ subnet }) => contains(subnet, server)))
      .map(([server, what]) => to(`${server}/32`, what)),
  ];
}

/** Returns the subnets that nodes boot from, each once, with a description of its members. */
function subnetsOf(site: Site) {
  const subnets = ociNodes(site).map(({ bootNic }) => bootNic.network.subnet);
  return [...new Map(subnets.map((subnet) => [subnet.text, subnet])).values()].map((subnet) => ({
    subnet,
    members: contains(subnet, site.server.host) ? 'nodes, VIP and boot server' : 'nodes and VIP',
  }));
}
