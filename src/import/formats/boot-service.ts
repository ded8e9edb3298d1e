import { isValueMap } from '../../source/origin.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import type { GatheredNic, Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import { type FileMap, hasKey, mapFormat } from './map-reader.ts';

/** The data of OpenCHAMI's boot-service, the successor of BSS: its file of nodes, node objects and boot configurations. */
export const bootService = mapFormat({
  name: 'boot-service',
  what: "the node file of OpenCHAMI's boot-service, or its Node and BootConfiguration objects",
  isLike: ({ text }) =>
    (hasKey(text, 'boot_mac|ethernet_interfaces') && hasKey(text, 'nodes')) ||
    /(^|[\s{,])"?apiVersion"?\s*:\s*"?boot\.openchami\.io\//.test(text) ||
    /(^|[\s{,])"?kind"?\s*:\s*"?BootConfiguration\b/.test(text),
  refusal: [
    (value) =>
      `The file is not of boot-service: ${isValueMap(value) && typeof value.kind === 'string' ? `the kind ${displayName(value.kind)} cannot be imported` : 'it has neither nodes nor a kind'}.`,
    'use its node file, or objects of the kinds Node and BootConfiguration',
  ],
  types: [
    {
      has: ({ value: { kind, nodes } }) => kind === undefined && (nodes ?? null) !== null,
      table: 'boot-service',
      add(map) {
        for (const node of map.maps('nodes')) addListedNode(node);
      },
    },
    { has: isObject('BootConfiguration', 'kernel'), table: 'boot-service-object', add: addConfiguration },
    {
      has: isObject('Node', 'xname'),
      table: 'boot-service-object',
      add(map) {
        const spec = map.map('spec');
        if (spec) addNode(map, spec, spec.xname('xname'), OF_OBJECT);
      },
    },
  ],
});

/** Returns whether a map is an object of a kind; without a kind, the key in its spec decides. */
function isObject(ofKind: string, key: string): (map: FileMap) => boolean {
  return ({ value: { kind, spec } }) =>
    kind === undefined ? isValueMap(spec) && (spec[key] ?? null) !== null : kind === ofKind;
}

/** The keys of a node in the node file, and in an object. */
const OF_FILE = { boot: 'boot_mac', nics: 'ethernet_interfaces', mac: 'mac_address', ip: 'ip_address' };
const OF_OBJECT = { boot: 'bootMac', nics: 'interfaces', mac: 'mac', ip: 'ip' };

/** Adds an entry of the node file; other types become notes. Source: OpenCHAMI/boot-service, examples/nodes.yaml. */
function addListedNode(map: FileMap): undefined {
  const xname = map.xname('xname') ?? map.xname('id');
  const type = map.text('type');
  if (type && type.value !== 'Node') {
    const of = { value: xname?.value ?? type.value, at: type.at };
    return map.leaveWhole(of, `a ${displayName(type.value)}: a site contains only nodes`);
  }
  const of = { value: xname?.value ?? 'a node', at: map.keyAt('enabled') };
  if (map.get('enabled') === false) map.file.changed(of, 'it is not enabled, but is imported as a node');
  addNode(map, map, xname, OF_FILE);
}

/**
 * Adds a node, whose data is in `spec`: the same map in the node file. The MAC address that it boots from can be missing
 * from its interfaces. Source: OpenCHAMI/boot-service, apis/boot.openchami.io/v1/node_types.go.
 */
function addNode(
  { at, file, found }: FileMap,
  spec: FileMap,
  xname: Sourced<string> | undefined,
  keys: typeof OF_FILE,
): void {
  const boot = spec.mac(keys.boot);
  const nics = spec.maps(keys.nics).map((nic): GatheredNic => {
    const mac = nic.mac(keys.mac);
    const network = keys === OF_FILE ? nic.text('network') : undefined;
    return { mac, ips: nic.ips(keys.ip), network, ...(boot && mac?.value === boot.value && { boots: true }) };
  });
  const name = spec.text('hostname');
  // An xname of something else is the name of the node, if it has none.
  const isNode = xname && isNodeXname(xname.value);
  if (xname && !isNode)
    file.changed(xname, 'not the xname of a node, which ends in b<n>n<n>: imported as the name of the node');
  found.machines.push({
    at,
    xname: isNode ? xname : undefined,
    name: isNode ? name : (name ?? xname),
    nid: spec.number('nid'),
    role: spec.text('role'),
    subrole: spec.text('subrole') ?? spec.text('subRole'),
    groups: spec.texts('groups'),
    nics: boot && !nics.some(({ boots }) => boots) ? [{ mac: boot, ips: [], boots: true }, ...nics] : nics,
  });
}

/**
 * Adds a BootConfiguration object, with a note if it has a profile, which boot-service serves only on request.
 * Source: OpenCHAMI/boot-service, apis/boot.openchami.io/v1/bootconfiguration_types.go.
 */
function addConfiguration(map: FileMap): void {
  const { at, file, found } = map;
  const spec = map.map('spec', 'boot-service-configuration spec');
  if (!spec) return;
  const profile = spec.text('profile');
  const how =
    'boot-service served it on request for this profile: a node of a site boots with the profiles that it lists';
  if (profile && profile.value !== 'default') file.changed(profile, how);
  const hosts = [...spec.texts('hosts'), ...spec.texts('groups')];
  const macs = spec.macs('macs');
  const nids = spec.numbers('nids');
  const isForAll = hosts.length + macs.length + nids.length === 0;
  found.boots.push({
    at,
    hosts: isForAll ? [{ value: 'Default', at }] : hosts,
    macs,
    nids,
    ...spec.kernel(),
    priority: spec.number('priority')?.value,
  });
}
