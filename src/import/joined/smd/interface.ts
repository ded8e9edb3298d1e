import { selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import { quoteVisibly } from '../../names.ts';
import type { GatheredBmc, GatheredMachine } from '../gathered.ts';
import type { Reader } from '../reader.ts';
import { isBmc, isOther, nodeIdOf } from './component.ts';

/**
 * Gives what an Ethernet interface says of its machine or BMC. Source: OpenCHAMI/smd, pkg/sm/compethinterfaces.go.
 */
export function interfaceOf(
  map: ValueMap,
  reader: Reader,
): { readonly machine?: GatheredMachine; readonly bmc?: GatheredBmc } | undefined {
  const at = selfPlace(map);
  const xname = reader.xname(map, 'ComponentID');
  const type = reader.text(map, 'Type');
  // The ID is the MAC address without its colons, which some clients give alone.
  const mac = reader.text(map, 'MACAddress') ? reader.mac(map, 'MACAddress') : reader.mac(map, 'ID');
  const addresses = reader.mapsIn(map, 'IPAddresses');
  const ips = addresses.flatMap((one) => reader.ip(one, 'IPAddress') ?? []);
  const [network] = addresses.flatMap((one) => reader.text(one, 'Network') ?? []);
  reader.rest(
    map,
    ['ID', 'MACAddress', 'ComponentID', 'Type', 'IPAddresses', 'IPAddress'],
    { LastUpdate: 'a site has no times', Description: 'a NIC of a site has none' },
    'EthernetInterfaces ',
  );
  if (!mac) return undefined;
  if (!xname) {
    reader.notes.add('left', quoteVisibly(mac.value), 'a NIC that SMD knows no component of', mac.at);
    return undefined;
  }
  if (isOther(type, xname, reader)) return undefined;
  if (isBmc(type?.value, xname.value)) return { bmc: { at, xname, mac, address: ips[0] } };
  return { machine: { at, ...nodeIdOf(xname, reader), nics: [{ mac, ips, network }] } };
}
