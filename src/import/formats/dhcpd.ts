import type { Span } from '../../source/likely.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Cidr, contains, ipv4Number } from '../../values/addresses.ts';
import type { GatheredNetwork, Sourced } from '../joined/gathered.ts';
import { displayName } from '../names.ts';
import { subnetOf } from '../subnets.ts';
import {
  IPV6,
  readStatements,
  type Statement,
  type Token,
  whyHostLeft,
  whyLeft,
  whyOptionLeft,
} from './dhcpd-statements.ts';
import { concealGroup, FileReader, type JoinedKind, readMac } from './file-reader.ts';
import {
  digitsOf,
  gatheredOf,
  LEFT_CLIENT_ID,
  leaseText,
  networkOf,
  type Reservation,
} from './reservations.ts';

/** The configuration and the leases of ISC's DHCP server. */
export const dhcpd: JoinedKind = {
  name: 'dhcpd',
  what: "dhcpd.conf or dhcpd.leases of ISC's DHCP server",
  isLike: ({ text }) => LIKE.test(text),
  read(source, report) {
    const reader = new DhcpdReader(source, report);
    if (source.text.trim() !== '' && !LIKE.test(source.text))
      return reader.refuse(
        'This is neither a dhcpd.conf nor a dhcpd.leases.',
        "give the configuration of ISC's DHCP server, such as /etc/dhcp/dhcpd.conf, or its leases",
      );
    concealGroup(source, SECRET);
    const statements = readStatements(reader);
    if (!statements) return undefined;
    const file = new Scope('file');
    reader.block(statements, file);
    const networks = networksOf(reader, file);
    const reservations = latest(reader.hosts.map(({ reservation }) => reservation));
    return { ...gatheredOf(reservations, reader), networks, notes: reader.notes.sorted() };
  },
};

