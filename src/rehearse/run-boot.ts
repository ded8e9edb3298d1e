import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Site } from '../site/model.ts';
import { linksOf } from '../site/nics.ts';
import { compareReport } from './compare-report.ts';
import { biosDisk, blankDisk, uefiDisk } from './disks.ts';
import { embedded, type Rehearsal } from './kinds.ts';
import type { Machine } from './machine.ts';
import { bridgeOf, macOf, type Servers } from './servers.ts';
import { pathOf, type Station, stationsOf } from './stations.ts';
import { type Answer, openWire, type Wire } from './wire.ts';

/** A station that a machine has reached, or an answer on the way there. */
export interface Step {
  /** Seconds since the machine was switched on. */
  readonly seconds: number;
  readonly station: string;
  readonly what: string;
}

/** The result of a boot. */
export interface Outcome {
  readonly rehearsal: Rehearsal;
  readonly steps: readonly Step[];
  /** The station at which the boot failed, and why; undefined for a boot as in the inventory. */
  readonly failure?: { readonly station: string; readonly why: string } | undefined;
  /** The values that the machine got instead of those in the inventory, a line each. */
  readonly differences: readonly string[];
  readonly console: string;
}

/** Lines on a console after which a machine does not reach its system: those of firmware, of boot loaders, and of the scripts. */
const DEAD_ENDS =
  /.*(?:Retrying in \d+ seconds|has no script for this machine|could not be (?:started|loaded)|found no configuration|No bootable device|Nothing to boot|No configuration methods succeeded|No bootable option or device|the disk at \S+ does not boot|UEFI Interactive Shell|Kernel panic).*/;

/** The longest time without anything new on the console or the network, and of a whole boot, in milliseconds. */
const LONGEST = { pause: 90_000, boot: 900_000 };

/** Boots that request the boot loader this often load it forever. */
const LOOPS = 4;

/** A failure of an emulated machine on a busy host, whatever it boots. */
const OF_THE_HOST = /IO-APIC \+ timer doesn't work/;

/** Boots a machine, again if the host was too busy for it. Saves its screen to a file, if one is named. Throws if QEMU does not start. */
export async function runBoot(...args: Parameters<typeof bootOnce>): Promise<Outcome> {
  const outcome = await bootOnce(...args);
  return OF_THE_HOST.test(outcome.console) ? bootOnce(...args) : outcome;
}

/** Boots a machine, and watches its stations. */
async function bootOnce(
  site: Site,
  servers: Servers,
  rehearsal: Rehearsal,
  screen?: string,
): Promise<Outcome> {
  const begin = Date.now();
  const { machine, wires } = await switchOn(site, servers, rehearsal, screen !== undefined);
  const stations = stationsOf(site, rehearsal);
  const steps: Step[] = [];
  const reached = new Set<Station>();
  let failure: Outcome['failure'];
  let [seen, news] = [0, begin];

  const add = (station: Station | undefined, what: string) => {
    if (station) reached.add(station);
    const step = { seconds: (Date.now() - begin) / 1000, station: station?.name ?? '', what };
    const last = steps.at(-1);
    if (last?.station !== step.station || last.what !== what) steps.push(step);
    news = Date.now();
  };
  const next = () => stations.find((station) => !reached.has(station));
  const fail = (station: Station | undefined, why: string) => {
    failure ??= { station: station?.name ?? 'end', why };
  };
  const take = (answer: Answer, ip: string | undefined) => {
    const error = errorOf(answer, ip);
    const loader = stations.find(({ name }) => name === 'boot loader');
    // Until it runs, every file is in place of the boot loader.
    const instead = error !== undefined && loader && !reached.has(loader) ? loader : undefined;
    const station = stations.find(({ has }) => has?.(answer)) ?? instead;
    const what = textOf(answer, error);
    if (answer.by === 'arp' && !station) return;
    // A search for other names of a file, which may be absent.
    if (error !== undefined && (!station || station.isSearch)) return;
    if (error !== undefined) {
      steps.push({ seconds: (Date.now() - begin) / 1000, station: station?.name ?? '', what });
      fail(station, what);
      return;
    }
    add(station, what);
    if (steps.filter((step) => step.station === 'boot loader' && step.what === what).length >= LOOPS)
      fail(next(), 'the boot loader loads itself again and again');
  };

  while (!failure) {
    for (const { wire, ip } of wires) for (const answer of await wire.read()) take(answer, ip);
    const text = machine.console;
    if (text.length !== seen) [seen, news] = [text.length, Date.now()];
    for (const station of stations)
      if (station.text && !reached.has(station) && station.text.test(text)) add(station, 'reached');
    const last = stations.at(-1);
    if (last && reached.has(last)) break;
    const dead = DEAD_ENDS.exec(text)?.[0].trim();
    if (failure) break;
    if (dead !== undefined) fail(next(), dead);
    else if (machine.off) fail(next(), 'the machine switched itself off');
    else if (Date.now() - news > LONGEST.pause || Date.now() - begin > LONGEST.boot)
      fail(next(), `nothing new for ${Math.round((Date.now() - news) / 1000)} seconds`);
    await sleep(100);
  }
  const missed = failure ? undefined : next();
  if (missed) failure = { station: missed.name, why: 'the machine has not requested it' };
  if (screen !== undefined) await machine.saveScreen(screen);
  await machine.stop();
  await Promise.all(wires.map(({ wire }) => wire.close()));
  const console = machine.console;
  const hasReport = rehearsal.end === 'system' && /STAND-IN end/.test(console);
  const differences = hasReport ? compareReport(rehearsal.node, console, servers.fill) : [];
  return { rehearsal, steps, failure, differences, console };
}

