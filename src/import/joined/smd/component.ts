import { selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import { isBmcXname, isNodeXname } from '../../../values/xname.ts';
import { quoteVisibly } from '../../names.ts';
import type { GatheredBmc, GatheredMachine, Said } from '../gathered.ts';
import type { Left, Reader } from '../reader.ts';

const STATE = 'a state of the moment, which a site has not';
const LEFT: Left = {
  State: STATE,
  Flag: STATE,
  SoftwareStatus: STATE,
  ReservationDisabled: STATE,
  Locked: STATE,
  SubRole: 'a site has groups',
  Subtype: 'nothing of a site has it',
  NetType: 'every node boots over Ethernet',
  Class: 'nothing of a site has it',
};

/**
 * Gives what SMD knows a node by: its xname, or a name where its ID is the xname of something else, as in the demo of SC23
 * (x1000c1s7b9 of the type Node).
 */
export function nodeIdOf(xname: Said<string>, reader: Reader): Pick<GatheredMachine, 'xname' | 'name'> {
  if (isNodeXname(xname.value)) return { xname };
  reader.notes.add(
    'changed',
    quoteVisibly(xname.value),
    'SMD calls it a node, and it is no xname of one, which ends in b<n>n<n>: it is the name of the node',
    xname.at,
  );
  return { name: xname };
}

/** Gives the machine, or BMC, that a component is: others are noted. Source: OpenCHAMI/smd, api/swagger_v2.yaml (Component). */
export function componentOf(
  map: ValueMap,
  reader: Reader,
): { readonly machine?: GatheredMachine; readonly bmc?: GatheredBmc } | undefined {
  const xname = reader.xname(map, 'ID');
  const type = reader.text(map, 'Type');
  if (!xname) {
    reader.wrong('A component', 'one with an ID', selfPlace(map));
    return undefined;
  }
  if (isOther(type, xname, reader)) return undefined;
  if (isBmc(type?.value, xname.value)) return { bmc: { at: selfPlace(map), xname } };
  reader.rest(
    map,
    ['ID', 'Type', 'NID', 'Role', 'Arch', 'Enabled', 'FQDN', 'MAC', 'EndpointEnabled'],
    LEFT,
    'Components ',
  );
  if (map.Enabled === false)
    reader.notes.add(
      'changed',
      quoteVisibly(xname.value),
      'it is not enabled in SMD: it is a node all the same',
      xname.at,
    );
  const arch = reader.text(map, 'Arch');
  const isArm = arch && /^(arm|aarch64|arm64)$/i.test(arch.value);
  if (arch && !isArm && !/^(x86|x86_64|amd64|unknown)$/i.test(arch.value))
    reader.notes.add('left', quoteVisibly(arch.value), 'an architecture that harvgen does not know', arch.at);
  const fqdn = reader.text(map, 'FQDN');
  return {
    machine: {
      at: selfPlace(map),
      ...nodeIdOf(xname, reader),
      nid: reader.number(map, 'NID'),
      role: reader.text(map, 'Role'),
      arch: arch && isArm ? { value: 'arm64', at: arch.at } : undefined,
      ...(isNodeXname(xname.value) ? { name: nameOf(fqdn, xname.value) } : {}),
      // BSS's own file has MAC addresses here.
      nics: reader.macs(map, 'MAC').map((mac) => ({ mac, ips: [] })),
    },
  };
}

/** The first word of a name with a domain, unless that is the xname: it is no name of its own. */
export function nameOf<T extends { readonly value: string }>(
  fqdn: T | undefined,
  xname: string,
): T | undefined {
  const [first = ''] = fqdn?.value.split('.') ?? [];
  return fqdn && first !== '' && !/^\d+$/.test(first) && first.toLowerCase() !== xname
    ? { ...fqdn, value: first }
    : undefined;
}

/** Says whether something of SMD's types is a BMC. */
export function isBmc(type: string | undefined, xname: string): boolean {
  return type === undefined ? isBmcXname(xname) : type === 'NodeBMC';
}

/** Says whether something is neither a node nor its BMC, by SMD's type of it, else by its xname; notes what is neither. */
export function isOther(type: Said<string> | undefined, xname: Said<string>, reader: Reader): boolean {
  const isOne = type
    ? type.value === 'Node' || type.value === 'NodeBMC'
    : /^x\d+c\d+s\d+b\d+/.test(xname.value);
  if (!isOne)
    reader.notes.add(
      'left',
      quoteVisibly(xname.value),
      `a ${quoteVisibly(type?.value ?? 'component')}: a site has nodes and their BMCs`,
      xname.at,
    );
  return !isOne;
}
