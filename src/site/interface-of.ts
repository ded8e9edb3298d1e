import {
  hasPlace,
  inherit,
  located,
  locatedLater,
  markDerived,
  selfPlace,
  setPlace,
} from '../source/origin.ts';
import { bareMap } from '../values/bare-map.ts';
import type { Draft } from '../values/draft.ts';
import type { Nic } from './model.ts';

/** An interface as a configuration names it. */
export type Interface = { name?: string; hwAddr?: string };

/** Gives a NIC as a configuration names it: by its MAC, or where that is not known by its name. */
export function interfaceOf(nic: Draft<Nic>): Interface {
  const result = bareMap<Interface>();
  if (nic.mac) result.hwAddr = nic.mac;
  else if (nic.name) result.name = nic.name;
  return locatedLater(result, () => placesOf(nic));
}

function placesOf(nic: Draft<Nic>): object {
  const result = located(bareMap(), selfPlace(nic));
  const [key, from, how] = nic.mac
    ? (['hwAddr', 'mac', "the NIC's MAC address"] as const)
    : (['name', 'name', "the NIC's name"] as const);
  markDerived(result, key, how);
  inherit(result, key, nic, from);
  if (!hasPlace(result, key)) setPlace(result, key, selfPlace(nic));
  return result;
}