/** What lines of such a file begin with that no other begins with. */
const LIKE =
  /^[ \t]*(?:subnet6?[ \t]+\S+(?:[ \t]+netmask\b|[ \t]*\{)|shared-network\b[^;{]*\{|(?:host|lease)[ \t]+\S+[ \t]*\{|hardware[ \t]+ethernet[ \t]|ddns-update-style\b[^;{]*;|default-lease-time\b[^;{]*;|authoritative[ \t]*;|authoring-byte-order\b[^;{]*;|option[ \t]+[\w.-]+[ \t][^;{]*;|group[ \t]*\{)/m;

/** What has a secret behind it: the keys of dynamic DNS and OMAPI, and logins of LDAP. */
const SECRET = /(?<![\w-])(?:secret|omapi-key|[\w-]{0,60}password)[ \t]+("(?:[^"\\\n]|\\.)*"?|[^\s;{}]+)/g;

/** Of several leases of a MAC address the last counts: dhcpd adds new ones at the end. Hosts stay as they are. */
function latest(all: readonly Reservation[]): Reservation[] {
  const last = new Map(all.filter(({ isLease }) => isLease).map((one) => [one.macs[0]?.value, one]));
  return all.filter((one) => !one.isLease || last.get(one.macs[0]?.value) === one);
}

/** What the options of a network are called that a site carries, and the time of its leases. Source: dhcp-options(5). */
const CARRIED_OPTIONS = [
  'routers',
  'domain-name-servers',
  'domain-name',
  'ntp-servers',
  'interface-mtu',
  'default-lease-time',
] as const;
type CarriedOption = (typeof CARRIED_OPTIONS)[number];

/** What follows from the subnet, or what harvgen does in any case: nothing is lost. */
const DERIVED = ['subnet-mask', 'broadcast-address'];
/** Carried as it is; or said with the `if` before it. */
const SILENT = ['use-host-decl-names', 'elsif', 'else'];

/** What a lease says of itself, which is nothing of the machine. Source: dhcpd.leases(5). */
const OF_LEASE =
  /^(?:starts|ends|tstp|tsfp|atsfp|cltt|binding|next|rewind|uid|set|bootp|reserved|abandoned|on|dynamic|group|deleted|option|supersede)$/;

/** What holds within a block, and in the blocks around it unless it says otherwise. */
class Scope {
  readonly kind: 'file' | 'network' | 'group' | 'host';
  readonly outer: Scope | undefined;
  /** What the block itself says: of each option the last. */
  readonly own = new Map<CarriedOption, readonly Sourced<string>[]>();

  constructor(kind: Scope['kind'], outer?: Scope) {
    this.kind = kind;
    this.outer = outer;
  }

  /** The block, and those around it, the innermost first. */
  get all(): Scope[] {
    return [this, ...(this.outer?.all ?? [])];
  }
}

interface Subnet {
  readonly at: SourceLocation;
  readonly cidr: Sourced<Cidr>;
  readonly scope: Scope;
  readonly pools: (readonly [Sourced<string>, Sourced<string>])[];
}

interface Host {
  readonly reservation: Reservation;
  readonly scope: Scope;
}

class DhcpdReader extends FileReader {
  readonly hosts: Host[] = [];
  readonly subnets: Subnet[] = [];
  /** The scopes of all blocks but the file and hosts: what one of them says may hold for nothing. */
  readonly scopes: Scope[] = [];

  /** Goes through the statements of a block: what it says of options holds wherever in it they stand. */
  block(statements: readonly Statement[], scope: Scope, subnet?: Subnet): void {
    const declarations = statements.filter((statement) => !this.#isOption(statement, scope));
    for (const statement of declarations) this.#declaration(statement, scope, subnet);
  }

  #isOption(statement: Statement, scope: Scope): boolean {
    const { keyword, words } = statement;
    if (keyword === 'default-lease-time') {
      scope.own.set('default-lease-time', this.#values(words));
      return true;
    }
    if (keyword !== 'option' && keyword !== 'supersede') return false;
    const [name, ...values] = words;
    const called = (name?.text ?? '').toLowerCase();
    const isHost = scope.kind === 'host';
    const isDefined = values.some(({ kind, text }) => kind === 'word' && text === 'code');
    const carried = isDefined ? undefined : CARRIED_OPTIONS.find((one) => one === called);
    if (carried && !isHost) scope.own.set(carried, this.#values(values, carried));
    else if (!DERIVED.includes(called) && !(isHost && called === 'host-name'))
      this.#left(
        `option ${called}`,
        carried
          ? 'it is of one machine: a site says it of a network'
          : whyOptionLeft(isDefined ? `${called} code` : called),
        statement,
      );
    return true;
  }

  /** The values of a list; of a domain, which stands in quotes, the text. */
  #values(words: readonly Token[], of?: CarriedOption): Sourced<string>[] {
    return words
      .filter(({ kind, text }) => !(kind === 'mark' && text === ',') && text !== '=')
      .slice(0, of === 'domain-name' ? 1 : undefined)
      .map((word) => this.said(word));
  }

  #declaration(statement: Statement, scope: Scope, subnet: Subnet | undefined): void {
    const { keyword, words, block = [] } = statement;
    if (keyword === 'group' || keyword === 'pool') this.block(block, this.#within('group', scope), subnet);
    else if (keyword === 'shared-network') this.block(block, this.#within('network', scope), subnet);
    else if (keyword === 'subnet') this.#subnet(statement, scope);
    else if (keyword === 'range') this.#range(statement, subnet);
    else if (keyword === 'host' || keyword === 'lease') this.#host(statement, scope);
    else if (keyword === 'include')
      this.open(
        `include ${displayName(words[0]?.text ?? '')}`,
        'a further file: give it as a further file of dhcpd, unless it is given already',
        this.at(statement),
      );
    else if (!SILENT.includes(keyword)) this.#left(keyword, whyLeft(keyword), statement);
  }

  #left(of: string, why: string, statement: Span): void {
    this.left({ value: of, at: this.at(statement) }, why);
  }

  #wrong(message: string, statement: Span, help: string): void {
    this.error('import-value', message, this.at(statement), help);
  }

  #within(kind: Scope['kind'], outer: Scope): Scope {
    const scope = new Scope(kind, outer);
    this.scopes.push(scope);
    return scope;
  }

  #subnet(statement: Statement, outer: Scope): void {
    const { words, block = [] } = statement;
    const [address, word, mask] = words;
    const isMasked = word?.text.toLowerCase() === 'netmask';
    const cidr = address && isMasked && mask ? subnetOf(address.text, mask.text) : undefined;
    if (!address || !mask || !cidr || cidr.network !== address.text) {
      // A mask of fewer addresses than a network of machines has, or of all that there are.
      if (address && ['255.255.255.255', '255.255.255.254', '0.0.0.0'].includes(mask?.text ?? ''))
        this.left(`subnet ${displayName(address.text)}`, 'it has no room for machines', this.at(statement));
      else
        this.#wrong(
          'This is no subnet: dhcpd takes its first address and a netmask.',
          statement,
          'write it as subnet 192.168.178.0 netmask 255.255.255.0 { … }',
        );
      return;
    }
    const scope = this.#within('network', outer);
    const said = this.said({ start: address.start, end: mask.end }, cidr);
    const subnet: Subnet = { at: this.at(statement), cidr: said, scope, pools: [] };
    this.subnets.push(subnet);
    this.block(block, scope, subnet);
  }

  #range(statement: Statement, subnet: Subnet | undefined): void {
    const ends = statement.words.filter(({ text }) => text.toLowerCase() !== 'dynamic-bootp');
    const [from, to = from] = ends.filter(({ text }) => ipv4Number(text) !== undefined);
    if (!from || !to || ends.length > 2)
      this.#wrong(
        'This is no range: dhcpd takes its first and its last address.',
        statement,
        'write it as range 192.168.178.200 192.168.178.250;',
      );
    else if (subnet) subnet.pools.push([this.said(from), this.said(to)]);
    else this.left('range', 'it stands in no subnet', this.at(statement));
  }

  /** Reads a host or a lease, but for what is no machine any more. Source: dhcpd.conf(5), dhcpd.leases(5). */
  #host(statement: Statement, scope: Scope): void {
    const { block: all = [], words } = statement;
    const own = new Scope('host', scope);
    const block = all.filter((one) => one.keyword !== 'option' || !this.#isOption(one, own));
    if (all.some(({ keyword }) => keyword === 'deleted' || keyword === 'abandoned')) return;
    const isLease = statement.keyword === 'lease';
    const [declared] = words;
    if (isLease && declared && ipv4Number(declared.text) === undefined) return;
    const macs: Sourced<string>[] = [];
    const ips = isLease && declared ? [this.said(declared)] : [];
    for (const one of block) {
      const { keyword } = one;
      if (keyword === 'hardware') macs.push(...this.#macOf(one));
      else if (keyword === 'fixed-address') ips.push(...this.#addressesOf(one));
      else if (keyword === 'fixed-address6') this.#left(keyword, IPV6, one);
      else if (
        /^(?:host-identifier|dhcp-client-identifier)$/.test(keyword) ||
        (keyword === 'uid' && !isLease)
      )
        this.#left(keyword, LEFT_CLIENT_ID, one);
      else if (keyword !== 'client-hostname' && !OF_LEASE.test(keyword))
        this.#left(keyword, whyHostLeft(one), one);
    }
    if (isLease && macs.length === 0) return;
    const named = hostName(all) ?? (isLease ? undefined : declared);
    const name = named && this.said(named);
    const reservation = { at: this.at(statement), name, macs, ips, ...(isLease ? { isLease } : {}) };
    this.hosts.push({ reservation, scope });
  }

  #macOf(statement: Statement): Sourced<string>[] {
    const [type, address, further] = statement.words;
    if (type && address && type.text.toLowerCase() !== 'ethernet') {
      const of = `hardware ${displayName(type.text)}`;
      this.left(of, 'no MAC address of an Ethernet NIC', this.at(statement));
      return [];
    }
    const mac = address && !further ? readMac(address.text) : undefined;
    if (address && mac !== undefined) return [this.said(address, mac)];
    this.#wrong(
      'This is no MAC address of a NIC.',
      statement,
      'write it as hardware ethernet 52:54:00:aa:01:01;',
    );
    return [];
  }

  #addressesOf(statement: Statement): Sourced<string>[] {
    const values = statement.words.filter(({ kind }) => kind !== 'mark');
    const isList = statement.words.every(({ kind }, index) => (kind === 'mark') === (index % 2 === 1));
    const isOne = ({ kind, text }: Token) =>
      kind === 'word' && (ipv4Number(text) !== undefined || /^(?![\d.]+$)[\w.-]+$/.test(text));
    if (isList && values.length > 0 && values.every(isOne)) return values.map((value) => this.said(value));
    this.#wrong(
      'This is no address, nor a list of them.',
      statement,
      'write it as fixed-address 192.168.178.41; with a semicolon behind it, and commas between several',
    );
    return [];
  }
}

