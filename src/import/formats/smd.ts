import { isValueMap } from '../../source/origin.ts';
import { isBmcXname, isNodeXname } from '../../values/identifiers.ts';
import type { GatheredMachine, Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import { type FileMap, type MapType, mapFormat } from './map-reader.ts';

/** The answers of SMD, the state manager of OpenCHAMI: any of its lists, one of their objects, or BSS's file of them. */
export const smd = mapFormat({
  name: 'smd',
  what: "answers of OpenCHAMI's SMD: components, Ethernet interfaces, endpoints, groups, memberships or NID maps",
  isLike: ({ text }) =>
    (/"(Components|ComponentEndpoints|RedfishEndpoints|NodeMaps|ComponentID|ComponentEndpointType|groupLabels|RediscoverOnUpdate)"\s*:/.test(
      text,
    ) &&
      !/"Systems"\s*:/.test(text)) ||
    /"label"\s*:[\s\S]*"ids"\s*:/.test(text),
  refusal: [
    'The file does not contain an answer of SMD.',
    'use its answer at a path in /hsm/v2, such as State/Components or Inventory/EthernetInterfaces',
  ],
  add(value, file) {
    const root = isValueMap(value) && !Object.hasOwn(value, 'MACAddress') && file.map(value, 'smd');
    const lists = root ? LISTS.filter(([key]) => root.has(key)) : [];
    if (!root || lists.length === 0) return file.addTyped(value, TYPES);
    for (const [key, add] of lists) {
      // BSS's own file contains the interfaces by IP address. Source: OpenCHAMI/bss, cmd/boot-script-service/sm.go (SMData).
      const isByAddress = key === 'IPAddresses';
      const named = isByAddress && isValueMap(value[key]) ? root.map(key, '*') : undefined;
      const maps = named?.names().flatMap((ip) => named.map(ip.value, INTERFACES) ?? []);
      for (const map of maps ?? root.maps(key, isByAddress ? INTERFACES : undefined)) add(map);
    }
    return undefined;
  },
});

const INTERFACES = 'smd EthernetInterfaces';

/** The lists that have a separate key, with the readers of their objects. */
const LISTS: readonly (readonly [key: string, add: (map: FileMap) => void])[] = [
  ['Components', addComponent],
  ['ComponentEndpoints', addEndpoint],
  ['RedfishEndpoints', addRedfishEndpoint],
  ['NodeMaps', addFacts],
  ['IPAddresses', addInterface],
];

/** The types of single objects. */
const TYPES: readonly MapType[] = [
  { has: ['label'], table: 'smd groups', add: addGroup },
  { has: ['groupLabels'], table: 'smd memberships', add: addFacts },
  { has: ['MACAddress', 'ComponentID'], table: INTERFACES, add: addInterface },
  {
    has: ['ComponentEndpointType', 'RedfishEndpointID', 'RedfishType'],
    table: 'smd ComponentEndpoints',
    add: addEndpoint,
  },
  {
    has: ['RediscoverOnUpdate', 'MACRequired', 'DiscoveryInfo'],
    table: 'smd RedfishEndpoints',
    add: addRedfishEndpoint,
  },
  {
    has: (map) => map.has('ID') && map.has('Type', 'NID', 'Role'),
    table: 'smd Components',
    add: addComponent,
  },
];

/** Returns the xname of a node; an xname of something else becomes the node's name, as in the demo of SC23. */
function nodeIdOf(xname: Sourced<string>, { file }: FileMap): Pick<GatheredMachine, 'xname' | 'name'> {
  if (isNodeXname(xname.value)) return { xname };
  const how =
    'a node in SMD, but not the xname of a node, which ends in b<n>n<n>: imported as the name of the node';
  file.changed(xname, how);
  return { name: xname };
}

/** Returns the first label of a domain name, or undefined if it is the xname or a number. */
function nameOf(fqdn: Sourced<string> | undefined, xname: string): Sourced<string> | undefined {
  const [first = ''] = fqdn?.value.split('.') ?? [];
  return fqdn && first !== '' && !/^\d+$/.test(first) && first.toLowerCase() !== xname
    ? { ...fqdn, value: first }
    : undefined;
}

/** Whether an object is a BMC, from its type or its xname; undefined after a note if it is neither a node nor its BMC. */
function isBmc(xname: Sourced<string>, map: FileMap): boolean | undefined {
  const type = map.text('Type')?.value;
  if (type === 'Node' || type === 'NodeBMC') return type === 'NodeBMC';
  if (type === undefined && /^x\d+c\d+s\d+b\d+/.test(xname.value)) return isBmcXname(xname.value);
  return map.leaveWhole(xname, `a ${displayName(type ?? 'component')}: a site has only nodes and BMCs`);
}

/** Adds the machine or BMC of a component; others become notes. Source: OpenCHAMI/smd, api/swagger_v2.yaml (Component). */
function addComponent(map: FileMap): undefined {
  const { at, file, found } = map;
  const xname = map.xname('ID');
  if (!xname) return file.wrong('A component', 'a map with an ID', at);
  const isForBmc = isBmc(xname, map);
  if (isForBmc) {
    found.bmcs.push({ at, xname });
    return map.leaveWhole();
  }
  if (isForBmc === undefined) return undefined;
  noteDisabled(map, xname);
  const arch = map.text('Arch');
  const isArm = arch && /^(arm|aarch64|arm64)$/i.test(arch.value);
  if (arch && !isArm && !/^(x86|x86_64|amd64|unknown)$/i.test(arch.value))
    file.left(arch, 'an architecture that harvgen does not support');
  const name = nameOf(map.text('FQDN'), xname.value);
  found.machines.push({
    at,
    ...nodeIdOf(xname, map),
    ...rolesOf(map),
    arch: arch && isArm ? { value: 'arm64', at: arch.at } : undefined,
    ...(isNodeXname(xname.value) ? { name } : {}),
    // BSS's own file contains MAC addresses here.
    nics: map.macs('MAC').map((mac) => ({ mac, ips: [] })),
  });
}

function noteDisabled(map: FileMap, of: Sourced<string> | undefined, as = 'a node'): void {
  if (of && map.get('Enabled') === false)
    map.file.changed(of, `it is not enabled in SMD, but is imported as ${as}`);
}

function rolesOf(map: FileMap): Pick<GatheredMachine, 'nid' | 'role' | 'subrole'> {
  return { nid: map.number('NID'), role: map.text('Role'), subrole: map.text('SubRole') };
}

/** Adds the machine or BMC of a component's endpoint. Source: OpenCHAMI/smd, pkg/sm/endpoints.go. */
function addEndpoint(map: FileMap): undefined {
  const { at, found } = map;
  const xname = map.xname('ID');
  if (!xname) return map.file.wrong('An endpoint', 'a map with an ID', at);
  const isForBmc = isBmc(xname, map);
  if (isForBmc === undefined) return undefined;
  const mac = map.mac('MACAddr');
  const name = nameOf(map.text('FQDN'), xname.value);
  if (isForBmc) {
    found.bmcs.push({ at, xname, mac });
    return undefined;
  }
  noteDisabled(map, xname);
  const bmcXname = map.xname('RedfishEndpointID');
  const nics = map.map('RedfishSystemInfo')?.maps('EthernetNICInfo') ?? [];
  const macs = nics.flatMap((nic) => nic.mac('MACAddress') ?? nic.mac('PermanentMACAddress') ?? []);
  found.machines.push({
    at,
    name,
    ...nodeIdOf(xname, map),
    uuid: map.text('UUID'),
    nics: [mac ?? [], macs].flat().map((address) => ({ mac: address, ips: [] })),
    bmc: bmcXname && { at, xname: bmcXname },
  });
}

/** Adds the machine or BMC of an Ethernet interface. Source: OpenCHAMI/smd, pkg/sm/compethinterfaces.go. */
function addInterface(map: FileMap): undefined {
  const { at, found } = map;
  const xname = map.xname('ComponentID');
  // The ID is the MAC address without colons; some clients send only the ID.
  const mac = map.mac(map.text('MACAddress') ? 'MACAddress' : 'ID');
  const addresses = map.maps('IPAddresses');
  // In version 1 of the API, the interface itself has the address.
  const ips = [...addresses, map].flatMap((address) => address.ips('IPAddress'));
  const [network] = addresses.flatMap((address) => address.text('Network') ?? []);
  if (mac && !xname) map.file.left(mac, 'a NIC without a component in SMD');
  if (!mac || !xname) return;
  const isForBmc = isBmc(xname, map);
  if (isForBmc) found.bmcs.push({ at, xname, mac, address: ips[0] });
  else if (isForBmc === false)
    found.machines.push({ at, ...nodeIdOf(xname, map), nics: [{ mac, ips, network }] });
}

/** Adds the BMC of a Redfish endpoint. Source: OpenCHAMI/smd, api/swagger_v2.yaml. */
function addRedfishEndpoint(map: FileMap): void {
  const { at, found } = map;
  const xname = map.xname('ID');
  if (xname && isBmc(xname, map) === undefined) return;
  noteDisabled(map, xname, 'a BMC');
  found.bmcs.push({
    at,
    xname,
    address: map.ip('IPAddress') ?? map.text('FQDN') ?? map.text('Hostname'),
    mac: map.mac('MACAddr'),
    user: map.text('User'),
    protocol: { value: 'redfish', at },
  });
}

/** Adds what a list says about a node: its NID and role in a node map, or its groups. */
function addFacts(map: FileMap): void {
  const isMembership = map.has('groupLabels');
  const xname = map.xname(isMembership ? 'id' : 'ID');
  if (!xname) return;
  const facts = isMembership ? { groups: map.texts('groupLabels') } : rolesOf(map);
  map.found.machines.push({ at: map.at, ...nodeIdOf(xname, map), ...facts });
}

function addGroup(map: FileMap): void {
  const name = map.text('label');
  const members = map.map('members')?.texts('ids') ?? [];
  if (name) map.found.groups.push({ at: map.at, name, description: map.text('description'), members });
}
