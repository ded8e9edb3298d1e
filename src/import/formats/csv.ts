import { Report } from '../../source/diagnostics/report.ts';
import { Source, type SourceLocation } from '../../source/source.ts';
import { type Cidr, contains, ipv4Number, parseCidr } from '../../values/addresses.ts';
import { isBmcXname, isNodeXname, readMac } from '../../values/identifiers.ts';
import { isSecretKey } from '../../values/secrets.ts';
import { parseMemory } from '../../values/size.ts';
import { emptyMap, setIn } from '../model/config-values.ts';
import type {
  GatheredBmc,
  GatheredMachine,
  GatheredNetwork,
  GatheredNetworkDetails,
  GatheredNic,
  Sourced,
} from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { nodeNameOf } from '../model/names.ts';
import { maskOf, subnetOf } from '../model/subnets.ts';
import { type Row, readTable, type Table } from './csv-table.ts';
import { FileReader, type Piece, piecesOf } from './file-reader.ts';
import { meaningOf, nearestMeaning } from './keys.ts';
import { detailsOf, type NetworkFacts, networkOf } from './reservations.ts';

/** A table of machines, as spreadsheets write it. */
export const csv: JoinedFormat = {
  name: 'csv',
  what: 'a table of machines whose first row names the columns: name, mac, ip, xname, nid, groups, bmc_ip, …',
  isLike({ text, file }) {
    const head = readTable(new Source(file, text.slice(0, BEGINNING)), new Report())?.head ?? [];
    const columns = columnsOf(head);
    return head.length > 1 && columns.length > 1 && haveIdentifier(columns);
  },
  read(source, report) {
    const tableReport = new Report();
    const table = readTable(source, tableReport);
    const columns = columnsOf(table?.head ?? [], table?.rows);
    const reader = new FileReader(source, report);
    if (table) concealSecrets(source, table);
    if (!table || !haveIdentifier(columns))
      return reader.refuse(
        table ? 'The table has no column with an identifier of machines.' : 'The table has no header row.',
        'name the columns in the first row, such as name,mac,ip,xname,nid,groups,bmc_ip,bmc_mac',
        { at: { source, start: table?.head[0]?.start ?? 0, end: table?.head.at(-1)?.end ?? 0 } },
      );
    report.with(tableReport);
    noteColumns(table, columns, reader);
    const networks = new Map<string, NetworkFacts>();
    const machines: GatheredMachine[] = [];
    const networkDetails: GatheredNetworkDetails[] = [];
    for (const row of table.rows) {
      const cells = new Cells(reader, row, columns);
      machines.push(...machineOf(cells, reader.at(row[0] ?? { start: 0, end: 0 })));
      networkDetails.push(...addNetworks(networks, cells));
    }
    const gathered: GatheredNetwork[] = [...networks.values()].flatMap((facts) => networkOf(facts, reader));
    return { machines, networks: gathered, networkDetails, notes: reader.notes.sorted() };
  },
};

/** The number of characters to check when detecting the format. */
const BEGINNING = 4096;

/** The columns that describe a NIC; each can occur several times. */
const OF_NIC: readonly string[] = ['mac', 'ip', 'nic', 'network', 'netmask'];

/** Names of NICs in operating systems, and in NetBox's library of device types. */
const NIC_NAME =
  /^(?:eth|em|ib|bond|nic|lan|port|slot|usb|vmnic|net|hsn|gig-?e|ethernet|p\d+p)[ ._/-]?\d|^en[opsx]\w*\d|^nic\.|^\w*gig\w*ethernet/i;

/** Names of the NIC of a BMC. */
const BMC_NIC = /^(?:bmc|ipmi|i?drac|ilo|cimc|irmc|xcc|oob)[\d ._-]*$/i;

interface Column {
  readonly key: string;
  /** The number of the NIC, from 1: mac, mac2, mac3. */
  readonly number: number;
  readonly index: number;
}

/**
 * Returns the columns that harvgen reads. Of several equivalent ones, returns only the first, except those of NICs and groups.
 * The cells of a column Device decide what it is: a NIC, or the machine, as in NetBox, whose Name is that of the NIC.
 */
