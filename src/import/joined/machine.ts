import type { Place } from '../../source/origin.ts';
import type { ValueMap } from '../../source/value.ts';
import type { GatheredDisk, GatheredMachine, Said } from './gathered.ts';

/** A machine, with what all files together say of it. */
export interface Machine {
  /** Where it is spoken of first. */
  readonly at: Place;
  name: Said<string> | undefined;
  xname: Said<string> | undefined;
  nid: Said<number> | undefined;
  role: Said<string> | undefined;
  uuid: Said<string> | undefined;
  serial: Said<string> | undefined;
  arch: Said<'amd64' | 'arm64'> | undefined;
  firmware: GatheredMachine['firmware'];
  vm: GatheredMachine['vm'];
  metaData: Said<ValueMap> | undefined;
  bmc: Bmc | undefined;
  tenant: Said<string> | undefined;
  loader: GatheredMachine['loader'];
  disk: GatheredDisk | undefined;
  readonly groups: Said<string>[];
  readonly nics: Nic[];
}

/** A NIC of a machine. */
export interface Nic {
  mac: Said<string> | undefined;
  name: Said<string> | undefined;
  network: Said<string> | undefined;
  readonly ips: Said<string>[];
  boots: boolean;
}

/** The management controller of a machine. */
export interface Bmc {
  name: Said<string> | undefined;
  xname: Said<string> | undefined;
  mac: Said<string> | undefined;
  address: Said<string> | undefined;
  user: Said<string> | undefined;
  protocol: Said<'redfish' | 'ipmi'> | undefined;
}

/** Gives a machine of which nothing is known but where it is spoken of. */
export function newMachine(at: Place): Machine {
  return {
    at,
    name: undefined,
    xname: undefined,
    nid: undefined,
    role: undefined,
    uuid: undefined,
    serial: undefined,
    arch: undefined,
    firmware: undefined,
    vm: undefined,
    metaData: undefined,
    bmc: undefined,
    tenant: undefined,
    loader: undefined,
    disk: undefined,
    groups: [],
    nics: [],
  };
}

/** Gives a machine as people know it, for what is said of it. */
export function calledAs({ name, xname, nics, nid }: Machine): string {
  const [nic] = nics;
  return (
    name?.value ??
    xname?.value ??
    (nid && `NID ${nid.value}`) ??
    nic?.mac?.value ??
    nic?.ips[0]?.value ??
    'a machine'
  );
}

/** The NIC that a machine boots from: the one that a file says, else the first with an address, else the first. */
export function bootNicOf({ nics }: Machine): Nic | undefined {
  return nics.find(({ boots }) => boots) ?? nics.find(({ ips }) => ips.length > 0) ?? nics[0];
}
