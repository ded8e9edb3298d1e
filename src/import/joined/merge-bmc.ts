import type { Report } from '../../source/diagnostics/report.ts';
import type { GatheredBmc, Said } from './gathered.ts';
import { type Bmc, firstOf } from './machine.ts';

/** Gives what two files say of a machine's management controller; reports where they differ. */
export function mergeBmc(known: Bmc | undefined, said: GatheredBmc, whose: string, report: Report): Bmc {
  const first = <T extends string>(what: string, one: Said<T> | undefined, other: Said<T> | undefined) =>
    firstOf(one, other, { what: `BMC's ${what}`, whose, report });
  return {
    name: known?.name ?? said.name,
    xname: known?.xname ?? said.xname,
    mac: first('MAC address', known?.mac, said.mac),
    address: first('address', known?.address, said.address),
    user: first('user', known?.user, said.user),
    protocol: known?.protocol ?? said.protocol,
  };
}