function columnsOf(head: Row, rows: readonly Row[] = []): Column[] {
  const cellsOf = (index: number) => rows.flatMap((row) => row[index]?.text || []);
  const isNic = (text: string) => NIC_NAME.test(text) || BMC_NIC.test(text);
  const columns: Column[] = [];
  for (const [index, { text }] of head.entries()) {
    const plain = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
    const [, stem = '', digits] = /^(.*?)(\d?)$/.exec(plain) ?? [];
    const key = meaningOf('csv', plain) ?? OF_NIC.find((name) => name === meaningOf('csv', stem));
    if (key === undefined) continue;
    const same = columns.filter((column) => column.key === key).length;
    if (same > 0 && key !== 'groups' && !OF_NIC.includes(key)) continue;
    // Both mac0, mac1 and mac1, mac2 are valid: only the columns of one NIC must have the same number.
    columns.push({ key, number: meaningOf('csv', plain) ? same + 1 : Number(digits), index });
  }
  const [device, name] = ['device', 'name'].map((key) => columns.find((column) => column.key === key));
  if (!device) return columns;
  const others = columns.filter((column) => column !== device);
  if (cellsOf(device.index).every(isNic)) return [...others, { ...device, key: 'nic' }];
  if (!name) return [...others, { ...device, key: 'name' }];
  if (!cellsOf(name.index).some(isNic)) return others;
  return [...others.filter((column) => column !== name), { ...device, key: 'name' }, { ...name, key: 'nic' }];
}

function haveIdentifier(columns: readonly Column[]): boolean {
  return columns.some(({ key }) => ['name', 'mac', 'ip', 'xname', 'uuid', 'serial'].includes(key));
}

/** Common names of password columns, in addition to the names of secret keys. */
const PASSWORD = /(?:^|[^a-z])(?:pw|pwd|kennwort)$/i;

function isSecretColumn({ text }: Piece): boolean {
  return PASSWORD.test(text) || isSecretKey(text.replace(/\s+/g, '_'));
}

function concealSecrets(source: Source, { head, rows, faulty }: Table): void {
  const isSecret = head.map(isSecretColumn);
  if (!isSecret.includes(true)) return;
  const cells = rows.flatMap((row) => row.filter(({ text }, index) => isSecret[index] && text !== ''));
  for (const span of [...cells, ...faulty]) source.conceal(span);
}

function noteColumns({ head, rows }: Table, columns: readonly Column[], reader: FileReader): void {
  const read = new Set(columns.map(({ index }) => index));
  for (const [index, cell] of head.entries())
    if (!read.has(index) && cell.text !== '')
      reader.left(
        cell,
        isSecretColumn(cell)
          ? 'a secret: write ${secret:name} in the key of the site that needs it, such as bmc.password in defaults'
          : columnsOf([cell]).length > 0
            ? 'an earlier column has the same meaning and takes precedence'
            : `harvgen does not read this column${advice(
                cell,
                rows.flatMap((row) => row[index]?.text || []),
                columns,
              )}`,
      );
}

/** Returns how to name a column for harvgen to read it, by its cells or its name; empty if neither shows what it is. */
function advice({ text }: Piece, cells: readonly string[], columns: readonly Column[]): string {
  const is = { mac: readMac, ip: (cell: string) => ipv4Number(cell.replace(/\/\d+$/, '')) };
  for (const key of ['mac', 'ip'] as const) {
    if (cells.length === 0 || !cells.every((cell) => is[key](cell) !== undefined)) continue;
    const number = columns.filter((column) => column.key === key).length + 1;
    return `: name it ${key}${number > 1 ? number : ''} if it is of a NIC of the machine, or bmc_${key} if it is of its BMC`;
  }
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const meant = words.map((_, from) => meaningOf('csv', words.slice(from).join(''))).find(Boolean);
  const key = meant ?? nearestMeaning('csv', words.join(''));
  if (key === undefined || columns.some((column) => column.key === key)) return '';
  const header = key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
  return `: name it ${header} if that is what it contains`;
}

