import type { Network, Site } from '../../site/model.ts';
import { ipv4Number, ipv4Text } from '../../values/ipv4.ts';
import { type Reservation, reservationsOf } from './reservations.ts';

/** What every DHCP server says of a network, whoever runs it. */
export interface NetworkFacts {
  /** The addresses for who is not known. */
  readonly pool?: { readonly from: string; readonly to: string } | undefined;
  /** The time servers that DHCP can name: addresses. Names in `ntp` reach the nodes by their configuration. */
  readonly ntpAddresses: readonly string[];
  /** How long a lease lasts, in seconds; `ENDLESS` for one that does not end. */
  readonly leaseSeconds: number;
  readonly reservations: readonly Reservation[];
}

/** A lease that does not end, as DHCP has it. Source: RFC 2131, section 3.3. */
export const ENDLESS = 0xffff_ffff;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Gives what every DHCP server says of a network that has DHCP. */
export function networkFacts(site: Site, network: Network): NetworkFacts {
  const { pool, lease = 'infinite' } = network.dhcp ?? {};
  return {
    pool: pool && { from: ipv4Text(pool.first), to: ipv4Text(pool.last) },
    ntpAddresses: network.ntp.filter((server) => ipv4Number(server) !== undefined),
    leaseSeconds: leaseSeconds(lease),
    reservations: reservationsOf(site, network),
  };
}

/** Gives a lease time such as 45m, 7d or infinite in seconds. */
export function leaseSeconds(lease: string): number {
  if (lease === 'infinite') return ENDLESS;
  const seconds = Number(lease.slice(0, -1)) * (SECONDS[lease.slice(-1)] ?? 1);
  return Math.min(seconds, ENDLESS);
}
