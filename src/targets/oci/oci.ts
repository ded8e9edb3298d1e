import type { Node, OciInstance } from '../../site/model.ts';
import { ociNodes } from '../../site/nodes.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { contains } from '../../values/addresses.ts';
import type { Target } from '../target.ts';
import { egressRules, ingressRules } from './security-rules.ts';

/** The script to hand to the launch. */
export const FIRST_STAGE = 'oci/first-stage.ipxe';

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
    yield { path: OCI_LAUNCH, content: render('oci/oci-launch.sh', launch), executable: true };
    const first = { site, bootUrl: urlOf(site, BOOT_SCRIPT), pauses: PAUSES };
    yield { path: FIRST_STAGE, content: render('oci/first-stage.ipxe', first) };
    yield { path: INGRESS_RULES, content: json(ingressRules(site)) };
    yield { path: EGRESS_RULES, content: json(egressRules(site)) };
  },
};

type OciNode = Node & { readonly oci: OciInstance };

/** A variable of the script, with its value. */
type Variable = readonly [name: string, value: string];

/** What the script knows of the nodes: what is the same of all of them, and of each what is its own. */
function launchedNodes(nodes: readonly OciNode[]) {
  const all = nodes.map((node) => ({ name: node.name, variables: variablesOf(node) }));
  const [first = [], ...others] = all.map(({ variables }) => variables);
  const shared = first.filter((variable) => others.every((variables) => has(variables, variable)));
  return {
    shared,
    nodes: all.map(({ name, variables }) => ({
      name,
      own: variables.filter((variable) => !has(shared, variable)),
    })),
  };
}

function has(variables: readonly Variable[], [name, value]: Variable): boolean {
  return variables.some(([otherName, otherValue]) => otherName === name && otherValue === value);
}

/** What the script knows of a node, each value as the CLI takes it. */
function variablesOf({ name, ip, bootNic, cluster, oci }: OciNode): Variable[] {
  const { nsgs, tags, sshPublicKey: key } = oci;
  const { subnet } = bootNic.network;
  // A secondary address is one of the subnet of its VNIC.
  const vip = cluster && contains(subnet, cluster.vip) ? cluster : undefined;
  // A key in the home folder of whoever launches is one from there: in quotes a tilde is none.
  const atHome = key?.startsWith('~/');
  const values: readonly (readonly [string, string | undefined])[] = [
    ['ip', ip],
    ['cidr', subnet.text],
    ['region', oci.region],
    ['compartment', oci.compartment],
    ['availability_domain', oci.availabilityDomain],
    ['fault_domain', oci.faultDomain],
    ['shape', oci.shape],
    ['image', oci.image],
    ['subnet', oci.subnet],
    ['public_ip', String(oci.publicIp)],
    ['nsgs', nsgs.length > 0 ? JSON.stringify(nsgs) : undefined],
    ['tags', tags && JSON.stringify(tags)],
    ['label', hostnameLabel(name)],
    ['key', atHome ? undefined : key],
    ['key_at_home', atHome ? key?.slice(2) : undefined],
    ['cluster', vip?.name],
    ['vip', vip?.vip],
  ];
  return values.flatMap(([variable, value]) => (value === undefined ? [] : [[variable, value] as const]));
}

/**
 * Gives the name of a node as OCI's DNS takes it (RFC 952 and 1123; OCI's API, CreateVnicDetails.hostnameLabel): one label, which
 * begins with a letter. Of a name with dots it is the first one, which is no other node's. Undefined where it is none.
 */
function hostnameLabel(name: string): string | undefined {
  const [label = ''] = name.split('.');
  return /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label) ? label : undefined;
}

function json(rules: readonly object[]): string {
  return `${JSON.stringify(rules, null, 2)}\n`;
}
