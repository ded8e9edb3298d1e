import type { Request } from './lines.ts';

/** The steps of a boot that a log shows, in order, and what a machine gets there. */
const WORDS = {
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
} as const;

export type Station = keyof typeof WORDS;

const STATIONS = Object.keys(WORDS) as Station[];

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
    const isResult = station === 'installed' || station === 'failed';
    if (status >= 400 && !isResult) {
      this.#refused = visit;
      return;
    }
    const rank = rankOf(visit);
    const hasReached = (other: Station) =>
      this.all.some((earlier) => rankOf(earlier) >= STATIONS.indexOf(other));
    if (station === 'entry' ? hasReached('script') : rank > 0 && rank <= 3 && hasReached('kernel')) {
      this.#now = new Map();
      this.#refused = undefined;
    }
    if (station === 'configuration') {
      this.#configured = visit;
      this.#installed = undefined;
    }
    if (isResult) this.#installed = visit;
    if (this.#refused && rank >= rankOf(this.#refused)) this.#refused = undefined;
    this.#now.delete(station);
    this.#now.set(station, visit);
  }

  /** The visits of the last boot, in order. */
  get all(): readonly Visit[] {
    return [...this.#now.values()];
  }

  /** Adds those of another record of the same machine, as later ones. */
  addAll({ all, refused }: Visits): void {
    for (const visit of [...all, ...(refused ? [refused] : [])]) this.add(visit);
  }

  /** The last request that the server has refused, if the machine got no further. */
  get refused(): Visit | undefined {
    return this.#refused;
  }

  /** Describes the step reached and the first one missing. `hasConfiguration` is whether the machine gets a configuration. */
  outcome(hasConfiguration: boolean): { readonly text: string; readonly last: Visit | undefined } {
    const [installed, refused] = [this.#installed, this.#refused];
    const last = this.all.reduce<Visit | undefined>(
      (most, visit) => (most && rankOf(most) > rankOf(visit) ? most : visit),
      undefined,
    );
    const script = this.#now.get('script');
    const configured = last === script ? this.#configured : undefined;
    const boot = script && configured && timeOf(script);
    if (installed?.station === 'failed')
      return { last: installed, text: `installation failed${timeOf(installed)}` };
    if (installed) {
      const since = boot === undefined ? '' : `, last boot${boot}`;
      return { last: installed, text: `installed${timeOf(installed)}${since}` };
    }
    if (refused) {
      const { station, status, path } = refused;
      const text = `never has ${WORDS[station]}: ${status} for ${path}${timeOf(refused)}`;
      return { last: refused, text };
    }
    if (!last) return { last, text: 'not in these logs' };
    if (configured && boot !== undefined) {
      const text = `installed: fetched its configuration${timeOf(configured)}, then booted its disk${boot}`;
      return { last, text };
    }
    // The next step whose request the same server always logs.
    const rank = rankOf(last);
    const missing = (['entry', 'script', 'configuration'] as const).find(
      (station) => rank < STATIONS.indexOf(station),
    );
    const isExpected = missing && (missing !== 'configuration' || hasConfiguration);
    const never = isExpected ? `, never ${WORDS[missing]}` : '';
    return { last, text: `has ${WORDS[last.station]}${timeOf(last)}${never}` };
  }
}

function rankOf({ station }: Visit): number {
  return STATIONS.indexOf(station);
}

function timeOf({ time }: Visit): string {
  return time === undefined ? '' : ` (${time})`;
}

/** Whether a program that only machines run has sent a request. A node's IP address is proof enough. */
export function isOfMachine({ node, agent }: Request): boolean {
  return node !== undefined || /^(?:[ig]PXE|GRUB|UefiHttpBoot|Cloud-Init|Go-http-client)\b/.test(agent);
}
