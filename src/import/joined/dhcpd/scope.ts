import type { Said } from '../gathered.ts';

/** What the options of a network are called that a site carries, and the time of its leases. Source: dhcp-options(5). */
export const CARRIED_OPTIONS = [
  'routers',
  'domain-name-servers',
  'domain-name',
  'ntp-servers',
  'interface-mtu',
  'default-lease-time',
] as const;

export type CarriedOption = (typeof CARRIED_OPTIONS)[number];

/** What holds within a block, and in the blocks around it unless it says otherwise. */
export class Scope {
  readonly kind: 'file' | 'network' | 'group' | 'host';
  readonly outer: Scope | undefined;
  readonly #own = new Map<CarriedOption, readonly Said<string>[]>();

  /** Takes what block it is of, and the scope around it. */
  constructor(kind: Scope['kind'], outer?: Scope) {
    this.kind = kind;
    this.outer = outer;
  }

  /** Says an option within the block: the last one counts. */
  say(name: CarriedOption, values: readonly Said<string>[]): void {
    this.#own.set(name, values);
  }

  /** What the block itself says. */
  own(name: CarriedOption): readonly Said<string>[] | undefined {
    return this.#own.get(name);
  }

  /** What holds within the block. */
  get(name: CarriedOption): readonly Said<string>[] {
    return this.#own.get(name) ?? this.outer?.get(name) ?? [];
  }
}
