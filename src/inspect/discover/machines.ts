import type { Node, Site } from '../../site/model.ts';
import type { Mac } from '../../values/identifiers.ts';
import type { Request, Sighting } from './lines.ts';
import { isOfMachine, type Station, stationOf, Visits } from './stations.ts';

/** A node of an inventory, or without one the name that nginx logs. */
export interface Known {
  readonly name: string;
  readonly site?: Site;
  readonly node?: Node;
}

/** A machine of the logs. */
export interface Machine {
  /** The MAC that it boots from first. */
  readonly macs: Mac[];
  ip?: string;
  known?: Known;
  uuid?: string;
  serial?: string;
  manufacturer?: string;
  product?: string;
  asset?: string;
  hostname?: string;
  first?: string;
  last?: string;
  /** The last message of DHCP, or `lease`. */
  dhcp?: string;
  /** Whether it has loaded a boot file or a script, so that it is more than a client of DHCP. */
  boots: boolean;
  requests: number;
  readonly visits: Visits;
  /** The number of NICs that its scripts were requested for in vain since its entry script. */
  looked: number;
}

/** Maximum number of unknown machines: a scanner of made-up MACs must not fill the memory. */
export const MOST_MACHINES = 20_000;

const FACTS = ['uuid', 'serial', 'manufacturer', 'product', 'asset', 'hostname'] as const;

/** The machines of logs. Takes sightings in the order of time. */
export class Machines {
  readonly #all = new Set<Machine>();
  readonly #byMac = new Map<Mac, Machine>();
  readonly #byIp = new Map<string, Machine>();
  readonly #byNode = new Map<string, Machine>();
  readonly #nodes: NodeIndex;
  /** The number of sightings beyond `MOST_MACHINES`, and of requests by browsers and other programs. */
  omitted = 0;
  others = 0;

  constructor(sites: readonly Site[]) {
    this.#nodes = new NodeIndex(sites);
  }

  get all(): readonly Machine[] {
    return [...this.#all];
  }

  add(sighting: Sighting): void {
    const { request } = sighting;
    const machine = request ? this.#ofRequest(sighting, request) : this.#ofNetwork(sighting);
    if (!machine) return;
    const { time, ip, hostname, source, text } = sighting;
    machine.first ??= time;
    machine.last = time ?? machine.last;
    if (hostname) machine.hostname = hostname;
    if (ip !== undefined) {
      machine.ip = ip;
      this.#byIp.set(ip, machine);
    }
    if (source === 'lease') machine.dhcp ??= 'lease';
    if (source === 'dhcp') machine.dhcp = text;
    if (source === 'tftp') {
      const isMissing = text?.endsWith(': not found');
      machine.boots = true;
      machine.visits.add({ station: 'loader', time, path: text, status: isMissing ? 404 : 200 });
    }
    if (source === 'lease' || text === 'DHCPACK') machine.visits.add({ station: 'address', time });
    if (request) this.#visit(machine, sighting, request);
  }

  #visit(machine: Machine, { time, mac }: Sighting, request: Request): void {
    const { path, status, query } = request;
    machine.requests += 1;
    for (const fact of FACTS) if (query[fact]) machine[fact] = query[fact];
    const [, serial] = /^\/ipxe\/serial\/(.+?) *(?:\.ipxe|\/)?$/.exec(path) ?? [];
    if (serial !== undefined) machine.serial ??= serial;
    const isReport = path === '/boot.ipxe' && query.mac !== undefined;
    const station = stationOf(path) ?? this.#nodes.reportOf(machine.known, path);
    if (!station || isReport) return;
    machine.boots = true;
    if (station === 'entry') machine.looked = 0;
    if (station === 'script' && mac) machine.looked = status >= 400 ? machine.looked + 1 : 0;
    machine.visits.add({ station, time, path, status });
  }