/** Returns what is wrong with an answer to a NIC with this IP address in the inventory, or undefined. */
function errorOf(answer: Answer, ip: string | undefined): string | undefined {
  if (answer.by === 'dhcp' && ip !== undefined && answer.address !== ip)
    return `not ${ip}, the IP address in the inventory`;
  if (answer.by === 'tftp') return answer.error;
  return answer.by === 'http' && answer.status >= 400 ? `HTTP status ${answer.status}` : undefined;
}

/** Returns an answer in words. */
function textOf(answer: Answer, error: string | undefined): string {
  const why = error === undefined ? '' : `: ${error}`;
  switch (answer.by) {
    case 'dhcp':
      return `${answer.address} from ${answer.server}${answer.file && `, boot file ${answer.file}`}${why}`;
    case 'iscsi':
      return `${answer.server} answers`;
    case 'arp':
      return `${answer.address}${answer.vlan ? ` in VLAN ${answer.vlan}` : ''} asks for ${answer.target}`;
    default:
      return `${answer.by === 'tftp' ? 'TFTP ' : '/'}${pathOf(answer.path)}${why}`;
  }
}

/** Switches the machine of a boot on, and opens the packets of its NICs. */
async function switchOn(
  site: Site,
  { plant, putDisk }: Servers,
  { node, firmware, disk }: Rehearsal,
  hasScreen: boolean,
): Promise<{ machine: Machine; wires: readonly { wire: Wire; ip: string | undefined }[] }> {
  const name = `${node.name}-${disk}`;
  const nics = [
    node.bootNic,
    ...linksOf(node).filter((nic) => nic !== node.bootNic && nic.mac && nic.mac !== node.bootNic.mac),
  ];
  const macs = nics.map((nic) => nic.mac ?? macOf(site, node));
  const files = nics.map((_, index) => join(plant.folder, `${name}-${index}.pcap`));
  const { drive = 0x80, linux, iscsi } = node;
  // Disks before the boot disk of the inventory are blank.
  const before = Array.from({ length: linux || iscsi ? 0 : drive - 0x80 }, (_, index) =>
    blankDisk(plant.folder, `${name}-${index}`),
  );
  const own =
    linux || (iscsi && disk === 'blank')
      ? []
      : [
          disk === 'blank'
            ? blankDisk(plant.folder, name)
            : firmware.startsWith('uefi')
              ? await uefiDisk(plant.folder, name, 'COS_GRUB')
              : biosDisk(plant.folder, name),
        ];
  const [image] = own;
  if (iscsi && image) await putDisk(node, image);
  const script = embedded(site, node);
  const machine = await plant.boot({
    name,
    macs,
    firmware,
    bridges: nics.map(({ network }) => bridgeOf(site, network)),
    disks: iscsi ? [] : [...before, ...own],
    wires: files,
    screen: hasScreen,
    order: node.domain ? 'disks first' : 'first NIC first',
    memory: 512,
    ...(script === undefined ? {} : { script: join(site.server.root, script) }),
    extra: node.uuid ? ['-uuid', node.uuid] : node.serial ? ['-smbios', `type=1,serial=${node.serial}`] : [],
  });
  const wires = nics.map(({ ip }, index) => ({
    wire: openWire(files[index] ?? '', macs[index] ?? ''),
    ip,
  }));
  return { machine, wires };
}
