import type { Silence, Site } from '../site/model.ts';
import { CODES } from '../source/diagnostics/import-codes.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { isBroken, keyLocationOf, selfLocation } from '../source/origin.ts';
import { locationKey, rangeAt } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/text.ts';
import { multiSiteRules } from './across/index.ts';
import { rules } from './index.ts';
import { valueRules } from './secret-values.ts';

/** Checks a site against every rule, but for what the inventory silences: rules by code, for the site and for single nodes. */
export function checkRules(site: Draft<Site>, report: Report): void {
  const heard = new Set<string>();
  for (const { code, severity, essential, check } of rules) {
    const said = new Set<string>();
    check(site, ({ node, dedupe, ...finding }) => {
      // Silenced first: another node at the same place may not silence it.
      const silence = [node?.silence, site.silence].find(
        (one) => one && (one[code] !== undefined || isBroken(one, code)),
      );
      if (silence && !essential) {
        heard.add(locationKey(keyLocationOf(silence as Silence, code)));
        return;
      }
      const place = locationKey(finding.at);
      if (dedupe && said.has(place)) return;
      said.add(place);
      report.add({ code, severity, range: node && rangeAt(selfLocation(node)), ...finding });
    });
  }
  checkSilences(site, heard, report);
}

/**
 * Reports silences of rules that there are not, or that cannot be silenced; and, where there is no error that may have
 * kept a rule from speaking, those of the site that silence nothing (any more): they would hide the next fault. One on
 * a node or in a layer may be for other nodes or sites.
 */
function checkSilences(
  { silence, nodes = [] }: Draft<Site>,
  heard: ReadonlySet<string>,
  report: Report,
): void {
  for (const one of new Set([silence, ...nodes.map((node) => node?.silence)])) {
    for (const code of Object.keys(one ?? {})) {
      const at = keyLocationOf(one as Silence, code);
      const fault = faultOf(code);
      if (fault) report.error({ ...fault, at });
      else if (!report.failed && one === silence && OF_SITE.has(code) && !heard.has(locationKey(at)))
        report.warning({
          code: 'idle-silence',
          message: `The rule ${code} is silenced, and has nothing to say.`,
          at,
          help: 'remove it: it would hide the next fault',
        });
    }
  }
}

/** Rules over one site. Whether one across sites has something to say shows only beside the others, and one over values only with them. */
const OF_SITE: ReadonlySet<string> = new Set(rules.map(({ code }) => code));

const ESSENTIAL = new Set(
  [...rules, ...valueRules].flatMap(({ code, essential }) => (essential ? code : [])),
);

const ALL = [...rules, ...multiSiteRules, ...valueRules].map(({ code }) => code);

function faultOf(code: string) {
  if (ESSENTIAL.has(code))
    return {
      code: 'unsilenceable-rule',
      message: `The rule ${code} cannot be silenced: without what it asks for nothing can be written.`,
      help: `remove it; \`harvgen rules ${code}\` says what the rule is about`,
    };
  if (ALL.includes(code)) return undefined;
  if (CODES.some((one) => one.code === code))
    return {
      code: 'unsilenceable-rule',
      message: `${code} cannot be silenced: it is no rule over the site.`,
      help: 'remove it: what it would silence is mended where it is said',
    };
  const meant = nearest(
    code,
    ALL.filter((one) => OF_SITE.has(one) || !ESSENTIAL.has(one)),
  );
  return {
    code: 'unknown-rule',
    message: `There is no rule ${code}${meant ? `: did you mean ${meant}?` : '.'}`,
    help: '`harvgen rules` lists them',
  };
}