  #ofNetwork({ mac, ip = '' }: Sighting): Machine | undefined {
    const byIp = this.#nodes.byIp.get(ip);
    if (!mac) {
      if (ip === '') return undefined;
      return this.#byIp.get(ip) ?? (byIp ? this.#ofNode(byIp) : this.#make());
    }
    // A node without a MAC in the inventory is the machine with its IP address.
    const known = this.#nodes.byMac.get(mac) ?? (byIp?.node?.bootNic.mac ? undefined : byIp);
    const before = this.#byMac.get(mac);
    if (!known) return before ?? this.#make(mac);
    const machine = this.#ofNode(known);
    if (before && before !== machine && !before.known) this.#absorb(machine, before);
    this.#nameMac(machine, mac);
    return machine;
  }

  #ofRequest({ mac, ip = '' }: Sighting, request: Request): Machine | undefined {
    if (!isOfMachine(request)) {
      this.others += 1;
      return undefined;
    }
    const station = stationOf(request.path);
    const named = this.#nodes.ofRequest(request, ip);
    // nginx serves these files only to the node that they belong to.
    const isServed = request.status < 400 && (station === 'script' || station === 'configuration');
    const known = mac ? (this.#nodes.byMac.get(mac) ?? (isServed ? named : undefined)) : named;
    const holder = this.#byIp.get(ip);
    // The holder of the IP address is new there, or has looked for its script by another NIC.
    const mayBeHolder = holder && !holder.known && (holder.looked > 0 || holder.macs.length === 0);
    const before = known ? this.#ofNode(known) : mac ? this.#byMac.get(mac) : undefined;
    if (before) {
      const isJoined = mayBeHolder && (known || holder.macs.length === 0);
      if (holder && isJoined && holder !== before) this.#absorb(before, holder);
      if (mac) this.#nameMac(before, mac);
      return before;
    }
    const isBoot = station === 'entry' || station === 'script' || station === 'loader';
    if (!mac) return holder ?? (isBoot ? this.#make() : undefined);
    if (!holder || !mayBeHolder) return this.#make(mac);
    this.#nameMac(holder, mac);
    return holder;
  }

  #ofNode(known: Known): Machine {
    const key = `${known.site?.name ?? ''}/${known.name}`;
    const machine = this.#byNode.get(key) ?? newMachine();
    machine.known = known;
    this.#byNode.set(key, machine);
    this.#all.add(machine);
    return machine;
  }

  #make(mac?: Mac): Machine | undefined {
    if (this.#all.size >= MOST_MACHINES) {
      this.omitted += 1;
      return undefined;
    }
    const machine = newMachine();
    this.#all.add(machine);
    if (mac) this.#nameMac(machine, mac);
    return machine;
  }

  #nameMac(machine: Machine, mac: Mac): void {
    if (!machine.macs.includes(mac) && machine.macs.length < 16) machine.macs.push(mac);
    this.#byMac.set(mac, machine);
  }

  /** Two records are of one machine: it was first known by its IP address, or by an unknown NIC. */
  #absorb(machine: Machine, other: Machine): void {
    this.#all.delete(other);
    for (const mac of other.macs) this.#nameMac(machine, mac);
    for (const fact of FACTS) if (other[fact] !== undefined) machine[fact] ??= other[fact];
    if (other.ip !== undefined) this.#byIp.set(other.ip, machine);
    machine.first ??= other.first;
    machine.boots ||= other.boots;
    machine.requests += other.requests;
    machine.visits.addAll(other.visits);
  }
}

/** Returns a machine that no log has. */
export function newMachine(): Machine {
  return { macs: [], boots: false, requests: 0, visits: new Visits(), looked: 0 };
}

/** Finds nodes by what a request or a lease contains. */
class NodeIndex {
  readonly byMac = new Map<string, Known>();
  readonly byIp = new Map<string, Known>();
  readonly #byFirmware = new Map<string, Known>();
  readonly #reports = new Map<Node | undefined, ReturnType<typeof reportsOf>>();

  constructor(sites: readonly Site[]) {
    for (const site of sites)
      for (const node of site.nodes) {
        const known: Known = { name: node.name, site, node };
        for (const { mac, ip } of node.nics) {
          if (mac) this.byMac.set(mac, known);
          if (ip) this.byIp.set(ip, known);
        }
        for (const id of [node.uuid, node.serial]) if (id) this.#byFirmware.set(id, known);
        this.#reports.set(node, reportsOf(site, node));
      }
  }

  /** Returns the node of a request, by its firmware or its IP address, or with the name that nginx has for it. */
  ofRequest({ node: name, path, status }: Request, ip: string): Known | undefined {
    const [, key = ''] = /^\/ipxe\/(?:serial\/)?(.+?) *(?:\.ipxe|\/)?$/.exec(path) ?? [];
    const byFirmware = this.#byFirmware.get(key) ?? this.#byFirmware.get(key.toLowerCase());
    if (byFirmware && status < 400) return byFirmware;
    return this.byIp.get(ip) ?? (name === undefined ? undefined : { name });
  }

  /** Returns the step that a path reports, if it is that of a webhook of the node's installer. */
  reportOf(known: Known | undefined, path: string): Station | undefined {
    return this.#reports.get(known?.node)?.find(([pattern]) => pattern.test(path))?.[1];
  }
}

function reportsOf({ server }: Site, { config }: Node): (readonly [RegExp, Station])[] {
  return (config.install?.webhooks ?? []).flatMap(({ event, url }) => {
    if (!url?.startsWith(`${server.url}/`) || (event !== 'SUCCEEDED' && event !== 'FAILED')) return [];
    const parts = url
      .slice(server.url.length)
      .replace(/\?.*$/s, '')
      .split(/\{\{.*?\}\}/);
    const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^/]*');
    return [[new RegExp(`^${pattern}$`), event === 'FAILED' ? 'failed' : 'installed'] as const];
  });
}
