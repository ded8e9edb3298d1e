import type { Node, Silence, Site } from '../site/model.ts';
import { CODES } from '../source/diagnostics/codes.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { isBroken, keyPlaceOf, placeKey } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/nearest.ts';
import { acrossRules } from './across/index.ts';
import type { Rule } from './rule.ts';
import { valueRules } from './values/index.ts';

/** Rules that can be silenced, and speak when more than the site is known. */
const ELSEWHERE = [...acrossRules, ...valueRules.filter(({ essential }) => !essential)];

/** What an inventory silences: rules by code, for the whole site and for single nodes. */
export class Silences {
  readonly #site: Draft<Site>;
  readonly #heard = new Set<string>();

  constructor(site: Draft<Site>) {
    this.#site = site;
  }

  /** Says whether a rule has nothing to say, of a node if it is about one, and remembers that it had something. */
  cover({ code, essential }: Rule, node: Draft<Node> | undefined): boolean {
    if (essential) return false;
    const silence = [node?.silence, this.#site.silence].find(
      (one) => one && (one[code] !== undefined || isBroken(one, code)),
    );
    if (!silence) return false;
    this.#heard.add(placeKey(keyPlaceOf(silence as Silence, code)));
    return true;
  }

  /**
   * Reports silences of rules that there are not, or that cannot be silenced; and, where there is no error that may have
   * kept a rule from speaking, those of the site that silence nothing (any more): they would hide the next fault. One on
   * a node or in a layer may be for other nodes or sites.
   */
  report(rules: readonly Rule[], report: Report): void {
    const byCode = new Map(rules.map((rule) => [rule.code, rule]));
    const { silence, nodes = [] } = this.#site;
    const all = [silence, ...nodes.map((node) => node?.silence)];
    for (const one of new Set(all)) {
      for (const code of Object.keys(one ?? {})) this.#judge(one as Silence, code, byCode, report);
    }
  }

  #judge(silence: Silence, code: string, rules: ReadonlyMap<string, Rule>, report: Report): void {
    const rule = rules.get(code) ?? valueRules.find((one) => one.code === code && one.essential);
    // Whether one across sites has something to say shows only beside the others, and one over values only with them.
    if (ELSEWHERE.some((one) => one.code === code)) return;
    const at = keyPlaceOf(silence, code);
    if (!rule && CODES.some((one) => one.code === code)) {
      report.error({
        code: 'unsilenceable-rule',
        message: `${code} cannot be silenced: it is no rule over the site.`,
        at,
        help: 'remove it: what it would silence is mended where it is said',
      });
    } else if (!rule) {
      const meant = nearest(code, [...rules.keys(), ...ELSEWHERE.map((one) => one.code)]);
      report.error({
        code: 'unknown-rule',
        message: `There is no rule ${code}${meant ? `: did you mean ${meant}?` : '.'}`,
        at,
        help: '`harvgen rules` lists them',
      });
    } else if (rule.essential) {
      report.error({
        code: 'unsilenceable-rule',
        message: `The rule ${code} cannot be silenced: without what it asks for nothing can be written.`,
        at,
        help: `remove it; \`harvgen rules ${code}\` says what the rule is about`,
      });
    } else if (
      !report.failed &&
      silence === this.#site.silence &&
      !this.#heard.has(placeKey(keyPlaceOf(silence, code)))
    ) {
      report.warning({
        code: 'idle-silence',
        message: `The rule ${code} is silenced, and has nothing to say.`,
        at,
        help: 'remove it: it would hide the next fault',
      });
    }
  }
}
