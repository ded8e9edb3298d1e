import { isValueMap, type Value } from '../../source/origin.ts';
import type { GatheredBmc, GatheredNic, Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import { type FileMap, type MapFile, type MapType, mapFormat } from './map-reader.ts';

/** The answers of HIL about nodes and networks: one object, a list, or a map by name. */
export const hil = mapFormat({
  name: 'hil',
  what: 'answers of HIL at /v0/node/NODE: nodes with their project and NICs; also its networks',
  isLike: ({ text }) =>
    (/"?macaddr"?\s*:/.test(text) && /"?nics"?\s*:/.test(text)) ||
    (/"channels"\s*:/.test(text) && /"vlan\//.test(text)),
  refusal: [
    'The object is neither a node of HIL, which has nics, nor a network, which has channels.',
    'use a list of the answers of HIL at /v0/node/NODE',
  ],
  add(value, file) {
    if (!isValueMap(value) || ['nics', 'channels'].some((key) => Object.hasOwn(value, key)))
      return isListOfNames(value, file) ? undefined : file.addTyped(value, TYPES);
    const root = file.map(value, '*');
    for (const name of root.names()) {
      const isList = Array.isArray(value[name.value]);
      for (const map of isList ? root.maps(name.value) : [root.map(name.value) ?? []].flat()) {
        if (!isList && map.has('nics') && !map.has('name'))
          file.left(name, 'a node of HIL contains its name');
        if (!map.addAs(TYPES)) return map.value;
      }
    }
    return undefined;
  },
});

const TYPES: readonly MapType[] = [
  { has: ['nics'], table: 'hil node', add: addNode },
  { has: ['channels'], table: 'hil networks', add: addNetwork },
];

/** Reports a list of names, as HIL answers to a request for all nodes. */
function isListOfNames(value: Value, file: MapFile): boolean {
  const name = Array.isArray(value) ? value.find((item) => typeof item === 'string') : undefined;
  if (name === undefined) return false;
  const what = `${displayName(name)}, a name that HIL lists at /v0/nodes`;
  file.wrong(what, 'a node with its NICs, as HIL answers at /v0/node/NODE', file.rootLocation(value));
  return true;
}

/** Adds a network; its channel contains the VLAN. Source: CCI-MOC/hil, docs/rest_api.md (show_network). */
function addNetwork(map: FileMap): void {
  const network = map.text('name');
  const [vlan] = map.texts('channels').flatMap((channel) => vlanOf(channel) ?? []);
  if (network && vlan) map.found.vlans.push({ network, vlan });
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
function addNode(map: FileMap): undefined {
  const { at, file } = map;
  const name = map.text('name');
  const tenant = map.text('project');
  if (!name) return file.wrong('A node of HIL', 'a map with a name', at);
  if (!tenant) file.changed(name, 'it is in no project: it is a node without a tenant');
  const nics = map.maps('nics').map((nic) => nicOf(nic, displayName(name.value)));
  const native = nics.filter(({ isNative }) => isNative);
  const [first, second] = native;
  const todo =
    'several of its NICs are on an untagged network: it boots from the first of them by default. BMI got the NIC with each call: join its pxelinux file, or move the right NIC to the front';
  if (first && second) file.open({ value: name.value, at: first.network?.at ?? name.at }, todo);
  // By default, a node boots from the first NIC of its list.
  const inOrder = [...native, ...nics.filter(({ isNative }) => !isNative)];
  map.found.machines.push({
    at,
    name,
    tenant,
    bmc: bmcOf(map.map('obm')),
    nics: inOrder.map(({ isNative, ...nic }) => (isNative && !second ? { ...nic, boots: true } : nic)),
  });
}

function nicOf(map: FileMap, nodeName: string): GatheredNic & { readonly isNative: boolean } {
  const { file } = map;
  const label = map.text('label');
  const isName = label !== undefined && LINUX_NAME.test(label.value);
  const why = 'the label of the NIC in HIL: a site uses the name in the installed system, such as eno1';
  if (label && !isName) file.left(label, why);
  const attached = networksOf(map);
  for (const { network, vlan } of attached) if (vlan) map.found.vlans.push({ network, vlan });
  const native = attached.find(({ vlan }) => !vlan);
  const chosen = native ?? attached[0];
  const todo = `a NIC of ${nodeName} without networks in HIL: set its network, or remove it from nics`;
  if (!chosen) file.open(label?.value ?? 'a NIC', todo, map.at);
  const whyOther = `another network of a NIC of ${nodeName}: a NIC of a site is on one network. Configure the VLAN in the installed system`;
  for (const other of attached) if (other !== chosen) file.left(other.network, whyOther);
  return {
    mac: map.mac('macaddr'),
    name: isName ? label : undefined,
    network: chosen?.network,
    isNative: native !== undefined,
  };
}

/** Returns the networks of a NIC, from their channels: `vlan/native` is untagged, `vlan/235` has that tag. */
function networksOf(
  map: FileMap,
): { readonly network: Sourced<string>; readonly vlan?: Sourced<number> | undefined }[] {
  const networks = map.map('networks', '*');
  return (networks?.names() ?? []).flatMap((channel) => {
    const network = networks?.text(channel.value);
    const vlan = vlanOf(channel);
    const isChannel = vlan !== undefined || channel.value === NATIVE;
    if (network && !isChannel) map.file.left(channel, 'not a VLAN channel');
    return network && isChannel ? [{ network, vlan }] : [];
  });
}

/** Returns the BMC, which HIL accepts when a node is registered but never returns. */
function bmcOf(obm: FileMap | undefined): GatheredBmc | undefined {
  const type = obm?.text('type');
  return (
    obm && {
      at: obm.at,
      address: obm.text('host'),
      user: obm.text('user'),
      protocol: type && /ipmi$/i.test(type.value) ? { value: 'ipmi', at: type.at } : undefined,
    }
  );
}
