import type { Arch } from '../../knowledge/harvester.ts';
import { SMD_VALUES } from '../../knowledge/known-values.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { bmcXname, plainXname } from '../../values/identifiers.ts';
import { onceFor } from '../../values/once-for.ts';
import type { Emitted } from '../target.ts';

/** Below which SMD answers. */
export const SMD = 'hsm/v2';

/** What it says of itself, below that: there wherever a site answers for OpenCHAMI's services. */
export const SMD_READY = 'service/ready';

const TYPES = ['Node', 'NodeBMC'];

/**
 * What SMD answers, as files: each list where it is asked for, for any web server; and what only nginx finds, since a file
 * cannot be a folder: single objects in `by-id`, and lists of one type in `by-type`. Source: OpenCHAMI/smd, cmd/smd/routers.go.
 */
export function* smdFiles(site: Site): Iterable<Emitted> {
  const file = (path: string, value: unknown) => new LazyFile(`${WWW}/${SMD}/${path}`, json, value);
  const lists: [path: string, key: string, items: { readonly ID: string; readonly Type: string }[]][] = [
    ['State/Components', 'Components', components(site)],
    ['Inventory/EthernetInterfaces', '', ethernetInterfaces(site)],
    ['Inventory/ComponentEndpoints', 'ComponentEndpoints', componentEndpoints(site)],
    ['Inventory/RedfishEndpoints', 'RedfishEndpoints', redfishEndpoints(site)],
  ];
  for (const [path, key, items] of lists) {
    const name = path.split('/').at(-1);
    const whole = (some: readonly object[]) => (key ? { [key]: some } : some);
    yield file(path, whole(items));
    for (const item of items) yield file(`by-id/${name}/${item.ID}`, item);
    for (const type of TYPES)
      yield file(`by-type/${type}/${name}`, whole(items.filter(({ Type }) => Type === type)));
  }
  const groups = groupsOf(site);
  yield file('groups', groups);
  for (const group of groups) {
    yield file(`by-id/groups/${group.label}`, group);
    yield file(`by-id/members/${group.label}`, group.members);
  }
  const labels = groups.map(({ label }) => label);
  yield file('by-id/group-labels', labels);
  const memberships = [
    ...placedNodes(site).map(({ node, xname }) => ({ id: xname, groups: node.groups })),
    ...placedBmcs(site).map(({ xname }) => ({ id: xname, groups: [] })),
    // There are no partitions.
  ].map(({ id, groups }) => ({ id, groupLabels: groups.map(({ name }) => name), partitionName: '' }));
  yield file('memberships', memberships);
  for (const one of memberships) yield file(`by-id/memberships/${one.id}`, one);
  yield file('partitions', []);
  const maps = placedNodes(site).map(({ node: { nid }, xname }) => ({ ID: xname, NID: nid }));
  yield file('Defaults/NodeMaps', { NodeMaps: maps.filter(({ NID }) => NID !== undefined) });
  yield file(SMD_READY, { code: 0, message: 'HSM is healthy' });
  yield file('service/values', SMD_VALUES);
  for (const [kind, values] of Object.entries(SMD_VALUES))
    yield file(`by-id/values/${kind.toLowerCase()}`, { [kind]: values });
}

/** Writes what one of OpenCHAMI's services answers, as they write it: on one line. */
export function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Gives the nodes of a site that have an xname, in the order of the inventory: each with it, and with that of its controller. */
export const placedNodes = onceFor(({ nodes }: Site) =>
  nodes.flatMap((node) =>
    node.xname ? { node, xname: plainXname(node.xname), bmc: bmcXname(node.xname) } : [],
  ),
);

/** The management controllers of which the inventory says something, each once, with the first node that declares it. */
function placedBmcs(site: Site) {
  const firsts = new Map<string, Node>();
  for (const { node, bmc } of placedNodes(site))
    if (node.facts.bmc && !firsts.has(bmc)) firsts.set(bmc, node);
  return [...firsts].map(([xname, node]) => {
    const { mac, address } = node.facts.bmc ?? {};
    return {
      xname,
      node,
      // As all of OpenCHAMI writes it: colons, lower case.
      mac: mac?.toLowerCase().replaceAll('-', ':'),
      address: address || undefined,
      // What reads a name as an address would stumble.
      ip: address && ipv4Number(address) !== undefined ? address : undefined,
    };
  });
}

const ARCHES: Readonly<Record<Arch, string>> = { amd64: 'X86', arm64: 'ARM' };

/**
 * Whether a machine runs no file can tell: it says what OpenCHAMI's own static discovery does, `On`. The other values are
 * those that SMD takes for a node of which nobody has said more. Sources: OpenCHAMI/ochami, pkg/discover/discover.go;
 * OpenCHAMI/smd, cmd/smd/smd-api.go (GetCompDefaults).
 */
const STATE = { State: 'On', Flag: 'OK', Enabled: true };
const HARDWARE = ({ arch }: Node) => ({ NetType: 'Sling', Arch: ARCHES[arch], Class: 'River' });

/** Gives a site's nodes and management controllers as SMD lists them at `/hsm/v2/State/Components`. */
export function components(site: Site) {
  return [
    ...placedNodes(site).map(({ node, xname }) => ({
      ID: xname,
      Type: 'Node',
      ...STATE,
      SoftwareStatus: '',
      Role: roleOf(node),
      SubRole: '',
      NID: node.nid,
      ...HARDWARE(node),
    })),
    ...placedBmcs(site).map(({ xname, node }) => {
      return { ID: xname, Type: 'NodeBMC', ...STATE, ...HARDWARE(node) };
    }),
  ];
}

/** What runs Harvester carries the others; anything else is for computing, as SMD takes it to be. */
export function roleOf({ os }: Node): 'Compute' | 'Management' {
  return os === 'harvester' ? 'Management' : 'Compute';
}

/**
 * Gives a site's nodes, and the management controllers that it declares, as SMD lists them at
 * `/hsm/v2/Inventory/ComponentEndpoints`. Where Redfish has a system no inventory says: the paths are those that OpenCHAMI's
 * own static discovery makes up. Source: OpenCHAMI/ochami, pkg/discover/discover.go; OpenCHAMI/smd, pkg/sm/endpoints.go.
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

/** Gives the controllers of a site as SMD lists them at `/hsm/v2/Inventory/RedfishEndpoints`, without a login. */
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
    MACRequired: false,
    RediscoverOnUpdate: false,
    // SMD says so of what it has not asked; the time of the last attempt is left out.
    DiscoveryInfo: { LastDiscoveryStatus: 'NotYetQueried' },
  }));
}

/** Gives the name by which a node's components are found in DNS. */
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

/** There is no clock in a tree: what reads it as a time finds one, and nothing is newer. */
const LAST_UPDATE = '1970-01-01T00:00:00Z';

/**
 * What consumers take for the network that nodes boot from and for that of management controllers; of a controller, they ask
 * the description for `bmc`, too. Source: OpenCHAMI/dnsmasq-dhcpd, dnsmasq_updater.py.
 */
const NODE_NETWORK = 'NMN';
const BMC_NETWORK = 'HMN';

/** Gives the NICs that SMD lists at `/hsm/v2/Inventory/EthernetInterfaces`: those with a MAC and an address. */
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

function groupsOf(site: Site) {
  return site.groups.map(({ name, description = '' }) => {
    const members = placedNodes(site).filter(({ node }) => node.groups.some((group) => group.name === name));
    return { label: name, description, members: { ids: members.map(({ xname }) => xname) } };
  });
}
