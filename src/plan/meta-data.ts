import { marked } from '../secrets/uses-of.ts';
import type { CloudInit, Group, Node, Site } from '../site/model.ts';
import { holdsNodeValue } from '../site/references.ts';
import { placeholderOf, placeholdersIn } from '../source/placeholders.ts';

type Data = Readonly<Record<string, unknown>>;

/** Returns the meta-data of a node. Its instance-id is constant: cloud-init treats a machine with another one as new. */
export function metaDataOf(site: Site, node: Node, { metaData }: Pick<CloudInit, 'metaData'>): Data {
  return { 'instance-id': `${site.name}.${node.name}`, 'local-hostname': node.name, ...metaData };
}

/** The keys of `instance_data.v1`, in the server's order, each with the key of the meta-data. */
const INSTANCE_KEYS = {
  cloud_name: 'cloud-name',
  availability_zone: 'availability-zone',
  instance_id: 'instance-id',
  instance_type: 'instance-type',
  local_hostname: 'local-hostname',
  region: 'region',
  hostname: 'hostname',
  local_ipv4: undefined,
  cloud_provider: 'cloud-provider',
  public_keys: 'public-keys',
} as const;

/**
 * Returns the meta-data that cloud-init gets: the keys of OpenCHAMI's cloud-init server in its order, without empty ones, and
 * the other keys of the inventory. Templates for that server read them. The host name is the node's; the server would derive
 * it from the NID. Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/metadata.go, pkg/cistore/models.go.
 */
export function instanceMetaData(site: Site, node: Node, cloudInit: Pick<CloudInit, 'metaData'>): Data {
  const { 'instance-id': id, 'local-hostname': local, ...others } = metaDataOf(site, node, cloudInit);
  const whole: Data = {
    'instance-id': id,
    'local-hostname': local,
    hostname: local,
    'cluster-name': site.name,
    ...others,
  };
  const known = Object.entries(INSTANCE_KEYS).map(([name, key]) => [name, key ? whole[key] : node.ip]);
  const groups = node.groups.map((group) => [group.name, ofGroup(group, cloudInit)]);
  const data = {
    ...Object.fromEntries(known),
    vendor_data: {
      version: '1.0',
      cloud_init_base_url: site.server.compat.includes('ochami') ? cloudInitBase(site) : undefined,
      cluster_name: whole['cluster-name'],
      groups: Object.fromEntries(groups),
    },
  };
  return { ...whole, instance_data: whole.instance_data ?? { v1: data } };
}

/** Returns the URL of OpenCHAMI's cloud-init server. */
export function cloudInitBase({ server }: Site): string {
  return `${server.tls?.url ?? server.url}/cloud-init`;
}

/** Returns a group in the server's form, including its sentence for a missing description. */
function ofGroup(
  { description, metaData = {} }: Group,
  { metaData: filled }: Pick<CloudInit, 'metaData'>,
): object {
  const entries = Object.entries(metaData).flatMap(([key, value]) => {
    // A secret that the node overrides is in no other data of the node: it may have no value.
    const own = placeholdersAt(key, filled);
    if (placeholdersAt(key, metaData).some((one) => !own.includes(one))) return [];
    return [[key, holdsNodeValue(value) ? filled[key] : value]];
  });
  return { Description: description || 'No description Found', ...Object.fromEntries(entries) };
}

function placeholdersAt(key: string, map: Data): string[] {
  if (!JSON.stringify(map[key])?.includes('${secret:')) return [];
  return placeholdersIn(JSON.stringify(marked({ [key]: map[key] }))).map(placeholderOf);
}
