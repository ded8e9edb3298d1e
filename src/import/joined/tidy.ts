import { ipv4Number } from '../../values/ipv4.ts';
import { isNodeXname } from '../../values/xname.ts';
import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import type { Said } from './gathered.ts';
import { bootNicOf, calledAs, type Machine } from './machine.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SERIAL = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const BMC_NAME = /^(?![0-9.]+$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const BMC_ADDRESS = { test: (text: string) => ipv4Number(text) !== undefined || BMC_NAME.test(text) };
const NIC_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/;

/** Takes away what a site could not have of machines, and notes it: values that are none, and those that several machines have. */
export function tidyMachines(machines: readonly Machine[], notes: Notes): void {
  const seen = new Map<string, Machine>();
  const isOwn = (what: string, value: Said<string>, machine: Machine, why: string): boolean => {
    const key = `${what} ${value.value.toLowerCase()}`;
    const holder = seen.get(key);
    seen.set(key, holder ?? machine);
    if (!holder || holder === machine) return true;
    notes.add(
      'left',
      quoteVisibly(value.value),
      `${calledAs(holder)} has this ${what}, too: ${why}`,
      value.at,
    );
    return false;
  };
  const kept = <T extends Said<string>>(
    value: T | undefined,
    form: Pick<RegExp, 'test'>,
    why: string,
  ): T | undefined => {
    if (value && !form.test(value.value)) notes.add('left', quoteVisibly(value.value), why, value.at);
    return value && form.test(value.value) ? value : undefined;
  };
  for (const machine of machines) {
    const { xname, bmc } = machine;
    if (xname && !isNodeXname(xname.value)) {
      notes.add(
        'changed',
        quoteVisibly(xname.value),
        'no xname of a node, which ends in b<n>n<n>: the node has none',
        xname.at,
      );
      machine.name ??= xname;
      machine.xname = undefined;
    }
    machine.uuid = kept(machine.uuid, UUID, 'no UUID of a machine');
    machine.serial = kept(machine.serial, SERIAL, 'no serial number that firmware could be asked for');
    if (machine.uuid && !isOwn('UUID', machine.uuid, machine, 'it tells nobody apart'))
      machine.uuid = undefined;
    if (machine.serial && !isOwn('serial number', machine.serial, machine, 'it tells nobody apart'))
      machine.serial = undefined;
    if (bmc) bmc.address = kept(bmc.address, BMC_ADDRESS, 'no address or name of a management controller');
    for (const nic of machine.nics) {
      nic.name = kept(nic.name, NIC_NAME, 'no name that a NIC of Linux could have');
      // What is left as a further one may be another machine's own.
      let own: Said<string> | undefined;
      for (const ip of nic.ips.splice(0))
        if (own)
          notes.add(
            'left',
            ip.value,
            `a further address of a NIC: a site has one for each, ${own.value}`,
            ip.at,
          );
        else if (isOwn('address', ip, machine, 'one of them has it')) own = ip;
      if (own) nic.ips.push(own);
    }
    const booting = bootNicOf(machine);
    for (const nic of [...machine.nics])
      if (nic !== booting && !nic.mac && nic.ips.length === 0)
        machine.nics.splice(machine.nics.indexOf(nic), 1);
  }
}
