import type { Arch } from '../../knowledge/harvester.ts';
import { SMD_OTHER_TYPES, SMD_VALUES } from '../../knowledge/known-values.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { bmcXname, plainXname } from '../../values/identifiers.ts';
import { onceFor } from '../../values/once-for.ts';

/** An answer of a service: its path below that of the service, and the JSON value or a function that returns it. */
export type Answer = readonly [path: string, value: unknown];

/**
 * Yields SMD's answers. The lists have their own paths, for any web server. Only nginx can find those in `by-id`, because a file
 * cannot be a directory: single objects.
 * Source: OpenCHAMI/smd, cmd/smd/routers.go.
 */
export function* smdAnswers(site: Site): Iterable<Answer> {
  const nodes = placedNodes(site);
  const bmcs = placedBmcs(site);
  const components = [
    ...nodes.map(({ node, xname }) => nodeComponent(node, xname)),
    ...bmcs.map(({ xname, node }) => ({ ID: xname, Type: 'NodeBMC', ...STATE, ...hardwareOf(node) })),
  ];
  yield* list('State/Components', components, 'Components');
  yield* list('Inventory/EthernetInterfaces', ethernetInterfaces(site));
  yield* list('Inventory/ComponentEndpoints', componentEndpoints(site), 'ComponentEndpoints');
  yield* list('Inventory/RedfishEndpoints', bmcs.map(redfishEndpoint), 'RedfishEndpoints');
  const groups = site.groups.map(({ name, description = '' }) => {
    const members = nodes.filter(({ node }) => node.groups.some((group) => group.name === name));
    return { label: name, description, members: { ids: members.map(({ xname }) => xname) } };
  });
  yield ['groups', groups];
  for (const group of groups) {
    yield [`by-id/groups/${group.label}`, group];
    yield [`by-id/members/${group.label}`, group.members];
  }
  yield ['by-id/group-labels', groups.map(({ label }) => label)];
  // There are no partitions.
  const memberships = [
    ...nodes.map(({ node, xname }) => ({ id: xname, groups: node.groups })),
    ...bmcs.map(({ xname }) => ({ id: xname, groups: [] })),
  ].map(({ id, groups }) => ({ id, groupLabels: groups.map(({ name }) => name), partitionName: '' }));
  yield ['memberships', memberships];
  for (const membership of memberships) yield [`by-id/memberships/${membership.id}`, membership];
  yield ['partitions', []];
  const maps = nodes.map(({ node: { nid }, xname }) => ({ ID: xname, NID: nid }));
  yield ['Defaults/NodeMaps', { NodeMaps: maps.filter(({ NID }) => NID !== undefined) }];
  yield ['service/ready', { code: 0, message: 'HSM is healthy' }];
  yield ['service/values', VALUES];
  for (const [kind, values] of Object.entries(VALUES))
    yield [`by-id/values/${kind.toLowerCase()}`, { [kind]: values }];
}

/** Yields a list, as the value of a key if there is one, and each of its objects. */
function* list(path: string, items: readonly { readonly ID: string }[], key?: string): Iterable<Answer> {
  yield [path, key ? { [key]: items } : items];
  for (const item of items) yield [`by-id/${path.split('/').at(-1)}/${item.ID}`, item];
}

/** The values of each property. SMD has types that mean several types, too. */
const VALUES = {
  ...SMD_VALUES,
  Type: [...(SMD_VALUES.Type ?? []), ...SMD_OTHER_TYPES, 'All', 'AllComp', 'AllSvc'],
};

/** Returns the nodes with an xname, in the order of the inventory, each with its xname and that of its BMC. */
export const placedNodes = onceFor(({ nodes }: Site) =>
  nodes.flatMap((node) =>
    node.xname ? { node, xname: plainXname(node.xname), bmc: bmcXname(node.xname) } : [],
  ),
);

/** Returns the BMCs in the inventory, each once, with the first node that declares it. */
function placedBmcs(site: Site) {
  const firsts = new Map<string, Node>();
  for (const { node, bmc } of placedNodes(site))
    if (node.facts.bmc && !firsts.has(bmc)) firsts.set(bmc, node);
  return [...firsts].map(([xname, node]) => {
    const { mac, address } = node.facts.bmc ?? {};
    return {
      xname,
      node,
      // In OpenCHAMI's format: colons, lower case.
      mac: mac?.toLowerCase().replaceAll('-', ':'),
      address: address || undefined,
      // Clients that read an address would fail on a name.
      ip: address && ipv4Number(address) !== undefined ? address : undefined,
    };
  });
}

const ARCHES: Readonly<Record<Arch, string>> = { amd64: 'X86', arm64: 'ARM' };

/**
 * No file can know whether a machine runs: like OpenCHAMI's static discovery, this reports `On`. The other values are SMD's defaults for
 * a node. Sources: OpenCHAMI/ochami, pkg/discover/discover.go; OpenCHAMI/smd, cmd/smd/smd-api.go (GetCompDefaults).
 */
const STATE = { State: 'On', Flag: 'OK', Enabled: true };
const hardwareOf = ({ arch }: Node) => ({ NetType: 'Sling', Arch: ARCHES[arch], Class: 'River' });

/** Returns a node as SMD lists it at `/hsm/v2/State/Components`. */
export function nodeComponent(node: Node, xname: string) {
  const { subrole: SubRole, nid: NID } = node;
  return { ID: xname, Type: 'Node', ...STATE, Role: roleOf(node), SubRole, NID, ...hardwareOf(node) };
}

