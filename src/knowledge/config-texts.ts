import { isAtLeast, type Version } from '../values/version.ts';

/**
 * Changes that the installer makes to texts. Source: pkg/config of harvester/harvester-installer at each tag, with its libraries
 * for YAML.
 */

/** The paths of texts in maps of texts, and in lists of texts. */
const IN_MAP =
  /^(os\.(sysctls|environment)\.[\s\S]+|system_settings\.[^.]+|install\.management_interface\.bond_options\.[^.]+)$/;
const IN_LIST = /^(sans|(os|install)\.\w+)\[\d+\]$/;

/** Whether a release removes blanks and line breaks around the text of a path when it loads it (`ToString` of rancher/mapper). */
export function isTrimmed(path: string, release: Version): boolean {
  return IN_MAP.test(path) || (IN_LIST.test(path) && isAtLeast(release, 'v1.8.0'));
}

/** The beginning of texts whose indentation yaml.v3 writes wrongly: a tab, or a blank or an empty line before other text. */
const BLANK_BEGINNING = /^(\t|[ \n\u2028\u2029][\s\S]*[^\n])/;

/** Texts that yaml.v3 quotes instead: with a blank at the end of a line, or with unprintable characters or emojis. */
const QUOTED = / (\n|$)|[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/**
 * Whether a release writes the text of a path so that no parser reads it back. It indents a block in a list by 2 and declares 4 (`|4`),
 * and does not declare the indentation of a tab. Source: the emitter of go-yaml v3, which v1.1.3, v1.2.2 and newer use.
 */
export function breaksFiles(path: string, text: string, release: Version): boolean {
  if (!text.includes('\n') || !BLANK_BEGINNING.test(text) || QUOTED.test(text)) return false;
  if (isTrimmed(path, release) || !(path.includes('[') || text.startsWith('\t'))) return false;
  return isAtLeast(release, 'v1.2.2') || (isAtLeast(release, 'v1.1.3') && !isAtLeast(release, 'v1.2.0'));
}

/** Whether harvgen sends the file of an entry of `os.write_files` in base64, because a release could not write its text. */
export function needsBase64(
  { content, encoding }: { readonly content?: unknown; readonly encoding?: unknown },
  release: Version,
): boolean {
  // A server substitutes secrets, which it cannot encode.
  return (
    typeof content === 'string' &&
    !encoding &&
    !content.includes('${secret:') &&
    breaksFiles('os.write_files[].content', content, release)
  );
}

/** Base 10 with fraction and exponent, 16, 8 and 2. */
const NUMBER = /^((\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i;

/**
 * Returns what an unquoted name or address is in YAML, or undefined for text. rancherd and RKE2 read files in which the
 * installer quotes neither. Source: the resolver of go-yaml v2 (YAML 1.1).
 */
export function typeInYaml(name: string): string | undefined {
  if (/^(null|~)$/i.test(name)) return 'null';
  if (/^(y|yes|n|no|on|off|true|false)$/i.test(name)) return 'a boolean';
  // A number that is too large stays text.
  if (NUMBER.test(name) && Number.isFinite(Number(name))) return 'a number';
  return name.endsWith(':') ? 'a map' : undefined;
}
