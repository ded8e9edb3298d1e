import { writtenKeys } from '../../knowledge/config-schema.ts';
import type { SecretValues } from '../../secrets/source.ts';
import { type IscsiPurpose, iscsiSecrets, withPlaceholders } from '../../secrets/uses-of.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import { locationOf } from '../../source/origin.ts';
import { placeholdersIn, replaceReferences, secretNames } from '../../source/placeholders.ts';
import type { SourceLocation } from '../../source/source.ts';
import { onceFor } from '../../values/once-for.ts';

/** The purpose of a text that contains a secret. */
export type SecretPurpose = 'token' | 'password' | IscsiPurpose | 'other';

/** A text of the inventory that refers to secrets, with their values substituted. Do not show it. */
export interface SecretText {
  /** The path of the key, such as token, os.password or install.webhooks[0].url. */
  readonly path: string;
  readonly purpose: SecretPurpose;
  /** The names of the secrets in the text, each once. */
  readonly names: readonly string[];
  /** The text in the inventory, with references. */
  readonly written: string;
  /** The values of these secrets, and possibly of others. */
  readonly values: SecretValues;
  /** The text as the machine reads it. */
  readonly filled: string;
  /** Whether a value with a line break is within a line, unquoted. */
  readonly breaksLine: boolean;
  /** The text that the installer loads, except for quoted values, which begin no text; empty if it loads none. */
  readonly loaded: string;
  readonly at: SourceLocation;
  /** The cluster, if the text is its token. */
  readonly cluster?: Cluster;
  /** The node that the text is set for. */
  readonly node?: Node;
  /** The source of the secret's value, if the text has only one secret: `file:line:column`, or a variable. */
  readonly from?: string;
}

type Found = Omit<SecretText, 'purpose' | 'names' | 'values' | 'filled' | 'breaksLine' | 'loaded'> & {
  readonly purpose?: IscsiPurpose;
  /** The text as in the configuration, with placeholders; undefined if no configuration contains it. */
  readonly marked?: string;
};

/** Returns the texts of a site that refer to secrets, in its order. Omits those with an unknown value. */
export function secretTexts(
  site: Site,
  values: SecretValues,
  locationOfValue?: (name: string) => string | undefined,
): SecretText[] {
  return [...found(site)].flatMap(({ marked = '', purpose: ofIscsi, ...text }) => {
    const names = [...new Set(secretNames(text.written))];
    if (!names.every((name) => values.has(name))) return [];
    const purpose: SecretPurpose =
      ofIscsi ?? (text.path === 'token' ? 'token' : text.path === 'os.password' ? 'password' : 'other');
    const breaksLine = breaksLineIn(marked, values);
    const loaded = loadedText(marked, values);
    const from = names.length === 1 ? locationOfValue?.(names[0] as string) : undefined;
    const filled = fillReferences(text.written, values);
    const found = { ...text, purpose, names, values, filled, breaksLine, loaded };
    return [from === undefined ? found : { ...found, from }];
  });
}

/** Whether a value breaks a line. JSON and YAML quote it; a value at the beginning of a line has no text before it to break. */
function breaksLineIn(marked: string, values: SecretValues): boolean {
  return placeholdersIn(marked).some(
    ({ name, format, start }) =>
      format === 'text' &&
      start > 0 &&
      marked.charAt(start - 1) !== '\n' &&
      /[\r\n]/.test(values.get(name) ?? ''),
  );
}

function loadedText(marked: string, values: SecretValues): string {
  return placeholdersIn(marked).reduceRight(
    (text, { name, format, start, end }) =>
      format === 'text' ? text.slice(0, start) + values.get(name) + text.slice(end) : text,
    marked,
  );
}

/** Returns a text with the values of its secrets, which must all be known. */
export function fillReferences(text: string, values?: SecretValues): string {
  return replaceReferences(text, (name) => values?.get(name) ?? '');
}

function* found(site: Site): Iterable<Found> {
  for (const cluster of site.clusters) {
    const { token } = cluster;
    if (isReference(token))
      yield { path: 'token', written: token, at: locationOf(cluster, 'token'), cluster };
  }
  for (const node of site.nodes) {
    for (const text of textsOf(node.userConfig)) yield { ...text, node };
    const { bmc } = node.facts;
    if (bmc && isReference(bmc.password))
      yield { path: 'bmc.password', written: bmc.password, at: locationOf(bmc, 'password'), node };
    for (const { key: path, purpose, text: written, at } of iscsiSecrets(node, site.server)) {
      const found = { path, purpose, written, at };
      // All nodes share the suffix of target names.
      yield purpose === 'target-suffix' ? found : { ...found, node };
    }
  }
}

/** Returns the texts of a configuration, which nodes often share. */
const textsOf = onceFor((config: object): Found[] =>
  writtenKeys(config).flatMap(({ path, key, holder, value }) => {
    if (isReference(value))
      return {
        path,
        written: value,
        marked: withPlaceholders(value, key, holder),
        at: locationOf(holder, key),
      };
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) =>
      isReference(item)
        ? {
            path: `${path}[${index}]`,
            written: item,
            marked: withPlaceholders(item),
            at: locationOf(items, index),
          }
        : [],
    );
  }),
);

function isReference(value: unknown): value is string {
  return typeof value === 'string' && value.includes('${secret:');
}
