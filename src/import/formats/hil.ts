import {
  isValueMap,
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import type { GatheredBmc, GatheredNic, Sourced } from '../joined/gathered.ts';
import { displayName } from '../names.ts';
import type { JoinedKind } from './file-reader.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/** What HIL answers of nodes and networks: one, a list of them, or a map of them by name. */
export const hil: JoinedKind = {
  name: 'hil',
  what: 'nodes of HIL, as it answers at /v0/node/NODE, with their project and NICs; its networks, too',
  isLike: ({ text }) =>
    (/"?macaddr"?\s*:/.test(text) && /"?nics"?\s*:/.test(text)) ||
    (/"channels"\s*:/.test(text) && /"vlan\//.test(text)),
  read: readingMaps((value, reader) => {
    for (const map of objectsOf(value, reader))
      if (Object.hasOwn(map, 'nics')) addNode(map, reader);
      else if (Object.hasOwn(map, 'channels')) addNetwork(map, reader);
      else
        reader.refuse(
          'This is no node of HIL, which has nics, and no network of it, which has channels.',
          'give what HIL answers at /v0/node/NODE for each node, in a list',
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
    const help = 'give what HIL answers at /v0/node/NODE';
    if (value !== null)
      reader.refuse('This is nothing that HIL answers.', help, { at: reader.rootPlace(value) });
    return [];
  }
  if (Object.hasOwn(value, 'nics') || Object.hasOwn(value, 'channels')) return [value];
  return Object.keys(value).flatMap((key) => {
    if (Array.isArray(value[key])) return reader.mapsIn(value, key);
    const map = reader.mapIn(value, key);
    if (map && Object.hasOwn(map, 'nics') && !Object.hasOwn(map, 'name'))
      reader.left({ value: key, at: keyLocationOf(value, key) }, 'a node of HIL says its name itself');
    return map ? [map] : [];
  });
}

/** A network, of which the channel names the VLAN. Source: CCI-MOC/hil, docs/rest_api.md (show_network). */
function addNetwork(map: ValueMap, reader: MapReader): void {
  const network = reader.text(map, 'name');
  const [vlan] = reader.texts(map, 'channels').flatMap((channel) => vlanOf(channel) ?? []);
  const left = {
    'whose a network is follows from the tenant that has it': 'owner access',
    'nodes say it themselves': 'connected-nodes',
  };
  reader.rest(map, 'name channels', left, 'networks ');
  if (network && vlan) reader.found.vlans.push({ network, vlan });
}

function vlanOf({ value, at }: Sourced<string>): Sourced<number> | undefined {
  const [, id] = /^vlan\/(\d{1,4})$/.exec(value) ?? [];
  return id === undefined ? undefined : { value: Number(id), at };
}

/** The channel that machines boot on, without a tag. Source: CCI-MOC/ims, ims/common/constants.py (HIL_BMI_CHANNEL). */
const NATIVE = 'vlan/native';

/** What Linux calls NICs; HIL's labels are what its admin made up. */
const LINUX_NAME = /^(?:eth\d+|em\d+|p\d+p\d+|en[opsx]\w{1,12}|ib\d+)$/;

/**
 * Adds a node: its project is its tenant, and it boots from the NIC that is on a network without a tag. The VLANs that its
 * NICs tell of are added, too. Source: CCI-MOC/hil, hil/api.py (show_node).
 */
function addNode(map: ValueMap, reader: MapReader): undefined {
  const name = reader.text(map, 'name');
  const tenant = reader.text(map, 'project');
  if (!name) return reader.wrong('A node of HIL', 'one with a name', selfLocation(map));
  if (!tenant) reader.changed(name, 'no project has it: it is a node without a tenant');
  const nics = reader.mapsIn(map, 'nics').map((nic) => nicOf(nic, name.value, reader));
  const native = nics.filter(({ isNative }) => isNative);
  const [first, second] = native;
  const why =
    'several of its NICs are on a network without a tag: unless another file says from which it boots, that is the first of them. BMI was told the NIC with each call: join its pxelinux file, or put the right one first';
  if (first && second) reader.open({ value: name.value, at: first.network?.at ?? name.at }, why);
  const left = {
    'what people keep of a node: as cloud_init.meta_data cloud-init would find it there': 'metadata',
  };
  reader.rest(map, 'name project nics obm', left, 'node ');
  // In the order of a list the first one boots, unless another file says otherwise.
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
  whose: string,
  reader: MapReader,
): GatheredNic & { readonly isNative: boolean } {
  const label = reader.text(map, 'label');
  const isName = label !== undefined && LINUX_NAME.test(label.value);
  const why = 'what HIL calls the NIC: a site has the name that the installed system gives it, such as eno1';
  if (label && !isName) reader.left(label, why);
  reader.rest(map, 'label macaddr networks', { 'harvgen sets up no switch': 'port switch' }, 'nics ');
  const attached = networksOf(map, reader);
  for (const { network, vlan } of attached) if (vlan) reader.found.vlans.push({ network, vlan });
  const native = attached.find(({ vlan }) => !vlan);
  const own = native ?? attached[0];
  for (const other of attached)
    if (other !== own)
      reader.left(
        other.network,
        `a further network of a NIC of ${displayName(whose)}: a NIC of a site is on one. Set the VLAN up in the installed system`,
      );
  return {
    mac: reader.mac(map, 'macaddr'),
    name: isName ? label : undefined,
    network: own?.network,
    isNative: native !== undefined,
  };
}

/** The networks of a NIC, by their channels: `vlan/native` has no tag, `vlan/235` has that one. */
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
    if (!vlan) reader.left(channel, 'no channel of VLANs');
    return vlan ? [{ network, vlan }] : [];
  });
}

/** The management controller, which HIL took when a node was registered, and does not answer. */
function bmcOf(map: ValueMap, reader: MapReader): GatheredBmc | undefined {
  const obm = reader.mapIn(map, 'obm');
  if (!obm) return undefined;
  if (obm.password !== undefined && obm.password !== null) {
    const at = locationOf(obm, 'password');
    at.source.conceal(at);
    const why = 'a secret: say it as ${secret:name} in bmc.password below defaults';
    reader.left('obm password', why, at);
  }
  reader.rest(obm, 'type host user password', {}, 'obm ');
  const type = reader.text(obm, 'type');
  return {
    at: selfLocation(obm),
    address: reader.text(obm, 'host'),
    user: reader.text(obm, 'user'),
    protocol: type && /ipmi$/i.test(type.value) ? { value: 'ipmi', at: type.at } : undefined,
  };
}
