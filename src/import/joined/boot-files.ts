import { scriptNameOf } from '../formats/file-reader.ts';
import type { Gathered, GatheredBoot, GatheredMachine } from '../model/gathered.ts';

/**
 * Returns the data of files with each script bound to the machines whose DHCP server names it as their boot file. The last
 * path segment of the boot file is the name of the script. Such a machine keeps its own name.
 */
export function bindBootFiles(gathered: readonly Gathered[]): readonly Gathered[] {
  const clients = new Map<string, Set<GatheredMachine>>();
  for (const machine of gathered.flatMap(({ machines }) => machines))
    for (const { value } of machine.bootFiles ?? []) {
      const script = scriptNameOf(value).toLowerCase();
      clients.set(script, (clients.get(script) ?? new Set()).add(machine));
    }
  const clientsOf = (script = '') => [...(clients.get(script.toLowerCase()) ?? [])];
  return gathered.map((one) => ({
    ...one,
    machines: one.machines.flatMap((machine): GatheredMachine[] => {
      const named = clientsOf(machine.script);
      return named.length === 0 ? [machine] : named.map((client) => bound(machine, client, named.length > 1));
    }),
    ...(one.boots && {
      boots: one.boots.map((boot): GatheredBoot => {
        const named = clientsOf(boot.script);
        if (named.length === 0) return boot;
        const macs = named.flatMap(({ nics = [] }) => nics.flatMap(({ mac }) => mac ?? []));
        const hosts = named.flatMap(({ name, nics = [] }) =>
          nics.some(({ mac }) => mac) ? [] : (name ?? []),
        );
        return { ...boot, hosts, macs };
      }),
    }),
  }));
}

function bound(machine: GatheredMachine, client: GatheredMachine, isShared: boolean): GatheredMachine {
  const { name = isShared ? undefined : machine.name, nics = [] } = client;
  return { ...machine, name, xname: client.xname, nics: nics.map(({ mac, ips }) => ({ mac, ips })) };
}
