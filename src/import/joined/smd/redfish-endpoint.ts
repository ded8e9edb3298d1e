import { keyPlaceOf, selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import type { GatheredBmc } from '../gathered.ts';
import type { Left, Reader } from '../reader.ts';
import { isOther } from './component.ts';

const DISCOVERY = 'it is for discovery, which a site has not';
const LEFT: Left = {
  DiscoveryInfo: DISCOVERY,
  MACRequired: DISCOVERY,
  RediscoverOnUpdate: DISCOVERY,
  UseSSDP: DISCOVERY,
  TemplateID: DISCOVERY,
  SchemaVersion: DISCOVERY,
  UUID: 'that of the BMC, which a site has not',
  Domain: 'give the network its domain',
  Name: 'a BMC is called as its node',
};

/** Gives the BMC that a Redfish endpoint is, without its password. Source: OpenCHAMI/smd, api/swagger_v2.yaml. */
export function redfishEndpointOf(map: ValueMap, reader: Reader): GatheredBmc[] {
  const xname = reader.xname(map, 'ID');
  const type = reader.text(map, 'Type');
  if (xname && isOther(type, xname, reader)) return [];
  reader.rest(
    map,
    ['ID', 'Type', 'Hostname', 'FQDN', 'IPAddress', 'MACAddr', 'User', 'Password', 'Enabled'],
    LEFT,
    'RedfishEndpoints ',
  );
  noteLogin(map, reader);
  const address = reader.text(map, 'IPAddress') ? reader.ip(map, 'IPAddress') : undefined;
  return [
    {
      at: selfPlace(map),
      xname,
      mac: reader.mac(map, 'MACAddr'),
      address: address ?? reader.text(map, 'FQDN') ?? reader.text(map, 'Hostname'),
      user: reader.text(map, 'User'),
      protocol: { value: 'redfish', at: selfPlace(map) },
    },
  ];
}

/** The password stays where it is: SMD hands it to everybody who asks, so it is no secret any more. */
function noteLogin(map: ValueMap, reader: Reader): void {
  if (reader.text(map, 'Password'))
    reader.notes.add(
      'left',
      'Password',
      'SMD hands it to everybody who asks: change it in the BMC, and say password: ${secret:bmc_password} below bmc where a script of yours wants it',
      keyPlaceOf(map, 'Password'),
    );
}
