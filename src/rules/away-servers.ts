import type { Network, Site } from '../site/model.ts';
import { isPublic } from '../site/private.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { contains } from '../values/ipv4.ts';

const POOL = /(^|\.)pool\.ntp\.org\.?$/i;

/** A DNS or time server on the internet that machines are told of, where, and what to do where they cannot reach it. */
export interface AwayServer {
  readonly kind: 'DNS' | 'time';
  readonly server: string;
  readonly at: Place;
  readonly help: string;
}

type List = readonly (string | undefined)[] | undefined;

/** Gives those of the servers that are on the internet; the machines that are told of them boot from `network`. */
export function awayServers(
  { dns = [], ntp = [] }: { readonly dns?: List; readonly ntp?: List },
  network: Draft<Network> | undefined,
  { networks = [] }: Pick<Draft<Site>, 'networks'>,
): AwayServer[] {
  const isAway = (address: string) =>
    isPublic(address) && !networks.some((one) => one?.subnet && contains(one.subnet, address));
  // On a network that libvirt makes, the host tells the time: chrony runs there.
  const clock = network?.libvirt?.address;
  return [
    ...dns.flatMap((server, index): AwayServer[] =>
      server && isAway(server)
        ? [{ kind: 'DNS', server, at: placeOf(dns, index), help: 'name a DNS server of the site instead' }]
        : [],
    ),
    ...ntp.flatMap((server, index): AwayServer[] => {
      const host = server?.replace(/:\d+$/, '') ?? '';
      if (!server || !(POOL.test(host) || isAway(host))) return [];
      const help = clock
        ? `remove it: machines then ask the host, ${clock}`
        : 'name a time server of the site instead';
      return [{ kind: 'time', server, at: placeOf(ntp, index), help }];
    }),
  ];
}
