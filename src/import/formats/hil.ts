import {
  isValueMap,
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import type { GatheredBmc, GatheredNic, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/** The answers of HIL about nodes and networks: one object, a list, or a map by name. */
export const hil: JoinedFormat = {
  name: 'hil',
  what: 'answers of HIL at /v0/node/NODE: nodes with their project and NICs; also its networks',
  isLike: ({ text }) =>
    (/"?macaddr"?\s*:/.test(text) && /"?nics"?\s*:/.test(text)) ||
    (/"channels"\s*:/.test(text) && /"vlan\//.test(text)),
  read: readingMaps((value, reader) => {
    for (const map of objectsOf(value, reader))
      if (Object.hasOwn(map, 'nics')) addNode(map, reader);
      else if (Object.hasOwn(map, 'channels')) addNetwork(map, reader);
      else
        reader.refuse(
          'The object is neither a node of HIL, which has nics, nor a network, which has channels.',
          'use a list of the answers of HIL at /v0/node/NODE',
          { at: selfLocation(map) },
        );
  }),
};

function objectsOf(value: Value, reader: MapReader): ValueMap[] {
  if (Array.isArray(value)) {
    const name = value.find((item) => typeof item === 'string');
    if (name === undefined) return reader.maps(value, 'the list');
    reader.wrong(
      `${displayName(name)}, a name that HIL lists at /v0/nodes`,
      'a node with its NICs, as HIL answers at /v0/node/NODE',
      selfLocation(value),
    );
    return [];
  }
  if (!isValueMap(value)) {
    const help = 'use the answer of HIL at /v0/node/NODE';
    if (value !== null)
      reader.refuse('The file does not contain an answer of HIL.', help, { at: reader.rootLocation(value) });
    return [];
  }
  if (Object.hasOwn(value, 'nics') || Object.hasOwn(value, 'channels')) return [value];
  return Object.keys(value).flatMap((key) => {
    if (Array.isArray(value[key])) return reader.mapsIn(value, key);
    const map = reader.mapIn(value, key);
    if (map && Object.hasOwn(map, 'nics') && !Object.hasOwn(map, 'name'))
      reader.left({ value: key, at: keyLocationOf(value, key) }, 'a node of HIL contains its name');
    return map ? [map] : [];
  });
}

/** Adds a network; its channel contains the VLAN. Source: CCI-MOC/hil, docs/rest_api.md (show_network). */
function addNetwork(map: ValueMap, reader: MapReader): void {
  const network = reader.text(map, 'name');
  const [vlan] = reader.texts(map, 'channels').flatMap((channel) => vlanOf(channel) ?? []);
  reader.rest(map, 'hil networks');
  if (network && vlan) reader.found.vlans.push({ network, vlan });
}

function vlanOf({ value, at }: Sourced<string>): Sourced<number> | undefined {
  const [, id] = /^vlan\/(\d{1,4})$/.exec(value) ?? [];
  return id === undefined ? undefined : { value: Number(id), at };
}

/** The untagged channel from which machines boot. Source: CCI-MOC/ims, ims/common/constants.py (HIL_BMI_CHANNEL). */
const NATIVE = 'vlan/native';

/** The names of NICs in Linux; labels in HIL can be any text. */
const LINUX_NAME = /^(?:eth\d+|em\d+|p\d+p\d+|en[opsx]\w{1,12}|ib\d+)$/;

/**
 * Adds a node: its project is its tenant, and it boots from the NIC on an untagged network. Also adds the VLANs of its NICs.
 * Source: CCI-MOC/hil, hil/api.py (show_node).
 */
function addNode(map: ValueMap, reader: MapReader): undefined {
  const name = reader.text(map, 'name');
  const tenant = reader.text(map, 'project');
  if (!name) return reader.wrong('A node of HIL', 'a map with a name', selfLocation(map));
  if (!tenant) reader.changed(name, 'it is in no project: it is a node without a tenant');
  const nics = reader.mapsIn(map, 'nics').map((nic) => nicOf(nic, name.value, reader));
  const native = nics.filter(({ isNative }) => isNative);
  const [first, second] = native;
  const why =
    'several of its NICs are on an untagged network: it boots from the first of them by default. BMI got the NIC with each call: join its pxelinux file, or move the right NIC to the front';
  if (first && second) reader.open({ value: name.value, at: first.network?.at ?? name.at }, why);
  reader.rest(map, 'hil node');
  // By default, a node boots from the first NIC of its list.
  const inOrder = [...native, ...nics.filter(({ isNative }) => !isNative)];
  reader.found.machines.push({
    at: selfLocation(map),
    name,
    tenant,
    bmc: bmcOf(map, reader),
    nics: inOrder.map(({ isNative, ...nic }) => (isNative && !second ? { ...nic, boots: true } : nic)),
  });
}

function nicOf(
  map: ValueMap,
  nodeName: string,
  reader: MapReader,
): GatheredNic & { readonly isNative: boolean } {
  const label = reader.text(map, 'label');
  const isName = label !== undefined && LINUX_NAME.test(label.value);
  const why = 'the label of the NIC in HIL: a site uses the name in the installed system, such as eno1';
  if (label && !isName) reader.left(label, why);
  reader.rest(map, 'hil nics');
  const attached = networksOf(map, reader);
  for (const { network, vlan } of attached) if (vlan) reader.found.vlans.push({ network, vlan });
  const native = attached.find(({ vlan }) => !vlan);
  const chosen = native ?? attached[0];
  const todo = `a NIC of ${displayName(nodeName)} without networks in HIL: set its network, or remove it from nics`;
  if (!chosen) reader.open(label?.value ?? 'a NIC', todo, selfLocation(map));
  for (const other of attached)
    if (other !== chosen)
      reader.left(
        other.network,
        `another network of a NIC of ${displayName(nodeName)}: a NIC of a site is on one network. Configure the VLAN in the installed system`,
      );
  return {
    mac: reader.mac(map, 'macaddr'),
    name: isName ? label : undefined,
    network: chosen?.network,
    isNative: native !== undefined,
  };
}

/** Returns the networks of a NIC, from their channels: `vlan/native` is untagged, `vlan/235` has that tag. */
function networksOf(
  map: ValueMap,
  reader: MapReader,
): { readonly network: Sourced<string>; readonly vlan?: Sourced<number> }[] {
  const networks = reader.mapIn(map, 'networks') ?? {};
  return Object.keys(networks).flatMap((key) => {
    const network = reader.text(networks, key);
    if (!network || key === NATIVE) return network ? [{ network }] : [];
    const channel = { value: key, at: keyLocationOf(networks, key) };
    const vlan = vlanOf(channel);
    if (!vlan) reader.left(channel, 'not a VLAN channel');
    return vlan ? [{ network, vlan }] : [];
  });
}

/** Returns the BMC, which HIL accepts when a node is registered but never returns. */
function bmcOf(map: ValueMap, reader: MapReader): GatheredBmc | undefined {
  const obm = reader.mapIn(map, 'obm');
  if (!obm) return undefined;
  if (obm.password !== undefined && obm.password !== null) {
    const at = locationOf(obm, 'password');
    at.source.conceal(at);
    const why = 'a secret: set ${secret:name} as bmc.password in defaults';
    reader.left('obm password', why, at);
  }
  reader.rest(obm, 'hil obm');
  const type = reader.text(obm, 'type');
  return {
    at: selfLocation(obm),
    address: reader.text(obm, 'host'),
    user: reader.text(obm, 'user'),
    protocol: type && /ipmi$/i.test(type.value) ? { value: 'ipmi', at: type.at } : undefined,
  };
}
