import { selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import type { GatheredMachine, GatheredNic, Said } from '../gathered.ts';
import type { Left, Reader } from '../reader.ts';

const REDFISH = 'Redfish tells it itself';
const LEFT: Left = {
  power: 'a state of the moment, which a site has not',
  network_interfaces: 'adapters, without the MAC addresses of their ports',
  processor_count: 'sockets: hardware.threads of a site is threads',
  processor_type: REDFISH,
  memory_total: 'say it as hardware.memory, where a rule is to look at it',
};

/** Keys of which nothing is lost: they say what Redfish is asked for, or of what make a machine is. */
const PASSED = [
  ...['uri', 'manufacturer', 'system_type', 'name', 'model', 'bios_version', 'actions', 'trusted_modules'],
  ...['trusted_components', 'chassis_sku', 'chassis_serial', 'chassis_asset_tag', 'chassis_manufacturer'],
  ...['chassis_model', 'links', 'node_id', 'serial_console'],
];

/** Gives the machine that a system of Redfish is. */
export function systemOf(map: ValueMap, reader: Reader): GatheredMachine {
  reader.rest(map, ['uuid', 'serial', 'ethernet_interfaces', ...PASSED], LEFT, 'Systems ');
  return {
    at: selfPlace(map),
    uuid: reader.text(map, 'uuid'),
    serial: reader.text(map, 'serial'),
    nics: reader.mapsIn(map, 'ethernet_interfaces').flatMap((one) => nicOf(one, reader)),
  };
}

function nicOf(map: ValueMap, reader: Reader): GatheredNic[] {
  const mac = reader.mac(map, 'mac');
  const ip = reader.text(map, 'ip') ? reader.ip(map, 'ip') : undefined;
  return mac ? [{ mac, ips: ip ? [ip] : [] }] : [];
}

/** Gives the address and MAC address of a manager: those of its first NIC that has them. */
export function managerOf(
  map: ValueMap,
  reader: Reader,
): { readonly mac: Said<string> | undefined; readonly address: Said<string> | undefined } {
  const nics = reader.mapsIn(map, 'ethernet_interfaces').flatMap((one) => nicOf(one, reader));
  const nic = nics.find(({ ips = [] }) => ips.length > 0) ?? nics[0];
  return { mac: nic?.mac, address: nic?.ips?.[0] };
}
