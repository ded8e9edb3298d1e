import type { Request } from './lines.ts';

/** The steps of a boot that a log shows, in order. */
export const STATIONS = [
  'address',
  'loader',
  'entry',
  'script',
  'kernel',
  'initrd',
  'rootfs',
  'configuration',
  'iso',
  'installed',
  'failed',
] as const;

export type Station = (typeof STATIONS)[number];

const WORDS: Readonly<Record<Station, string>> = {
  address: 'an IP address',
  loader: 'a boot loader',
  entry: 'the entry script',
  script: 'its script',
  kernel: 'its kernel',
  initrd: 'its initrd',
  rootfs: 'its root file system',
  configuration: 'its configuration',
  iso: 'the ISO',
  installed: 'an installed system',
  failed: 'a failed installation',
};

/** The paths of a tree and of the systems that harvgen replaces; the first match applies. */
const PATHS: readonly (readonly [Station, RegExp])[] = [
  ['entry', /^\/(?:boot\.ipxe|harvester\/boot\.php|ipxe\/?|(?:grub|loader)\/grub\.cfg)$/],
  ['script', /^\/(?:ipxe\/|(?:grub|loader)\/grub\.cfg-|(?:apis\/bss\/)?boot\/v1\/bootscript$)/],
  ['loader', /^\/loader\//],
  ['configuration', /^\/(?:config|cloud-init)\//],
  ['installed', /^\/(?:apis\/bss\/)?phone-home(?:\/|$)/],
  ['iso', /^\/(?:harvester|images)\/.*\.iso$/],
  ['rootfs', /^\/(?:harvester|images)\/.*(?:rootfs|squashfs)[^/]*$/],
  ['initrd', /^\/(?:harvester|images)\/.*(?:initrd|initramfs)[^/]*$/],
  ['kernel', /^\/(?:harvester|images)\/.*(?:vmlinuz|kernel|linux)[^/]*$/i],
];

/** Returns the step that requests a path; undefined for other paths. */
export function stationOf(path: string): Station | undefined {
  return PATHS.find(([, pattern]) => pattern.test(path))?.[0];
}

/** A step that a machine has reached. */
export interface Visit {
  readonly station: Station;
  readonly time?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
}

/** The visits of a machine since its last boot began, and of the installation before. */
export class Visits {
  #now = new Map<Station, Visit>();
  #refused: Visit | undefined;
  #installed: Visit | undefined;
  #configured: Visit | undefined;

  /** Adds a visit. An entry script, or a script after anything later, begins another boot. */
  add(visit: Visit): void {
    const { station, status = 200 } = visit;
    if (status >= 400 && station !== 'installed' && station !== 'failed') {
      this.#refused = visit;
      return;
    }
    const rank = STATIONS.indexOf(station);
    const isNext =
      station === 'entry' ? this.#reached('script') : rank > 0 && rank <= 3 && this.#reached('kernel');
    if (isNext) {
      this.#now = new Map();
      this.#refused = undefined;
    }
    if (station === 'configuration') {
      this.#configured = visit;
      this.#installed = undefined;
    }
    if (station === 'installed' || station === 'failed') this.#installed = visit;
    if (this.#refused && rank >= STATIONS.indexOf(this.#refused.station)) this.#refused = undefined;
    this.#now.delete(station);
    this.#now.set(station, visit);
  }

  #reached(station: Station): boolean {
    const rank = STATIONS.indexOf(station);
    return [...this.#now.keys()].some((one) => STATIONS.indexOf(one) >= rank);
  }

  /** The visits of the last boot, in order. */
  get all(): readonly Visit[] {
    return [...this.#now.values()];
  }

  /** Adds those of another record of the same machine, as later ones. */
  addAll({ all, refused }: Visits): void {
    for (const visit of all) this.add(visit);
    if (refused) this.add(refused);
  }

  /** The last request that the server has refused, if the machine got no further. */
  get refused(): Visit | undefined {
    return this.#refused;
  }

  /**
   * Describes how far the machine is: the step reached, and the first one missing. `hasConfiguration` is whether the machine gets a
   * configuration.
   */
  outcome(hasConfiguration: boolean): { readonly text: string; readonly last: Visit | undefined } {
    const last = this.all.reduce<Visit | undefined>(
      (most, one) => (most && rankOf(most) > rankOf(one) ? most : one),
      undefined,
    );
    const script = this.#now.get('script');
    const configured = last === script ? this.#configured : undefined;
    const isAtDisk = script !== undefined && configured !== undefined;
    if (this.#installed?.station === 'failed')
      return { last: this.#installed, text: `installation failed${at(this.#installed)}` };
    if (this.#installed) {
      const since = isAtDisk ? `, last boot${at(script)}` : '';
      return { last: this.#installed, text: `installed${at(this.#installed)}${since}` };
    }
    if (this.#refused) return { last: this.#refused, text: refusedText(this.#refused) };
    if (!last) return { last, text: 'not in these logs' };
    const has = `has ${WORDS[last.station]}${at(last)}`;
    if (isAtDisk)
      return {
        last,
        text: `installed: fetched its configuration${at(configured)}, then booted its disk${at(script)}`,
      };
    const missing = missingAfter(last.station, hasConfiguration);
    return { last, text: missing ? `${has}, never ${WORDS[missing]}` : has };
  }
}

function rankOf({ station }: Visit): number {
  return STATIONS.indexOf(station);
}

function at({ time }: Visit): string {
  return time === undefined ? '' : ` (${time})`;
}

function refusedText(visit: Visit): string {
  return `never has ${WORDS[visit.station]}: ${visit.status} for ${visit.path}${at(visit)}`;
}

/** Returns the next step whose request the same server always logs. */
function missingAfter(station: Station, hasConfiguration: boolean): Station | undefined {
  if (station === 'address' || station === 'loader') return 'entry';
  if (station === 'entry') return 'script';
  const isBefore = STATIONS.indexOf(station) < STATIONS.indexOf('configuration');
  return isBefore && hasConfiguration ? 'configuration' : undefined;
}

/** Whether a program that only machines run has sent a request. A node's IP address is proof enough. */
export function isOfMachine({ node, agent }: Request): boolean {
  return node !== undefined || /^(?:[ig]PXE|GRUB|UefiHttpBoot|Cloud-Init|Go-http-client)\b/.test(agent);
}
