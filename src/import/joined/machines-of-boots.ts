import { isNodeXname } from '../../values/xname.ts';
import type { Notes } from '../notes.ts';
import type { GatheredBoot, GatheredGroup, GatheredMachine } from './gathered.ts';

/**
 * Gives the machines that boot parameters and groups name, for where no file lists machines: one for each xname of an entry
 * that has no MAC addresses, or one alone with all of them; else one for each MAC address, since nothing says whose it is; else
 * for each NID. Members of groups are machines, too.
 */
export function machinesOfBoots(
  boots: readonly GatheredBoot[],
  groups: readonly GatheredGroup[],
  notes: Notes,
): GatheredMachine[] {
  const machines = boots.flatMap((boot): GatheredMachine[] => {
    const { hosts = [], macs = [], nids = [] } = boot;
    const xnames = hosts.filter(({ value }) => isNodeXname(value));
    const [xname, second] = xnames;
    if (xname && !second && nids.length < 2)
      return [{ at: xname.at, xname, nid: nids[0], nics: macs.map((mac) => ({ mac, ips: [] })) }];
    if (macs.length > 0) {
      for (const { value, at } of [...xnames, ...nids])
        notes.add(
          'left',
          String(value),
          'nothing says which of the MAC addresses are its: join what SMD has by --join smd:FILE',
          at,
        );
      return macs.map((mac) => ({ at: mac.at, nics: [{ mac, ips: [] }] }));
    }
    if (xnames.length > 0) {
      for (const { value, at } of nids)
        notes.add(
          'left',
          `NID ${value}`,
          'nothing says which of the xnames it is of: join what SMD has by --join smd:FILE',
          at,
        );
      return xnames.map((one) => ({ at: one.at, xname: one }));
    }
    return nids.map((nid) => ({ at: nid.at, nid }));
  });
  const members = groups.flatMap(({ members: all = [] }) => all.filter(({ value }) => isNodeXname(value)));
  return [...machines, ...members.map((xname) => ({ at: xname.at, xname }))];
}
