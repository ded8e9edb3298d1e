import { scriptCalled, scriptNameOf } from '../formats/file-reader.ts';
import type { Gathered, GatheredMachine, Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';

/**
 * Returns the data of files in which each script that a DHCP server names for machines is for these, whatever it is called: the
 * last part of a boot file is its file name, with or without .ipxe. Adds a note on each named script that is not in the files.
 */
export function withBootFiles(gathered: readonly Gathered[], notes: Notes): readonly Gathered[] {
  const named = gathered.flatMap(({ machines }) => machines).filter(({ bootFiles }) => bootFiles?.length);
  const scripts = new Map(gathered.flatMap((file) => scriptsIn(file).map((stem) => [stem, file] as const)));
  if (named.length === 0 || scripts.size === 0) return gathered;
  const users = new Map<Gathered, GatheredMachine[]>();
  for (const machine of named) {
    const files = machine.bootFiles ?? [];
    const script = files.flatMap(({ value }) => scripts.get(scriptNameOf(value)) ?? [])[0];
    const missing = files.find(({ value }) => scriptCalled(scriptNameOf(value))?.by === 'name');
    if (script) users.set(script, [...(users.get(script) ?? []), machine]);
    else if (missing && !FIRMWARE.test(missing.value)) {
      const todo = `its DHCP server names ${displayName(scriptNameOf(missing.value))}: add that script with --join ipxe:FILE, if it is not the boot of all machines`;
      notes.open(machine.name?.value ?? machine.nics?.[0]?.mac?.value ?? 'a machine', todo, missing.at);
    }
  }
  const isForAll = (machines: readonly GatheredMachine[]) => machines.length === named.length;
  return gathered.map((file) => {
    const machines = users.get(file) ?? [];
    const isGeneric = scriptsIn(file).every((stem) => scriptCalled(stem)?.by === 'all');
    return machines.length === 0 || (isGeneric && isForAll(machines)) ? file : boundTo(file, machines);
  });
}

/** Boot files that are programs and not scripts. */
const FIRMWARE = /\.(?:efi|kpxe|pxe|0|bin|img|lkrn|krn|usb|iso)$/i;

/** Returns the names of the scripts in the data of a file, without those that are named after a MAC address. */
function scriptsIn({ machines, boots = [] }: Gathered): string[] {
  const files = new Set(
    [...machines.filter(({ bootFiles }) => !bootFiles), ...boots].map(({ at }) => at.source.file),
  );
  return [...files].map(scriptNameOf).filter((stem) => scriptCalled(stem)?.by !== 'mac');
}

/** Returns the data of a script for the machines that a DHCP server names it for, instead of for its own name. */
function boundTo(file: Gathered, users: readonly GatheredMachine[]): Gathered {
  const isName = (name: Sourced<string> | undefined) =>
    name !== undefined && scriptsIn(file).includes(name.value);
  const identities = users.map(({ name, nics: [nic] = [] }) => ({ name, mac: nic?.mac, ip: nic?.ips?.[0] }));
  const machines = file.machines.flatMap((machine): GatheredMachine[] =>
    isName(machine.name)
      ? identities.map(({ name, mac, ip }) => ({
          ...machine,
          name,
          nics: [{ mac, ips: ip && !mac ? [ip] : [], boots: true }, ...(machine.nics ?? [])],
        }))
      : [machine],
  );
  const boots = file.boots?.map((boot) => {
    const hosts = boot.hosts?.filter((name) => !isName(name) && name.value !== 'Default') ?? [];
    if (hosts.length === boot.hosts?.length) return boot;
    const macs = identities.flatMap(({ mac }) => mac ?? []);
    return { ...boot, hosts, macs, ips: identities.flatMap(({ mac, ip }) => (mac ? [] : (ip ?? []))) };
  });
  return { ...file, machines, ...(boots && { boots }) };
}
