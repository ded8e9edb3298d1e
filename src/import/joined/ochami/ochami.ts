import { selfPlace } from '../../../source/origin.ts';
import { isValueMap, type ValueMap } from '../../../source/value.ts';
import { isNodeXname } from '../../../values/xname.ts';
import { Notes } from '../../notes.ts';
import type { GatheredBmc, GatheredMachine, GatheredNic, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Reader, readValue, rootPlace } from '../reader.ts';

/**
 * The file of `ochami discover static`, of the form with `bmcs` and of the one before it.
 * Source: OpenCHAMI/ochami, man/ochami-discover.1.sc.
 */
export const ochami: JoinedKind = {
  name: 'ochami',
  what: 'the file of `ochami discover static`: nodes with their interfaces, and BMCs',
  isLike: ({ text }) =>
    /(^|[\s{,])"?nodes"?\s*:/.test(text) && /(^|[\s{,-])"?(mac_addr|bmc_mac|bmc_ip)"?\s*:/.test(text),
  read(source, report) {
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new Reader(new Notes(), report);
    if (!isValueMap(value) || !(Object.hasOwn(value, 'nodes') || Object.hasOwn(value, 'bmcs'))) {
      report.error({
        code: 'import-kind',
        message: 'The file has neither nodes nor bmcs: `ochami discover static` would find nothing in it.',
        at: rootPlace(value, source),
        help: 'give the file that it takes, such as nodes.yaml',
      });
      return undefined;
    }
    reader.rest(value, ['nodes', 'bmcs'], {}, '');
    const bmcs = reader.mapsIn(value, 'bmcs').map((map) => bmcOf(map, reader));
    const machines = reader.mapsIn(value, 'nodes').map((map) => machineOf(map, bmcs, reader));
    return report.failed ? undefined : { machines, bmcs, notes: reader.notes.sorted() };
  },
};

function bmcOf(map: ValueMap, reader: Reader): GatheredBmc {
  reader.rest(map, ['name', 'xname', 'mac', 'ip', 'fqdn', 'description'], {}, 'bmcs ');
  return {
    at: selfPlace(map),
    name: reader.text(map, 'name'),
    xname: reader.xname(map, 'xname'),
    mac: reader.mac(map, 'mac'),
    address: reader.ip(map, 'ip') ?? reader.text(map, 'fqdn'),
    protocol: { value: 'redfish', at: selfPlace(map) },
  };
}

function machineOf(map: ValueMap, bmcs: readonly GatheredBmc[], reader: Reader): GatheredMachine {
  reader.rest(
    map,
    [
      ...['name', 'nid', 'xname', 'group', 'groups', 'interfaces', 'bmc'],
      ...['bmc_mac', 'bmc_ip', 'bmc_fqdn', 'description'],
    ],
    {},
    'nodes ',
  );
  const xname = reader.xname(map, 'xname');
  const name = reader.text(map, 'name');
  const isNode = xname === undefined || isNodeXname(xname.value);
  if (!isNode) reader.notes.add('left', xname.value, 'no xname of a node, which ends in b<n>n<n>', xname.at);
  return {
    at: selfPlace(map),
    name: name ?? (isNode ? undefined : xname),
    xname: isNode ? xname : undefined,
    nid: reader.number(map, 'nid'),
    groups: [...reader.texts(map, 'groups'), ...reader.texts(map, 'group')],
    nics: reader.mapsIn(map, 'interfaces').map((one) => nicOf(one, reader)),
    bmc: ownBmc(map, bmcs, reader),
  };
}

/** The BMC that a node names by its name or xname, or has beside it, as the older form did. */
function ownBmc(map: ValueMap, bmcs: readonly GatheredBmc[], reader: Reader): GatheredBmc | undefined {
  const called = reader.text(map, 'bmc');
  if (called) {
    const found = bmcs.find(({ name, xname }) =>
      [name, xname].some((said) => said?.value.toLowerCase() === called.value.toLowerCase()),
    );
    if (found) return found;
    reader.notes.add('left', called.value, 'bmcs has no such BMC', called.at);
    return undefined;
  }
  const mac = reader.mac(map, 'bmc_mac');
  const address: Said<string> | undefined = reader.ip(map, 'bmc_ip') ?? reader.text(map, 'bmc_fqdn');
  const at = selfPlace(map);
  return mac || address ? { at, mac, address, protocol: { value: 'redfish', at } } : undefined;
}

function nicOf(map: ValueMap, reader: Reader): GatheredNic {
  reader.rest(map, ['mac_addr', 'ip_addrs', 'description'], {}, 'interfaces ');
  const addresses = reader.mapsIn(map, 'ip_addrs');
  for (const one of addresses) reader.rest(one, ['name', 'ip_addr'], {}, 'ip_addrs ');
  return {
    mac: reader.mac(map, 'mac_addr'),
    ips: addresses.flatMap((one) => reader.ip(one, 'ip_addr') ?? []),
    network: addresses.flatMap((one) => reader.text(one, 'name') ?? [])[0],
  };
}
