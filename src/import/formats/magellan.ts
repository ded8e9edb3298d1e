import { isValueMap, keyLocationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import { isBmcXname } from '../../values/identifiers.ts';
import type { GatheredBmc, GatheredNic } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/**
 * The output of `magellan collect`, found by Redfish, and its input, the map of BMCs. Magellan writes the whole collection
 * to the directory of each BMC, so that many files contain it. Source: OpenCHAMI/magellan, pkg/collect.go, pkg/crawler/main.go.
 */
export const magellan: JoinedFormat = {
  name: 'magellan',
  what: 'the output of `magellan collect`, or its map of BMCs (id_map)',
  isLike: ({ text }) =>
    /(^|[\s{,])"?Systems"?\s*:/.test(text) || /(^|[\s{,])"?(map_key|id_map)"?\s*:/.test(text),
  read: readingMaps((value, reader) => {
    for (const map of reader.maps(value, 'The output of magellan'))
      if (Object.hasOwn(map, 'id_map')) addMapped(map, reader);
      else if (Object.hasOwn(map, 'Systems') || Object.hasOwn(map, 'Managers')) addCollected(map, reader);
      else
        reader.refuse(
          'The object is not output of `magellan collect`: a BMC has Systems and Managers there.',
          'use the file that it writes with -o, in JSON or YAML, or a map of BMCs with id_map',
          { at: selfLocation(map) },
        );
  }),
};

/** Adds the map of BMCs: IP addresses with their xnames. Source: OpenCHAMI/magellan, pkg/idmap. */
function addMapped(map: ValueMap, reader: MapReader): undefined {
  reader.rest(map, 'magellan-map');
  const ids = map.id_map;
  if (!isValueMap(ids))
    return reader.wrong('id_map', 'a map of addresses and xnames', keyLocationOf(map, 'id_map'));
  for (const ip of Object.keys(ids)) {
    const address = reader.ipOf({ value: ip, at: keyLocationOf(ids, ip) });
    if (address) reader.found.bmcs.push({ at: address.at, address, xname: reader.xname(ids, ip) });
  }
}

function addCollected(map: ValueMap, reader: MapReader): void {
  const at = selfLocation(map);
  reader.rest(map, 'magellan');
  if (reader.text(map, 'Password')) {
    const why = 'a site keeps it as a secret: change it in the BMC';
    reader.left('Password', why, keyLocationOf(map, 'Password'));
  }
  const id = reader.xname(map, 'ID');
  const xname = id && isBmcXname(id.value) ? id : undefined;
  if (id && !xname) reader.left(id, 'not an xname of a BMC: its nodes get no xname');
  const managers = reader.mapsIn(map, 'Managers').map((manager) => {
    const nics = nicsOf(manager, reader);
    return nics.find(({ ips = [] }) => ips.length > 0) ?? nics[0];
  });
  const fqdn = reader.text(map, 'FQDN');
  const address = fqdn && { ...fqdn, value: fqdn.value.replace(/^https?:\/\//, '').replace(/:\d+$/, '') };
  const bmc: GatheredBmc = {
    at,
    xname,
    mac: reader.mac(map, 'MACAddr') ?? managers.flatMap((nic) => nic?.mac ?? [])[0],
    address: address ?? managers.flatMap((nic) => nic?.ips?.[0] ?? [])[0],
    user: reader.text(map, 'User'),
    protocol: { value: 'redfish', at },
  };
  reader.found.bmcs.push(bmc);
  for (const [index, system] of reader.mapsIn(map, 'Systems').entries()) {
    reader.rest(system, 'magellan Systems');
    reader.found.machines.push({
      at: selfLocation(system),
      uuid: reader.text(system, 'uuid'),
      serial: reader.text(system, 'serial'),
      nics: nicsOf(system, reader),
      xname: xname && { ...xname, value: `${xname.value}n${index}` },
      bmc,
    });
  }
}

function nicsOf(map: ValueMap, reader: MapReader): GatheredNic[] {
  return reader.mapsIn(map, 'ethernet_interfaces').flatMap((nic) => {
    const mac = reader.mac(nic, 'mac');
    const ips = reader.ips(nic, 'ip');
    return mac ? [{ mac, ips }] : [];
  });
}
