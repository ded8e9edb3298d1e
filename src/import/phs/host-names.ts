import type { Version } from '../../site/version.ts';
import { hostStemOf } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { Text } from './fields.ts';

/** A machine to be named. */
interface Unnamed {
  readonly hostname?: Text | undefined;
  readonly mac: Text;
}

/**
 * Gives each machine of a cluster a host name: its own, made valid; a number behind the first one's name where it has none,
 * or one that another has before it. Says what was made of which.
 */
export function hostNames(
  machines: readonly Unnamed[],
  site: string,
  release: Version,
  notes: Notes,
): string[] {
  const made = machines.map(({ hostname }) => hostname && validName(hostname.value, release));
  const stem = made.find((name) => name !== undefined) ?? `${hostStemOf(site, release) ?? 'node'}-1`;
  // What a machine is called in the file is its own, however late it comes.
  const wanted = new Set(made.filter((name) => name !== undefined));
  const taken = new Set<string>();
  return machines.map(({ hostname, mac }, index) => {
    const own = made[index];
    const isFree = own !== undefined && !taken.has(unqualified(own));
    const name = isFree ? own : nextFree(own ?? stem, new Set([...taken, ...[...wanted].map(unqualified)]));
    taken.add(unqualified(name));
    if (!hostname)
      notes.add(
        'changed',
        mac.value,
        `it has no os.hostname, and would be called at random: it is ${name}`,
        mac.at,
      );
    else if (!isFree && own !== undefined)
      notes.add(
        'changed',
        mac.value,
        `another machine of its cluster has its os.hostname: it is ${name}`,
        mac.at,
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

/** Counts on from the number that a name ends in, as wide as that is; from 2 where it ends in none. */
function nextFree(name: string, taken: ReadonlySet<string>): string {
  const [label = '', ...domain] = name.split('.');
  const [, stem = '', digits = ''] = /^(.*?)(\d*)$/.exec(label) ?? [];
  const isCounted = digits !== '' && digits.length <= 9;
  const base = isCounted ? stem : `${label.slice(0, 50)}-`;
  for (let number = isCounted ? Number(digits) + 1 : 2; ; number += 1) {
    const next = `${base}${String(number).padStart(isCounted ? digits.length : 1, '0')}`;
    if (!taken.has(next)) return [next, ...domain].join('.');
  }
}
