import { isValueMap, selfLocation, type ValueMap } from '../../source/origin.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import type { GatheredBmc, GatheredMachine, GatheredNic } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/**
 * The file of `ochami discover static`, in the form with `bmcs` and in the older one.
 * Source: OpenCHAMI/ochami, man/ochami-discover.1.sc.
 */
export const ochami: JoinedFormat = {
  name: 'ochami',
  what: 'the file of `ochami discover static`: nodes with their interfaces, and BMCs',
  isLike: ({ text }) =>
    /(^|[\s{,])"?nodes"?\s*:/.test(text) && /(^|[\s{,-])"?(mac_addr|bmc_mac|bmc_ip)"?\s*:/.test(text),
  read: readingMaps((value, reader) => {
    if (!isValueMap(value) || !(Object.hasOwn(value, 'nodes') || Object.hasOwn(value, 'bmcs')))
      return reader.refuse(
        'The file has neither nodes nor bmcs: `ochami discover static` finds nothing in it.',
        'use its input file, such as nodes.yaml',
        { at: reader.rootLocation(value) },
      );
    const { bmcs, machines } = reader.found;
    reader.rest(value, 'ochami');
    bmcs.push(...reader.mapsIn(value, 'bmcs').map((map) => bmcOf(map, reader)));
    machines.push(...reader.mapsIn(value, 'nodes').map((map) => machineOf(map, bmcs, reader)));
  }),
};

function bmcOf(map: ValueMap, reader: MapReader): GatheredBmc {
  reader.rest(map, 'ochami bmcs');
  const at = selfLocation(map);
  return {
    at,
    name: reader.text(map, 'name'),
    xname: reader.xname(map, 'xname'),
    mac: reader.mac(map, 'mac'),
    address: reader.ips(map, 'ip')[0] ?? reader.text(map, 'fqdn'),
    protocol: { value: 'redfish', at },
  };
}

function machineOf(map: ValueMap, bmcs: readonly GatheredBmc[], reader: MapReader): GatheredMachine {
  reader.rest(map, 'ochami nodes');
  const xname = reader.xname(map, 'xname');
  const name = reader.text(map, 'name');
  const isNode = xname === undefined || isNodeXname(xname.value);
  if (!isNode) reader.left(xname.value, 'not the xname of a node, which ends in b<n>n<n>', xname.at);
  return {
    at: selfLocation(map),
    name: name ?? (isNode ? undefined : xname),
    xname: isNode ? xname : undefined,
    nid: reader.number(map, 'nid'),
    groups: [...reader.texts(map, 'groups'), ...reader.texts(map, 'group')],
    nics: reader.mapsIn(map, 'interfaces').map((nic) => nicOf(nic, reader)),
    bmc: ownBmc(map, bmcs, reader),
  };
}

/** Returns the BMC that a node refers to by name or xname, or contains itself, as in the older form. */
function ownBmc(map: ValueMap, bmcs: readonly GatheredBmc[], reader: MapReader): GatheredBmc | undefined {
  const reference = reader.text(map, 'bmc');
  if (reference) {
    const isCalled = (id: string | undefined) => id?.toLowerCase() === reference.value.toLowerCase();
    const found = bmcs.find(({ name, xname }) => isCalled(name?.value) || isCalled(xname?.value));
    if (!found) reader.left(reference.value, 'bmcs has no such BMC', reference.at);
    return found;
  }
  const mac = reader.mac(map, 'bmc_mac');
  const address = reader.ips(map, 'bmc_ip')[0] ?? reader.text(map, 'bmc_fqdn');
  const at = selfLocation(map);
  return mac || address ? { at, mac, address, protocol: { value: 'redfish', at } } : undefined;
}

function nicOf(map: ValueMap, reader: MapReader): GatheredNic {
  reader.rest(map, 'ochami interfaces');
  const addresses = reader.mapsIn(map, 'ip_addrs');
  for (const address of addresses) reader.rest(address, 'ochami ip_addrs');
  return {
    mac: reader.mac(map, 'mac_addr'),
    ips: addresses.flatMap((address) => reader.ips(address, 'ip_addr')),
    network: addresses.flatMap((address) => reader.text(address, 'name') ?? [])[0],
  };
}
