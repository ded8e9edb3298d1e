import type { Tree } from '../../tree/tree.ts';
import type { NodeFacts, SiteFacts } from './facts.ts';
import type { FileChange } from './files.ts';

/**
 * When a change counts: at the next boot; when its domain is started again, since libvirt changes none that runs; when it is
 * installed anew, when alone Harvester reads its configuration; or for readers of www/inventory.json alone.
 */
export type Effect = 'boot' | 'restart' | 'installation' | 'inventory';

/** A change of a node, as programs read it too: schema/diff.schema.json is the same for them. */
export interface NodeChange {
  readonly what: string;
  /** Of a configuration, a domain, a Linux, a disk by iSCSI and what is declared of a machine: which key, dotted. Of a NIC: its MAC address, or its name without one. */
  readonly key?: string;
  /** Not there where nothing was set, and where it may not be shown. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly effect: Effect;
  readonly text: string;
}

/** Makes a change of a node, with its keys in the order that JSON has them in. */
export function nodeChange(
  what: string,
  effect: Effect,
  text: string,
  sides: Pick<NodeChange, 'key' | 'before' | 'after'> = {},
): NodeChange {
  return { what, ...sides, effect, text };
}

/** The most serious thing that a machine does otherwise, the gravest first: schema/diff.schema.json says what each means. */
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

/** A change of a node that comes to more than its effect says. */
export interface BootChange extends NodeChange {
  readonly consequence: Consequence;
}

/** Makes such a change. */
export function bootChange(consequence: Consequence, ...change: Parameters<typeof nodeChange>): BootChange {
  return { ...nodeChange(...change), consequence };
}

/** Everything that is to be said of a node. */
export interface NodePlan {
  readonly node: string;
  readonly change: 'new' | 'gone' | 'moved' | 'renamed' | 'changed';
  readonly consequence: Consequence;
  /** The most serious first. */
  readonly changes: readonly NodeChange[];
}

/** A change that is not of a node. */
export interface SiteChange {
  readonly what: string;
  /** The network, the cluster, the tenant, the image or the secret. */
  readonly name?: string;
  /** Of a network, a cluster, a tenant or an image that stays, and of the iSCSI server: which key, dotted. */
  readonly key?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly text: string;
}

/** Two trees of a site: what they say, what distinguishes them, and the later one itself. */
export interface Trees {
  readonly before: SiteFacts;
  readonly after: SiteFacts;
  readonly files: readonly FileChange[];
  readonly tree: Tree;
  /** By the values of their secrets: whether they stand in what is built, which files are others, and which secrets. */
  readonly filled?:
    | {
        readonly isFilled: boolean;
        readonly changed: ReadonlySet<string>;
        readonly otherValues: readonly string[];
      }
    | undefined;
}

/** What a build would change of a site's tree. */
export interface Plan {
  /** The nodes that are not what they were; none where `untold` says why. */
  readonly nodes: readonly NodePlan[];
  readonly changes: readonly SiteChange[];
  readonly files: readonly FileChange[];
  readonly unchanged: number;
  /** The nodes that are new, and those that are gone with their machine: they may be told of as moved. */
  readonly came: readonly NodeFacts[];
  readonly went: readonly NodeFacts[];
  readonly hasPods?: boolean;
  readonly untold?: string;
}

/** How a tree has the values of secrets: before and after; only after, where there were marks; only before. */
export type Filling = 'filled' | 'to-fill' | 'to-mark';

/** A plan, and the site and folder that it is for. */
export interface PlacedPlan {
  readonly site: string;
  /** Where the tree lies, as the user would say it. */
  readonly folder: string;
  /** Where it lies as seen from where the diff is to be applied, with forward slashes. */
  readonly root: string;
  readonly plan: Plan;
  /** The files that were edited since they were built: a build refuses to overwrite them. */
  readonly edited: readonly string[];
  /** Those of which nobody knows what in them is secret: no line of them is shown. */
  readonly unknown?: ReadonlySet<string>;
  /** How the trees have their secrets, where values of them stand in one: then there is no patch. */
  readonly filling?: Filling | undefined;
}

/** What of a plan is wanted. */
export interface PlanOptions {
  readonly patch: boolean;
}
