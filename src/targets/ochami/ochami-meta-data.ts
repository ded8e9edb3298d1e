import { marked } from '../../secrets/mark-config.ts';
import { holdsNodeValue } from '../../site/fill-node-values.ts';
import type { CloudInit, Group, Node, Site } from '../../site/model.ts';
import { metaDataOf } from '../cloud-init/meta-data.ts';
import { isFilled } from './is-filled.ts';

type Map = Readonly<Record<string, unknown>>;

/** What an instance can say of itself, by the key that OpenCHAMI's cloud-init server has for it, and its name in `instance_data`. */
const INSTANCE_KEYS = {
  'cloud-name': 'cloud_name',
  'availability-zone': 'availability_zone',
  'instance-type': 'instance_type',
  region: 'region',
  'cloud-provider': 'cloud_provider',
  'public-keys': 'public_keys',
} as const;

/**
 * Gives the meta-data of a node as OpenCHAMI's cloud-init server answers it: the keys in its order, empty ones left out, and then
 * what else the inventory says. The host name is the node's, which that server would make from the NID.
 * Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/metadata.go, pkg/cistore/models.go.
 */
export function ochamiMetaData(site: Site, node: Node, base: string): object {
  const { cloudInit } = node;
  if (!cloudInit) return {};
  const whole = metaDataOf(site, node, cloudInit) as Map;
  const { 'instance-id': id, 'local-hostname': local, hostname = local, ...others } = whole;
  const known = Object.entries(INSTANCE_KEYS).flatMap(([key, name]) =>
    others[key] === undefined ? [] : [[name, others[key]] as const],
  );
  const v1: Map = { ...Object.fromEntries(known), instance_id: id, local_ipv4: node.ip };
  const order = [
    'cloud_name',
    'availability_zone',
    'instance_id',
    'instance_type',
    'region',
    'local_ipv4',
    'cloud_provider',
    'public_keys',
  ];
  return {
    'instance-id': id,
    'local-hostname': local,
    hostname,
    'cluster-name': site.name,
    ...others,
    instance_data: {
      v1: {
        ...Object.fromEntries(order.flatMap((key) => (v1[key] === undefined ? [] : [[key, v1[key]]]))),
        vendor_data: {
          version: '1.0',
          cloud_init_base_url: base,
          cluster_name: site.name,
          ...(node.groups.length > 0 && {
            groups: Object.fromEntries(
              node.groups.map((group) => [group.name, ofGroup(site, group, cloudInit)]),
            ),
          }),
        },
      },
    },
  };
}

/** As that server writes it, the sentence of a group without a description among it. */
function ofGroup(site: Site, { description, metaData = {} }: Group, { metaData: filled }: CloudInit): object {
  const entries = Object.entries(metaData).flatMap(([key, value]) =>
    isFilled(site, JSON.stringify(marked({ key: value })))
      ? [[key, holdsNodeValue(value) ? filled[key] : value] as const]
      : [],
  );
  return { Description: description || 'No description Found', ...Object.fromEntries(entries) };
}
