import type { Cluster, Network, Node, Site } from '../site/model.ts';
import type { Code } from '../source/diagnostics/codes.ts';
import type { Diagnostic, Severity } from '../source/diagnostics/report.ts';
import { locationOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';

/** A finding of a rule: a diagnostic without its location, and without its code and severity, which the rule sets. */
export type Finding = Omit<Diagnostic, 'code' | 'severity' | 'at'> & {
  /** The node of the finding, if any: a node can silence the rule for itself. */
  readonly node?: Draft<Node> | undefined;
  /** Whether to report it once per source location: an error in a layer is one error, however many nodes use the layer. */
  readonly dedupe?: true;
  /** Whether the fix is right for other nodes that share the value, too. Otherwise, it is safe only if they have the finding. */
  readonly suitsOthers?: true;
  /** Whether it is the cause of the findings that relate to its location, which are not reported then. */
  readonly isCause?: true;
};

/** A finding with its location. */
export type LocatedFinding = Finding & Pick<Diagnostic, 'at'>;

/** Receives the findings of a rule, each with its location. */
export type Report = (at: SourceLocation, finding: Finding) => void;

/**
 * One semantic rule over a resolved site. It reports, and never throws. It ignores parts that are missing because of another
 * error, which is reported already. docs/reference/rules.md and `harvgen rules` are generated from these texts.
 */
export interface Rule extends Code {
  /** Whether a violation prevents all output; such a rule cannot be silenced. */
  readonly essential?: true;
  check(site: Draft<Site>, report: Report): void;
}

/** The texts of a rule. */
type Texts = Omit<Code, 'code' | 'severity'> & Pick<Rule, 'essential'>;
type Checked = { readonly check: unknown };

/** Adds the check to the texts of a rule. */
interface WithoutCheck {
  check<R extends Checked = Rule>(check: R['check']): R;
  /** Adds a check of each item of a kind: `per.node`, `per.cluster` and others visit the items. */
  check<Check, R extends Checked = Rule>(visit: (check: Check) => R['check'], check: Check): R;
}

const ruleOf =
  (severity: Severity, isEssential?: Pick<Rule, 'essential'>) =>
  (code: string, texts: Texts): WithoutCheck => ({
    check: <Check, R>(visit: Check | ((check: Check) => Check), check?: Check) =>
      ({
        code,
        severity,
        ...isEssential,
        ...texts,
        check: check === undefined ? visit : (visit as (check: Check) => Check)(check),
      }) as R,
  });

/** Returns a rule that reports errors, once it has its check. */
export const error = ruleOf('error');

/** Returns a rule whose errors prevent all output: it cannot be silenced. */
export const essential = ruleOf('error', { essential: true });

/** Returns a rule that reports warnings. */
export const warning = ruleOf('warning');

/** Returns the rules of several subjects, sorted by code. */
export function byCode<R extends Code>(subjects: readonly (readonly R[])[]): readonly R[] {
  return subjects.flat().sort((a, b) => (a.code < b.code ? -1 : 1));
}

type Items<T> = (site: Draft<Site>) => Iterable<T | undefined>;
type Check<T> = (item: T, report: Report, site: Draft<Site>) => void;

const ONCE = { dedupe: true } as const;

const visiting =
  <T>(items: Items<T>, nodeOf: (item: T) => Draft<Node> | undefined, once?: typeof ONCE) =>
  (check: Check<T>): Rule['check'] =>
  (site, report) => {
    // One function for all items avoids millions of allocations.
    let node: Draft<Node> | undefined;
    const reportOfNode: Report = (at, finding) => report(at, { node, ...once, ...finding });
    for (const item of items(site)) {
      if (item === undefined) continue;
      node = nodeOf(item);
      check(item, reportOfNode, site);
    }
  };

type MayHaveNode = object & { readonly node?: Draft<Node> | undefined };

const itself = <T>(node: T) => node;

const nodesOf = ({ nodes = [] }: Draft<Site>) => nodes;

const perItem = <T extends MayHaveNode>(items: Items<T>) => visiting(items, ({ node }) => node);

/** The visitors of items. Their reports are about the item's node, if any; `nodeOnce` and `itemOnce` report once per location. */
export const per = {
  node: visiting(nodesOf, itself),
  nodeOnce: visiting(nodesOf, itself, ONCE),
  cluster: perItem<Draft<Cluster>>(({ clusters = [] }) => clusters),
  network: perItem<Draft<Network>>(({ networks = [] }) => networks),
  item: perItem,
  itemOnce: <T extends MayHaveNode>(items: Items<T>) => visiting(items, ({ node }) => node, ONCE),
  repeat: perRepeat,
};

type Having<K extends keyof Draft<Node>> = Draft<Node> & {
  readonly [Key in K]: NonNullable<Draft<Node>[Key]>;
};

/**
 * Picks the nodes that have a part which `matches`. The result must depend on the part only: nodes with the same layers
 * share parts, and `matches` is not called again for the part of the node before. Returns a function that returns the
 * nodes (`ofSite`), and visitors like per.node (`each`) and per.nodeOnce (`eachOnce`).
 *
 * @example
 * }).check(nodesWith('firmware', (firmware) => firmware === 'bios').each, (node, report) => …)
 */
export function nodesWith<K extends keyof Draft<Node>>(
  key: K,
  matches: (part: NonNullable<Draft<Node>[K]>) => unknown = () => true,
) {
  const ofSite = ({ nodes = [] }: Draft<Site>): readonly Having<K>[] => {
    let last: unknown;
    let isPicked = false;
    return nodes.filter((node): node is Having<K> => {
      const part = node?.[key];
      if (part === undefined || part === null) return false;
      if (part !== last) isPicked = Boolean(matches(part));
      last = part;
      return isPicked;
    });
  };
  return { ofSite, each: visiting(ofSite, itself), eachOnce: visiting(ofSite, itself, ONCE) };
}

/** Picks the nodes whose cluster installs this release or a newer one. Omits nodes of an unknown release. */
export const nodesSince = (release: string) =>
  nodesWith('cluster', ({ version }) => version && isAtLeast(version, release));

/** Picks the nodes whose cluster installs an older release than this. Omits nodes of an unknown release. */
export const nodesBefore = (release: string) =>
  nodesWith('cluster', ({ version }) => version && !isAtLeast(version, release));

/** Returns each item with the key of an earlier item, and the first item with that key. Omits items without a key. */
export function repeats<T>(
  items: Iterable<T | undefined>,
  keyOf: (item: T) => unknown,
): { readonly later: T; readonly first: T }[] {
  const firsts = new Map<unknown, T>();
  const found: { later: T; first: T }[] = [];
  for (const later of items) {
    const key = later === undefined ? undefined : keyOf(later);
    if (later === undefined || key === undefined) continue;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, later);
    else found.push({ later, first });
  }
  return found;
}