/** Returns the role in SMD: by default `Management` for nodes that run Harvester, otherwise `Compute`, which is SMD's default. */
export function roleOf({ os, smdRole }: Node): string {
  return smdRole ?? (os === 'harvester' ? 'Management' : 'Compute');
}

/**
 * Returns a site's nodes and declared BMCs as SMD lists them at `/hsm/v2/Inventory/ComponentEndpoints`. The inventory does not
 * contain Redfish paths: these are the paths that OpenCHAMI's static discovery uses.
 * Source: OpenCHAMI/ochami, pkg/discover/discover.go; OpenCHAMI/smd, pkg/sm/endpoints.go.
 */
function componentEndpoints(site: Site) {
  const bmcs = placedBmcs(site);
  const hosts = new Map(bmcs.map(({ xname, address }) => [xname, address]));
  return [
    ...placedNodes(site).map((placed) => ({
      ...placed,
      mac: placed.node.bootNic.mac,
      nics: placed.node.nics,
    })),
    ...bmcs.map(({ xname, node, mac }) => ({ node, xname, bmc: xname, mac, nics: undefined })),
  ].map(({ node, xname, bmc, mac, nics }) => {
    const { network } = node.bootNic;
    const host = hosts.get(bmc) ?? fqdn(bmc, network);
    const path = `/redfish/v1/${nics ? 'Systems' : 'Managers'}/${xname}`;
    const RedfishType = nics ? 'ComputerSystem' : 'Manager';
    const EthernetNICInfo = (nics ?? [{ mac, name: undefined }]).flatMap(({ mac, name = '' }, index) => {
      const id = String(index + 1);
      const odata = { RedfishId: id, '@odata.id': `${path}/EthernetInterfaces/${id}`, Description: name };
      return mac ? { ...odata, InterfaceEnabled: true, MACAddress: mac, PermanentMACAddress: mac } : [];
    });
    return {
      ID: xname,
      Type: nics ? 'Node' : 'NodeBMC',
      Domain: network.domain ?? '',
      FQDN: fqdn(xname, network),
      RedfishType,
      RedfishSubtype: nics ? 'Physical' : 'BMC',
      MACAddr: mac,
      UUID: nics && node.uuid,
      OdataID: path,
      RedfishEndpointID: bmc,
      Enabled: true,
      RedfishEndpointFQDN: host,
      RedfishURL: `${host}${path}`,
      ComponentEndpointType: `ComponentEndpoint${RedfishType}`,
      ...(nics
        ? { RedfishSystemInfo: { Name: node.name, EthernetNICInfo } }
        : { RedfishManagerInfo: { Name: xname, EthernetNICInfo } }),
    };
  });
}

/** Returns a BMC as SMD lists it at `/hsm/v2/Inventory/RedfishEndpoints`, without credentials. */
function redfishEndpoint({ xname, node, mac, address, ip }: ReturnType<typeof placedBmcs>[number]) {
  return {
    ID: xname,
    Type: 'NodeBMC',
    Hostname: address ?? xname,
    Domain: address ? '' : (node.bootNic.network.domain ?? ''),
    FQDN: address ?? fqdn(xname, node.bootNic.network),
    Enabled: true,
    MACAddr: mac,
    IPAddress: ip,
    RediscoverOnUpdate: false,
    // SMD's status before the first query; the time of the last attempt is omitted.
    DiscoveryInfo: { LastDiscoveryStatus: 'NotYetQueried' },
  };
}

/** Returns the DNS name of a node's component. */
export function fqdn(xname: string, { domain }: Network): string {
  return domain ? `${xname}.${domain}` : xname;
}

/** A tree has no clock: clients that parse a time find this one, and nothing is newer. */
const LAST_UPDATE = '1970-01-01T00:00:00Z';

/**
 * The network names that clients expect for the nodes' boot network and for the BMC network. To identify a BMC, they also
 * search the description for `bmc`. Source: OpenCHAMI/dnsmasq-dhcpd, dnsmasq_updater.py.
 */
const NODE_NETWORK = 'NMN';
const BMC_NETWORK = 'HMN';

/** Returns the NICs that SMD lists at `/hsm/v2/Inventory/EthernetInterfaces`: those with a MAC and an IP address. */
function ethernetInterfaces(site: Site) {
  return [
    ...placedNodes(site).flatMap(({ node, xname }) =>
      node.nics.map(({ mac, ip, name = '', network }) => {
        const Network = network === node.bootNic.network ? NODE_NETWORK : network.name;
        return { mac, ip, xname, Network, Type: 'Node', Description: name };
      }),
    ),
    ...placedBmcs(site).map(({ mac, ip, xname }) => {
      return { mac, ip, xname, Network: BMC_NETWORK, Type: 'NodeBMC', Description: `bmc ${xname}` };
    }),
  ].flatMap(({ mac, ip, xname, Network, Type, Description }) => {
    if (!mac || !ip) return [];
    const ID = mac.replaceAll(':', '');
    const IPAddresses = [{ IPAddress: ip, Network }];
    return {
      ID,
      Description,
      MACAddress: mac,
      LastUpdate: LAST_UPDATE,
      ComponentID: xname,
      Type,
      IPAddresses,
    };
  });
}