/** Common texts for an empty value. */
const NOTHING =
  /^(?:[-\u2013\u2014?.]+|n\/?a|none|null|nil|unknown|not available|tb[ad]|todo|ff(?::ff){5}|00(?::00){5})$/i;

/** Reads the values of a row with their source locations. Reports invalid values. */
class Cells {
  readonly reader: FileReader;
  readonly #row: Row;
  readonly #columns: readonly Column[];

  constructor(reader: FileReader, row: Row, columns: readonly Column[]) {
    this.reader = reader;
    this.#row = row;
    this.#columns = columns;
  }

  get numbers(): number[] {
    const all = this.#columns.flatMap(({ key, number }) => (key === 'mac' || key === 'ip' ? [number] : []));
    return [...new Set(all)].sort((a, b) => a - b);
  }

  get groups(): Sourced<string>[] {
    return this.#columns.flatMap(({ key, number }) => (key === 'groups' ? this.list(key, number) : []));
  }

  text(key: string, number = 1): Sourced<string> | undefined {
    const cell = this.#cell(key, number);
    return cell && this.reader.sourced(cell);
  }

  /** Returns the texts of a cell that lists several, with their source locations; for doubled quotes, that of the cell. */
  list(key: string, number = 1): Sourced<string>[] {
    const cell = this.#cell(key, number);
    if (!cell) return [];
    const from = this.reader.source.text.slice(cell.start, cell.end).indexOf(cell.text);
    return piecesOf(cell.text, cell.start + from, /[^\s,;|[\]"']+/g).map((piece) =>
      this.reader.sourced(from < 0 ? { ...cell, text: piece.text } : piece),
    );
  }

  macs(key: string, number = 1): Sourced<string>[] {
    const help = 'a spreadsheet converted it to a number: format the column as text and enter it again';
    return this.list(key, number).flatMap((input) => {
      const isNumber = /^[\d.,]+e\+?\d+$/i.test(input.value);
      return this.reader.requireMac(input, input.value, isNumber ? help : undefined) ?? [];
    });
  }

  /** Returns the IPv4 addresses of a cell, each with its prefix length, if any. */
  ips(key: string, number = 1): (Sourced<string> & { readonly prefix?: number })[] {
    return this.list(key, number).flatMap((input) => {
      const { value, at } = input;
      const [, address = value, prefix] = /^([\d.]+)\/(\d{1,2})$/.exec(value) ?? [];
      if (ipv4Number(address) !== undefined)
        return [{ value: address, at, ...(prefix === undefined ? {} : { prefix: Number(prefix) }) }];
      if (value.includes(':')) this.reader.left(input, 'a site has IPv4 addresses');
      else this.reader.refuseValue(input, 'not an IPv4 address', 'write it as 192.168.178.41');
      return [];
    });
  }

  /** Returns a whole number; spreadsheets can also write it as 7.0. */
  number(key: string): Sourced<number> | undefined {
    const input = this.text(key);
    const [, digits] = /^(\d{1,10})(?:[.,]0+)?$/.exec(input?.value ?? '') ?? [];
    if (input && digits !== undefined) return { value: Number(digits), at: input.at };
    return input && this.reader.refuseValue(input, 'not a whole number', 'write digits only');
  }

  arch(): Sourced<'amd64' | 'arm64'> | undefined {
    const input = this.text('arch');
    // The groups of Dell Omnia end with the architecture; MAAS appends the subarchitecture.
    const group = this.groups.find(({ value }) => /_(?:aarch64|arm64)$/.test(value));
    if (!input) return group && { ...group, value: 'arm64' };
    if (/^(?:amd64|x86[_-]64|x64|x86)(?:\/|$)/i.test(input.value)) return { ...input, value: 'amd64' };
    if (/^(?:arm64|aarch64)(?:\/|$)/i.test(input.value)) return { ...input, value: 'arm64' };
    return this.reader.refuseValue(input, 'not an architecture of a site', 'write amd64 or arm64');
  }

  #cell(key: string, number: number): Piece | undefined {
    const column = this.#columns.find((column) => column.key === key && column.number === number);
    const cell = column && this.#row[column.index];
    return cell && cell.text !== '' && !NOTHING.test(cell.text) ? cell : undefined;
  }
}

