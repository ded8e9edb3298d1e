import type { Arch } from '../../knowledge/harvester.ts';
import { SMD_OTHER_TYPES, SMD_VALUES } from '../../knowledge/known-values.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { bmcXname, plainXname } from '../../values/identifiers.ts';
import { onceFor } from '../../values/once-for.ts';
import type { Emitted } from '../target.ts';

/** The path of SMD. */
export const SMD = 'hsm/v2';

/** The path of SMD's status, below the path of SMD. Every site with OpenCHAMI's services has this file. */
export const SMD_READY = 'service/ready';

/**
 * Yields SMD's answers as files. The lists have their own paths, for any web server. Only nginx can find the files in `by-id`,
 * because a file cannot be a directory: single objects.
 * Source: OpenCHAMI/smd, cmd/smd/routers.go.
 */
export function* smdFiles(site: Site): Iterable<Emitted> {
  const file = (path: string, value: unknown) => new LazyFile(`${WWW}/${SMD}/${path}`, json, value);
  const placed = placedNodes(site);
  const paths: [path: string, key: string, items: readonly { readonly ID: string }[]][] = [
    [
      'State/Components',
      'Components',
      [...placed.map(({ node, xname }) => nodeComponent(node, xname)), ...placedBmcs(site).map(bmcComponent)],
    ],
    ['Inventory/EthernetInterfaces', '', ethernetInterfaces(site)],
    ['Inventory/ComponentEndpoints', 'ComponentEndpoints', componentEndpoints(site)],
    ['Inventory/RedfishEndpoints', 'RedfishEndpoints', redfishEndpoints(site)],
  ];
  for (const [path, key, items] of paths) {
    const name = path.split('/').at(-1);
    yield file(path, key ? { [key]: items } : items);
    for (const item of items) yield file(`by-id/${name}/${item.ID}`, item);
  }
  const groups = groupsOf(site);
  yield file('groups', groups);
  for (const group of groups) {
    yield file(`by-id/groups/${group.label}`, group);
    yield file(`by-id/members/${group.label}`, group.members);
  }
  const labels = groups.map(({ label }) => label);
  yield file('by-id/group-labels', labels);
  const memberships = membershipsOf(site);
  yield file('memberships', memberships);
  for (const membership of memberships) yield file(`by-id/memberships/${membership.id}`, membership);
  yield file('partitions', []);
  const maps = placed.map(({ node: { nid }, xname }) => ({ ID: xname, NID: nid }));
  yield file('Defaults/NodeMaps', { NodeMaps: maps.filter(({ NID }) => NID !== undefined) });
  yield file(SMD_READY, { code: 0, message: 'HSM is healthy' });
  yield file('service/values', VALUES);
  for (const [kind, values] of Object.entries(VALUES))
    yield file(`by-id/values/${kind.toLowerCase()}`, { [kind]: values });
}

/** The values of each property. SMD has types that mean several types, too. */
const VALUES = {
  ...SMD_VALUES,
  Type: [...(SMD_VALUES.Type ?? []), ...SMD_OTHER_TYPES, 'All', 'AllComp', 'AllSvc'],
};

/** Returns an answer of OpenCHAMI's services in their format: on one line. */
export function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

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
 * No file can know whether a machine runs: like OpenCHAMI's static discovery, this reports `On`. The other values are SMD's
 * defaults for a node. Sources: OpenCHAMI/ochami, pkg/discover/discover.go;
 * OpenCHAMI/smd, cmd/smd/smd-api.go (GetCompDefaults).
 */
const STATE = { State: 'On', Flag: 'OK', Enabled: true };
const HARDWARE = ({ arch }: Node) => ({ NetType: 'Sling', Arch: ARCHES[arch], Class: 'River' });

/** Returns a node as SMD lists it at `/hsm/v2/State/Components`. */
export function nodeComponent(node: Node, xname: string) {
  return {
    ID: xname,
    Type: 'Node',
    ...STATE,
    Role: roleOf(node),
    SubRole: node.subrole,
    NID: node.nid,
    ...HARDWARE(node),
  };
}

