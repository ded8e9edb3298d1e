import type { Source } from '../../../source/origin.ts';
import { contains } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import { concealLikely } from '../../secrets.ts';
import type { GatheredNetwork, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { leaseText } from '../reservations/lease-text.ts';
import { gatheredOf, type Reservation } from '../reservations/machine-of.ts';
import { networkOf } from '../reservations/network-of.ts';
import { readStatements } from './read-statements.ts';
import { CARRIED_OPTIONS, type CarriedOption, Scope } from './scope.ts';
import { type Host, type Subnet, Walk } from './walk.ts';

/** The configuration and the leases of ISC's DHCP server. */
export const dhcpd: JoinedKind = {
  name: 'dhcpd',
  what: "dhcpd.conf or dhcpd.leases of ISC's DHCP server",
  isLike({ text }) {
    return LIKE.test(text);
  },
  read(source, report) {
    if (source.text.trim() !== '' && !LIKE.test(source.text)) {
      report.error({
        code: 'import-kind',
        message: 'This is neither a dhcpd.conf nor a dhcpd.leases.',
        at: { source, start: 0, end: 0 },
        help: "give the configuration of ISC's DHCP server, such as /etc/dhcp/dhcpd.conf, or its leases",
      });
      return undefined;
    }
    concealLikely(source);
    concealSecrets(source);
    const statements = readStatements(source, report);
    if (!statements) return undefined;
    const notes = new Notes();
    const walk = new Walk(source, notes, report);
    const file = new Scope('file');
    walk.block(statements, file);
    const networks = networksOf(walk, file, notes);
    return {
      ...gatheredOf(latest(walk.hosts.map(({ reservation }) => reservation)), notes),
      networks,
      notes: notes.sorted(),
    };
  },
};

/** What lines of such a file begin with that no other begins with. */
const LIKE =
  /^[ \t]*(?:subnet6?[ \t]+\S+(?:[ \t]+netmask\b|[ \t]*\{)|shared-network\b[^;{]*\{|(?:host|lease)[ \t]+\S+[ \t]*\{|hardware[ \t]+ethernet[ \t]|ddns-update-style\b[^;{]*;|default-lease-time\b[^;{]*;|authoritative[ \t]*;|authoring-byte-order\b[^;{]*;|option[ \t]+[\w.-]+[ \t][^;{]*;|group[ \t]*\{)/m;

/** What has a secret behind it: the keys of dynamic DNS and OMAPI, and logins of LDAP. */
const SECRET = /(?<![\w-])(?:secret|omapi-key|[\w-]{0,60}password)[ \t]+("(?:[^"\\\n]|\\.)*"?|[^\s;{}]+)/g;

/** Keeps the secrets of a configuration from being shown, whether it can be read or not. */
function concealSecrets(source: Source): void {
  for (const { index, 0: whole, 1: value = '' } of source.text.matchAll(SECRET)) {
    const end = index + whole.length;
    source.conceal({ start: end - value.length, end });
  }
}

/** Of several leases of a MAC address the last counts: dhcpd adds new ones at the end. Hosts stay as they are. */
function latest(all: readonly Reservation[]): Reservation[] {
  const last = new Map<string, Reservation>();
  for (const one of all) if (one.isLease) last.set(one.macs[0]?.value ?? '', one);
  return all.filter((one) => !one.isLease || last.get(one.macs[0]?.value ?? '') === one);
}

function networksOf({ subnets, hosts, scopes }: Walk, file: Scope, notes: Notes): GatheredNetwork[] {
  const used = new Set<Said<string>>();
  const found = subnets.flatMap((subnet) => {
    const own = hosts.filter(({ reservation }) =>
      reservation.ips.some(({ value }) => contains(subnet.cidr.value, value)),
    );
    if (subnet.pools.length === 0 && own.length === 0 && !subnet.scope.own('routers')) {
      notes.add('left', `subnet ${subnet.cidr.value.text}`, 'dhcpd gives nothing out there', subnet.at);
      return [];
    }
    const get = (name: CarriedOption) => optionOf(name, subnet, own, notes, used);
    const [mtu] = get('interface-mtu');
    const [lease] = get('default-lease-time');
    const network = networkOf(
      {
        at: subnet.at,
        subnet: subnet.cidr,
        routers: get('routers'),
        dns: get('domain-name-servers'),
        ntp: get('ntp-servers'),
        domain: get('domain-name')[0],
        mtu: mtu && /^\d{1,5}$/.test(mtu.value) ? { value: Number(mtu.value), at: mtu.at } : undefined,
        lease:
          lease && /^[1-9]\d{0,9}$/.test(lease.value)
            ? { value: leaseText(Number(lease.value)), at: lease.at }
            : undefined,
        pools: subnet.pools,
      },
      notes,
    );
    return network ? [network] : [];
  });
  for (const scope of [file, ...scopes])
    for (const name of CARRIED_OPTIONS)
      for (const value of scope.own(name) ?? [])
        if (!used.has(value))
          notes.add(
            'left',
            quoteVisibly(name),
            'it holds for no subnet that the file has: say it below networks',
            value.at,
          );
  return found;
}

/**
 * What holds in a subnet: what it says, or what the groups of its hosts say where it says nothing of its own; these go before
 * what the file says of all. What groups say otherwise is noted.
 */
function optionOf(
  name: CarriedOption,
  { scope }: Subnet,
  hosts: readonly Host[],
  notes: Notes,
  used: Set<Said<string>>,
): readonly Said<string>[] {
  const own = ownOf(scope, name);
  const ofGroups = hosts.flatMap((host) => {
    const values = groupsAround(host)
      .map((group) => group.own(name))
      .find((said) => said !== undefined);
    return values ? [values] : [];
  });
  const counts = own ?? ofGroups[0] ?? scope.get(name);
  // What the file says of all has been looked at, whether or not a subnet says otherwise.
  for (const value of [...counts, ...scope.get(name), ...ofGroups.flat(), ...allOf(scope, name)])
    used.add(value);
  const text = textOf(counts);
  for (const values of new Set(ofGroups))
    if (textOf(values) !== text)
      notes.add(
        'left',
        name,
        'it is of a group of machines: a site says it of a network, where it is otherwise',
        values[0]?.at,
      );
  return counts;
}

/** What a subnet or the shared network around it says. */
function ownOf(scope: Scope | undefined, name: CarriedOption): readonly Said<string>[] | undefined {
  if (!scope || scope.kind === 'file') return undefined;
  return scope.own(name) ?? ownOf(scope.outer, name);
}

function allOf(scope: Scope | undefined, name: CarriedOption): readonly Said<string>[] {
  return scope ? [...(scope.own(name) ?? []), ...allOf(scope.outer, name)] : [];
}

/** The groups that a host is in, the innermost first. */
function groupsAround({ scope }: Host): Scope[] {
  const all: Scope[] = [];
  for (let at: Scope | undefined = scope; at; at = at.outer) if (at.kind === 'group') all.push(at);
  return all;
}

function textOf(values: readonly Said<string>[]): string {
  return values.map(({ value }) => value).join(' ');
}