/** Returns the machine of a row as a list; adds a note and returns an empty list for a row without an identifier. */
function machineOf(cells: Cells, at: SourceLocation): GatheredMachine[] {
  const called = cells.text('name');
  const isXname = called && [isNodeXname, isBmcXname].some((is) => is(called.value.toLowerCase()));
  const name = isXname ? undefined : called;
  const xname = cells.text('xname') ?? (isXname ? called : undefined);
  const uuid = cells.text('uuid');
  const serial = cells.text('serial');
  const isBmc = isOfBmc(cells);
  const nics = isBmc ? [] : nicsOf(cells);
  if (!name && !xname && !uuid && !serial && nics.length === 0) {
    cells.reader.left('a row', 'it contains no identifier of a machine', at);
    return [];
  }
  return [
    {
      at,
      name: name && nodeNameOf(name),
      xname: xname && { value: xname.value.toLowerCase(), at: xname.at },
      nid: cells.number('nid'),
      groups: cells.groups,
      role: cells.text('subrole') && cells.text('role'),
      subrole: cells.text('subrole'),
      nics,
      bmc: isBmc ? { mac: cells.macs('mac')[0], address: cells.ips('ip')[0] } : bmcOf(cells),
      uuid,
      serial,
      arch: cells.arch(),
      vm: vmOf(cells),
      harvester: harvesterOf(cells, at),
    },
  ];
}

/** Whether the NIC of a row is that of the BMC. */
function isOfBmc(cells: Cells): boolean {
  const [nic = '', only = ''] = ['nic', 'bmcOnly'].map((key) => cells.text(key)?.value);
  return BMC_NIC.test(nic) || /^(?:true|yes|1|✔)$/i.test(only);
}

/** Returns the NICs of a row. A cell can list several MAC and IP addresses; further NICs can have separate columns. */
function nicsOf(cells: Cells): GatheredNic[] {
  const seen = new Set<string>();
  return cells.numbers.flatMap((number) => {
    const macs = cells.macs('mac', number).filter(({ value }) => !seen.has(value));
    for (const { value } of macs) seen.add(value);
    const ips = cells.ips('ip', number).map(({ value, at }) => ({ value, at }));
    const name = cells.text('nic', number);
    const label = cells.text('network', number);
    const network = label && !/^\d+\.\d+\.\d+\.\d+(?:\/|$)/.test(label.value) ? label : undefined;
    const count = Math.max(macs.length, Math.min(ips.length, 1));
    return Array.from({ length: count }, (_, index) => ({
      mac: macs[index],
      ips: ips.slice(index, index === count - 1 ? undefined : index + 1),
      ...(index === 0 ? { name, network } : {}),
    }));
  });
}

function bmcOf(cells: Cells): GatheredBmc | undefined {
  const address = cells.text('bmcIp');
  const protocol = cells.text('bmcProtocol');
  const called = protocol?.value.toLowerCase();
  const bmc: GatheredBmc = {
    name: cells.text('bmcName'),
    xname: cells.text('bmcXname'),
    mac: cells.macs('bmcMac')[0],
    address: address && { ...address, value: address.value.replace(/^https?:\/\/|\/.*$/gi, '') },
    user: cells.text('bmcUser'),
    protocol:
      protocol && (called === 'redfish' || called === 'ipmi')
        ? { value: called, at: protocol.at }
        : undefined,
  };
  return Object.values(bmc).some((value) => value !== undefined) ? bmc : undefined;
}

function vmOf(cells: Cells): GatheredMachine['vm'] {
  const { reader } = cells;
  const vcpus = cells.number('vcpus');
  const input = cells.text('memory');
  const plain = input?.value.replace(/\s+/g, '').replace(/^(\d+)$/, '');
  const memory =
    input && plain && parseMemory(plain) !== undefined ? { value: plain, at: input.at } : undefined;
  if (input && !memory) reader.left(input, 'not a size with a unit, such as 64Gi');
  // Hardware lists also contain the memory of physical machines, without vcpus.
  if (vcpus) return { vcpus, memory };
  const why = 'a site contains the memory of virtual machines only, and the row has no vcpus';
  if (memory) reader.left(memory.value, why, memory.at);
  return undefined;
}

