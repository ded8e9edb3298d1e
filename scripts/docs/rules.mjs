// docs/reference/rules.md, from src/rules and src/source/diagnostics.
import { multiSiteRules } from '../../src/rules/across/index.ts';
import { RULES_BY_SUBJECT } from '../../src/rules/index.ts';
import { byCode } from '../../src/rules/rule.ts';
import { valueRules } from '../../src/rules/secrets/secret-values.ts';
import { CODES_BY_SUBJECT } from '../../src/source/diagnostics/codes.ts';
import { withThreads } from '../../src/source/diagnostics/words.ts';
import { cell, code, linkTo, table } from './page.mjs';

/** Returns the generated part of the page: the rules by subject, then all other diagnostics. */
export function rules() {
  const groups = [
    ...Object.entries(RULES_BY_SUBJECT).map(([title, subject]) => [title, byCode([subject])]),
    ['Rules across sites', multiSiteRules],
    ['Values of secrets', valueRules],
    ...Object.entries(CODES_BY_SUBJECT),
  ].filter(([, codes]) => codes.length > 0);
  const index = groups.map(([title, codes]) => `- ${linkTo(title)} (${codes.length})\n`).join('');
  const sections = groups.map(([title, codes]) => `\n## ${title}\n\n${codeTable(codes)}`);
  return `${index}${sections.join('')}`;
}

function codeTable(codes) {
  return table(
    ['Code', 'Severity', 'Requirement', 'Reason'],
    codes.map(({ code: name, severity, what, why, essential }) => [
      `<a id="${name}"></a>${code(name)}`,
      `${severity}${essential ? '\\*' : ''}`,
      cell(what),
      withThreads(cell(why), (thread, url) => `[${thread}](${url})`),
    ]),
  );
}
