import { isValueMap, keyLocationOf, selfLocation, type Value, type ValueMap } from '../../source/origin.ts';
import { isBmcXname, isNodeXname } from '../../values/identifiers.ts';
import type { GatheredMachine, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/** The answers of SMD, the state manager of OpenCHAMI: any of its lists, one of their objects, or BSS's file of them. */
export const smd: JoinedFormat = {
  name: 'smd',
  what: "answers of OpenCHAMI's SMD: components, Ethernet interfaces, endpoints, groups, memberships or NID maps",
  isLike: ({ text }) =>
    (/"(Components|ComponentEndpoints|RedfishEndpoints|NodeMaps|ComponentID|ComponentEndpointType|groupLabels|RediscoverOnUpdate)"\s*:/.test(
      text,
    ) &&
      !/"Systems"\s*:/.test(text)) ||
    /"label"\s*:[\s\S]*"ids"\s*:/.test(text),
  read: readingMaps((value, reader) => {
    if (!addAll(value, reader))
      reader.refuse(
        'The file does not contain an answer of SMD.',
        'use its answer at a path in /hsm/v2, such as State/Components or Inventory/EthernetInterfaces',
        { at: reader.rootLocation(value) },
      );
  }),
};

type Add = (map: ValueMap, reader: MapReader) => void;

/** The lists that have a separate key, with the readers of their objects. */
const LISTS: Readonly<Record<string, Add>> = {
  Components: addComponent,
  ComponentEndpoints: addEndpoint,
  RedfishEndpoints: addRedfishEndpoint,
  NodeMaps: addFacts,
  IPAddresses: addInterface,
};

/** The readers of objects, by keys that only their type has; the first match applies. */
const OBJECTS: readonly (readonly [keys: readonly string[], add: Add])[] = [
  [['label'], addGroup],
  [['groupLabels'], addFacts],
  [['MACAddress', 'ComponentID'], addInterface],
  [['ComponentEndpointType', 'RedfishEndpointID', 'RedfishType'], addEndpoint],
  [['RediscoverOnUpdate', 'MACRequired', 'DiscoveryInfo'], addRedfishEndpoint],
];

/** Adds all objects of a file; returns whether all belong to SMD. */
function addAll(value: Value, reader: MapReader): boolean {
  if (value === null) return true;
  if (Array.isArray(value))
    return reader
      .maps(value, 'the list')
      .map((map) => addObject(map, reader))
      .every(Boolean);
  if (!isValueMap(value)) return false;
  const has = (key: string) => Object.hasOwn(value, key);
  const lists = Object.keys(LISTS).filter((key) => has(key) && !has('MACAddress'));
  if (lists.length === 0) return addObject(value, reader);
  for (const key of lists) {
    // BSS's own file contains the interfaces by IP address. Source: OpenCHAMI/bss, cmd/boot-script-service/sm.go (SMData).
    const held = value[key];
    const isByAddress = key === 'IPAddresses' && isValueMap(held);
    const maps = isByAddress
      ? Object.keys(held).map((ip) => reader.mapIn(held, ip))
      : reader.mapsIn(value, key);
    for (const map of maps) if (map) LISTS[key]?.(map, reader);
  }
  reader.restOf(value, lists);
  return true;
}

function addObject(map: ValueMap, reader: MapReader): boolean {
  const has = (key: string) => Object.hasOwn(map, key);
  const isComponent = has('ID') && (has('Type') || has('NID') || has('Role'));
  const add = OBJECTS.find(([keys]) => keys.some(has))?.[1] ?? (isComponent ? addComponent : undefined);
  add?.(map, reader);
  return add !== undefined;
}

/** Returns the xname of a node; an xname of something else becomes the node's name, as in the demo of SC23. */
function nodeIdOf(xname: Sourced<string>, reader: MapReader): Pick<GatheredMachine, 'xname' | 'name'> {
  if (isNodeXname(xname.value)) return { xname };
  const why =
    'a node in SMD, but not the xname of a node, which ends in b<n>n<n>: imported as the name of the node';
  reader.changed(xname, why);
  return { name: xname };
}

/** Returns the first label of a domain name, or undefined if it is the xname or a number. */
function nameOf(fqdn: Sourced<string> | undefined, xname: string): Sourced<string> | undefined {
  const [first = ''] = fqdn?.value.split('.') ?? [];
  return fqdn && first !== '' && !/^\d+$/.test(first) && first.toLowerCase() !== xname
    ? { ...fqdn, value: first }
    : undefined;
}

/** Returns the type of an object, from SMD or from its xname; adds a note if it is neither a node nor its BMC. */
function kindOf(
  type: Sourced<string> | undefined,
  xname: Sourced<string>,
  reader: MapReader,
): 'Node' | 'NodeBMC' | undefined {
  if (type?.value === 'Node' || type?.value === 'NodeBMC') return type.value;
  if (!type && /^x\d+c\d+s\d+b\d+/.test(xname.value)) return isBmcXname(xname.value) ? 'NodeBMC' : 'Node';
  return reader.left(xname, `a ${displayName(type?.value ?? 'component')}: a site has only nodes and BMCs`);
}

/** Returns the identity of a component or its endpoint; undefined if it is neither a node nor its BMC. */
function identified(map: ValueMap, called: string, reader: MapReader) {
  const xname = reader.xname(map, 'ID');
  const type = reader.text(map, 'Type');
  if (!xname) return reader.wrong(called, 'a map with an ID', selfLocation(map));
  const kind = kindOf(type, xname, reader);
  return kind && { at: selfLocation(map), xname, kind };
}

/** Adds the machine or BMC of a component; others become notes. Source: OpenCHAMI/smd, api/swagger_v2.yaml (Component). */
function addComponent(map: ValueMap, reader: MapReader): void {
  const identity = identified(map, 'A component', reader);
  if (!identity) return;
  const { at, xname, kind } = identity;
  if (kind === 'NodeBMC') {
    reader.found.bmcs.push({ at, xname });
    return;
  }
  reader.rest(map, 'smd Components');
  if (map.Enabled === false) reader.changed(xname, 'it is not enabled in SMD, but is imported as a node');
  const arch = reader.text(map, 'Arch');
  const isArm = arch && /^(arm|aarch64|arm64)$/i.test(arch.value);
  if (arch && !isArm && !/^(x86|x86_64|amd64|unknown)$/i.test(arch.value))
    reader.left(arch, 'an architecture that harvgen does not support');
  const name = nameOf(reader.text(map, 'FQDN'), xname.value);
  reader.found.machines.push({
    at,
    ...nodeIdOf(xname, reader),
    nid: reader.number(map, 'NID'),
    role: reader.text(map, 'Role'),
    subrole: reader.text(map, 'SubRole'),
    arch: arch && isArm ? { value: 'arm64', at: arch.at } : undefined,
    ...(isNodeXname(xname.value) ? { name } : {}),
    // BSS's own file contains MAC addresses here.
    nics: reader.macs(map, 'MAC').map((mac) => ({ mac, ips: [] })),
  });
}

/** Adds the machine or BMC of a component's endpoint. Source: OpenCHAMI/smd, pkg/sm/endpoints.go. */
function addEndpoint(map: ValueMap, reader: MapReader): void {
  const identity = identified(map, 'An endpoint', reader);
  if (!identity) return;
  const { at, xname, kind } = identity;
  reader.rest(map, 'smd ComponentEndpoints');
  const mac = reader.mac(map, 'MACAddr');
  const fqdn = reader.text(map, 'FQDN');
  if (kind === 'NodeBMC') {
    reader.found.bmcs.push({ at, xname, mac });
    return;
  }
  const bmcXname = reader.xname(map, 'RedfishEndpointID');
  const system = reader.mapIn(map, 'RedfishSystemInfo');
  const macs = (system ? reader.mapsIn(system, 'EthernetNICInfo') : []).flatMap(
    (nic) => reader.mac(nic, 'MACAddress') ?? reader.mac(nic, 'PermanentMACAddress') ?? [],
  );
  reader.found.machines.push({
    at,
    name: nameOf(fqdn, xname.value),
    ...nodeIdOf(xname, reader),
    uuid: reader.text(map, 'UUID'),
    nics: [mac ?? [], macs].flat().map((address) => ({ mac: address, ips: [] })),
    bmc: bmcXname && { at, xname: bmcXname },
  });
}

/** Adds the machine or BMC of an Ethernet interface. Source: OpenCHAMI/smd, pkg/sm/compethinterfaces.go. */
function addInterface(map: ValueMap, reader: MapReader): void {
  const at = selfLocation(map);
  const xname = reader.xname(map, 'ComponentID');
  const type = reader.text(map, 'Type');
  // The ID is the MAC address without colons; some clients send only the ID.
  const mac = reader.text(map, 'MACAddress') ? reader.mac(map, 'MACAddress') : reader.mac(map, 'ID');
  const addresses = reader.mapsIn(map, 'IPAddresses');
  const ips = addresses.flatMap((address) => reader.ips(address, 'IPAddress'));
  const [network] = addresses.flatMap((address) => reader.text(address, 'Network') ?? []);
  reader.rest(map, 'smd EthernetInterfaces');
  if (mac && !xname) reader.left(mac, 'a NIC without a component in SMD');
  if (!mac || !xname) return;
  const kind = kindOf(type, xname, reader);
  if (kind === 'NodeBMC') reader.found.bmcs.push({ at, xname, mac, address: ips[0] });
  else if (kind)
    reader.found.machines.push({ at, ...nodeIdOf(xname, reader), nics: [{ mac, ips, network }] });
}

/**
 * Adds the BMC of a Redfish endpoint. Does not import the password: SMD serves it to any client, so it is not secret any
 * more. Source: OpenCHAMI/smd, api/swagger_v2.yaml.
 */
function addRedfishEndpoint(map: ValueMap, reader: MapReader): void {
  const at = selfLocation(map);
  const xname = reader.xname(map, 'ID');
  const type = reader.text(map, 'Type');
  if (xname && !kindOf(type, xname, reader)) return;
  reader.rest(map, 'smd RedfishEndpoints');
  const why =
    'SMD serves it to any client: change it in the BMC, and set password: ${secret:bmc_password} in bmc if your scripts need it';
  if (reader.text(map, 'Password')) reader.left('Password', why, keyLocationOf(map, 'Password'));
  reader.found.bmcs.push({
    at,
    xname,
    address: reader.ips(map, 'IPAddress')[0] ?? reader.text(map, 'FQDN') ?? reader.text(map, 'Hostname'),
    mac: reader.mac(map, 'MACAddr'),
    user: reader.text(map, 'User'),
    protocol: { value: 'redfish', at },
  });
}

/** Adds what a list says about a node: its NID and role in a node map, or its groups. */
function addFacts(map: ValueMap, reader: MapReader): void {
  const isMembership = Object.hasOwn(map, 'groupLabels');
  const xname = reader.xname(map, isMembership ? 'id' : 'ID');
  reader.rest(map, isMembership ? 'smd memberships' : 'smd NodeMaps');
  if (!xname) return;
  const facts = isMembership
    ? { groups: reader.texts(map, 'groupLabels') }
    : {
        nid: reader.number(map, 'NID'),
        role: reader.text(map, 'Role'),
        subrole: reader.text(map, 'SubRole'),
      };
  reader.found.machines.push({ at: selfLocation(map), ...nodeIdOf(xname, reader), ...facts });
}

function addGroup(map: ValueMap, reader: MapReader): void {
  const name = reader.text(map, 'label');
  const members = reader.mapIn(map, 'members');
  reader.rest(map, 'smd groups');
  if (name)
    reader.found.groups.push({
      at: selfLocation(map),
      name,
      description: reader.text(map, 'description'),
      members: members ? reader.texts(members, 'ids') : [],
    });
}
