import { isBmcXname } from '../../values/identifiers.ts';
import type { GatheredBmc, GatheredNic } from '../model/gathered.ts';
import { type FileMap, hasKey, mapFormat } from './map-reader.ts';

/**
 * The output of `magellan collect`, found by Redfish, and its input, the map of BMCs. Magellan writes the whole collection
 * to the directory of each BMC, so that many files contain it. Source: OpenCHAMI/magellan, pkg/collect.go, pkg/crawler/main.go.
 */
export const magellan = mapFormat({
  name: 'magellan',
  what: 'the output of `magellan collect`, or its map of BMCs (id_map)',
  isLike: ({ text }) => hasKey(text, 'Systems?|map_key|id_map'),
  refusal: [
    'The object is not output of `magellan collect`: a BMC has Systems and Managers there.',
    'use the file that it writes with -o, in JSON or YAML, or a map of BMCs with id_map',
  ],
  types: [
    { has: ['id_map'], table: 'magellan-map', add: addMapped },
    { has: ['Systems', 'Managers'], table: 'magellan', add: addCollected },
  ],
});

/** Adds the map of BMCs: IP addresses with their xnames. Source: OpenCHAMI/magellan, pkg/idmap. */
function addMapped(map: FileMap): void {
  const { file, found } = map;
  const ids = map.map('id_map');
  for (const ip of ids?.names() ?? []) {
    const address = file.ipOf(ip);
    if (address) found.bmcs.push({ at: address.at, address, xname: ids?.xname(ip.value) });
  }
}

function addCollected(map: FileMap): void {
  const { at, file, found } = map;
  const id = map.xname('ID');
  const xname = id && isBmcXname(id.value) ? id : undefined;
  if (id && !xname) file.left(id, 'not an xname of a BMC: its nodes get no xname');
  const managers = map.maps('Managers').map((manager) => {
    const nics = nicsOf(manager);
    return nics.find(({ ips = [] }) => ips.length > 0) ?? nics[0];
  });
  const fqdn = map.text('FQDN');
  const address = fqdn && { ...fqdn, value: fqdn.value.replace(/^https?:\/\//, '').replace(/:\d+$/, '') };
  const bmc: GatheredBmc = {
    at,
    xname,
    mac: map.mac('MACAddr') ?? managers.flatMap((nic) => nic?.mac ?? [])[0],
    address: address ?? managers.flatMap((nic) => nic?.ips?.[0] ?? [])[0],
    user: map.text('User'),
    protocol: { value: 'redfish', at },
  };
  found.bmcs.push(bmc);
  for (const [index, system] of map.maps('Systems').entries())
    found.machines.push({
      at: system.at,
      uuid: system.text('uuid'),
      serial: system.text('serial'),
      nics: nicsOf(system),
      xname: xname && { ...xname, value: `${xname.value}n${index}` },
      bmc,
    });
}

function nicsOf(map: FileMap): GatheredNic[] {
  return map.maps('ethernet_interfaces').flatMap((nic) => {
    const mac = nic.mac('mac');
    const ips = nic.ips('ip');
    return mac ? [{ mac, ips }] : [];
  });
}
