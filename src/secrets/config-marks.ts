import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import type { Chap, CloudInit, Site } from '../site/model.ts';
import { isYamlTemplate, markYaml } from '../source/mark-yaml.ts';
import { type Mark, markOf, markSecrets, marksIn } from '../source/marks.ts';
import { iscsiSecrets } from './uses-of.ts';

/** What was found in the configurations of nodes, which never change: rules and several targets ask. */
const found = new WeakMap<Site['nodes'], readonly Mark[]>();

/** Gives the marks that the nodes' configurations, and what cloud-init finds on them, hold, each once, sorted by how they are written. */
export function marksOf(site: Site): readonly Mark[] {
  const { nodes } = site;
  const marks = found.get(nodes) ?? findMarks(site);
  found.set(nodes, marks);
  return marks;
}

function findMarks({ nodes, server }: Site): Mark[] {
  const marks = new Map<string, Mark>();
  const seen = new Set<CloudInit>();
  // Most nodes say the same.
  const read = new Set<string>();
  const add = (text: string) => {
    if (read.has(text)) return;
    read.add(text);
    for (const { name, format } of marksIn(text)) marks.set(markOf({ name, format }), { name, format });
  };
  for (const node of nodes) {
    if (node.os === 'harvester') eachMarked(node.config, add);
    if (node.iscsi) for (const { text } of iscsiSecrets(node, server)) add(markSecrets(text));
    // Most nodes share what cloud-init finds on them.
    if (!node.cloudInit || seen.has(node.cloudInit)) continue;
    seen.add(node.cloudInit);
    eachMarkedOfCloudInit(node.cloudInit, add);
  }
  return [...marks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
}

/** Gives the names of the secrets that the nodes' configurations, and what cloud-init finds on them, hold, sorted. */
export function secretsOf(site: Site): string[] {
  return [...new Set(marksOf(site).map(({ name }) => name))].sort();
}

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
function eachMarked(config: HarvesterConfig, call: (text: string) => void): void {
  eachMarkedText(asWritten(config), call);
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
function eachMarkedText(value: object, call: (text: string) => void): void {
  const holder = value as Holder;
  for (const key of Object.keys(holder)) {
    const item = holder[key];
    if (typeof item === 'object' && item !== null) eachMarkedText(item, call);
    else if (typeof item === 'string' && item.includes('${secret:')) call(markText(item, key, holder));
  }
}

/**
 * Gives a text of a configuration with marks. What the text is, its content tells, or the name of the file that it is the
 * content of: `key` and `holder` say where it stands.
 */
export function markText(text: string, key?: string, holder?: Holder): string {
  if (!text.includes('${secret:')) return text;
  if (key === 'content' && isYamlFile(holder) && !isJson(text)) return markYaml(text);
  return markSecrets(text, isJson(text) ? 'json' : 'text');
}

/** Says whether an entry of `os.write_files` is a file of YAML, by its name. */
export function isYamlFile({ path }: { readonly path?: unknown } = {}): boolean {
  return /\.ya?ml$/i.test(String(path ?? ''));
}

/** Gives a text of user-data or vendor-data with marks: a template of cloud-config is YAML, if it can be read as such. */
export function markPart(text: string): string {
  return isYamlTemplate(text) ? markYaml(text) : markText(text);
}

/** Calls for each text that cloud-init finds on a node and that refers to a secret, as it is written: with marks. */
function eachMarkedOfCloudInit(cloudInit: CloudInit, call: (text: string) => void): void {
  const { userData, vendorData, metaData, networkConfig = {} } = cloudInit;
  for (const part of [...userData, ...vendorData, metaData, networkConfig]) {
    if (typeof part === 'object') eachMarkedText(part, call);
    else if (part.includes('${secret:')) call(markPart(part));
  }
}

/** Gives by what a node and its target prove who they are, with marks for passwords; undefined where neither does. */
export function markChap(chap: Chap | undefined): Chap | undefined {
  return (
    chap && {
      ...chap,
      password: markSecrets(chap.password),
      targetPassword: chap.targetPassword && markSecrets(chap.targetPassword),
    }
  );
}

/** Says whether a text as a whole is a map or list of JSON. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
