import { placeOf } from '../../source/origin.ts';
import { plainPath } from '../../values/plain-path.ts';
import type { AcrossRule } from './across-rule.ts';
import { machinesOf } from './one-host.ts';

export const rootInTwoSites: AcrossRule = {
  code: 'root-in-two-sites',
  severity: 'error',
  what: 'The trees of sites that share a boot server lie beside each other on it, none in another.',
  why: "A deployment deletes what is in its folder and not of its tree: the other site's machines would have nothing to boot.",
  check(sites, report) {
    const machines = machinesOf(sites);
    // Sorted, so that what lies in a folder comes right after it.
    const trees = sites
      .map((site) => ({ site, at: `${machines.get(site)} ${plainPath(site.server.root)}/` }))
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    let outer = trees[0];
    for (const inner of trees.slice(1)) {
      if (!outer || !inner.at.startsWith(outer.at)) {
        outer = inner;
        continue;
      }
      const [{ name, server }, other] = [inner.site, outer.site];
      report({
        message: `The tree of ${name} lies in ${server.root}, and that of ${other.name} in ${other.server.root}, on the same boot server: deploying ${other.name} would delete it.`,
        at: placeOf(server, 'root'),
        related: [{ message: `${other.name} has its folder at`, at: placeOf(other.server, 'root') }],
        help: 'choose folders beside each other with server.root; where these are two machines, silence root-in-two-sites with the reason',
      });
    }
  },
};
