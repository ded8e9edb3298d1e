import { digestOf } from '../knowledge/harvester-digests.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { copyWith, isBroken, locatedList, locationOf, selfLocation } from '../source/origin.ts';
import { rangeAt, type SourceLocation } from '../source/source.ts';
import { replaceWord, suggestedFix } from '../source/text-edit/fix.ts';
import type { Draft } from '../values/draft.ts';
import { hyphenMac } from '../values/identifiers.ts';
import { nearest } from '../values/text.ts';
import { NODE_VALUE } from '../values/urls.ts';
import type { Cluster, Network, Node, Site } from './model.ts';
import type { Server } from './model-server.ts';

/* References of texts to values: of a node, `${node:…}`, and of the site, `${site:…}`. */

/** Returns a text with values in place of its references, and reports those without a value. */
export type Fill = (text: string, at: SourceLocation) => string;

type Known = Pick<Draft<Node>, 'name' | 'nics' | 'bootNic' | 'arch' | 'xname' | 'nid' | 'uuid' | 'serial'>;

const OF_NODE: Readonly<
  Record<string, (node: Known, server: Draft<Server> | undefined) => string | undefined>
> = {
  name: ({ name }) => name,
  ip: ({ bootNic }) => bootNic?.ip,
  mac: ({ bootNic }) => bootNic?.mac,
  'mac-hyphens': ({ bootNic }) => bootNic?.mac && hyphenMac(bootNic.mac),
  nic: ({ bootNic }) => bootNic?.name,
  netmask: ({ bootNic }) => bootNic?.network?.subnet?.mask,
  gateway: ({ bootNic }) => bootNic?.network?.gateway,
  domain: ({ bootNic }) => bootNic?.network?.domain,
  arch: ({ arch }) => arch,
  xname: ({ xname }) => xname,
  nid: ({ nid }) => nid?.toString(),
  uuid: ({ uuid }) => uuid,
  serial: ({ serial }) => serial,
  server: (_, server) => server?.url,
};

/** The values that a node also has for its first NIC on another network: `${node:nic.storage}`. */
const ON_NETWORK: Readonly<Record<string, 'name' | 'ip' | 'mac'>> = { nic: 'name', ip: 'ip', mac: 'mac' };

/** Returns a value of a node by its name in `${node:…}`, or undefined. */
function nodeValue(node: Known, name: string, server: Draft<Server> | undefined): string | undefined {
  if (Object.hasOwn(OF_NODE, name)) return OF_NODE[name]?.(node, server);
  const [, what = '', network] = /^([a-z]+)\.(.+)$/.exec(name) ?? [];
  const key = Object.hasOwn(ON_NETWORK, what) ? ON_NETWORK[what] : undefined;
  return key && node.nics?.find((nic) => nic?.network?.name === network)?.[key];
}

/** The names of a node's values in `${node:…}`. */
export const NODE_VALUE_NAMES: readonly string[] = Object.keys(OF_NODE);

/** Returns the names of the values that a node has on networks: `nic.storage`. */
export function networkValueNames(networks: readonly string[]): string[] {
  return networks.flatMap((network) => Object.keys(ON_NETWORK).map((key) => `${key}.${network}`));
}

/** Returns a function that substitutes the values of a node; it reports invalid names, and values that the node does not have. */
export function nodeFiller(node: Known, server: Draft<Server> | undefined, report: Report): Fill {
  return (text, at) =>
    text.includes('${node:')
      ? text.replaceAll(NODE_VALUE, (whole, name) => {
          const value = nodeValue(node, name, server);
          if (value === undefined) reportOfNode(node, whole, name, at, report);
          return value ?? whole;
        })
      : text;
}

function reportOfNode(node: Known, whole: string, name: string, at: SourceLocation, report: Report): void {
  const code = 'node-value';
  if (!Object.hasOwn(OF_NODE, name) && !Object.hasOwn(ON_NETWORK, name.replace(/\..*$/, ''))) {
    const help = `choose one of ${NODE_VALUE_NAMES.join(', ')}; or nic, ip or mac of another network, such as \${node:nic.storage}`;
    const meant = nearest(name, NODE_VALUE_NAMES);
    const fix = meant === undefined ? undefined : suggestedFix(replaceWord(at, whole, `\${node:${meant}}`));
    report.error({ code, message: unknown(whole, 'node', meant), at, help, fix });
  } else if (isKnownMissing(node, name)) {
    const message = `${node.name} has no ${name}: ${whole} has no value.`;
    const help = `set it for the node, or remove ${whole}`;
    report.error({ code, message, at, help, range: rangeAt(selfLocation(node)) });
  }
}

function unknown(whole: string, of: 'node' | 'site', meant: string | undefined): string {
  const article = of === 'node' ? 'a' : 'the';
  return `${whole} is not a value of ${article} ${of}${meant ? `: did you mean \${${of}:${meant}}?` : '.'}`;
}

/** Whether a missing value of a node is not set, instead of hidden by an error. */
function isKnownMissing(node: Known, name: string): boolean {
  // A site without the URL of its server already has an error.
  if (name === 'server') return false;
  const isKnown = (holder: object, key: string) => !isBroken(holder as Record<string, unknown>, key);
  const { bootNic, nics } = node;
  if (name.includes('.')) return nics !== undefined && isKnown(node, 'nics');
  if (Object.hasOwn(node, name)) return isKnown(node, name);
  if (!bootNic) return false;
  const key = { 'mac-hyphens': 'mac', nic: 'name' }[name] ?? name;
  if (Object.hasOwn(bootNic, key)) return isKnown(bootNic, key);
  return bootNic.network !== undefined && isKnown(bootNic.network, key);
}