function bmcComponent({ xname, node }: { readonly xname: string; readonly node: Node }) {
  return { ID: xname, Type: 'NodeBMC', ...STATE, ...HARDWARE(node) };
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
    ...placedNodes(site).map(({ node, xname, bmc }) => {
      const host = hosts.get(bmc) ?? fqdn(bmc, node.bootNic.network);
      const path = `/redfish/v1/Systems/${xname}`;
      const nics = node.nics.flatMap(({ mac, name }, index) =>
        mac ? nicInfo(String(index + 1), path, mac, name) : [],
      );
      return {
        ...descriptionOf(xname, 'Node', node),
        RedfishType: 'ComputerSystem',
        RedfishSubtype: 'Physical',
        MACAddr: node.bootNic.mac,
        UUID: node.uuid,
        ...endpointOf(path, bmc, host),
        ComponentEndpointType: 'ComponentEndpointComputerSystem',
        RedfishSystemInfo: { Name: node.name, EthernetNICInfo: nics },
      };
    }),
    ...bmcs.map(({ xname, node, mac, address }) => {
      const path = `/redfish/v1/Managers/${xname}`;
      return {
        ...descriptionOf(xname, 'NodeBMC', node),
        RedfishType: 'Manager',
        RedfishSubtype: 'BMC',
        MACAddr: mac,
        ...endpointOf(path, xname, address ?? fqdn(xname, node.bootNic.network)),
        ComponentEndpointType: 'ComponentEndpointManager',
        RedfishManagerInfo: { Name: xname, EthernetNICInfo: mac ? [nicInfo('1', path, mac)] : [] },
      };
    }),
  ];
}

/** Returns the BMCs of a site as SMD lists them at `/hsm/v2/Inventory/RedfishEndpoints`, without credentials. */
function redfishEndpoints(site: Site) {
  return placedBmcs(site).map(({ xname, node, mac, address, ip }) => ({
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
  }));
}

/** Returns the DNS name of a node's component. */
export function fqdn(xname: string, { domain }: Network): string {
  return domain ? `${xname}.${domain}` : xname;
}

function descriptionOf(xname: string, type: string, { bootNic: { network } }: Node) {
  return { ID: xname, Type: type, Domain: network.domain ?? '', FQDN: fqdn(xname, network) };
}

function endpointOf(path: string, bmc: string, host: string) {
  return {
    OdataID: path,
    RedfishEndpointID: bmc,
    Enabled: true,
    RedfishEndpointFQDN: host,
    RedfishURL: `${host}${path}`,
  };
}

function nicInfo(id: string, path: string, mac: string, description = '') {
  return {
    RedfishId: id,
    '@odata.id': `${path}/EthernetInterfaces/${id}`,
    Description: description,
    InterfaceEnabled: true,
    MACAddress: mac,
    PermanentMACAddress: mac,
  };
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
  const ofNodes = placedNodes(site).flatMap(({ node, xname }) =>
    node.nics.map(({ mac, ip, name = '', network }) => {
      const called = network === node.bootNic.network ? NODE_NETWORK : network.name;
      return { mac, ip, xname, called, type: 'Node', text: name };
    }),
  );
  const ofBmcs = placedBmcs(site).map(({ mac, ip, xname }) => {
    return { mac, ip, xname, called: BMC_NETWORK, type: 'NodeBMC', text: `bmc ${xname}` };
  });
  return [...ofNodes, ...ofBmcs].flatMap(({ mac, ip, xname, called, type, text }) =>
    mac && ip
      ? {
          ID: mac.replaceAll(':', ''),
          Description: text,
          MACAddress: mac,
          LastUpdate: LAST_UPDATE,
          ComponentID: xname,
          Type: type,
          IPAddresses: [{ IPAddress: ip, Network: called }],
        }
      : [],
  );
}

/** Returns the groups of each component. There are no partitions. */
function membershipsOf(site: Site) {
  return [
    ...placedNodes(site).map(({ node, xname }) => ({ id: xname, groups: node.groups })),
    ...placedBmcs(site).map(({ xname }) => ({ id: xname, groups: [] })),
  ].map(({ id, groups }) => ({ id, groupLabels: groups.map(({ name }) => name), partitionName: '' }));
}

function groupsOf(site: Site) {
  return site.groups.map(({ name, description = '' }) => {
    const members = placedNodes(site).filter(({ node }) => node.groups.some((group) => group.name === name));
    return { label: name, description, members: { ids: members.map(({ xname }) => xname) } };
  });
}
