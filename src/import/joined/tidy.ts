import { ipv4Number } from '../../values/addresses.ts';
import { isNodeXname, NIC_NAME, SERIAL, UUID } from '../../values/identifiers.ts';
import type { GatheredCluster, Sourced } from '../model/gathered.ts';
import { freeName, hostLabels } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';
import { bootNicOf, calledAs, type Machine } from './machine.ts';

const BMC_NAME = /^(?![0-9.]+$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const BMC_ADDRESS = { test: (text: string) => ipv4Number(text) !== undefined || BMC_NAME.test(text) };
/** A role of SMD, which compares them case-insensitively, as an inventory has it. Source: Cray-HPE/hms-base, hmstypes.go. */
const ROLE = /^[A-Z][A-Za-z0-9]{0,62}$/;

/** Returns the machines without the gateways and the boot server, which lists of hosts also contain, with notes. */
export function withoutServers(
  machines: readonly Machine[],
  gateways: readonly string[],
  server: string | undefined,
  notes: Notes,
): Machine[] {
  return machines.filter((machine) => {
    const { xname, harvester, disk, installer, nics, at } = machine;
    const ips = nics.flatMap(({ ips }) => ips.map(({ value }) => value));
    const ip = ips.find((one) => one === server || gateways.includes(one));
    if (ip === undefined || xname || harvester || disk || installer) return true;
    const whose = ip === server ? 'boot server' : 'gateway';
    const why = `it has the IP address of the ${whose}, ${ip}, so that it is no machine to install`;
    notes.left({ value: calledAs(machine), at }, why);
    return false;
  });
}

/** Removes values that a site cannot have, with notes: invalid ones, and those that several machines share. */
export function dropInvalidValues(machines: readonly Machine[], notes: Notes): void {
  const seen = new Map<string, Machine>();
  const isOwn = (what: string, value: Sourced<string>, machine: Machine, why: string): boolean => {
    const key = `${what} ${value.value.toLowerCase()}`;
    const holder = seen.get(key);
    seen.set(key, holder ?? machine);
    if (!holder || holder === machine) return true;
    notes.left(value, `${calledAs(holder)} also has this ${what}: ${why}`);
    return false;
  };
  const kept = (value: Sourced<string> | undefined, form: Pick<RegExp, 'test'>, why: string) => {
    if (!value || form.test(value.value)) return value;
    notes.left(value, why);
    return undefined;
  };
  const role = (value: Sourced<string> | undefined) =>
    kept(
      value && { ...value, value: value.value.replace(/^[a-z]/, (letter) => letter.toUpperCase()) },
      ROLE,
      'not a role of SMD, which has only letters and digits',
    );
  for (const machine of machines) {
    const { xname, bmc } = machine;
    machine.role = role(machine.role);
    machine.subrole = role(machine.subrole);
    if (xname && !isNodeXname(xname.value)) {
      notes.changed(xname, 'not the xname of a node, which ends in b<n>n<n>: the node gets no xname');
      machine.name ??= xname;
      machine.xname = undefined;
    }
    const identifier = (what: string, value: Sourced<string> | undefined) =>
      value && isOwn(what, value, machine, 'it does not identify a machine') ? value : undefined;
    machine.uuid = identifier('UUID', kept(machine.uuid, UUID, 'not a UUID of a machine'));
    const serial = kept(machine.serial, SERIAL, 'not a serial number that firmware can report');
    machine.serial = identifier('serial number', serial);
    if (bmc) bmc.address = kept(bmc.address, BMC_ADDRESS, 'not an IP address or name of a BMC');
    for (const nic of machine.nics) {
      nic.name = kept(nic.name, NIC_NAME, 'not a valid name of a NIC in Linux');
      // A dropped additional IP address can belong to another machine.
      let own: Sourced<string> | undefined;
      for (const ip of nic.ips.splice(0))
        if (own)
          notes.left(ip.value, `another IP address of a NIC: a site has one for each, ${own.value}`, ip.at);
        else if (isOwn('IP address', ip, machine, 'only the first keeps it')) own = ip;
      if (own) nic.ips.push(own);
    }
    const booting = bootNicOf(machine);
    const nics = machine.nics.splice(0);
    machine.nics.push(...nics.filter((nic) => nic === booting || nic.mac || nic.ips.length > 0));
  }
}

/** The default length of NIDs in OpenCHAMI's cloud-init server. Source: its metadata.go. */
const NID_LENGTH = 4;
const LONGEST_LABEL = 63;

/**
 * Returns unique host names (RFC 1123): those that the systems of the machines set, otherwise from the files, otherwise from
 * NID, xname or MAC address.
 */
export function hostNames(
  machines: readonly Machine[],
  cluster: GatheredCluster | undefined,
  notes: Notes,
): Map<Machine, string> {
  const names = new Map<Machine, string>();
  const taken = new Set<string>();
  const owns = new Map(machines.map((machine) => [machine, chosenName(machine, cluster)]));
  const called = new Set(owns.values());
  for (const [machine, own] of owns) {
    // A name from a file takes precedence over a generated one.
    const name = own === undefined ? freeName(generatedName(machine), taken, called) : freeName(own, taken);
    names.set(machine, name);
    if (machine.name && name !== machine.name.value)
      notes.changed(
        machine.name,
        own === undefined
          ? `not usable as a host name: the node is named ${name}`
          : name !== own
            ? `the node is named ${name}, because another node has the same name`
            : hostNameOf(machine.name.value) === own
              ? `the node is named ${name}, in the form of host names`
              : `the node is named ${name}, the host name that the cloud-init server set on it`,
      );
  }
  return names;
}

/** Returns the host name derived from a text; undefined if it has no valid character, or only digits. */
function hostNameOf(text: string): string | undefined {
  const name = hostLabels(text.toLowerCase().slice(0, 253), LONGEST_LABEL);
  return name === '' || /^[0-9.]+$/.test(name) ? undefined : name;
}

/** Returns the host name that the system of a machine sets, otherwise its name in the files. */
function chosenName(machine: Machine, cluster: GatheredCluster | undefined): string | undefined {
  const { name, hostName } = machine;
  const all = [hostName?.value, clusterName(machine, cluster), name?.value];
  return all.flatMap((one) => (one === undefined ? [] : (hostNameOf(one) ?? [])))[0];
}

/**
 * Returns the host name that the cloud-init server derives from the NID, whatever the node is called elsewhere. Returns
 * undefined without a NID or such a server, and for a node that installs Harvester.
 * Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/metadata.go (generateHostname).
 */
function clusterName({ nid, harvester }: Machine, cluster: GatheredCluster | undefined): string | undefined {
  const short = cluster?.shortName?.value ?? cluster?.name?.value.slice(0, 2);
  if (!nid || harvester || short === undefined) return undefined;
  const length = Math.min(cluster?.nidLength?.value || NID_LENGTH, LONGEST_LABEL / 3);
  return `${short}${String(nid.value).padStart(length, '0')}`;
}

function generatedName(machine: Machine): string {
  const { nid, xname } = machine;
  if (nid) return `nid${String(nid.value).padStart(3, '0')}`;
  if (xname) return hostNameOf(xname.value) ?? 'node';
  const { mac, ips = [] } = bootNicOf(machine) ?? {};
  const address =
    mac?.value.replaceAll(':', '') ?? (ips[0]?.value ?? calledAs(machine)).replace(/[:.]/g, '-');
  return hostNameOf(`node-${address}`) ?? 'node';
}
