import { placeOf } from '../../origin.ts';
import type { Site } from '../../site/model.ts';
import type { AcrossRule } from './across-rule.ts';

export const urlInTwoSites: AcrossRule = {
  code: 'url-in-two-sites',
  severity: 'error',
  what: 'Sites that are compiled together have boot servers of their own, or other ports or names of the same one.',
  why: 'The boot server, nginx, serves the first of two with the same name and port, and passes over the other with no more than a warning: its machines would find nothing of theirs. Of plants that are all numbered alike, and each with a boot server of its own, silence it in the file that they share.',
  check(sites, report) {
    const first = new Map<string, Site>();
    for (const site of sites) {
      const { host, port } = site.server;
      const other = first.get(`${host}:${port}`);
      if (!other) {
        first.set(`${host}:${port}`, site);
        continue;
      }
      report({
        message: `${site.name} and ${other.name} are both served as ${site.server.url}: where that is one machine, nginx serves ${other.name} or ${site.name}, never both.`,
        at: placeOf(site.server, 'url'),
        related: [{ message: `${other.name} has it at`, at: placeOf(other.server, 'url') }],
        help: 'give one of them another port or name in server.url; where these are two machines, silence url-in-two-sites with the reason',
      });
    }
  },
};
