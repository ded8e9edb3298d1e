import type { Site } from '../../site/model.ts';
import { ociNodes } from '../../site/oci-nodes.ts';
import { EGRESS_RULES, INGRESS_RULES, OCI_LAUNCH } from '../oci/oci.ts';

/** What the README says of Oracle Cloud Infrastructure; undefined where no node is there. */
export function ociFacts(site: Site) {
  const nodes = ociNodes(site);
  const [first] = nodes;
  if (!first) return undefined;
  const creates = nodes.find(({ mode, cluster }) => mode === 'create' && cluster) ?? first;
  return {
    launch: OCI_LAUNCH,
    ingress: INGRESS_RULES,
    egress: EGRESS_RULES,
    subnet: first.oci.subnet,
    region: first.oci.region,
    creates: creates.name,
    vip: creates.cluster?.vip,
    isOpen: nodes.some(({ oci }) => oci.allow.length > 0),
  };
}
