import type { SourceLocation } from '../../source/source.ts';
import { type Cidr, contains, ipv4Number } from '../../values/addresses.ts';
import type { Span } from '../../values/spans.ts';
import type { GatheredNetwork, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { subnetOf } from '../model/subnets.ts';
import {
  bootFilesIn,
  readStatements,
  type Statement,
  type Token,
  whyHostLeft,
  whyLeft as whyStatementLeft,
} from './dhcpd-statements.ts';
import { concealGroup, FileReader } from './file-reader.ts';
import { isHostsFile, readHosts } from './hosts-file.ts';
import { isSilent, reasonText, whyLeft } from './keys.ts';
import {
  gatheredOf,
  latest,
  networkOf,
  OF_MACHINE,
  OPTIONS,
  type OptionKey,
  optionFacts,
  optionNamed,
  type Reservation,
  serverIn,
} from './reservations.ts';

/** The configuration and the leases of ISC's DHCP server. */
export const dhcpd: JoinedFormat = {
  name: 'dhcpd',
  what: "dhcpd.conf or dhcpd.leases of ISC's DHCP server",
  isLike: ({ text }) => LIKE.test(text) || isHostsFile(text),
  read(source, report) {
    const reader = new DhcpdReader(source, report);
    if (isHostsFile(source.text))
      return { ...gatheredOf(readHosts(reader), reader), notes: reader.notes.sorted() };
    if (source.text.trim() !== '' && !LIKE.test(source.text))
      return reader.refuse(
        'The file is neither a dhcpd.conf nor a dhcpd.leases.',
        "use the configuration of ISC's DHCP server, such as /etc/dhcp/dhcpd.conf, or its leases",
      );
    concealGroup(source, SECRET);
    const statements = readStatements(reader);
    if (!statements) return undefined;
    const file = scopeOf('file');
    reader.block(statements, file);
    const networks = networksOf(reader, file);
    const reservations = latest(reader.hosts.map(({ reservation }) => reservation));
    const server = serverIn(bootFilesIn(statements, reader));
    return { ...gatheredOf(reservations, reader), networks, server, notes: reader.notes.sorted() };
  },
};

/** The line beginnings that only such a file has. */
const LIKE =
  /^[ \t]*(?:subnet6?[ \t]+\S+(?:[ \t]+netmask\b|[ \t]*\{)|shared-network\b[^;{]*\{|(?:host|lease)[ \t]+\S+[ \t]*\{|hardware[ \t]+ethernet[ \t]|ddns-update-style\b[^;{]*;|default-lease-time\b[^;{]*;|authoritative[ \t]*;|authoring-byte-order\b[^;{]*;|option[ \t]+[\w.-]+[ \t][^;{]*;|group[ \t]*\{)/m;

/** The keys before a secret: those of dynamic DNS and OMAPI, and passwords of LDAP. */
const SECRET = /(?<![\w-])(?:secret|omapi-key|[\w-]{0,60}password)[ \t]+("(?:[^"\\\n]|\\.)*"?|[^\s;{}]+)/g;

/** Options that harvgen derives from the subnet, so that they need no note. */
const DERIVED = ['subnet-mask', 'broadcast-address'];
/** Statements that need no note: imported unchanged, or covered by the note on the `if` before them. */
const SILENT = ['use-host-decl-names', 'elsif', 'else'];

/** Blocks whose boot files are those of their own machines. */
const BLOCKS = ['host', 'group', 'pool', 'subnet', 'shared-network', 'class', 'subclass'];

/** The options of a block; inner blocks override outer ones. */
interface Scope {
  readonly kind: 'file' | 'network' | 'group' | 'host';
  readonly outer?: Scope;
  /** The options of the block itself: the last value of each. */
  readonly options: Map<OptionKey, readonly Sourced<string>[]>;
  /** The boot files of a group's machines. */
  readonly bootFiles: readonly Sourced<string>[];
}

function scopeOf(kind: Scope['kind'], outer?: Scope, bootFiles: Scope['bootFiles'] = []): Scope {
  return { kind, options: new Map(), bootFiles, ...(outer && { outer }) };
}

/** Returns a block and those around it, innermost first. */
function around(scope: Scope | undefined): Scope[] {
  return scope ? [scope, ...around(scope.outer)] : [];
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
  /** The scopes of all blocks except the file and hosts; their options can be unused. */
  readonly scopes: Scope[] = [];

  /** Reads the statements of a block. Options are read first, because they apply to the whole block. */
  block(statements: readonly Statement[], scope: Scope, subnet?: Subnet): void {
    const declarations = statements.filter((statement) => !this.#isOption(statement, scope));
    for (const statement of declarations) this.#declaration(statement, scope, subnet);
  }

  #isOption(statement: Statement, scope: Scope): boolean {
    const { keyword, words } = statement;
    if (keyword === 'default-lease-time') {
      scope.options.set('lease', this.#values(words));
      return true;
    }
    if (keyword !== 'option' && keyword !== 'supersede') return false;
    const [name, ...values] = words;
    const optionName = (name?.text ?? '').toLowerCase();
    const isHost = scope.kind === 'host';
    const isDefined = values.some(({ kind, text }) => kind === 'word' && text === 'code');
    const carried = isDefined ? undefined : optionNamed(optionName, 'isc');
    if (carried && !isHost) scope.options.set(carried, this.#values(values, carried));
    else if (!DERIVED.includes(optionName) && !(isHost && optionName === 'host-name'))
      this.#left(
        `option ${optionName}`,
        carried ? OF_MACHINE : (whyLeft('dhcpd option', isDefined ? `${optionName} code` : optionName) ?? ''),
        statement,
      );
    return true;
  }

  /** Returns the values of a list; for a domain, only the quoted text. */
  #values(words: readonly Token[], of?: OptionKey): Sourced<string>[] {
    return words
      .filter(({ kind, text }) => !(kind === 'mark' && text === ',') && text !== '=')
      .slice(0, of === 'domain' ? 1 : undefined)
      .map((word) => this.sourced(word));
  }

  #declaration(statement: Statement, scope: Scope, subnet: Subnet | undefined): void {
    const { keyword, words, block = [] } = statement;
    if (keyword === 'group' || keyword === 'pool')
      this.block(block, this.#within('group', scope, bootFilesIn(block, this, BLOCKS)), subnet);
    else if (keyword === 'shared-network') this.block(block, this.#within('network', scope), subnet);
    else if (keyword === 'subnet') this.#subnet(statement, scope);
    else if (keyword === 'range') this.#range(statement, subnet);
    else if (keyword === 'host' || keyword === 'lease') this.#host(statement, scope);
    else if (keyword === 'include')
      this.open(
        `include ${displayName(words[0]?.text ?? '')}`,
        'another file: add it as another file of dhcpd, if it is not added yet',
        this.at(statement),
      );
    else if (!SILENT.includes(keyword)) this.#left(keyword, whyStatementLeft(keyword), statement);
  }

  #left(of: string, why: string, statement: Span): void {
    this.left({ value: of, at: this.at(statement) }, why);
  }

  #wrong(message: string, statement: Span, help: string): void {
    this.error('import-value', message, this.at(statement), help);
  }

  #within(kind: Scope['kind'], outer: Scope, bootFiles?: Scope['bootFiles']): Scope {
    const scope = scopeOf(kind, outer, bootFiles);
    this.scopes.push(scope);
    return scope;
  }

  #subnet(statement: Statement, outer: Scope): void {
    const { words, block = [] } = statement;
    const [address, word, mask] = words;
    const isMasked = word?.text.toLowerCase() === 'netmask';
    const cidr = address && isMasked && mask ? subnetOf(address.text, mask.text) : undefined;
    if (!address || !mask || !cidr || cidr.network !== address.text) {
      // A mask with too few IP addresses for a network of machines, or with all of them.
      if (address && ['255.255.255.255', '255.255.255.254', '0.0.0.0'].includes(mask?.text ?? ''))
        this.left(`subnet ${displayName(address.text)}`, 'not a network of machines', this.at(statement));
      else
        this.#wrong(
          'This is not a subnet: dhcpd requires its first IP address and a netmask.',
          statement,
          'write it as subnet 192.168.178.0 netmask 255.255.255.0 { … }',
        );
      return;
    }
    const scope = this.#within('network', outer);
    const sourced = this.sourced({ start: address.start, end: mask.end }, cidr);
    const subnet: Subnet = { at: this.at(statement), cidr: sourced, scope, pools: [] };
    this.subnets.push(subnet);
    this.block(block, scope, subnet);
  }

  #range(statement: Statement, subnet: Subnet | undefined): void {
    const ends = statement.words.filter(({ text }) => text.toLowerCase() !== 'dynamic-bootp');
    const [from, to = from] = ends.filter(({ text }) => ipv4Number(text) !== undefined);
    if (!from || !to || ends.length > 2)
      this.#wrong(
        'This is not a range: dhcpd requires its first and its last IP address.',
        statement,
        'write it as range 192.168.178.200 192.168.178.250;',
      );
    else if (subnet) subnet.pools.push([this.sourced(from), this.sourced(to)]);
    else this.left('range', 'it is not in a subnet', this.at(statement));
  }

  /** Reads a host or a lease; skips those that are no longer in use. Source: dhcpd.conf(5), dhcpd.leases(5). */
  #host(statement: Statement, scope: Scope): void {
    const { block: all = [], words } = statement;
    const hostScope = scopeOf('host', scope, bootFilesIn(all, this));
    const block = all.filter((inner) => inner.keyword !== 'option' || !this.#isOption(inner, hostScope));
    if (all.some(({ keyword }) => keyword === 'deleted' || keyword === 'abandoned')) return;
    const isLease = statement.keyword === 'lease';
    const [declared] = words;
    if (isLease && declared && ipv4Number(declared.text) === undefined) return;
    const macs: Sourced<string>[] = [];
    const ips = isLease && declared ? [this.sourced(declared)] : [];
    for (const inner of block) {
      const { keyword } = inner;
      if (keyword === 'hardware') macs.push(...this.#macOf(inner));
      else if (keyword === 'fixed-address') ips.push(...this.#addressesOf(inner));
      else if (keyword === 'fixed-address6') this.#left(keyword, reasonText('ipv4'), inner);
      else if (
        /^(?:host-identifier|dhcp-client-identifier)$/.test(keyword) ||
        (keyword === 'uid' && !isLease)
      )
        this.#left(keyword, reasonText('client-id'), inner);
      else if (!isSilent('dhcpd lease', keyword)) this.#left(keyword, whyHostLeft(inner), inner);
    }
    if (isLease && macs.length === 0) return;
    const named = hostName(all) ?? (isLease ? undefined : declared);
    const name = named && this.sourced(named);
    const stems = [named, declared].map((word) => word?.text.toLowerCase().split('.', 1)[0]);
    if (!isLease && declared && stems[0] !== stems[1])
      this.left(declared, 'the name of the declaration: the machine sets that of its option host-name');
    const bootFiles = around(hostScope).find((block) => block.bootFiles.length > 0)?.bootFiles ?? [];
    const lease = isLease ? { isLease } : {};
    const reservation = { at: this.at(statement), name, macs, ips, bootFiles, ...lease };
    this.hosts.push({ reservation, scope });
  }

  #macOf(statement: Statement): Sourced<string>[] {
    const [type, address, further] = statement.words;
    if (type && address && type.text.toLowerCase() !== 'ethernet') {
      const of = `hardware ${displayName(type.text)}`;
      this.left(of, 'not a MAC address of an Ethernet NIC', this.at(statement));
      return [];
    }
    const isOne = address && !further;
    return this.macOrNote(isOne ? this.sourced(address) : { value: 'hardware', at: this.at(statement) });
  }

  #addressesOf(statement: Statement): Sourced<string>[] {
    const values = statement.words.filter(({ kind }) => kind !== 'mark');
    const isList = statement.words.every(({ kind }, index) => (kind === 'mark') === (index % 2 === 1));
    const isAddressOrName = ({ kind, text }: Token) =>
      kind === 'word' && (ipv4Number(text) !== undefined || /^(?![\d.]+$)[\w.-]+$/.test(text));
    if (isList && values.length > 0 && values.every(isAddressOrName))
      return values.map((value) => this.sourced(value));
    this.#wrong(
      'This is neither an IP address nor a list of them.',
      statement,
      'write it as fixed-address 192.168.178.41; or as a comma-separated list before the semicolon',
    );
    return [];
  }
}

/** Returns the name in `option host-name "cg01";`, which overrides the declaration, or in a lease's `client-hostname "cg01";`. */
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
    const hosts = reader.hosts.filter(({ reservation }) =>
      reservation.ips.some(({ value }) => contains(cidr.value, value)),
    );
    const isUnused = pools.length === 0 && hosts.length === 0 && !scope.options.has('routers');
    const facts = {
      at,
      subnet: cidr,
      ...optionFacts((key) => optionOf(key, scope, hosts, reader, used)),
      pools,
      ...(isUnused ? { idle: 'dhcpd leases no IP addresses in it' } : {}),
    };
    return networkOf(facts, reader);
  });
  for (const scope of [file, ...reader.scopes])
    for (const [key, values] of scope.options)
      for (const value of values)
        if (!used.has(value))
          reader.left(
            { value: OPTIONS[key].isc, at: value.at },
            'it applies to no subnet of the file: set it in networks',
          );
  return found;
}

