import type { Site } from '../../site/model.ts';
import { placeOf } from '../../source/origin.ts';
import { type Listener, listenerPlace, listenersOf } from '../../targets/nginx/listeners.ts';
import type { AcrossRule } from './across-rule.ts';

export const urlInTwoSites: AcrossRule = {
  code: 'url-in-two-sites',
  severity: 'error',
  what: 'Sites that are compiled together have boot servers of their own, or other ports or names of the same one.',
  why: 'The boot server, nginx, serves the first of two with the same name and port, and passes over the other with no more than a warning: its machines would find nothing of theirs. Of plants that are all numbered alike, and each with a boot server of its own, silence it in the file that they share.',
  check(sites, report) {
    const first = new Map<string, { readonly site: Site; readonly listener: Listener }>();
    for (const site of sites) {
      const listeners = listenersOf(site.server).map((listener) => [placeAt(listener), listener] as const);
      // Firmware finds iPXE's programs at either of two sites that have nothing else there.
      const [taken = ''] =
        listeners.find(([at, listener]) => {
          const other = first.get(at)?.listener;
          return other && !(isForLoaders(listener) && isForLoaders(other));
        }) ?? [];
      const other = first.get(taken)?.site;
      if (!other) {
        for (const [at, listener] of listeners) first.set(at, { site, listener });
        continue;
      }
      const placeOfIt = ({ server }: Site) => {
        const further = listenersOf(server).find((one) => one.by === 'ports' && placeAt(one) === taken);
        return further ? listenerPlace(server, further) : placeOf(server, 'url');
      };
      const as = site.server.url === other.server.url ? site.server.url : taken;
      report({
        message: `${site.name} and ${other.name} are both served as ${as}: where that is one machine, nginx serves ${other.name} or ${site.name}, never both.`,
        at: placeOfIt(site),
        related: [{ message: `${other.name} has it at`, at: placeOfIt(other) }],
        help: 'give one of them another port or name in server.url, server.tls.url or server.ports; where these are two machines, silence url-in-two-sites with the reason',
      });
    }
  },
};

function placeAt({ host, port }: Listener): string {
  return `${host}:${port}`;
}

function isForLoaders({ configurations, others }: Listener): boolean {
  return !configurations && !others;
}
