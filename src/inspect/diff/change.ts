import type { Reach } from '../../knowledge/installed-keys.ts';
import type { Tree } from '../../tree/tree.ts';
import type { NodeFacts, SiteFacts } from './facts.ts';
import type { Cause, FileChange } from './files.ts';

/** When a change takes effect, the soonest first. libvirt does not change a running domain, Harvester reads its configuration only to install. Each with its consequence, unless the change has another. */
export const EFFECTS = {
  boot: 'boots-otherwise',
  restart: 'when-restarted',
  installation: 'when-installed',
  inventory: 'none',
} as const satisfies Readonly<Record<string, Consequence>>;

export type Effect = keyof typeof EFFECTS;

/** A change of a node. JSON output has the same form: schema/diff.schema.json. */
export interface NodeChange {
  readonly what: string;
  /** For a configuration, a domain, Linux, an iSCSI disk and declared facts: the dotted key. For a NIC: its MAC address, or its name without one. */
  readonly key?: string;
  /** The value before; omitted if the key was not set, and if its value must stay hidden. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly effect: Effect;
  /** How a change of the next installation reaches a node that is installed; omitted if only by reinstalling it. */
  readonly installed?: Reach;
  readonly text: string;
  /** Omitted if this version of harvgen wrote the earlier tree, too, or if the causes are unknown. */
  readonly by?: Cause;
}

/** The most serious effect on a machine, worst first: schema/diff.schema.json describes each. */
export const CONSEQUENCES = [
  'reinstalls',
  'installs',
  'unexplained',
  'boots-otherwise',
  'when-restarted',
  'when-installed',
  'none',
  'stranger',
] as const;

export type Consequence = (typeof CONSEQUENCES)[number];

/** A change of a node, and its consequence if the effect does not imply it. */
export type Found = NodeChange & { readonly consequence?: Consequence | undefined };

/** Returns a change of a node, with its keys in the order of the JSON output. */
export function nodeChange(
  what: string,
  effect: Effect,
  text: string,
  sides: Pick<Found, 'key' | 'before' | 'after' | 'consequence'> = {},
): Found {
  return { what, ...sides, effect, text };
}

/** The facts of a node in two trees; `machine` names the node that has an identifier of a machine: `mac …` or `ip …`. */
export interface Pair {
  readonly before: NodeFacts;
  readonly after: NodeFacts;
  readonly machine: { was(id: string): string | undefined; is(id: string): string | undefined };
  /** Whether a site template changes the script. */
  isByTemplate(): boolean;
}

/** All changes of a node. */
export interface NodePlan {
  readonly node: string;
  readonly change: 'new' | 'gone' | 'moved' | 'renamed' | 'changed';
  readonly consequence: Consequence;
  /** The changes of the node, the most serious first. */
  readonly changes: readonly NodeChange[];
}

/** A change beside the nodes; `key` is the dotted key of a network, cluster, tenant or image that stays, or of the iSCSI server. */
export interface SiteChange extends Omit<NodeChange, 'effect'> {
  /** The name of the network, cluster, tenant, image or secret, or of the node of a `disk-name`. */
  readonly name?: string;
  /** A step that precedes the deployment of the tree; other steps follow it. */
  readonly when?: 'before';
}

/** Returns a change of a site as a list; empty without a text. */
export function step(
  what: string,
  text: string | false | undefined,
  sides: Partial<SiteChange> = {},
): SiteChange[] {
  return text ? [{ what, ...sides, text }] : [];
}

/** Returns a change of a value that both trees have, with the text for both sides; none if it stays, or if one tree lacks it. */
export function otherValue(
  what: string,
  before: string | undefined,
  after: string | undefined,
  textFor: (before: string, after: string) => string,
): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  return [{ what, before, after, text: textFor(before, after) }];
}

/** Two trees of a site: their facts, the files that differ, and the later tree itself. */
export interface Trees {
  readonly before: SiteFacts;
  readonly after: SiteFacts;
  readonly files: readonly FileChange[];
  readonly tree: Tree;
  /** The values of secrets: whether the built tree contains them, and the files and secrets with other values. */
  readonly filled?: {
    readonly isFilled: boolean;
    readonly changed: ReadonlySet<string>;
    readonly otherValues: readonly string[];
  };
}

/** The changes that a build would make to a site's tree. */
export interface Plan {
  /** The changed nodes; empty if `unknownReason` contains the reason why they are unknown. */
  readonly nodes: readonly NodePlan[];
  readonly changes: readonly SiteChange[];
  readonly files: readonly FileChange[];
  readonly unchanged: number;
  /** The nodes that are new, and those that are gone with their machine: they may be reported as moved. */
  readonly added: readonly NodeFacts[];
  readonly removed: readonly NodeFacts[];
  readonly hasPods?: boolean;
  /** JSON output calls it `untold`. */
  readonly unknownReason?: string;
}

/** Which trees contain the values of secrets: both; only the later, instead of placeholders; only the earlier. */
export type Filling = 'filled' | 'to-fill' | 'to-mark';

/** A plan with its site and directory. */
export interface SitePlan {
  readonly site: string;
  /** The path of the tree as the user would write it. */
  readonly folder: string;
  /** The path of the tree relative to the directory where the diff is applied, with forward slashes. */
  readonly root: string;
  readonly plan: Plan;
  /** The files that were edited since the last build: a build refuses to overwrite them. */
  readonly edited: readonly string[];
  /** The files in the directory that no build wrote: they are deployed with the tree. */
  readonly unmanaged?: readonly string[];
  /** The files with secrets at unknown positions: their lines are hidden. */
  readonly unknown?: ReadonlySet<string>;
  /** Which trees contain the values of secrets, if any does: then there is no patch. */
  readonly filling?: Filling | undefined;
  /** The versions of harvgen that wrote the earlier tree and write the later one, and why the cause of each change is unknown. */
  readonly upgrade?: { readonly from: string; readonly to: string; readonly unknown?: string };
}

/** The parts of a plan to print. */
export interface PlanOptions {
  readonly patch: boolean;
}
