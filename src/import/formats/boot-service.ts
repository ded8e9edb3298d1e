import { isValueMap, keyLocationOf, selfLocation, type Value, type ValueMap } from '../../source/origin.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import type { GatheredMachine, GatheredNic, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/** The data of OpenCHAMI's boot-service, the successor of BSS: its file of nodes, node objects and boot configurations. */
export const bootService: JoinedFormat = {
  name: 'boot-service',
  what: "the node file of OpenCHAMI's boot-service, or its Node and BootConfiguration objects",
  isLike: ({ text }) =>
    (/(^|[\s{,])"?(boot_mac|ethernet_interfaces)"?\s*:/.test(text) && /(^|[\s{,])"?nodes"?\s*:/.test(text)) ||
    /(^|[\s{,])"?apiVersion"?\s*:\s*"?boot\.openchami\.io\//.test(text) ||
    /(^|[\s{,])"?kind"?\s*:\s*"?BootConfiguration\b/.test(text),
  read: readingMaps((value, reader) => {
    for (const map of reader.maps(value, 'The file')) {
      const kind = kindOf(map);
      if (kind === 'nodes') {
        reader.rest(map, 'boot-service');
        for (const node of reader.mapsIn(map, 'nodes')) addListedNode(node, reader);
      } else if (kind === 'Node') addNodeObject(map, reader);
      else if (kind === 'BootConfiguration') addConfiguration(map, reader);
      else
        reader.refuse(
          `The file is not of boot-service: ${typeof map.kind === 'string' ? `the kind ${displayName(map.kind)} cannot be imported` : 'it has neither nodes nor a kind'}.`,
          'use its node file, or objects of the kinds Node and BootConfiguration',
          { at: selfLocation(map) },
        );
    }
  }),
};

/** Returns the type of an object: its kind if set, otherwise derived from its keys. */
function kindOf({ kind, spec, nodes }: ValueMap): 'nodes' | 'Node' | 'BootConfiguration' | undefined {
  const has = (value: Value | undefined) => value !== undefined && value !== null;
  if (kind === 'Node' || kind === 'BootConfiguration') return kind;
  if (kind !== undefined) return undefined;
  if (has(nodes)) return 'nodes';
  if (!isValueMap(spec)) return undefined;
  return has(spec.kernel) ? 'BootConfiguration' : has(spec.xname) ? 'Node' : undefined;
}

/** Adds an entry of the node file; other types become notes. Source: OpenCHAMI/boot-service, examples/nodes.yaml. */
function addListedNode(map: ValueMap, reader: MapReader): void {
  const xname = reader.xname(map, 'xname') ?? reader.xname(map, 'id');
  const type = reader.text(map, 'type');
  if (type && type.value !== 'Node') {
    const of = xname?.value ?? type.value;
    reader.left({ value: of, at: type.at }, `a ${displayName(type.value)}: a site contains only nodes`);
    return;
  }
  reader.rest(map, 'boot-service nodes');
  if (map.enabled === false)
    reader.changed(
      { value: xname?.value ?? 'a node', at: keyLocationOf(map, 'enabled') },
      'it is not enabled, but is imported as a node',
    );
  const nics = reader.mapsIn(map, 'ethernet_interfaces').map((one): GatheredNic => {
    reader.rest(one, 'boot-service ethernet_interfaces');
    const ips = reader.ips(one, 'ip_address');
    return { mac: reader.mac(one, 'mac_address'), ips, network: reader.text(one, 'network') };
  });
  addNode(map, map, { xname, nics, boot: reader.mac(map, 'boot_mac') }, reader);
}

/** Adds a Node object. Source: OpenCHAMI/boot-service, apis/boot.openchami.io/v1/node_types.go. */
function addNodeObject(map: ValueMap, reader: MapReader): void {
  const spec = specOf(map, reader);
  if (!spec) return;
  reader.rest(spec, 'boot-service spec');
  const nics = reader.mapsIn(spec, 'interfaces').map((one): GatheredNic => {
    reader.rest(one, 'boot-service interfaces');
    return { mac: reader.mac(one, 'mac'), ips: reader.ips(one, 'ip') };
  });
  const xname = reader.xname(spec, 'xname');
  addNode(map, spec, { xname, nics, boot: reader.mac(spec, 'bootMac') }, reader);
}

function specOf(map: ValueMap, reader: MapReader): ValueMap | undefined {
  const spec = reader.mapIn(map, 'spec');
  reader.rest(map, 'boot-service-object');
  return spec;
}

interface Node {
  readonly xname: Sourced<string> | undefined;
  readonly nics: readonly GatheredNic[];
  /** The MAC address that the node boots from; it can be missing from the interfaces. */
  readonly boot: Sourced<string> | undefined;
}

/** Adds a node; `spec` contains the keys that both forms share. */
function addNode(map: ValueMap, spec: ValueMap, { xname, nics, boot }: Node, reader: MapReader): void {
  const isListed = nics.some(({ mac }) => mac?.value === boot?.value);
  const marked = nics.map((nic) => (boot && nic.mac?.value === boot.value ? { ...nic, boots: true } : nic));
  reader.found.machines.push({
    at: selfLocation(map),
    ...identityOf(xname, reader.text(spec, 'hostname'), reader),
    nid: reader.number(spec, 'nid'),
    role: reader.text(spec, 'role'),
    subrole: reader.text(spec, 'subrole') ?? reader.text(spec, 'subRole'),
    groups: reader.texts(spec, 'groups'),
    nics: boot && !isListed ? [{ mac: boot, ips: [], boots: true }, ...marked] : marked,
  });
}

/** Returns the identifier of a node: its xname, or a name if that is not the xname of a node. */
function identityOf(
  xname: Sourced<string> | undefined,
  name: Sourced<string> | undefined,
  reader: MapReader,
): Pick<GatheredMachine, 'name' | 'xname'> {
  if (!xname || isNodeXname(xname.value)) return { xname, name };
  reader.changed(xname, 'not the xname of a node, which ends in b<n>n<n>: imported as the name of the node');
  return { name: name ?? xname };
}

/**
 * Adds a BootConfiguration object, with a note if it has a profile, which boot-service serves only on request.
 * Source: OpenCHAMI/boot-service, apis/boot.openchami.io/v1/bootconfiguration_types.go.
 */
function addConfiguration(map: ValueMap, reader: MapReader): void {
  const spec = specOf(map, reader);
  if (!spec) return;
  reader.rest(spec, 'boot-service-configuration spec');
  const profile = reader.text(spec, 'profile');
  const why =
    'boot-service served it on request for this profile: a node of a site boots with the profiles that it lists';
  if (profile && profile.value !== 'default') reader.changed(profile, why);
  const at = selfLocation(map);
  const hosts = [...reader.texts(spec, 'hosts'), ...reader.texts(spec, 'groups')];
  const macs = reader.macs(spec, 'macs');
  const nids = reader.numbers(spec, 'nids');
  const isForAll = hosts.length + macs.length + nids.length === 0;
  reader.found.boots.push({
    at,
    hosts: isForAll ? [{ value: 'Default', at }] : hosts,
    macs,
    nids,
    ...reader.kernel(spec),
    priority: reader.number(spec, 'priority')?.value,
  });
}
