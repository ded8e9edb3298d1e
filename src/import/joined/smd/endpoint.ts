import { selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import type { GatheredBmc, GatheredMachine, Said } from '../gathered.ts';
import type { Left, Reader } from '../reader.ts';
import { isBmc, isOther, nameOf, nodeIdOf } from './component.ts';

const REDFISH = 'Redfish tells it itself';
const LEFT: Left = {
  RedfishSubtype: REDFISH,
  OdataID: REDFISH,
  RedfishURL: REDFISH,
  RedfishManagerInfo: REDFISH,
  RedfishChassisInfo: REDFISH,
  Hostname: 'the first word of FQDN is the name',
  Domain: 'give the network its domain',
  NodeMapping: REDFISH,
};

/**
 * Gives what a component's endpoint says of its machine or BMC. Source: OpenCHAMI/smd, pkg/sm/endpoints.go.
 */
export function endpointOf(
  map: ValueMap,
  reader: Reader,
): { readonly machine?: GatheredMachine; readonly bmc?: GatheredBmc } | undefined {
  const at = selfPlace(map);
  const xname = reader.xname(map, 'ID');
  const type = reader.text(map, 'Type');
  if (!xname) {
    reader.wrong('An endpoint', 'one with an ID', at);
    return undefined;
  }
  if (isOther(type, xname, reader)) return undefined;
  reader.rest(
    map,
    [
      ...[
        'ID',
        'Type',
        'FQDN',
        'MACAddr',
        'UUID',
        'RedfishEndpointID',
        'RedfishEndpointFQDN',
        'RedfishSystemInfo',
      ],
      ...['RedfishType', 'ComponentEndpointType', 'Enabled'],
    ],
    LEFT,
    'ComponentEndpoints ',
  );
  const mac = reader.mac(map, 'MACAddr');
  const fqdn = reader.text(map, 'FQDN');
  if (isBmc(type?.value, xname.value)) return { bmc: { at, xname, mac } };
  const bmcXname = reader.xname(map, 'RedfishEndpointID');
  const system = reader.mapIn(map, 'RedfishSystemInfo');
  const macs = [mac, ...(system ? systemMacs(system, reader) : [])].filter(
    (one): one is Said<string> => one !== undefined,
  );
  return {
    machine: {
      at,
      name: nameOf(fqdn, xname.value),
      ...nodeIdOf(xname, reader),
      uuid: reader.text(map, 'UUID'),
      nics: macs.map((one) => ({ mac: one, ips: [] })),
      bmc: bmcXname && { at, xname: bmcXname },
    },
  };
}

function systemMacs(system: ValueMap, reader: Reader): Said<string>[] {
  return reader
    .mapsIn(system, 'EthernetNICInfo')
    .flatMap((nic) => reader.mac(nic, 'MACAddress') ?? reader.mac(nic, 'PermanentMACAddress') ?? []);
}
