import type { Site } from '../../site/model.ts';
import { type Listener, listenerPlace, listenersOf } from '../../targets/nginx/listeners.ts';
import type { AcrossRule } from './across-rule.ts';

export const httpsInTwoSites: AcrossRule = {
  code: 'https-in-two-sites',
  severity: 'warning',
  what: 'Of sites that are compiled together, none speaks http at a port at which another speaks https.',
  why: 'A port of nginx speaks one of the two, for all names and addresses of the machine: the site that speaks http is answered "400 Bad Request".',
  check(sites, report) {
    const first = new Map<string, Owner>();
    for (const site of sites) {
      for (const listener of listenersOf(site.server)) {
        const { host, port, isHttps } = listener;
        const other = first.get(`${port} ${!isHttps}`);
        // The same name, too: then url-in-two-sites has said it.
        if (other && other.site !== site && other.listener.host !== host) {
          report({
            message: `${site.name} speaks ${protocol(listener)} at port ${port}, and ${other.site.name} ${protocol(other.listener)}: where that is one machine, nginx speaks one of the two there.`,
            at: listenerPlace(site.server, listener),
            related: [
              {
                message: `${other.site.name} has it at`,
                at: listenerPlace(other.site.server, other.listener),
              },
            ],
            help: 'choose another port for one of them; where these are two machines, silence https-in-two-sites with the reason',
          });
        }
        const own = `${port} ${isHttps}`;
        if (!first.has(own)) first.set(own, { site, listener });
      }
    }
  },
};

/** A site that answers somewhere. */
interface Owner {
  readonly site: Site;
  readonly listener: Listener;
}

function protocol({ isHttps }: Listener): string {
  return isHttps ? 'https' : 'http';
}
