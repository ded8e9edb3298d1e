import { parseMemory } from '../../../values/size.ts';
import { isBmcXname, isNodeXname } from '../../../values/xname.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { GatheredBmc, GatheredMachine, GatheredNic, Said } from '../gathered.ts';
import { readName } from '../reservations/read-name.ts';
import type { Cells } from './cells.ts';

/** Gives the machine of a row; undefined for a row that says nothing that one is known by, which is noted. */
export function machineOfRow(
  cells: Cells,
  at: GatheredMachine['at'],
  notes: Notes,
): GatheredMachine | undefined {
  const called = cells.text('name');
  const isXname = called && [isNodeXname, isBmcXname].some((is) => is(called.value.toLowerCase()));
  const name = isXname ? undefined : called;
  const xname = cells.text('xname') ?? (isXname ? called : undefined);
  const uuid = cells.text('uuid');
  const serial = cells.text('serial');
  const nics = nicsOf(cells);
  if (!name && !xname && !uuid && !serial && nics.length === 0) {
    notes.add('left', 'a row', 'it says nothing that a machine is known by', at);
    return undefined;
  }
  const read = readName(name?.value ?? '');
  return {
    at,
    name: name && read.of === 'nic' ? { value: read.node, at: name.at } : name,
    xname: xname && { value: xname.value.toLowerCase(), at: xname.at },
    nid: cells.number('nid'),
    groups: cells.list('groups'),
    nics,
    bmc: bmcOf(cells),
    uuid,
    serial,
    arch: cells.arch(),
    vm: vmOf(cells, notes),
  };
}

/** A cell may have several MAC addresses, and several addresses in their order; further NICs may have columns of their own. */
function nicsOf(cells: Cells): GatheredNic[] {
  return cells.numbers.flatMap((number) => {
    const macs = cells.macs('mac', number);
    const ips = cells.ips('ip', number);
    const name = cells.text('nic', number);
    const label = cells.text('network', number);
    const network = label && !/^\d+\.\d+\.\d+\.\d+(?:\/|$)/.test(label.value) ? label : undefined;
    const count = Math.max(macs.length, Math.min(ips.length, 1));
    return Array.from({ length: count }, (_, index): GatheredNic => {
      const own = index === count - 1 && index < ips.length ? ips.slice(index) : ips.slice(index, index + 1);
      return {
        mac: macs[index],
        ips: own.map(({ value, at }) => ({ value, at })),
        ...(index === 0 ? { name, network } : {}),
      };
    });
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
    address: address && withoutPrefix(address),
    user: cells.text('bmcUser'),
    protocol:
      protocol && (called === 'redfish' || called === 'ipmi')
        ? { value: called, at: protocol.at }
        : undefined,
  };
  return Object.values(bmc).some((value) => value !== undefined) ? bmc : undefined;
}

function withoutPrefix({ value, at }: Said<string>): Said<string> {
  return { value: value.replace(/^https?:\/\//i, '').replace(/\/.*$/, ''), at };
}

function vmOf(cells: Cells, notes: Notes): GatheredMachine['vm'] {
  const vcpus = cells.number('vcpus');
  const said = cells.text('memory');
  const plain = said?.value.replace(/\s+/g, '').replace(/^(\d+)$/, '');
  const memory =
    said && plain && parseMemory(plain) !== undefined ? { value: plain, at: said.at } : undefined;
  if (said && !memory)
    notes.add('left', quoteVisibly(said.value), 'no size with a unit, such as 64Gi', said.at);
  // Memory alone is that of a machine of metal, as lists of hardware have it.
  if (vcpus) return { vcpus, memory };
  if (memory)
    notes.add(
      'left',
      memory.value,
      'a site says the memory of virtual machines alone, which have vcpus, too',
      memory.at,
    );
  return undefined;
}