/** `option host-name "cg01";`, which goes before the host's declaration; of a lease `client-hostname "cg01";`. */
function hostName(block: readonly Statement[]): Token | undefined {
  const names = block.map(({ keyword, words }) => {
    const [first, second] = words.filter(({ text }) => text !== '=');
    if (keyword === 'client-hostname') return first;
    const isName = /^(?:option|supersede)$/.test(keyword) && first?.text.toLowerCase() === 'host-name';
    return isName ? second : undefined;
  });
  return names.find((name) => name && name.text !== '');
}

function networksOf(reader: DhcpdReader, file: Scope): GatheredNetwork[] {
  const used = new Set<Sourced<string>>();
  const found = reader.subnets.flatMap(({ at, cidr, scope, pools }) => {
    const own = reader.hosts.filter(({ reservation }) =>
      reservation.ips.some(({ value }) => contains(cidr.value, value)),
    );
    if (pools.length === 0 && own.length === 0 && !scope.own.has('routers')) {
      reader.left(`subnet ${cidr.value.text}`, 'dhcpd gives nothing out there', at);
      return [];
    }
    const get = (name: CarriedOption) => optionOf(name, scope, own, reader, used);
    const mtu = digitsOf(get('interface-mtu')[0], /^\d{1,5}$/);
    const lease = digitsOf(get('default-lease-time')[0], /^[1-9]\d{0,9}$/);
    const facts = {
      at,
      subnet: cidr,
      routers: get('routers'),
      dns: get('domain-name-servers'),
      ntp: get('ntp-servers'),
      domain: get('domain-name')[0],
      mtu,
      lease: lease && { value: leaseText(lease.value), at: lease.at },
      pools,
    };
    return networkOf(facts, reader);
  });
  for (const scope of [file, ...reader.scopes])
    for (const name of CARRIED_OPTIONS)
      for (const value of scope.own.get(name) ?? [])
        if (!used.has(value))
          reader.left(
            { value: name, at: value.at },
            'it holds for no subnet that the file has: say it below networks',
          );
  return found;
}

