import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import type { GatheredCluster } from './gathered.ts';
import { bootNicOf, calledAs, type Machine } from './machine.ts';

/** OpenCHAMI's cloud-init server pads NIDs to this, where the cluster does not say it. Source: its metadata.go. */
const NID_LENGTH = 4;
const LONGEST_LABEL = 63;

/**
 * Gives machines host names by RFC 1123, each of its own: as files call them; else as the cluster names its nodes; else by NID
 * (nid001), xname or MAC address. Notes names that had to be changed.
 */
export function hostNames(
  machines: readonly Machine[],
  cluster: GatheredCluster | undefined,
  notes: Notes,
): Map<Machine, string> {
  const names = new Map<Machine, string>();
  const taken = new Set<string>();
  const next = new Map<string, number>();
  const called = new Set(machines.flatMap(({ name }) => (name ? [hostNameOf(name.value) ?? ''] : [])));
  for (const machine of machines) {
    const said = machine.name && hostNameOf(machine.name.value);
    const stem = said ?? fallback(machine, cluster);
    let name = stem;
    let number = next.get(stem) ?? 2;
    // A name that a file gives goes before one that is made here.
    for (; taken.has(name) || (said === undefined && called.has(name)); number += 1)
      name = `${stem.slice(0, LONGEST_LABEL - 8)}-${number}`;
    next.set(stem, number);
    taken.add(name);
    names.set(machine, name);
    if (machine.name && name !== machine.name.value)
      notes.add(
        'changed',
        quoteVisibly(machine.name.value),
        said === undefined
          ? `no host name can be made of it: the node is called ${name}`
          : name === said
            ? `the node is called ${name}, as host names are written`
            : `the node is called ${name}: another one has the name, too`,
        machine.name.at,
      );
  }
  return names;
}

/** Gives the host name that a text makes; undefined where nothing of it can stand in one, and for digits alone. */
function hostNameOf(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .slice(0, 253)
    .replace(/[^a-z0-9.-]+/g, '-')
    .split('.')
    .map((label) => label.slice(0, LONGEST_LABEL).replace(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('.');
  return name === '' || /^[0-9.]+$/.test(name) ? undefined : name;
}

function fallback(machine: Machine, cluster: GatheredCluster | undefined): string {
  const { nid, xname } = machine;
  const short = cluster?.shortName?.value ?? cluster?.name?.value.slice(0, 2);
  const stem = short && hostNameOf(`${short}0`)?.replace(/0$/, '');
  const length = Math.min(cluster?.nidLength?.value ?? NID_LENGTH, 10);
  if (nid && stem) return `${stem}${String(nid.value).padStart(length, '0')}`;
  if (nid) return `nid${String(nid.value).padStart(3, '0')}`;
  if (xname) return hostNameOf(xname.value) ?? 'node';
  const nic = bootNicOf(machine);
  const [ip] = nic?.ips ?? [];
  return (
    hostNameOf(
      `node-${(nic?.mac?.value ?? ip?.value ?? calledAs(machine)).replace(/[:.]/g, nic?.mac ? '' : '-')}`,
    ) ?? 'node'
  );
}