/** A reference to a value of the site: `${site:networks.mgmt.vlan}`. Not a shell's `${site:-default}`. */
const SITE_VALUE = /\$\{site:([A-Za-z][^}]*)\}/g;

/** The source of the values: a site before its configurations are derived, the cluster and the object of the text. */
export interface ValuesOf {
  readonly site: Pick<Draft<Site>, 'name' | 'server' | 'networks' | 'sha512'> & {
    readonly nodes?: readonly (Parameters<typeof nodeValue>[0] | undefined)[];
  };
  readonly cluster: Draft<Cluster>;
  /** The name of the Kubernetes object. */
  readonly object: string;
}

type Value = string | number | undefined;

const OF_SITE: Readonly<Record<string, (of: ValuesOf) => Value>> = {
  name: ({ site }) => site.name,
  'server.url': ({ site }) => site.server?.url,
  'server.host': ({ site }) => site.server?.host,
  'server.images': ({ site }) => site.server?.images?.url,
  'server.media': ({ site }) => site.server?.media?.url,
  'cluster.name': ({ cluster }) => cluster.name,
  'cluster.vip': ({ cluster }) => cluster.vip,
  'cluster.version': ({ cluster }) => cluster.version?.text,
  'cluster.arch': ({ cluster }) => cluster.arch,
  'object.name': ({ object }) => object,
};

const OF_NETWORK: Readonly<Record<string, (network: Draft<Network>) => Value>> = {
  subnet: ({ subnet }) => subnet?.text,
  netmask: ({ subnet }) => subnet?.mask,
  gateway: ({ gateway }) => gateway,
  vlan: ({ vlan }) => vlan,
  mtu: ({ mtu }) => mtu,
  domain: ({ domain }) => domain,
  dns: ({ dns }) => dns?.[0],
  ntp: ({ ntp }) => ntp?.[0],
};

/** Returns a function that substitutes values of the site; it reports names without a value. */
export function siteFiller(of: ValuesOf, report: Report): Fill {
  return (text, at) =>
    text.replaceAll(SITE_VALUE, (whole, name: string) => {
      const value = siteValue(name, of);
      if (value === undefined) reportOfSite(whole, name, of, at, report);
      return value === undefined ? whole : String(value);
    });
}

function siteValue(name: string, of: ValuesOf): Value {
  if (Object.hasOwn(OF_SITE, name)) return OF_SITE[name]?.(of);
  const { networks, nodes, server, sha512 = {} } = of.site;
  const [, section, rest = ''] = /^(networks|nodes|sha512)\.(.+)$/.exec(name) ?? [];
  if (section === 'sha512') return digestOf(sha512, rest);
  const dot = rest.indexOf('.');
  const [object, key] = [rest.slice(0, dot), rest.slice(dot + 1)];
  if (section === 'nodes') {
    const node = nodes?.find((node) => node?.name === object);
    return node && nodeValue(node, key, server);
  }
  const network = networks?.find((network) => network?.name === object);
  return network && Object.hasOwn(OF_NETWORK, key) ? OF_NETWORK[key]?.(network) : undefined;
}

/** Returns the names of a site's values in `${site:…}`, for the names of its networks, nodes and pinned files. */
export function siteValueNames(
  networks: readonly string[],
  nodes: readonly string[],
  files: readonly string[],
): string[] {
  return [
    ...Object.keys(OF_SITE),
    ...networks.flatMap((network) => Object.keys(OF_NETWORK).map((key) => `networks.${network}.${key}`)),
    ...nodes.flatMap((node) => NODE_VALUE_NAMES.map((key) => `nodes.${node}.${key}`)),
    ...files.map((file) => `sha512.${file}`),
  ];
}

function reportOfSite(whole: string, name: string, { site }: ValuesOf, at: SourceLocation, report: Report) {
  const { networks = [], nodes = [], sha512 = {} } = site;
  const nameOf = (named: { readonly name?: string | undefined } | undefined) => named?.name ?? '';
  const names = siteValueNames(networks.map(nameOf), nodes.map(nameOf), Object.keys(sha512));
  const isKnown = names.includes(name);
  const meant = isKnown ? undefined : nearest(name, names, 0.25);
  report.error({
    code: 'site-value',
    message: isKnown ? `The site has no ${name}: ${whole} has no value.` : unknown(whole, 'site', meant),
    at,
    fix: meant === undefined ? undefined : suggestedFix(replaceWord(at, whole, `\${site:${meant}}`)),
    help: isKnown
      ? 'set it, or write the value'
      : 'write a value of the site, such as networks.NAME.vlan, nodes.NAME.ip, cluster.vip or server.url',
  });
}

/** Whether any text of a map or list refers to a value of the node, `${node:…}`. Ignores keys. */
export function holdsNodeValue(value: unknown): boolean {
  return holds(value, '${node:');
}

/** Whether any text of a map or list contains a text. Ignores keys. */
function holds(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((inner) => holds(inner, text))
  );
}

/** Returns a map or list with the node's values in its texts; shares parts without references. */
export function fillNodeValues<T extends object>(container: T, fill: Fill): T {
  return fillValues(container, '${node:', fill);
}

/** Returns a map or list with the texts that contain `mark` as `fill` returns them; shares parts without such texts. */
export function fillValues<T extends object>(container: T, mark: string, fill: Fill): T {
  const changes: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(container)) {
    if (!holds(value, mark)) continue;
    changes[key] =
      typeof value === 'string'
        ? fill(value, locationOf(container, key as never))
        : fillValues(value as object, mark, fill);
  }
  if (Object.keys(changes).length === 0) return container;
  if (!Array.isArray(container)) return copyWith(container, changes as Partial<T>);
  const items = container.map((value, index) => ({
    value: changes[index] ?? value,
    at: locationOf(container, index),
  }));
  return locatedList(selfLocation(container), items) as T;
}
