import type { Report } from '../../../source/diagnostics/report.ts';
import type { Place, Source } from '../../../source/origin.ts';
import { type Cidr, ipv4Number } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { Said } from '../gathered.ts';
import type { Reservation } from '../reservations/machine-of.ts';
import { subnetOf } from '../reservations/network-of.ts';
import { saidBy } from '../reservations/said.ts';
import { readHost } from './host.ts';
import { whyLeft, whyOptionLeft } from './keywords.ts';
import type { Statement } from './read-statements.ts';
import { CARRIED_OPTIONS, type CarriedOption, Scope } from './scope.ts';
import type { Token } from './tokens.ts';

/** A subnet that a file declares, with what holds in it. */
export interface Subnet {
  readonly at: Place;
  readonly cidr: Said<Cidr>;
  readonly scope: Scope;
  readonly pools: (readonly [Said<string>, Said<string>])[];
}

/** A host, and what holds for it. */
export interface Host {
  readonly reservation: Reservation;
  readonly scope: Scope;
}

/** What follows from the subnet, or what harvgen does in any case: nothing is lost. */
const DERIVED = ['subnet-mask', 'broadcast-address'];
/** Carried as it is; or said with the `if` before it. */
const SILENT = ['use-host-decl-names', 'elsif', 'else'];

/** Goes through the statements of a file, and collects hosts, leases and subnets with what holds for them. */
export class Walk {
  readonly hosts: Host[] = [];
  readonly subnets: Subnet[] = [];
  /** The scopes of all blocks but the file and hosts: what one of them says may hold for nothing. */
  readonly scopes: Scope[] = [];
  readonly source: Source;
  readonly notes: Notes;
  readonly report: Report;

  /** Takes the file, and where notes and faults go. */
  constructor(source: Source, notes: Notes, report: Report) {
    this.source = source;
    this.notes = notes;
    this.report = report;
  }

  /** Goes through the statements of a block: what it says of options holds wherever in it they stand. */
  block(statements: readonly Statement[], scope: Scope, subnet?: Subnet): void {
    const declarations = statements.filter((statement) => !this.#isOption(statement, scope));
    for (const statement of declarations) this.#declaration(statement, scope, subnet);
  }

  #isOption(statement: Statement, scope: Scope): boolean {
    const { keyword, words } = statement;
    if (keyword === 'default-lease-time') {
      scope.say('default-lease-time', this.#values(words));
      return true;
    }
    if (keyword !== 'option' && keyword !== 'supersede') return false;
    const [name, ...values] = words;
    const called = (name?.text ?? '').toLowerCase();
    const carried = CARRIED_OPTIONS.find((one) => one === called);
    const isDefined = values.some(({ kind, text }) => kind === 'word' && text === 'code');
    if (carried && !isDefined && scope.kind !== 'host') scope.say(carried, this.#values(values, carried));
    else if (!DERIVED.includes(called) && !(scope.kind === 'host' && called === 'host-name')) {
      const why =
        carried && !isDefined
          ? 'it is of one machine: a site says it of a network'
          : whyOptionLeft(isDefined ? `${called} code` : called);
      this.notes.add('left', quoteVisibly(`option ${called}`), why, this.#at(statement));
    }
    return true;
  }

  /** The values of a list; of a domain, which stands in quotes, the text. */
  #values(words: readonly Token[], of?: CarriedOption): Said<string>[] {
    const isList = of !== 'domain-name';
    return words
      .filter(({ kind, text }) => !(kind === 'mark' && text === ',') && text !== '=')
      .slice(0, isList ? undefined : 1)
      .map((word) => saidBy(this.source, word));
  }

  #declaration(statement: Statement, scope: Scope, subnet: Subnet | undefined): void {
    const { keyword, words, block } = statement;
    switch (keyword) {
      case 'group':
        this.block(block ?? [], this.#within('group', scope), subnet);
        return;
      case 'shared-network':
        this.block(block ?? [], this.#within('network', scope), subnet);
        return;
      case 'pool':
        this.block(block ?? [], this.#within('group', scope), subnet);
        return;
      case 'subnet':
        this.#subnet(statement, scope);
        return;
      case 'range':
        this.#range(statement, subnet);
        return;
      case 'host':
      case 'lease':
        this.#host(statement, scope);
        return;
      case 'include':
        this.notes.add(
          'open',
          `include ${quoteVisibly(words[0]?.text ?? '')}`,
          'a further file: give it as a further file of dhcpd, unless it is given already',
          this.#at(statement),
        );
        return;
      default:
        if (!SILENT.includes(keyword))
          this.notes.add('left', quoteVisibly(keyword), whyLeft(keyword), this.#at(statement));
    }
  }

  #within(kind: Scope['kind'], outer: Scope): Scope {
    const scope = new Scope(kind, outer);
    this.scopes.push(scope);
    return scope;
  }

  #host(statement: Statement, scope: Scope): void {
    const own = new Scope('host', scope);
    const block = (statement.block ?? []).filter(
      (one) => one.keyword !== 'option' || !this.#isOption(one, own),
    );
    const reservation = readHost(statement, block, this);
    if (reservation) this.hosts.push({ reservation, scope });
  }

  #subnet(statement: Statement, outer: Scope): void {
    const { words, block = [] } = statement;
    const [address, word, mask] = words;
    const at = this.#at(statement);
    const cidr =
      address && word?.text.toLowerCase() === 'netmask' && mask && subnetOf(address.text, mask.text);
    if (!cidr || cidr.network !== address.text) {
      if (address && mask && isPointToPoint(mask.text)) {
        this.notes.add('left', `subnet ${quoteVisibly(address.text)}`, 'it has no room for machines', at);
        return;
      }
      this.report.error({
        code: 'import-value',
        message: 'This is no subnet: dhcpd takes its first address and a netmask.',
        at,
        help: 'write it as subnet 192.168.178.0 netmask 255.255.255.0 { … }',
      });
      return;
    }
    const scope = this.#within('network', outer);
    const end = mask?.end ?? address.end;
    const subnet: Subnet = {
      at,
      cidr: { value: cidr, at: { source: this.source, start: address.start, end } },
      scope,
      pools: [],
    };
    this.subnets.push(subnet);
    this.block(block, scope, subnet);
  }

  #range(statement: Statement, subnet: Subnet | undefined): void {
    const ends = statement.words.filter(({ text }) => text.toLowerCase() !== 'dynamic-bootp');
    const [from, to = from] = ends.flatMap((word) =>
      ipv4Number(word.text) === undefined ? [] : [saidBy(this.source, word)],
    );
    if (!from || !to || ends.length > 2) {
      this.report.error({
        code: 'import-value',
        message: 'This is no range: dhcpd takes its first and its last address.',
        at: this.#at(statement),
        help: 'write it as range 192.168.178.200 192.168.178.250;',
      });
      return;
    }
    if (subnet) subnet.pools.push([from, to]);
    else this.notes.add('left', 'range', 'it stands in no subnet', this.#at(statement));
  }

  #at({ start, end }: Statement): Place {
    return { source: this.source, start, end };
  }
}

/** A mask of fewer addresses than a network of machines has, or of all that there are. */
function isPointToPoint(mask: string): boolean {
  return ['255.255.255.255', '255.255.255.254', '0.0.0.0'].includes(mask);
}
