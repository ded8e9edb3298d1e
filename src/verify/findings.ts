import type { Medium } from '../plan/medium.ts';
import type { SecretValues } from '../secrets/source.ts';
import type { Site } from '../site/model.ts';
import type { Tree } from '../tree/tree.ts';
import type { Limits } from './limits.ts';

/** The parts of the deployment that findings are about, in the order of the boot. */
const SUBJECTS = ['libvirt', 'dhcp', 'tftp', 'program', 'tls', 'http', 'media', 'iscsi'] as const;

export type Subject = (typeof SUBJECTS)[number];

/** A difference between the deployed servers and the inventory: one cause, with everything that it affects. */
export interface Finding {
  readonly subject: Subject;
  readonly message: string;
  readonly help: string;
  /** The names of the affected machines; empty if it affects no particular ones. */
  readonly nodes: readonly string[];
  /** Where it shows: URLs, or values of single machines. */
  readonly details: readonly string[];
}

/** A boot file as it was downloaded. */
export interface Program {
  readonly url: string;
  readonly size: number;
  readonly sha256: string;
}

/** The steps of a boot at which a machine gets something. */
const STEPS = ['address', 'boot file', 'script', 'configuration'] as const;

type Step = (typeof STEPS)[number];

/** Collects what a run of `verify` finds out. */
export class Findings {
  readonly #findings = new Map<string, Finding & { readonly nodes: string[]; readonly details: string[] }>();
  readonly #got = new Map<string, Map<Step, Set<string>>>();
  readonly programs: Program[] = [];
  /** The things that could not be checked from this machine, and why: each once. */
  readonly notes = new Set<string>();

  /** Adds a difference. One with the same message is the same cause: machines and details are added to it. */
  add(
    subject: Subject,
    message: string,
    help: string,
    { nodes = [], detail }: { readonly nodes?: readonly string[]; readonly detail?: string } = {},
  ): void {
    const key = `${subject} ${message}`;
    const known = this.#findings.get(key) ?? { subject, message, help, nodes: [], details: [] };
    this.#findings.set(key, known);
    for (const node of nodes) if (!known.nodes.includes(node)) known.nodes.push(node);
    if (detail !== undefined && !known.details.includes(detail)) known.details.push(detail);
  }

  /** Records what a machine would get at a step of its boot. */
  gets(node: string, step: Step, what: string): void {
    const known = this.#got.get(node) ?? new Map<Step, Set<string>>();
    this.#got.set(node, known.set(step, (known.get(step) ?? new Set()).add(what)));
  }

  /** Returns what a machine would get, in the order of the boot. */
  gotBy(node: string): string[] {
    return STEPS.flatMap((step) => [...(this.#got.get(node)?.get(step) ?? [])]);
  }

  /** Returns the differences in the order of the boot, with the machines and details of each in the order of the inventory. */
  sorted({ nodes }: Pick<Site, 'nodes'>): Finding[] {
    const rank = new Map(nodes.map(({ name }, index) => [name, index]));
    const rankOf = (name: string) => rank.get(name) ?? rank.size;
    return [...this.#findings.values()]
      .map((finding) => ({
        ...finding,
        nodes: [...finding.nodes].sort((a, b) => rankOf(a) - rankOf(b)),
        details: [...finding.details].sort(),
      }))
      .sort(
        (a, b) =>
          SUBJECTS.indexOf(a.subject) - SUBJECTS.indexOf(b.subject) || (a.message < b.message ? -1 : 1),
      );
  }
}

/** Shows how far a step is; does nothing without a terminal. */
export type Progress = (step: string, done: number, all: number) => void;

/** A run of `verify`: the site, the machines to ask as, and what is found. */
export interface Run {
  readonly site: Site;
  readonly tree: Tree;
  /** Every URL that the machines request. */
  readonly media: readonly Medium[];
  /** The names of the machines. */
  readonly names: ReadonlySet<string>;
  /** The values of secrets, if the user has passed them. */
  readonly values: SecretValues | undefined;
  readonly findings: Findings;
  readonly progress: Progress;
  readonly limits: Limits;
}

/** Calls an asynchronous function for each item, for at most `limit` items at a time. */
export async function eachOf<T>(
  items: Iterable<T>,
  limit: number,
  use: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await use(next.value);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