/**
 * Returns the effective option of a subnet: its own value, otherwise that of its hosts' groups, otherwise that of the file.
 * Adds a note on each group with a different value.
 */
function optionOf(
  key: OptionKey,
  scope: Scope,
  hosts: readonly Host[],
  { notes }: FileReader,
  used: Set<Sourced<string>>,
): readonly Sourced<string>[] {
  const firstOf = (scopes: readonly Scope[]) =>
    scopes.find(({ options }) => options.has(key))?.options.get(key);
  const ofGroups = hosts.flatMap((host) => {
    const values = firstOf(around(host.scope).filter(({ kind }) => kind === 'group'));
    return values ? [values] : [];
  });
  // The value of a subnet or of the shared network around it.
  const ofNetwork = firstOf(around(scope).filter(({ kind }) => kind !== 'file'));
  const effective = ofNetwork ?? ofGroups[0] ?? firstOf(around(scope)) ?? [];
  // All these values have been considered, even if a subnet overrides them.
  const ofBlocks = around(scope).flatMap(({ options }) => options.get(key) ?? []);
  for (const value of [...ofGroups.flat(), ...ofBlocks]) used.add(value);
  const textOf = (values: readonly Sourced<string>[]) => values.map(({ value }) => value).join(' ');
  const why = 'it is set for a group of machines: a site sets it for the network, which has another value';
  for (const values of new Set(ofGroups))
    if (textOf(values) !== textOf(effective)) notes.left(OPTIONS[key].isc, why, values[0]?.at);
  return effective;
}