/**
 * What holds in a subnet: what it says, or what the groups of its hosts say where it says nothing of its own; these go before
 * what the file says of all. What groups say otherwise is noted.
 */
function optionOf(
  name: CarriedOption,
  scope: Scope,
  hosts: readonly Host[],
  { notes }: FileReader,
  used: Set<Sourced<string>>,
): readonly Sourced<string>[] {
  const firstOf = (scopes: readonly Scope[]) => scopes.find(({ own }) => own.has(name))?.own.get(name);
  const ofGroups = hosts.flatMap((host) => {
    const values = firstOf(host.scope.all.filter(({ kind }) => kind === 'group'));
    return values ? [values] : [];
  });
  // What a subnet or the shared network around it says.
  const own = firstOf(scope.all.filter(({ kind }) => kind !== 'file'));
  const counts = own ?? ofGroups[0] ?? firstOf(scope.all) ?? [];
  // What the file says of all has been looked at, whether or not a subnet says otherwise.
  for (const value of [...ofGroups.flat(), ...scope.all.flatMap((one) => one.own.get(name) ?? [])])
    used.add(value);
  const textOf = (values: readonly Sourced<string>[]) => values.map(({ value }) => value).join(' ');
  const why = 'it is of a group of machines: a site says it of a network, where it is otherwise';
  for (const values of new Set(ofGroups))
    if (textOf(values) !== textOf(counts)) notes.left(name, why, values[0]?.at);
  return counts;
}
