import { writtenKeys } from '../knowledge/config-schema.ts';
import type { SecretValues } from '../secrets/source.ts';
import { type IscsiPurpose, iscsiSecrets, markText } from '../secrets/uses-of.ts';
import type { Node, Site } from '../site/model.ts';
import { placeholdersIn, replaceReferences, secretNames } from '../source/marks.ts';
import { locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { onceFor } from '../values/once-for.ts';

/** What a text with a secret in it is for. */
export type SecretPurpose = 'token' | 'password' | IscsiPurpose | 'other';

/** A text of the inventory that refers to secrets, with their values put in. What it says is not to be shown. */
export interface SecretText {
  /** Such as token, os.password, install.webhooks[0].url. */
  readonly path: string;
  readonly purpose: SecretPurpose;
  /** The secrets that it refers to, each once. */
  readonly names: readonly string[];
  /** As the inventory has it. */
  readonly written: string;
  /** Of those secrets, and maybe of others. */
  readonly values: SecretValues;
  /** As the machine will read it. */
  readonly filled: string;
  /** Whether a value with a line break stands within a line, unquoted. */
  readonly breaksLine: boolean;
  readonly at: SourceLocation;
  /** The name of the cluster whose token it is. */
  readonly cluster?: string;
  /** The node that it is said of. */
  readonly node?: Node;
  /** Where the value of its secret stands, where it has one alone: `file:line:column`, or a variable. */
  readonly from?: string;
}

type Found = Omit<SecretText, 'purpose' | 'names' | 'values' | 'filled' | 'breaksLine'> & {
  readonly purpose?: IscsiPurpose;
  /** As the configuration has it, with marks; undefined where none has it. */
  readonly marked?: string;
};

/** Gives the texts of a site that refer to secrets, in its order, but for those of which not every value is known. */
export function secretTexts(
  site: Site,
  values: SecretValues,
  placeOfValue?: (name: string) => string | undefined,
): SecretText[] {
  return [...found(site)].flatMap(({ marked = '', purpose: ofIscsi, ...text }) => {
    const names = [...new Set(secretNames(text.written))];
    if (!names.every((name) => values.has(name))) return [];
    const purpose =
      ofIscsi ?? (text.path === 'token' ? 'token' : text.path === 'os.password' ? 'password' : 'other');
    const breaksLine = breaksLineIn(marked, values);
    const from = names.length === 1 ? placeOfValue?.(names[0] as string) : undefined;
    const filled = fillReferences(text.written, values);
    return [{ ...text, purpose, names, values, filled, breaksLine, ...(from === undefined ? {} : { from }) }];
  });
}

/** What lands as JSON or YAML is quoted there; at the beginning of a line nothing is before it that its lines could leave. */
function breaksLineIn(marked: string, values: SecretValues): boolean {
  return placeholdersIn(marked).some(
    ({ name, format, start }) =>
      format === 'text' &&
      start > 0 &&
      marked.charAt(start - 1) !== '\n' &&
      /[\r\n]/.test(values.get(name) ?? ''),
  );
}

/** Gives a text with the values of the secrets that it refers to, all of which are given. */
export function fillReferences(text: string, values?: SecretValues): string {
  return replaceReferences(text, (name) => values?.get(name) ?? '');
}

function* found(site: Site): Iterable<Found> {
  for (const cluster of site.clusters) {
    const { name, token } = cluster;
    if (isReference(token))
      yield { path: 'token', written: token, at: locationOf(cluster, 'token'), cluster: name };
  }
  for (const node of site.nodes) {
    for (const text of textsOf(node.userConfig)) yield { ...text, node };
    const { bmc } = node.facts;
    if (bmc && isReference(bmc.password))
      yield { path: 'bmc.password', written: bmc.password, at: locationOf(bmc, 'password'), node };
    for (const { key: path, purpose, text: written, at } of iscsiSecrets(node, site.server)) {
      const found = { path, purpose, written, at };
      // All nodes share the end of the names of targets.
      yield purpose === 'target-suffix' ? found : { ...found, node };
    }
  }
}

/** What is said in a configuration, which nodes often share. */
const textsOf = onceFor((config: object): Found[] =>
  writtenKeys(config).flatMap(({ path, key, holder, value }) => {
    if (isReference(value))
      return { path, written: value, marked: markText(value, key, holder), at: locationOf(holder, key) };
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) =>
      isReference(item)
        ? { path: `${path}[${index}]`, written: item, marked: markText(item), at: locationOf(items, index) }
        : [],
    );
  }),
);

function isReference(value: unknown): value is string {
  return typeof value === 'string' && value.includes('${secret:');
}
