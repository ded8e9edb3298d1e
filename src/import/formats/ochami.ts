import { isValueMap } from '../../source/origin.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import type { GatheredBmc, GatheredMachine, Sourced } from '../model/gathered.ts';
import { type FileMap, hasKey, mapFormat } from './map-reader.ts';

/**
 * The file of `ochami discover static`, in the form with `bmcs` and in the older one.
 * Source: OpenCHAMI/ochami, man/ochami-discover.1.sc.
 */
export const ochami = mapFormat({
  name: 'ochami',
  what: 'the file of `ochami discover static`: nodes with their interfaces, and BMCs',
  isLike: ({ text }) => hasKey(text, 'nodes') && hasKey(text, 'mac_addr|bmc_mac|bmc_ip'),
  refusal: [
    'The file has neither nodes nor bmcs: `ochami discover static` finds nothing in it.',
    'use its input file, such as nodes.yaml',
  ],
  add(value, file) {
    const root = isValueMap(value) ? file.map(value, 'ochami') : undefined;
    if (!root?.has('nodes', 'bmcs')) return value;
    file.found.bmcs.push(...root.maps('bmcs').map(bmcOf));
    file.found.machines.push(...root.maps('nodes').map(machineOf));
    return undefined;
  },
});

function bmcOf(map: FileMap): GatheredBmc {
  const { at } = map;
  return {
    at,
    name: map.text('name'),
    xname: map.xname('xname'),
    mac: map.mac('mac'),
    address: addressOf(map, 'ip', 'fqdn'),
    protocol: { value: 'redfish', at },
  };
}

function machineOf(map: FileMap): GatheredMachine {
  const xname = map.xname('xname');
  const name = map.text('name');
  const isNode = xname === undefined || isNodeXname(xname.value);
  if (!isNode) map.file.left(xname.value, 'not the xname of a node, which ends in b<n>n<n>', xname.at);
  return {
    at: map.at,
    name: name ?? (isNode ? undefined : xname),
    xname: isNode ? xname : undefined,
    nid: map.number('nid'),
    groups: [...map.texts('groups'), ...map.texts('group')],
    nics: map.maps('interfaces').map((nic) => {
      const addresses = nic.maps('ip_addrs');
      return {
        mac: nic.mac('mac_addr'),
        ips: addresses.flatMap((address) => address.ips('ip_addr')),
        network: addresses.flatMap((address) => address.text('name') ?? [])[0],
      };
    }),
    bmc: bmcOfNode(map),
  };
}

/** Returns the IP address of a BMC, or else its name; of both, notes the name. */
function addressOf(map: FileMap, ip: string, fqdn: string): Sourced<string> | undefined {
  const [address, name] = [map.ip(ip), map.text(fqdn)];
  if (address && name) map.file.left(name.value, `the address of this BMC is ${address.value}`, name.at);
  return address ?? name;
}

/** Returns the BMC that a node refers to by name or xname, or contains itself, as in the older form. */
function bmcOfNode(map: FileMap): GatheredBmc | undefined {
  const reference = map.text('bmc');
  if (reference) {
    const isCalled = (id: string | undefined) => id?.toLowerCase() === reference.value.toLowerCase();
    const bmc = map.found.bmcs.find(({ name, xname }) => isCalled(name?.value) || isCalled(xname?.value));
    if (!bmc) map.file.left(reference.value, 'bmcs has no such BMC', reference.at);
    return bmc;
  }
  const mac = map.mac('bmc_mac');
  const address = addressOf(map, 'bmc_ip', 'bmc_fqdn');
  const { at } = map;
  return mac || address ? { at, mac, address, protocol: { value: 'redfish', at } } : undefined;
}
