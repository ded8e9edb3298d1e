import type { Version } from '../../values/version.ts';
import { hostStemOf } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { Machine } from './machine.ts';

/**
 * Gives each machine of a cluster a host name: its own, made valid; a number behind the first one's name where it has none,
 * or one that another has before it. Says what was made of which.
 */
export function hostNames(
  machines: readonly Pick<Machine, 'hostname' | 'macText'>[],
  site: string,
  release: Version,
  notes: Notes,
): string[] {
  const made = machines.map(({ hostname }) => hostname && validName(hostname.value, release));
  const named = made.filter((name) => name !== undefined);
  const stem = named[0] ?? `${hostStemOf(site, release) ?? 'node'}-1`;
  const counts = new Map<string, number>();
  for (const name of named) counts.set(unqualified(name), (counts.get(unqualified(name)) ?? 0) + 1);
  // What a machine is called in the file is its own, however late it comes.
  const freeAfter = freeNames(counts.keys());
  const taken = new Set<string>();
  return machines.map(({ hostname, macText: mac }, index) => {
    const own = made[index];
    const isFree = own !== undefined && !taken.has(unqualified(own));
    const name = isFree ? own : freeAfter(own ?? stem);
    taken.add(unqualified(name));
    const say = (why: string) => notes.add('changed', `${mac.value} is ${name}`, why, mac.at);
    if (!hostname) say('it has no os.hostname, and would be called at random');
    else if (!isFree && own !== undefined) say('another machine of its cluster has its os.hostname');
    else if ((counts.get(unqualified(name)) ?? 0) > 1 && /\D$/.test(unqualified(name)))
      say(
        'others of its cluster have the same os.hostname, and get numbers: call it otherwise if that is none',
      );
    else if (name !== hostname.value)
      notes.add('changed', 'os.hostname', `no host can be called so: it is ${name}`, hostname.at);
    return name;
  });
}

/** By RFC 1123; digits alone are no name for a node. */
function validName(text: string, release: Version): string | undefined {
  const stem = hostStemOf(text, release);
  return stem === undefined ? undefined : /^[0-9.]+$/.test(stem) ? `node-${stem.replaceAll('.', '-')}` : stem;
}

/** Kubernetes tells nodes apart by the first label where the rest is cut off. */
function unqualified(name: string): string {
  return name.replace(/\..*$/, '');
}

/**
 * Returns what takes host names that nobody has: a name itself if it is free; else it counts on from the number that the name
 * ends in, as wide as that is; from 2 where the name ends in none. `known` are names that somebody has, without domains.
 */
function freeNames(known: Iterable<string>): (name: string) => string {
  const taken = new Set(known);
  // The number that comes next, by what it comes behind: thousands of machines are counted once.
  const nextOf = new Map<string, number>();
  return (name) => {
    const [label = '', ...domain] = name.split('.');
    const [, stem = '', digits = ''] = /^(.*?)(\d*)$/.exec(label) ?? [];
    const isCounted = digits !== '' && digits.length <= 9;
    const base = isCounted ? stem : `${label.slice(0, 50)}-`;
    let number = nextOf.get(label) ?? (isCounted ? Number(digits) + 1 : 2);
    let next = label;
    for (; taken.has(next); number += 1)
      next = `${base}${String(number).padStart(isCounted ? digits.length : 1, '0')}`;
    nextOf.set(label, number);
    taken.add(next);
    return [next, ...domain].join('.');
  };
}
