import type { Node, Silence, Site } from '../site/model.ts';
import { CODES } from '../source/diagnostics/codes.ts';
import type { Diagnostic, Fix, Report } from '../source/diagnostics/report.ts';
import { isBroken, keyLocationOf, locationsOf, selfLocation } from '../source/origin.ts';
import { locationKey, rangeAt, type SourceLocation } from '../source/source.ts';
import { removeAt, renameKey, safeFix, suggestedFix } from '../source/text-edit/fix.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isTypoOf, nearest, shownKey } from '../values/text.ts';
import { multiSiteRules } from './across/index.ts';
import { rules } from './index.ts';
import { valueRules } from './secrets/secret-values.ts';

/** Checks a site against every rule, except those whose codes the inventory silences for the site or for a node. */
export function checkRules(site: Draft<Site>, report: Report): void {
  const usedSilences = new Set<string>();
  const causes = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const { code, severity, essential, check } of rules) {
    const reported = new Set<string>();
    const found = new Map<string, Set<Draft<Node>>>();
    check(site, (at, { node, dedupe, suitsOthers, isCause, ...finding }) => {
      const location = locationKey(at);
      const nodes = found.get(location) ?? new Set();
      if (node) found.set(location, nodes.add(node));
      // Checked before dedupe: another node with the same location may not silence the rule.
      const silence = [node?.silence, site.silence].find(
        (one) => one && (one[code] !== undefined || isBroken(one, code)),
      );
      if (silence && !essential) {
        usedSilences.add(locationKey(keyLocationOf(silence as Silence, code)));
        return;
      }
      if (dedupe && reported.has(location)) return;
      reported.add(location);
      if (isCause) causes.add(location);
      diagnostics.push({
        code,
        severity,
        range: node && rangeAt(selfLocation(node)),
        ofNode: node !== undefined,
        ...finding,
        at,
        fix: node && finding.fix && !suitsOthers ? fixFor(finding.fix, at, nodes, site) : finding.fix,
      });
    });
  }
  for (const diagnostic of diagnostics)
    if (!diagnostic.related?.some(({ at }) => causes.has(locationKey(at)))) report.add(diagnostic);
  checkSilences(site, usedSilences, report);
}

/**
 * Reports silences of unknown rules and of rules that cannot be silenced. If no error may have kept a rule from reporting, also reports
 * unused silences of the site, which would hide the next finding. A silence on a node or in a layer may be for other nodes or sites.
 */
function checkSilences(
  { silence, nodes = [] }: Draft<Site>,
  usedSilences: ReadonlySet<string>,
  report: Report,
): void {
  for (const one of new Set([silence, ...nodes.map((node) => node?.silence)]))
    for (const code of Object.keys(one ?? {})) {
      const at = keyLocationOf(one as Silence, code);
      const error = silenceError(code, at);
      if (error) report.error({ ...error, at });
      else if (!report.failed && one === silence && OF_SITE.has(code) && !usedSilences.has(locationKey(at)))
        report.warning({
          code: 'idle-silence',
          message: `The rule ${code} is silenced but reports nothing.`,
          at,
          fix: safeFix(removeAt(at)),
          help: 'remove the silence: it would hide the next finding',
        });
    }
}

/** Rules for one site. Multi-site rules report only with all sites, and value rules only with the values. */
const OF_SITE: ReadonlySet<string> = new Set(rules.map(({ code }) => code));

const ESSENTIAL = new Set(
  [...rules, ...valueRules].flatMap(({ code, essential }) => (essential ? code : [])),
);

const ALL = [...rules, ...multiSiteRules, ...valueRules].map(({ code }) => code);

function silenceError(code: string, at: SourceLocation) {
  const isEssential = ESSENTIAL.has(code);
  if (ALL.includes(code) && !isEssential) return undefined;
  if (isEssential || CODES.some((kind) => kind.code === code))
    return {
      code: 'unsilenceable-rule',
      message: isEssential
        ? `The rule ${code} cannot be silenced: harvgen can write nothing while it is broken.`
        : `${code} cannot be silenced: it is not a rule for the site.`,
      fix: safeFix(removeAt(at)),
      help: `remove ${code} from silence${isEssential ? `; \`harvgen rules ${code}\` describes the rule` : ', and correct the reported error'}`,
    };
  const allowed = ALL.filter((one) => OF_SITE.has(one) || !ESSENTIAL.has(one));
  const likely = nearest(code, allowed);
  return {
    code: 'unknown-rule',
    message: `There is no rule ${shownKey(code)}${likely ? `: did you mean ${likely}?` : '.'}`,
    help: 'run `harvgen rules` for a list',
    fix:
      likely === undefined
        ? undefined
        : (isTypoOf(code, likely, allowed) ? safeFix : suggestedFix)(renameKey(at, likely)),
  };
}

/**
 * Returns the fix of a finding about some nodes. It is safe only if no other node gets the value at the location, such as from a
 * profile: for that node, the edit would change what is right.
 */
export function fixFor(
  fix: Fix,
  at: SourceLocation,
  found: ReadonlySet<Draft<Node>>,
  { nodes = [] }: Draft<Site>,
): Fix {
  const key = locationKey(at);
  return {
    get title() {
      return fix.title;
    },
    get edits() {
      return fix.edits;
    },
    get safe() {
      return fix.safe && !nodes.some((node) => node && !found.has(node) && locationsOfNode(node).has(key));
    },
  };
}

/** Parts of a node that are not its own. */
const OTHERS: readonly string[] = ['cluster', 'network', 'domain', 'groups', 'tenant', 'oci', 'image'];

const locationsOfNode = onceFor((node: Draft<Node>): ReadonlySet<string> => {
  const { os, userConfig, config, clusterConfig, derived, own, bootNic, bond, facts, ...parts } = node;
  return locationsIn(os === 'harvester' ? { ...parts, userConfig } : parts, node);
});

/** Returns the locations of all keys and values in a part. Nodes with the same layers share their parts. */
const locationsBelow = onceFor((part: object) => locationsIn(part));

function locationsIn(part: object, holder = part): Set<string> {
  const locations = new Set<string>();
  for (const [key, value] of Object.entries(part)) {
    const found = locationsOf(holder, key);
    if (found) locations.add(locationKey(found.key)).add(locationKey(found.value));
    if (typeof value === 'object' && value !== null && !OTHERS.includes(key))
      for (const one of locationsBelow(value)) locations.add(one);
  }
  return locations;
}
