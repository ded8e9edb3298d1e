import type { Node, Site } from '../../site/model.ts';
import { CLOUD_INIT_FILES, nodeKey, urlOf } from '../../tree/paths.ts';
import { ipv4Number } from '../../values/ipv4.ts';
import { plainXname, xnameNumbers } from '../../values/xname.ts';
import { MAC_PREFIX } from '../nginx/asked-macs.ts';
import type { Render } from '../render.ts';
import { BSS } from './bss.ts';
import { problems } from './problems.ts';

/** What xnames and NIDs are read behind, as the end of an IPv6 address, each number as if its digits were hexadecimal. */
const XNAME_PREFIX = '::3:';
const NID_PREFIX = '::2:';

/** What nginx has for the URLs of OpenCHAMI's services, rendered: tables at the level of http, and locations of a server. */
export interface OchamiParts {
  readonly tables: string;
  /** BSS and SMD. */
  readonly services: string;
  /** The cloud-init server, where a server has the nodes' configurations. */
  readonly cloudInit: string;
  /** What a write is answered. */
  readonly refusal: string;
}

/** What of nginx's own data the parts need. */
interface Serving {
  readonly id: string;
  readonly stamp: string;
  readonly secrets: readonly string[];
}

/** As what nginx hands out what lies in folders of `cloud-init/ochami`: as the services do. `user-data` is BSS'. */
const TYPED = [
  { folders: ['meta-data'], type: 'application/x-yaml' },
  { folders: ['vendor-data', 'groups'], type: 'text/plain' },
  { folders: ['user-data'], type: 'text/yaml' },
];

/** Renders these for a site; undefined for one that does not want them. */
export function ochamiParts(site: Site, render: Render, serving: Serving): OchamiParts | undefined {
  if (!site.server.compat.includes('ochami')) return undefined;
  const said = problems(site);
  return {
    tables: render('ochami/tables.nginx', {
      site,
      id: serving.id,
      macPrefix: MAC_PREFIX,
      xnamePrefix: XNAME_PREFIX,
      nidPrefix: NID_PREFIX,
      known: site.nodes.flatMap(knownBy),
      near: nearOf(site),
      members: site.nodes.flatMap(membersOf),
      hasScripts: site.server.allowScripts.length > 0,
    }),
    services: render('ochami/services.nginx', {
      site,
      id: serving.id,
      macPrefix: MAC_PREFIX,
      bootScriptUrl: urlOf(site, `${BSS}/bootscript`),
      problems: said.answers,
    }),
    cloudInit: render('ochami/cloud-init.nginx', {
      site,
      ...serving,
      cloudInitFiles: CLOUD_INIT_FILES,
      typed: TYPED,
    }),
    refusal: said.refusal,
  };
}

/** Gives what a node is asked for by, as nginx's `geo` reads it: each of its MACs, its xname, its NID. */
function knownBy(node: Node): { readonly address: string; readonly value: string }[] {
  const { nics, xname, nid } = node;
  const macs = nics.flatMap(({ mac }) => (mac ? [`${MAC_PREFIX}${mac.replace(/(..):(..)/g, '$1$2')}`] : []));
  const numbers = xname ? [`${XNAME_PREFIX}${xnameNumbers(xname).join(':')}`] : [];
  const nids = nid === undefined ? [] : [`${NID_PREFIX}${nidGroups(nid).join(':')}`];
  const value = [node.name, nodeKey(node), ...(xname ? [plainXname(xname)] : [])].join(',');
  return [...macs, ...numbers, ...nids].map((address) => ({ address, value }));
}

/** A NID's digits in groups that each fit one of an IPv6 address, from the right. */
function nidGroups(nid: number): string[] {
  const digits = String(nid).padStart(10, '0');
  return [digits.slice(0, 1), digits.slice(1, 4), digits.slice(4, 7), digits.slice(7)].map((group) =>
    group.replace(/^0+(?=.)/, ''),
  );
}

/** The addresses that may have lists: the nodes', the server's, and those that are allowed everything, each once. */
function nearOf(site: Site): string[] {
  const { host, allow } = site.server;
  const nodes = site.nodes.flatMap(({ nics }) => nics.flatMap(({ ip }) => ip ?? []));
  const server = ['127.0.0.0/8', ...(ipv4Number(host) === undefined ? [] : [host])];
  return [...new Set([...nodes, ...server, ...allow])];
}

function membersOf({ nics, groups }: Node): { readonly ip: string; readonly groups: string }[] {
  if (groups.length === 0) return [];
  const names = groups.map(({ name }) => name).join(',');
  return nics.flatMap(({ ip }) => (ip ? [{ ip, groups: names }] : []));
}
