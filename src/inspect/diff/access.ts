import { listed } from '../../source/diagnostics/words.ts';
import { type File, textOf } from '../../tree/tree.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../../values/addresses.ts';
import type { SiteChange, Trees } from './change.ts';

/** The lists of clients in nginx's file of a site; of tenants, each has its own. */
const LISTS = /^geo \$\w+_(allowed|scripts|tenants) \{\n((?: {4}.*\n)*)\}/gm;

/** A client that may fetch files of other machines: for any node (`allowed`), any script (`scripts`), or nodes of a tenant. */
interface Grant {
  readonly to: string;
  readonly range: Ipv4Range;
}

/** Reports the clients that may fetch more than before by `server.allow`, `allow_scripts` or `tenants.*.allow`. */
export function accessChanges({ files }: Trees): SiteChange[] {
  const conf = files.find(({ path }) => /^nginx\/[^/]+\.conf$/.test(path));
  if (!conf?.before || !conf.after) return [];
  const [old, now] = [grantsIn(conf.before), grantsIn(conf.after)];
  const isNew = ({ to, range }: Grant) =>
    !joined(old.filter((one) => one.to === to || one.to === 'allowed')).some(
      ({ first, last }) => first <= range.first && last >= range.last,
    );
  return [...new Set(now.map(({ to }) => to))].flatMap((to): SiteChange[] => {
    const added = now.flatMap((one) => (one.to === to && isNew(one) ? one.range.text : []));
    if (added.length === 0) return [];
    const text = `${listed(added)} may now fetch ${filesOf(to)}`;
    return [{ what: 'access', after: added, text }];
  });
}

/** Returns the ranges of grants, sorted; those that touch or overlap are one. */
function joined(grants: readonly Grant[]): { first: number; last: number }[] {
  const all: { first: number; last: number }[] = [];
  for (const { range } of grants.toSorted((one, other) => one.range.first - other.range.first)) {
    const before = all.at(-1);
    if (before && range.first <= before.last + 1) before.last = Math.max(before.last, range.last);
    else all.push({ first: range.first, last: range.last });
  }
  return all;
}

function filesOf(to: string): string {
  if (to === 'allowed') return 'the files of every node, with their secrets (server.allow)';
  if (to === 'scripts') return 'the script of every node (server.allow_scripts)';
  return `the files of every node of ${to}, with their secrets (tenants.${to}.allow)`;
}

function grantsIn(conf: File): Grant[] {
  return Array.from(textOf(conf).matchAll(LISTS), ([, list = '', lines = '']) =>
    Array.from(lines.matchAll(/^ {4}([\d./]+) (.+);$/gm), ([, entry = '', names = '']) => {
      const range = parseAddressOrCidr(entry);
      const to = list === 'tenants' ? names.split(',') : [list];
      return range ? to.map((one): Grant => ({ to: one, range })) : [];
    }).flat(),
  ).flat();
}
