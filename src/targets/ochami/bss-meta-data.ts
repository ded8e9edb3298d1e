import { createHash } from 'node:crypto';
import type { Node, Site } from '../../site/model.ts';
import { plainXname } from '../../values/xname.ts';
import { metaDataOf } from '../cloud-init/meta-data.ts';
import { roleOf } from './components.ts';

/**
 * Gives the meta-data of a node as BSS answers it, in JSON: its own, and what BSS adds. BSS makes another instance-id for each
 * request, and cloud-init takes the machine for a new one each time; this one stays. What refers to a secret is left out.
 * Source: OpenCHAMI/bss, cmd/boot-script-service/cloudInitAPI.go (generateMetaData).
 */
export function bssMetaData(site: Site, node: Node): object {
  const { 'instance-id': id, ...others } = metaDataOf(site, node, node.cloudInit ?? NOTHING) as Record<
    string,
    unknown
  >;
  const digest = createHash('sha256').update(String(id)).digest('hex').slice(0, 12);
  return {
    ...withoutSecrets(others),
    'instance-id': `${node.xname ? plainXname(node.xname) : node.name}-${digest}`,
    'shasta-type': roleOf(node),
    'shasta-role': '',
    Global: {},
  };
}

const NOTHING = { userData: [], vendorData: [], metaData: {} };

function withoutSecrets(map: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(map).filter(([, value]) => !JSON.stringify(value)?.includes('${secret:')),
  );
}
