import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { markYaml } from '../source/mark-yaml.ts';
import { markSecrets } from '../source/marks.ts';
import { isJson } from './is-json.ts';

type Holder = Readonly<Record<string, unknown>>;

/**
 * Gives a Harvester configuration as it is written but for the marks, which `markText` puts into its texts: with maps as
 * values of system settings as JSON, since the installer takes nothing but strings there.
 */
export function asWritten(config: HarvesterConfig): object {
  const { system_settings: settings } = config;
  return settings ? { ...config, system_settings: settingsAsText(settings) } : config;
}

/** Calls for each text of a configuration that holds a reference to a secret, as it is written. */
export function eachMarked(config: HarvesterConfig, call: (text: string) => void): void {
  for (const key of Object.keys(config)) {
    const value = config[key as keyof HarvesterConfig];
    if (key !== 'system_settings') eachMarkedIn(value, call, key, config as Holder);
    // The keys of a map in a setting are no reason to make text of it.
    else if (value && JSON.stringify(value).includes('${secret:'))
      eachMarkedText(settingsAsText(value as object), call);
  }
}

function settingsAsText(settings: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  );
}

/** Gives a map or list, as cloud-init and Harvester take it, with marks in its texts, each of the format of the text that it stands in. */
export function marked(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? markText(item) : marked(item)));
  if (typeof value !== 'object' || value === null) return value;
  const holder = value as Holder;
  return Object.fromEntries(
    Object.entries(holder).map(([key, item]) => [
      key,
      typeof item === 'string' ? markText(item, key, holder) : marked(item),
    ]),
  );
}

/** Calls for each text within a map or list that holds a reference to a secret, as it is written: with marks. */
export function eachMarkedText(value: object, call: (text: string) => void): void {
  for (const key of Object.keys(value)) eachMarkedIn((value as Holder)[key], call, key, value as Holder);
}

function eachMarkedIn(item: unknown, call: (text: string) => void, key: string, holder: Holder): void {
  if (typeof item === 'string') {
    if (item.includes('${secret:')) call(markText(item, key, holder));
  } else if (typeof item === 'object' && item !== null) eachMarkedText(item, call);
}

/**
 * Gives a text of a configuration with marks. What the text is, its content tells, or the name of the file that it is the
 * content of: `key` and `holder` say where it stands.
 */
export function markText(text: string, key?: string, holder?: Holder): string {
  if (!text.includes('${secret:')) return text;
  if (key === 'content' && isYamlFile(holder) && !isJson(text)) return markYaml(text);
  let marked = met.get(text);
  if (marked === undefined) {
    marked = markSecrets(text, isJson(text) ? 'json' : 'text');
    if (met.size === MOST_MET) met.clear();
    met.set(text, marked);
  }
  return marked;
}

/** Texts that were met, by what they are with marks: one node after the other has the same token. */
const met = new Map<string, string>();
const MOST_MET = 64;

/** Says whether an entry of `os.write_files` is a file of YAML, by its name. */
export function isYamlFile({ path }: { readonly path?: unknown } = {}): boolean {
  return /\.ya?ml$/i.test(String(path ?? ''));
}
