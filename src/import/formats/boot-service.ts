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
      } else if (kind) {
        reader.rest(map, 'boot-service-object');
        const spec = reader.mapIn(map, 'spec');
        if (spec && kind === 'Node') addNode(map, spec, reader.xname(spec, 'xname'), reader);
        else if (spec) addConfiguration(map, spec, reader);
      } else
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
function addListedNode(map: ValueMap, reader: MapReader): undefined {
  const xname = reader.xname(map, 'xname') ?? reader.xname(map, 'id');
  const type = reader.text(map, 'type');
  if (type && type.value !== 'Node') {
    const of = { value: xname?.value ?? type.value, at: type.at };
    return reader.left(of, `a ${displayName(type.value)}: a site contains only nodes`);
  }
  const of = { value: xname?.value ?? 'a node', at: keyLocationOf(map, 'enabled') };
  if (map.enabled === false) reader.changed(of, 'it is not enabled, but is imported as a node');
  addNode(map, map, xname, reader);
}

/**
 * Adds a node, whose data is in `spec`: the same map in the node file. The MAC address that it boots from can be missing
 * from its interfaces. Source: OpenCHAMI/boot-service, apis/boot.openchami.io/v1/node_types.go.
 */
function addNode(map: ValueMap, spec: ValueMap, xname: Sourced<string> | undefined, reader: MapReader): void {
  const isListed = spec === map;
  const [part, bootKey, nicsKey, macKey, ipKey] = isListed
    ? (['nodes', 'boot_mac', 'ethernet_interfaces', 'mac_address', 'ip_address'] as const)
    : (['spec', 'bootMac', 'interfaces', 'mac', 'ip'] as const);
  reader.rest(spec, `boot-service ${part}`);
  const boot = reader.mac(spec, bootKey);
  const nics = reader.mapsIn(spec, nicsKey).map((nic): GatheredNic => {
    reader.rest(nic, `boot-service ${nicsKey}`);
    const mac = reader.mac(nic, macKey);
    return {
      mac,
      ips: reader.ips(nic, ipKey),
      network: isListed ? reader.text(nic, 'network') : undefined,
      ...(boot && mac?.value === boot.value && { boots: true }),
    };
  });
  reader.found.machines.push({
    at: selfLocation(map),
    ...identityOf(xname, reader.text(spec, 'hostname'), reader),
    nid: reader.number(spec, 'nid'),
    role: reader.text(spec, 'role'),
    subrole: reader.text(spec, 'subrole') ?? reader.text(spec, 'subRole'),
    groups: reader.texts(spec, 'groups'),
    nics: boot && !nics.some(({ boots }) => boots) ? [{ mac: boot, ips: [], boots: true }, ...nics] : nics,
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
function addConfiguration(map: ValueMap, spec: ValueMap, reader: MapReader): void {
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
