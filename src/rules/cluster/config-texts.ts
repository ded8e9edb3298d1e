import { breaksFiles, isTrimmed, needsBase64, typeInYaml } from '../../knowledge/config-texts.ts';
import { FIRST_RELEASE_WITH_FQDN } from '../../knowledge/harvester.ts';
import { effective, type ReleaseKey } from '../../site/effective.ts';
import { locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { replaceValue, safeFix } from '../../source/text-edit/fix.ts';
import { error, type Report, type Rule, warning } from '../rule.ts';
import { nodesSince } from '../support.ts';
import { perKey } from './harvester-config.ts';

/** A text of a configuration, and its path: that of a key, or of an item of a list. */
interface ConfigText {
  readonly path: string;
  readonly text: string;
  readonly at: SourceLocation;
}

/** Returns a check of each text in configurations, like `perKey`. */
function perText(check: (text: ConfigText, key: ReleaseKey, report: Report) => void): Rule['check'] {
  return perKey((written, report) => {
    const { path, key, value, holder, available } = written;
    if (available !== 'present') return;
    if (typeof value === 'string') check({ path, text: value, at: locationOf(holder, key) }, written, report);
    if (!Array.isArray(value)) return;
    for (const [index, text] of value.entries())
      if (typeof text === 'string')
        check({ path: `${path}[${index}]`, text, at: locationOf(value, index) }, written, report);
  });
}

const UNQUOTED = `${FIRST_RELEASE_WITH_FQDN} and newer write it without quotes`;

export const configTextRules: readonly Rule[] = [
  error('text-begins-blank', {
    what: 'A text of several lines in a list must not begin with a blank or an empty line.',
    why: "Harvester v1.1.3, v1.2.2 and newer write such a text into the installed system's files with a wrong indentation: nothing can parse them.",
    check: perText(({ path, text, at }, { release, holder }, report) => {
      if (!breaksFiles(path, text, release)) return;
      // harvgen itself encodes plain files, without an error.
      if (/^os\.write_files\[\d+\]\.content$/.test(path) && needsBase64(holder, release)) return;
      report(at, {
        message: `${path} begins with a blank or an empty line: ${release.text} writes files with it that nothing can parse, and the installed node does not work.`,
        help: 'remove the blanks and empty lines at its beginning',
      });
    }),
  }),
  warning('text-trimmed', {
    what: 'Texts that the installer trims must have no blanks or empty lines at their ends.',
    why: 'It removes them from values of `os.environment`, `os.sysctls`, `bond_options` and `system_settings`, and from v1.8.0 also from items of lists.',
    check: perText(({ path, text, at }, { release }, report) => {
      // The last line break of a block has no meaning in any of them.
      const block = text.replace(/\n$/, '');
      if (block === block.trim() || !isTrimmed(path, release)) return;
      report(at, {
        message: `${path} begins or ends with blanks or empty lines: the installer removes them.`,
        help: 'remove them; or, if they matter, write the value to a file with write_files',
      });
    }),
  }),
  error('hostname-not-text', {
    what: `From ${FIRST_RELEASE_WITH_FQDN}, a host name must also be text in YAML without quotes.`,
    why: 'The installer writes it unquoted for rancherd, which reads a number, boolean or null: the node gets another name, which two nodes may share.',
    check: nodesSince(FIRST_RELEASE_WITH_FQDN).each((node, report) => {
      const { value, at } = effective(node, 'os.hostname') ?? {};
      const type = typeof value === 'string' ? typeInYaml(value) : undefined;
      if (!type || !at) return;
      report(at, {
        message: `The host name ${value} is ${type} in YAML: ${UNQUOTED}, and the node does not get this name.`,
        help: `rename the node, for example to node-${value}`,
      });
    }),
  }),
  error('san-not-text', {
    what: 'An entry of `sans` must also be text in YAML without quotes.',
    why: 'The installer writes it unquoted for RKE2, which reads a number, boolean, null or map: the certificate lacks the name, or RKE2 does not start.',
    check: perText(({ path, text, at }, _, report) => {
      const type = path.startsWith('sans[') ? typeInYaml(text) : undefined;
      if (!type) return;
      report(at, {
        message: `${path} (${text}) is ${type} in YAML: ${UNQUOTED}, and the certificate does not get this name.`,
        fix: text.endsWith('::') ? safeFix(replaceValue(at, `${text}0`)) : undefined,
        help: text.endsWith('::') ? `write ${text}0` : 'write a complete DNS name or an IP address',
      });
    }),
  }),
];
