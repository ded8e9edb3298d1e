import { digestOf } from '../knowledge/harvester-digests.ts';
import type { Report } from '../source/diagnostics/report.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/text.ts';
import type { Cluster, Network, Site } from './model.ts';
import { NODE_VALUE_NAMES, nodeValue } from './node-values.ts';

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

const PLAIN: Readonly<Record<string, (of: ValuesOf) => Value>> = {
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

/** Returns a text with values of the site for `${site:…}`; reports names without a value. */
export function fillSiteValues(text: string, of: ValuesOf, at: SourceLocation, report: Report): string {
  return text.replaceAll(SITE_VALUE, (whole, name: string) => {
    const value = siteValue(name, of);
    if (value === undefined) reportMissing(whole, name, of, at, report);
    return value === undefined ? whole : String(value);
  });
}

function siteValue(name: string, of: ValuesOf): Value {
  if (Object.hasOwn(PLAIN, name)) return PLAIN[name]?.(of);
  const { networks, nodes, server, sha512 = {} } = of.site;
  const [, section, rest = ''] = /^(networks|nodes|sha512)\.(.+)$/.exec(name) ?? [];
  if (section === 'sha512') return digestOf(sha512, rest);
  const dot = rest.indexOf('.');
  const [object, key] = [rest.slice(0, dot), rest.slice(dot + 1)];
  if (section === 'nodes') {
    const node = nodes?.find((one) => one?.name === object);
    return node && nodeValue(node, key, server);
  }
  const network = networks?.find((one) => one?.name === object);
  return network && Object.hasOwn(OF_NETWORK, key) ? OF_NETWORK[key]?.(network) : undefined;
}

function reportMissing(
  whole: string,
  name: string,
  { site }: ValuesOf,
  at: SourceLocation,
  report: Report,
): void {
  const { networks = [], nodes = [], sha512 = {} } = site;
  const names = [
    ...Object.keys(PLAIN),
    ...networks.flatMap((one) => Object.keys(OF_NETWORK).map((key) => `networks.${one?.name}.${key}`)),
    ...nodes.flatMap((one) => NODE_VALUE_NAMES.map((key) => `nodes.${one?.name}.${key}`)),
    ...Object.keys(sha512).map((file) => `sha512.${file}`),
  ];
  const meant = names.includes(name) ? undefined : nearest(name, names, 0.25);
  report.error({
    code: 'site-value',
    message: names.includes(name)
      ? `The site has no ${name}: ${whole} has no value.`
      : `${whole} is not a value of the site${meant ? `: did you mean \${site:${meant}}?` : '.'}`,
    at,
    help: names.includes(name)
      ? 'set it, or write the value'
      : 'write a value of the site, such as networks.NAME.vlan, nodes.NAME.ip, cluster.vip or server.url',
  });
}
