import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import { concealLikely } from '../../secrets.ts';
import type { Gathered, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { gatheredOf, type Reservation } from '../reservations/machine-of.ts';
import { saidBy } from '../reservations/said.ts';
import { formOf } from './form-of.ts';
import { FURTHER, isKeyword, whyLeft } from './keywords.ts';
import { type DhcpRange, networksOf, readRange } from './networks.ts';
import { type Option, readOption } from './options.ts';
import { readEthers } from './read-ethers.ts';
import { readHost } from './read-host.ts';
import { readLeases } from './read-leases.ts';
import { type Line, readLines } from './read-lines.ts';
import { readStatus } from './read-status.ts';

/** Any of dnsmasq's files, and the leases that libvirt's dnsmasq keeps. */
export const dnsmasq: JoinedKind = {
  name: 'dnsmasq',
  what: 'leases, hosts, options or configuration of dnsmasq, or the leases of a libvirt network; /etc/ethers, too',
  isLike({ text }) {
    const form = formOf(text);
    return form !== undefined && form !== 'nothing';
  },
  read(source, report) {
    concealLikely(source);
    const notes = new Notes();
    const form = formOf(source.text);
    switch (form) {
      case 'nothing':
        return gathered([], notes);
      case 'status':
        return gathered(readStatus(source, notes, report), notes);
      case 'leases':
        return gathered(latest(readLeases(source, notes, report)), notes);
      case 'ethers':
        return gathered(readEthers(source, report), notes);
      case 'hosts':
        return gathered(hostsOf(source, readLines(source, report, false), notes, report), notes);
      case 'options':
        return readOptions(source, notes, report);
      case 'configuration':
        return readConfiguration(source, notes, report);
      default:
        report.error({
          code: 'import-kind',
          message: 'This is no file that dnsmasq reads or writes.',
          at: { source, start: 0, end: 0 },
          help: 'give its leases, its configuration, or a file of hosts or options that this one names',
        });
        return undefined;
    }
  },
};

function gathered(
  reservations: readonly Reservation[],
  notes: Notes,
  networks: Gathered['networks'] = [],
): Gathered {
  return { ...gatheredOf(reservations, notes), networks, notes: notes.sorted() };
}

/** A MAC address that has several leases has the last of them: dnsmasq adds new ones at the end. */
function latest(leases: readonly Reservation[]): Reservation[] {
  const all = new Map<string, Reservation>();
  for (const lease of leases) {
    const mac = lease.macs[0]?.value ?? '';
    all.delete(mac);
    all.set(mac, lease);
  }
  return [...all.values()];
}

function hostsOf(source: Source, lines: readonly Line[], notes: Notes, report: Report): Reservation[] {
  return lines.flatMap((line) => {
    const host = readHost(source, line, notes, report);
    return host ? [host] : [];
  });
}

function readOptions(source: Source, notes: Notes, report: Report): Gathered {
  const options = readLines(source, report, false).flatMap((line) => {
    const option = readOption(source, line, notes);
    return option ? [option] : [];
  });
  return gathered([], notes, networksOf([], options, undefined, notes));
}

function readConfiguration(source: Source, notes: Notes, report: Report): Gathered {
  const hosts: Line[] = [];
  const ranges: DhcpRange[] = [];
  const options: Option[] = [];
  let domain: Said<string> | undefined;
  for (const line of readLines(source, report, true)) {
    const keyword = line.keyword?.text ?? '';
    const at = { source, start: line.start, end: line.end };
    const [first] = line.fields;
    if (keyword === 'dhcp-host') hosts.push(line);
    else if (keyword === 'dhcp-range') ranges.push(...one(readRange(source, line, notes)));
    else if (keyword === 'dhcp-option' || keyword === 'dhcp-option-force')
      options.push(...one(readOption(source, line, notes)));
    else if (keyword === 'domain' && line.fields.length === 1 && first) domain ??= saidBy(source, first);
    else if (Object.hasOwn(FURTHER, keyword))
      notes.add(
        'open',
        `${keyword}=${quoteVisibly(first?.text ?? '')}`,
        `${FURTHER[keyword]}: give what it holds as further files of dnsmasq, unless they are given already`,
        at,
      );
    else if (keyword === 'domain')
      notes.add('left', 'domain', 'a domain of some addresses alone: say domain of their network', at);
    else
      notes.add(
        'left',
        quoteVisibly(keyword),
        isKeyword(keyword) ? (whyLeft(keyword) ?? '') : 'harvgen knows no such key of dnsmasq',
        at,
      );
  }
  const networks = networksOf(ranges, options, domain, notes);
  if (domain && networks.length === 0)
    notes.add('left', 'domain', 'the file has no range: say domain of the network', domain.at);
  return gathered(hostsOf(source, hosts, notes, report), notes, networks);
}

function one<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