/** A finding about a repeated value. `related` introduces the location of the first item. */
type Repeated = Omit<Finding, 'related'> & { readonly related: string };

/**
 * Checks that no item has the value of an earlier one. `place` is the key of the value, or returns its location. A finding with
 * `dedupe` does not name the location of the first item if both have the same.
 *
 * @example
 * }).check(per.repeat(({ nodes = [] }) => nodes, 'nid'), (later, first) => ({ message: …, related: …, help: … }))
 */
function perRepeat<T extends object>(
  items: Items<T>,
  place: (keyof T & string) | ((item: T) => SourceLocation),
  keyOf = (item: T): unknown => item[place as keyof T],
) {
  const locate = typeof place === 'function' ? place : (item: T) => locationOf(item, place);
  return (describe: (later: T, first: T, site: Draft<Site>) => Repeated | undefined): Rule['check'] =>
    (site, report) => {
      for (const { later, first } of repeats(items(site), keyOf)) {
        const finding = describe(later, first, site);
        if (!finding) continue;
        const [at, firstAt] = [locate(later), locate(first)];
        const isOnePlace = finding.dedupe && locationKey(at) === locationKey(firstAt);
        report(at, { ...finding, related: isOnePlace ? [] : [{ message: finding.related, at: firstAt }] });
      }
    };
}
