import { type Cidr, contains, ipv4Text, parseCidr } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { GatheredNetwork, Said } from '../gathered.ts';
import { type NetworkFacts, networkOf, subnetOf } from '../reservations/network-of.ts';
import type { Cells } from './cells.ts';

interface Known extends NetworkFacts {
  readonly cidr: Cidr;
}

/** Collects the networks that rows speak of: by a subnet, by a prefix behind an address, or by a mask beside it. */
export class Networks {
  readonly #all = new Map<string, Known>();
  readonly #notes: Notes;

  /** Takes where notes go. */
  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Takes what a row says of networks. */
  add(cells: Cells): void {
    for (const number of cells.numbers) {
      for (const ip of cells.ips('ip', number)) {
        const mask = cells.text('netmask', number);
        const prefix =
          ip.prefix ??
          (mask && /^\/?\d{1,2}$/.test(mask.value) ? Number(mask.value.replace('/', '')) : undefined);
        const text = prefix === undefined ? mask?.value : maskOf(prefix);
        if (text !== undefined) this.#learn(subnetOf(ip.value, text), ip, cells, number);
      }
      const label = cells.text('network', number);
      const cidr = label && parseCidr(label.value);
      if (label && cidr) this.#learn(cidr, label, cells, number);
    }
    const [gateway] = cells.ips('gateway');
    if (gateway && ![...this.#all.values()].some(({ cidr }) => contains(cidr, gateway.value)))
      this.#notes.add(
        'left',
        `the gateway ${quoteVisibly(gateway.value)}`,
        'the row does not say its subnet: add a column netmask, or say it below networks',
        gateway.at,
      );
  }

  /** Gives the networks. */
  get networks(): GatheredNetwork[] {
    return [...this.#all.values()].flatMap((facts) => networkOf(facts, this.#notes) ?? []);
  }

  #learn(cidr: Cidr | undefined, { at }: Said<string>, cells: Cells, number: number): void {
    if (!cidr) return;
    const known = this.#all.get(cidr.text);
    const gateways = cells.ips('gateway').filter(({ value }) => contains(cidr, value));
    const label = cells.text('network', number);
    this.#all.set(cidr.text, {
      at: known?.at ?? at,
      cidr,
      name: known?.name ?? (label && !/^[\d./]+$/.test(label.value) ? label : undefined),
      subnet: known?.subnet ?? { value: cidr, at },
      routers: known?.routers.length ? known.routers : gateways,
      dns: known?.dns.length ? known.dns : cells.list('dns'),
      ntp: known?.ntp.length ? known.ntp : cells.list('ntp'),
      domain: known?.domain ?? cells.text('domain'),
      pools: [],
    });
  }
}

function maskOf(prefix: number): string {
  return prefix >= 1 && prefix <= 32 ? ipv4Text(2 ** 32 - 2 ** (32 - prefix)) : '';
}