/** The columns of an installation of Harvester, with the keys of its configuration and the values that are for Harvester. */
const OF_HARVESTER = [
  ['mode', 'mode', /^(?:create|join)$/],
  ['role', 'role', /^(?:default|management|worker|witness)$/],
  ['disk', 'device', /^\/dev\/\S+$/],
] as const;

function harvesterOf(cells: Cells, at: SourceLocation): GatheredMachine['harvester'] {
  const config = emptyMap(at);
  for (const [column, key, form] of OF_HARVESTER) {
    const input = column === 'role' && cells.text('subrole') ? undefined : cells.text(column);
    const value = column === 'disk' ? input?.value : input?.value.toLowerCase();
    if (input && value && form.test(value)) setIn(config, ['install', key], value, input.at);
    else if (input) cells.reader.left(input, `not a ${column} of an installation of Harvester`);
  }
  return Object.keys(config).length > 0 ? { config } : undefined;
}

/**
 * Adds the networks of a row: from a subnet, from a prefix length after an IP address, or from a mask. Returns the other values of
 * the network of the IP addresses without any of these.
 */
function addNetworks(networks: Map<string, NetworkFacts>, cells: Cells): GatheredNetworkDetails[] {
  if (isOfBmc(cells)) return [];
  const subnets: Cidr[] = [];
  const ips: Sourced<string>[] = [];
  for (const number of cells.numbers) {
    const label = cells.text('network', number);
    const subnet = label && parseCidr(label.value);
    for (const ip of cells.ips('ip', number)) {
      const mask = cells.text('netmask', number);
      const [, digits] = /^\/?(\d{1,2})$/.exec(mask?.value ?? '') ?? [];
      const prefix = ip.prefix ?? (digits === undefined ? undefined : Number(digits));
      const text = prefix === undefined ? mask?.value : maskOf(prefix);
      const cidr = text === undefined ? undefined : subnetOf(ip.value, text);
      if (cidr) subnets.push(learn(networks, cidr, ip, cells, number));
      else if (!subnet) ips.push({ value: ip.value, at: ip.at });
    }
    if (subnet) subnets.push(learn(networks, subnet, label, cells, number));
  }
  const routers = cells.ips('gateway').filter(({ value }) => !subnets.some((one) => contains(one, value)));
  const [dns, ntp] = [cells.list('dns'), cells.list('ntp')];
  const domain = cells.text('domain');
  const isKnown = ips.length === 0 && subnets.length > 0;
  const [first = domain] = [...routers, ...(isKnown ? [] : [...dns, ...ntp])];
  if (!first || (isKnown && routers.length === 0)) return [];
  const facts = {
    at: first.at,
    routers,
    pools: [],
    ...(isKnown ? { dns: [], ntp: [] } : { dns, ntp, domain }),
  };
  return [{ ...detailsOf(facts, cells.reader), ips }];
}

function learn(
  networks: Map<string, NetworkFacts>,
  cidr: Cidr,
  { at }: Sourced<string>,
  cells: Cells,
  number: number,
): Cidr {
  const known = networks.get(cidr.text);
  const label = cells.text('network', number);
  const first = (earlier: readonly Sourced<string>[] = [], ofRow: readonly Sourced<string>[]) =>
    earlier.length > 0 ? earlier : ofRow;
  const routers = cells.ips('gateway').filter(({ value }) => contains(cidr, value));
  networks.set(cidr.text, {
    at: known?.at ?? at,
    name: known?.name ?? (label && !/^[\d./]+$/.test(label.value) ? label : undefined),
    subnet: known?.subnet ?? { value: cidr, at },
    routers: first(known?.routers, routers),
    dns: first(known?.dns, cells.list('dns')),
    ntp: first(known?.ntp, cells.list('ntp')),
    domain: known?.domain ?? cells.text('domain'),
    pools: [],
  });
  return cidr;
}
