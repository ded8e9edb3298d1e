import type { Tree } from '../../tree/tree.ts';
import type { NodePlan, SiteChange } from './change.ts';
import type { NodeFacts } from './facts.ts';
import { type FileChange, fileChanges } from './file-changes.ts';
import { imageChange } from './image-change.ts';
import { hasPods } from './plan-kubernetes.ts';
import { planNodes } from './plan-nodes.ts';
import { planServer } from './plan-server.ts';
import { planSite } from './plan-site.ts';
import { INVENTORY, readFacts } from './read-facts.ts';

/** What a build would change of a site's tree. */
export interface Plan {
  /** The nodes that are not what they were; none where `untold` says why. */
  readonly nodes: readonly NodePlan[];
  /** What else of the site is not what it was. */
  readonly changes: readonly SiteChange[];
  readonly files: readonly FileChange[];
  /** How many files stay as they are. */
  readonly unchanged: number;
  /** The nodes that are new, and those that are gone with their machine: they may be told of as moved. */
  readonly came: readonly NodeFacts[];
  readonly went: readonly NodeFacts[];
  /** Whether pods serve the tree, so that what is to be done is not for a boot server alone. */
  readonly hasPods?: boolean;
  /** Why nodes are not told of, where they are not. */
  readonly untold?: string;
}

/** What distinguishes trees by the values of their secrets, which the trees that are compared do not have. */
export interface FilledChange {
  /** Whether the values stand in what is built, and not only in what was. */
  readonly isFilled: boolean;
  /** The paths of all files that are others. */
  readonly changed: ReadonlySet<string>;
  /** The names of secrets that have another value. */
  readonly otherValues: readonly string[];
}

const NOTHING = {
  tenants: new Map(),
  images: new Map(),
  networks: new Map(),
  clusters: new Map(),
  nodes: new Map(),
};

/**
 * Says what distinguishes two trees of a site, by node and by file. Both are read in the same way, so that what one of
 * them does not say is not guessed; the earlier one may be of another version, or damaged. Both have marks in place of
 * secrets; where the values stand in what is built, `filled` says what distinguishes those.
 */
export function plan(before: Tree, after: Tree, filled?: FilledChange): Plan {
  const files = fileChanges(before, after, filled?.changed);
  const unchanged = after.size - files.filter(({ change }) => change !== 'removed').length;
  const old = before.size === 0 ? NOTHING : readFacts(before);
  const now = readFacts(after);
  const nothing = { nodes: [], changes: [], files, unchanged, came: [], went: [] };
  if ('fault' in old) return { ...nothing, untold: untold('the earlier', old.fault) };
  if ('fault' in now) return { ...nothing, untold: untold('the new', now.fault) };
  // Of a first build it goes without saying that all is new.
  if (before.size === 0) return { ...nothing, ...planNodes(old, now) };
  const changes = [
    ...planSite(old, now, files),
    ...imageChange(old, now, files, after),
    ...planServer(old, now, files, after, filled),
  ];
  return { ...nothing, ...planNodes(old, now), changes, ...(hasPods(after) ? { hasPods: true } : {}) };
}

function untold(which: string, fault: string): string {
  return `what nodes will do cannot be said: ${INVENTORY} of ${which} build ${fault}`;
}
