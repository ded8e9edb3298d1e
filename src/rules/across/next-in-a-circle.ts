import type { Site } from '../../site/model.ts';
import { placeOf } from '../../source/origin.ts';
import type { AcrossRule } from './across-rule.ts';
import { nextAmong } from './next-site.ts';

export const nextInACircle: AcrossRule = {
  code: 'next-in-a-circle',
  severity: 'error',
  what: 'Of several sites that send machines on to each other, the last one sends them nowhere.',
  why: 'A machine that none of them knows would be sent round and round, and never be told that it is unknown.',
  check(sites, report) {
    const nextOf = nextAmong(sites);
    const seen = new Set<Site>();
    for (const first of sites) {
      const way: Site[] = [];
      let site: Site | undefined = first;
      while (site && !seen.has(site)) {
        seen.add(site);
        way.push(site);
        site = nextOf(site);
      }
      // Of a way that leads into another one, which has been gone through, nothing is left to say.
      const from = site ? way.indexOf(site) : -1;
      if (from < 0 || way.length - from < 2) continue;
      reportCircle(way.slice(from), report);
    }
  },
};

function reportCircle(circle: readonly Site[], report: Parameters<AcrossRule['check']>[1]): void {
  const [site, ...others] = circle as [Site, ...Site[]];
  report({
    message: `${circle.map(({ name }) => name).join(' sends machines on to ')}, and that back to ${site.name}.`,
    at: placeOf(site.server, 'next'),
    related: others.map(({ name, server }) => ({
      message: `${name} sends them on at`,
      at: placeOf(server, 'next'),
    })),
    help: 'take server.next from the last one',
  });
}
