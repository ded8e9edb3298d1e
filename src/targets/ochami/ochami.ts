import { STATUS_CODES } from 'node:http';
import type { Node, Site } from '../../site/model.ts';
import { CLOUD_INIT_FILES, nodeKey, urlOf } from '../../tree/paths.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { plainXname, xnameNumbers } from '../../values/identifiers.ts';
import { MAC_PREFIX } from '../nginx/tables.ts';
import type { Render, Target } from '../target.ts';
import { BSS, bssFiles } from './bss.ts';
import { cloudInitFiles } from './cloud-init.ts';
import { smdFiles } from './smd.ts';

/** What OpenCHAMI's BSS, SMD and cloud-init server answer (`server.compat`), as files. */
export const ochami: Target = {
  name: 'ochami',
  *emit(site, render, made) {
    if (!site.server.compat.includes('ochami')) return;
    yield* bssFiles(site, render, made);
    yield* smdFiles(site);
    yield* cloudInitFiles(site);
  },
};

/** What xnames and NIDs are read behind, as the end of an IPv6 address, each number as if its digits were hexadecimal. */
const XNAME_PREFIX = '::3:';
const NID_PREFIX = '::2:';

/** As what nginx hands out what lies in folders of `cloud-init/ochami`: as the services do. `user-data` is BSS'. */
const TYPED = [
  { folders: ['meta-data'], type: 'application/x-yaml' },
  { folders: ['vendor-data', 'groups'], type: 'text/plain' },
  { folders: ['user-data'], type: 'text/yaml' },
];

/**
 * Renders what nginx has for the URLs of OpenCHAMI's services: tables at the level of http, locations of BSS and SMD, those of the
 * cloud-init server for where a server has the nodes' configurations, and what a write is answered. Takes what of nginx's own data
 * they need. Undefined for a site that does not want them.
 */
export function ochamiParts(
  site: Site,
  render: Render,
  serving: { readonly id: string; readonly stamp: string; readonly secrets: readonly string[] },
) {
  if (!site.server.compat.includes('ochami')) return undefined;
  const { id } = serving;
  return {
    tables: render('ochami/tables.nginx', {
      site,
      id,
      macPrefix: MAC_PREFIX,
      xnamePrefix: XNAME_PREFIX,
      nidPrefix: NID_PREFIX,
      known: site.nodes.flatMap(knownBy),
      near: nearOf(site),
      members: site.nodes.flatMap(({ nics, groups }) => {
        const names = groups.map(({ name }) => name).join(',');
        return nics.flatMap(({ ip }) => (ip && names ? { ip, groups: names } : []));
      }),
      hasScripts: site.server.allowScripts.length > 0,
    }),
    services: render('ochami/services.nginx', {
      site,
      id,
      macPrefix: MAC_PREFIX,
      bootScriptUrl: urlOf(site, `${BSS}/bootscript`),
      problems: PROBLEMS.map(([name, status, detail]) => ({
        name,
        status,
        problem: problem(status, detail),
      })),
    }),
    cloudInit: render('ochami/cloud-init.nginx', {
      site,
      ...serving,
      cloudInitFiles: CLOUD_INIT_FILES,
      typed: TYPED,
    }),
    refusal: problem(
      405,
      `allow GET,HEAD: edit the inventory of ${site.name} instead, build it, and deploy it`,
    ),
  };
}

/** What nginx says where OpenCHAMI's services would, or this tree has no answer, by its location: in their words where they have any. */
const PROBLEMS = [
  ['bss_400', 400, 'Need a mac=, name=, or nid= parameter'],
  ['bss_404', 404, 'Unknown machine: this host not configured for booting.'],
  ['smd_404', 404, 'no such xname.'],
  ['ochami_404', 404, 'Not Found'],
  ['ochami_403', 403, "That is another machine's, or a list that this address may not have."],
  ['ochami_501', 501, 'These are files: no list is made by that filter. Ask for the whole one.'],
] as const;

/** JSON, as RFC 7807 has it and OpenCHAMI's services write it. Source: Cray-HPE/hms-base, util.go (ProblemDetails). */
function problem(status: number, detail: string): string {
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], detail, status });
}

/** Gives what a node is asked for by, as nginx's `geo` reads it: each of its MACs, its xname, its NID. */
function knownBy(node: Node) {
  const { nics, xname, nid } = node;
  const macs = nics.flatMap(({ mac }) => (mac ? [`${MAC_PREFIX}${mac.replace(/(..):(..)/g, '$1$2')}`] : []));
  const numbers = xname ? [`${XNAME_PREFIX}${xnameNumbers(xname).join(':')}`] : [];
  // Its digits in groups that each fit one of an IPv6 address, from the right.
  const digits =
    String(nid)
      .padStart(10, '0')
      .match(/^.|.../g) ?? [];
  const groups = digits.map((group) => group.replace(/^0+(?=.)/, ''));
  const nids = nid === undefined ? [] : [`${NID_PREFIX}${groups.join(':')}`];
  const value = [node.name, nodeKey(node), ...(xname ? [plainXname(xname)] : [])].join(',');
  return [...macs, ...numbers, ...nids].map((address) => ({ address, value }));
}

/** The addresses that may have lists: the nodes', the server's, and those that are allowed everything, each once. */
function nearOf(site: Site): string[] {
  const { host, allow } = site.server;
  const nodes = site.nodes.flatMap(({ nics }) => nics.flatMap(({ ip }) => ip ?? []));
  const server = ['127.0.0.0/8', ...(ipv4Number(host) === undefined ? [] : [host])];
  return [...new Set([...nodes, ...server, ...allow])];
}
