import { contains } from '../../site/ipv4.ts';
import type { Node, OciInstance } from '../../site/model.ts';
import { ociNodes } from '../../site/oci-nodes.ts';
import { BOOT_SCRIPT, urlOf } from '../paths.ts';
import type { Target } from '../target.ts';
import { egressRules, ingressRules } from './security-rules.ts';

/** The script to hand to the launch. */
export const FIRST_STAGE = 'oci/first-stage.ipxe';

/** What launches the instances. */
export const OCI_LAUNCH = 'scripts/oci-launch.sh';

/** The security list of the subnet, as the OCI CLI takes it: what may come in, and what may go out. */
export const INGRESS_RULES = 'oci/ingress-rules.json';
export const EGRESS_RULES = 'oci/egress-rules.json';

/** The bytes that OCI's API is known to take as `ipxeScript` of a launch. Its sources do not say; ours stays far below. */
export const SCRIPT_LIMIT = 10_240;

/** Seconds to wait after the first failure, the second and so on; the last holds for all after it. */
const PAUSES = [2, 5, 10, 20, 40, 60];

/** What a site needs on Oracle Cloud Infrastructure: what launches its nodes, and with which script and security list. */
export const oci: Target = {
  name: 'oci',
  *emit(site, render) {
    const nodes = ociNodes(site);
    if (nodes.length === 0) return;
    const launch = { site, nodes: nodes.map(launchedNode), limit: SCRIPT_LIMIT };
    yield { path: OCI_LAUNCH, content: render('oci/oci-launch.sh', launch), executable: true };
    const first = { site, bootUrl: urlOf(site, BOOT_SCRIPT), pauses: PAUSES };
    yield { path: FIRST_STAGE, content: render('oci/first-stage.ipxe', first) };
    yield { path: INGRESS_RULES, content: json(ingressRules(site)) };
    yield { path: EGRESS_RULES, content: json(egressRules(site)) };
  },
};

/** What the script knows of a node, each value as the CLI takes it. */
function launchedNode(node: Node & { readonly oci: OciInstance }) {
  const { name, ip, bootNic, cluster } = node;
  const { nsgs, tags, sshPublicKey, ...rest } = node.oci;
  const { subnet } = bootNic.network;
  return {
    ...rest,
    name,
    ip,
    cidr: subnet.text,
    nsgs: nsgs.length > 0 ? JSON.stringify(nsgs) : undefined,
    tags: tags && JSON.stringify(tags),
    label: isHostnameLabel(name) ? name : undefined,
    ...keyOf(sshPublicKey),
    // A secondary address is one of the subnet of its VNIC.
    ...(cluster && contains(subnet, cluster.vip) ? { cluster: cluster.name, vip: cluster.vip } : {}),
  };
}

/** A key's file; where it is in the home folder of whoever launches, from there: in quotes a tilde is none. */
function keyOf(path: string | undefined) {
  return path?.startsWith('~/') ? { keyAtHome: path.slice(2) } : { key: path };
}

/** Says whether OCI's DNS takes a name (RFC 952 and 1123): one label, which begins with a letter. */
function isHostnameLabel(name: string): boolean {
  return /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name);
}

function json(rules: readonly object[]): string {
  return `${JSON.stringify(rules, null, 2)}\n`;
}
