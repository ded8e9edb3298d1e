import type { Site } from '../../site/model.ts';
import { type Place, placeOf } from '../../source/origin.ts';
import { listenerPlace, listenersOf } from '../../targets/nginx/listeners.ts';
import type { AcrossRule } from './across-rule.ts';
import { type HostedSite, pairsOnOneHost } from './one-host.ts';

export const hostPortInTwoSites: AcrossRule = {
  code: 'host-port-in-two-sites',
  severity: 'error',
  what: "Of sites on one libvirt host, no port of the host is exposed, or has a machine's screen, for two of them, or is where nginx listens for another.",
  why: 'One program listens at a port: the other does not start ("Address already in use"), and what was to be reached there is not, or is the other site\'s.',
  check(sites, report) {
    for (const [site, other] of pairsOnOneHost(sites)) {
      for (const one of portsOf(site)) {
        const same = portsOf(other).find(
          ({ port, address, kind }) =>
            port === one.port &&
            isAtOnce(address, one.address) &&
            !(kind === 'nginx' && one.kind === 'nginx'),
        );
        if (!same) continue;
        report({
          message: `Port ${one.port} of the host is ${one.what} of ${site.name}, and ${same.what} of ${other.name}: one program listens there, the other does not start.`,
          at: one.at,
          related: [{ message: `${other.name} has it at`, at: same.at }],
          help: 'choose another port for one of them, or an address of the host for each',
        });
      }
    }
  },
};

interface Port {
  readonly port: number;
  /** All of the host's where it is not said. */
  readonly address?: string | undefined;
  readonly kind: 'exposed' | 'screen' | 'nginx';
  readonly what: string;
  readonly at: Place;
}

function portsOf(site: HostedSite): Port[] {
  return [...exposed(site), ...screens(site), ...served(site)];
}

function exposed({ host }: HostedSite): Port[] {
  return host.expose.map((one) => ({
    port: one.port,
    address: one.address,
    kind: 'exposed',
    what: 'exposed for the VIP',
    at: placeOf(one, 'port'),
  }));
}

function screens({ nodes }: Site): Port[] {
  return nodes.flatMap(({ name, domain }) => {
    const { vnc } = domain ?? {};
    if (vnc?.port === undefined) return [];
    const { port, listen } = vnc;
    return [
      { port, address: listen, kind: 'screen', what: `the screen of ${name}`, at: placeOf(vnc, 'port') },
    ];
  });
}

/** nginx listens at all addresses, and tells sites apart by the name that they are asked for by. */
function served({ server }: Site): Port[] {
  return listenersOf(server).map((listener) => ({
    port: listener.port,
    kind: 'nginx',
    what: 'where nginx serves the tree',
    at: listenerPlace(server, listener),
  }));
}

const ALL = [undefined, '0.0.0.0'];

function isAtOnce(one: string | undefined, other: string | undefined): boolean {
  return one === other || ALL.includes(one) || ALL.includes(other);
}
