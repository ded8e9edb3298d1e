import type { Server, Site } from '../../site/model.ts';
import { listed } from '../../source/diagnostics/listed.ts';
import { placeOf } from '../../source/origin.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../../values/ipv4.ts';
import type { AcrossRule } from './across-rule.ts';
import { type NextOf, nextAmong } from './next-site.ts';

export const nextRefuses: AcrossRule = {
  code: 'next-refuses',
  severity: 'warning',
  what: 'Who may fetch the scripts of a site may fetch those of the sites that it sends machines on to.',
  why: 'A boot image that gives machines an address of its own finds the first site, is sent on, and is refused by the next one (403): its machines get no script.',
  check(sites, report) {
    const nextOf = nextAmong(sites);
    for (const site of sites) {
      const { allowScripts } = site.server;
      allowScripts.forEach((entry, index) => {
        // What is written twice is said once.
        if (allowScripts.indexOf(entry) < index) return;
        const refusing = refusingSites(site, entry, nextOf);
        if (refusing.length === 0) return;
        const names = listed(refusing.map(({ name }) => name));
        const does = refusing.length === 1 ? 'does' : 'do';
        report({
          message: `${entry} may fetch the scripts of ${site.name}, and is sent on to ${names}, which ${does} not let it.`,
          at: placeOf(allowScripts, index),
          related: refusing.map(({ name, server }) => ({
            message: `${name} is at`,
            at: placeOf(server, 'url'),
          })),
          help: `add ${entry} to server.allow_scripts there`,
        });
      });
    }
  },
};

/** The sites down the row that an address does not get scripts from, up to one that lists it itself and so answers for the rest. */
function refusingSites(first: Site, entry: string, nextOf: NextOf): Site[] {
  const range = parseAddressOrCidr(entry);
  const refusing: Site[] = [];
  const seen = new Set([first]);
  for (let site = nextOf(first); site && range && !seen.has(site); site = nextOf(site)) {
    seen.add(site);
    if (site.server.allowScripts.includes(entry)) break;
    if (!lets(site.server, range)) refusing.push(site);
  }
  return refusing;
}

/** Whether all of a range may fetch scripts, be it by several entries that lie beside each other. */
function lets({ allow, allowScripts }: Server, { first, last }: Ipv4Range): boolean {
  const ranges = [...allow, ...allowScripts]
    .flatMap((entry) => parseAddressOrCidr(entry) ?? [])
    .sort((a, b) => a.first - b.first);
  let from = first;
  for (const range of ranges) if (range.first <= from && range.last >= from) from = range.last + 1;
  return from > last;
}
