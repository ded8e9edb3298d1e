import { keyPlaceOf, selfPlace } from '../../../source/origin.ts';
import { isValueMap, type ValueMap } from '../../../source/value.ts';
import { isBmcXname } from '../../../values/xname.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import type { GatheredBmc, GatheredMachine } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Reader, readValue, rootPlace } from '../reader.ts';
import { managerOf, systemOf } from './system.ts';

/**
 * What `magellan collect` has found by Redfish, and the map of BMCs that it takes. The same BMC may stand in many files, as it
 * writes the whole collection into the folder of each. Source: OpenCHAMI/magellan, pkg/collect.go, pkg/crawler/main.go.
 */
export const magellan: JoinedKind = {
  name: 'magellan',
  what: 'what `magellan collect` has found by Redfish, or its map of BMCs (id_map)',
  isLike: ({ text }) =>
    /(^|[\s{,])"?Systems"?\s*:/.test(text) || /(^|[\s{,])"?(map_key|id_map)"?\s*:/.test(text),
  read(source, report) {
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new Reader(new Notes(), report);
    const machines: GatheredMachine[] = [];
    const bmcs: GatheredBmc[] = [];
    for (const map of reader.maps(value, 'What magellan has collected', rootPlace(value, source))) {
      if (Object.hasOwn(map, 'id_map')) bmcs.push(...mapped(map, reader));
      else if (Object.hasOwn(map, 'Systems') || Object.hasOwn(map, 'Managers')) {
        const found = collected(map, reader);
        machines.push(...found.machines);
        bmcs.push(found.bmc);
      } else
        report.error({
          code: 'import-kind',
          message: 'This is nothing that `magellan collect` writes: a BMC has Systems and Managers there.',
          at: selfPlace(map),
          help: 'give what it writes by -o, in JSON or YAML, or a map of BMCs with id_map',
        });
    }
    return report.failed ? undefined : { machines, bmcs, notes: reader.notes.sorted() };
  },
};

/** The map of BMCs: addresses, and the xnames that they are given. Source: OpenCHAMI/magellan, pkg/idmap. */
function mapped(map: ValueMap, reader: Reader): GatheredBmc[] {
  reader.rest(map, ['id_map', 'map_key'], {}, '');
  const ids = map.id_map;
  if (!isValueMap(ids)) {
    reader.wrong('id_map', 'a map of addresses and xnames', keyPlaceOf(map, 'id_map'));
    return [];
  }
  return Object.keys(ids).flatMap((ip) => {
    const address = reader.ipOf({ value: ip, at: keyPlaceOf(ids, ip) });
    return address ? [{ at: address.at, address, xname: reader.xname(ids, ip) }] : [];
  });
}

function collected(
  map: ValueMap,
  reader: Reader,
): { readonly machines: readonly GatheredMachine[]; readonly bmc: GatheredBmc } {
  const at = selfPlace(map);
  reader.rest(
    map,
    [
      ...['ID', 'Type', 'Name', 'FQDN', 'User', 'Password', 'MACAddr', 'Systems', 'Managers'],
      ...['MACRequired', 'RediscoverOnUpdate', 'SchemaVersion'],
    ],
    {},
    '',
  );
  if (reader.text(map, 'Password'))
    reader.notes.add(
      'left',
      'Password',
      'a site has it as a secret: change it in the BMC',
      keyPlaceOf(map, 'Password'),
    );
  const id = reader.xname(map, 'ID');
  const xname = id && isBmcXname(id.value) ? id : undefined;
  if (id && !xname)
    reader.notes.add('left', quoteVisibly(id.value), 'no xname of a BMC: its nodes get none', id.at);
  const managers = reader.mapsIn(map, 'Managers').map((one) => managerOf(one, reader));
  const fqdn = reader.text(map, 'FQDN');
  const address = fqdn && { ...fqdn, value: fqdn.value.replace(/^https?:\/\//, '').replace(/:\d+$/, '') };
  const bmc: GatheredBmc = {
    at,
    xname,
    mac: reader.mac(map, 'MACAddr') ?? managers.flatMap(({ mac }) => mac ?? [])[0],
    address: address ?? managers.flatMap((one) => one.address ?? [])[0],
    user: reader.text(map, 'User'),
    protocol: { value: 'redfish', at },
  };
  const systems = reader.mapsIn(map, 'Systems');
  return {
    bmc,
    machines: systems.map((system, index) => ({
      ...systemOf(system, reader),
      xname: xname && { ...xname, value: `${xname.value}n${index}` },
      bmc,
    })),
  };
}
