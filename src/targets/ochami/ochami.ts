import { createHash } from 'node:crypto';
import { holdsSecrets } from '../../secrets/uses-of.ts';
import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, CLOUD_INIT_FILES, nodeKey, scriptPath, urlOf, WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { plainXname, xnameNumbers } from '../../values/identifiers.ts';
import { GENERATOR } from '../../values/package.ts';
import { kernelWords, setsParameter } from '../../values/text.ts';
import { metaDataOf } from '../cloud-init/cloud-init.ts';
import { kernelArgs, leadingTo } from '../ipxe/ipxe.ts';
import { MAC_PREFIX } from '../nginx/served.ts';
import type { Emitted, Render, Target } from '../target.ts';
import { cloudInitFiles } from './cloud-init.ts';
import { components, fqdn, json, placedNodes, roleOf, smdFiles } from './smd.ts';

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
 * Renders what nginx has for the URLs of OpenCHAMI's services: tables of http, locations, and what a write is answered; takes
 * what of nginx's own data they need. Undefined for a site that does not want them.
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
      problems: PROBLEMS.map(([name, status, detail]) => {
        return { name, status, problem: problem(status, detail) };
      }),
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

/** The titles of these, as RFC 9110 has them. Those of node:http would cost a tenth of a small build: it loads all of HTTP. */
const TITLES = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  501: 'Not Implemented',
};

/** JSON, as RFC 7807 has it and OpenCHAMI's services write it. Source: Cray-HPE/hms-base, util.go (ProblemDetails). */
function problem(status: keyof typeof TITLES, detail: string): string {
  return JSON.stringify({ type: 'about:blank', title: TITLES[status], detail, status });
}

function knownBy(node: Node) {
  const { nics, xname, nid } = node;
  const macs = nics.flatMap(({ mac }) => (mac ? [`${MAC_PREFIX}${mac.replace(/(..):(..)/g, '$1$2')}`] : []));
  const numbers = xname ? [`${XNAME_PREFIX}${xnameNumbers(xname).join(':')}`] : [];
  // Its digits in groups that each fit one of an IPv6 address, from the right.
  const groups = Array.from(
    String(nid)
      .padStart(10, '0')
      .matchAll(/^.|.../g),
    ([group]) => String(Number(group)),
  );
  const nids = nid === undefined ? [] : [`${NID_PREFIX}${groups.join(':')}`];
  const value = [node.name, nodeKey(node), ...(xname ? [plainXname(xname)] : [])].join(',');
  return [...macs, ...numbers, ...nids].map((address) => ({ address, value }));
}

function nearOf(site: Site): string[] {
  const { host, allow } = site.server;
  const nodes = site.nodes.flatMap(({ nics }) => nics.flatMap(({ ip }) => ip ?? []));
  const server = ['127.0.0.0/8', ...(ipv4Number(host) === undefined ? [] : [host])];
  return [...new Set([...nodes, ...server, ...allow])];
}

/** Below which BSS answers. */
export const BSS = 'boot/v1';

/** No store and no other service stands behind it. */
const STORAGE = { 'bss-storage-backend': { name: 'files', status: 'connected' } };
const STATUS = { 'bss-status': 'running' };
const HSM = { 'bss-status-hsm': 'connected' };
const VERSION = { 'bss-version': GENERATOR };

/**
 * What BSS answers, as files: what is the same for everybody where it is asked for, for any web server; and what nginx finds by
 * `?mac=`, `?name=` and `?nid=` in `by-node`. Takes what else is made: a node that boots no Linux has its own script.
 * Source: OpenCHAMI/bss, cmd/boot-script-service/routers.go.
 */
function* bssFiles(site: Site, render: Render, made: readonly Emitted[]): Iterable<Emitted> {
  const at = (path: string) => `${WWW}/${BSS}/${path}`;
  const file = (path: string, value: unknown) => new LazyFile(at(path), json, value);
  const scripts = new Map(made.map((script) => [script.path, script]));
  // What `?json=1` asks for.
  const script = (node: Node) => {
    const { kernel, initrds, params } = bssBoot(site, node);
    const initrd = initrds[0] && { path: initrds[0].url };
    return json({ params: `kernel ${params.join(' ')}`, kernel: { path: kernel }, initrd });
  };
  const parameters = (node: Node) => json([bootParameters(site, node)]);
  const metaData = (node: Node) => json(bssMetaData(site, node));
  for (const node of site.nodes) {
    const path = at(`by-node/bootscript/${node.name}`);
    if (node.linux) {
      yield { path, content: render('ochami/boot-script.ipxe', scriptData(site, node)) };
      yield new LazyFile(at(`by-node/bootscript-json/${node.name}`), script, node);
      yield new LazyFile(at(`by-node/bootparameters/${node.name}`), parameters, node);
      yield new LazyFile(at(`by-node/meta-data/${node.name}`), metaData, node);
      continue;
    }
    // Secrets are filled in where the node's own script is.
    const own = holdsSecrets(node)
      ? leadingTo(urlOf(site, scriptPath(node)), 30)
      : scripts.get(`${WWW}/${scriptPath(node)}`)?.content;
    if (own !== undefined) yield { path, content: own };
  }
  const all = site.nodes.filter(({ linux }) => linux).map((node) => bootParameters(site, node));
  const hosts = bssHosts(site);
  // The first script finds the node by its MAC: a web server that knows nothing but files reads no `?mac=`.
  yield { path: at('bootscript'), content: leadingTo(`../../${BOOT_SCRIPT}`, 10) };
  yield file('bootparameters', all);
  yield file('hosts', hosts);
  yield file('dumpstate', { Components: hosts, Params: all });
  yield file('endpoint-history', []);
  yield file('service/status', STATUS);
  yield file('service/version', VERSION);
  yield file('service/hsm', HSM);
  yield file('by-id/storage-status', STORAGE);
  yield file('by-id/status-all', { ...VERSION, ...STATUS, ...HSM, ...STORAGE });
}

/**
 * What a node that boots Linux boots. The kernel is told, in BSS' order, the names of the initrds, what the inventory says, `xname=`,
 * `nid=`, and what is added for the NIC and for cloud-init, each unless it is said already. BSS cuts `initrd` out of what is said,
 * wherever it stands in a word; that is left in. Source: OpenCHAMI/bss, cmd/boot-script-service/default_api.go (buildParams).
 */
function bssBoot(site: Site, node: Node) {
  const linux = node.linux as LinuxBoot;
  // BSS has one, by the name of the first.
  const initrds = linux.initrds.map((url, index) => ({ name: `initrd${index === 0 ? '' : index + 1}`, url }));
  const said = linux.args.flatMap(kernelWords);
  const facts = { xname: node.xname && plainXname(node.xname), nid: node.nid };
  const own = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined || said.some((word) => setsParameter(word, name)) ? [] : `${name}=${value}`,
  );
  const added = kernelArgs(site, node).slice(said.length);
  const params = [...initrds.map(({ name }) => `initrd=${name}`), ...said, ...own, ...added];
  return { kernel: linux.kernel, initrds, said, params };
}

function scriptData(site: Site, node: Node) {
  const boot = bssBoot(site, node);
  const { mac } = node.bootNic;
  const who = mac ? `mac=${mac}` : `name=${node.xname ? plainXname(node.xname) : node.name}`;
  return {
    site,
    node,
    boot,
    // iPXE reads words, and joins them by one blank each.
    words: boot.params.join(' ').split(/ +/),
    again: `${urlOf(site, `${BSS}/bootscript`)}?${who}`,
  };
}

/** As BSS keeps them: without what it adds. It knows one initrd, and what cloud-init finds is elsewhere. */
function bootParameters(site: Site, node: Node): object {
  const { kernel, initrds, said } = bssBoot(site, node);
  return {
    hosts: node.xname && [plainXname(node.xname)],
    macs: node.nics.flatMap(({ mac }) => mac ?? []),
    nids: node.nid === undefined ? undefined : [node.nid],
    params: said.join(' '),
    kernel,
    initrd: initrds[0]?.url,
    'cloud-init': { 'meta-data': {}, 'user-data': {}, 'phone-home': NOT_PHONED },
  };
}

const PHONED = ['pub_key_dsa', 'pub_key_rsa', 'pub_key_ecdsa', 'instance_id', 'hostname', 'fqdn'];
const NOT_PHONED = Object.fromEntries(PHONED.map((key) => [key, '']));

function bssHosts(site: Site): object[] {
  const nodes = new Map(placedNodes(site).map(({ node, xname }) => [xname, node]));
  return components(site).flatMap((component) => {
    const { nics, bootNic } = nodes.get(component.ID) ?? {};
    if (!nics || !bootNic) return [];
    const macs = nics.flatMap(({ mac }) => mac ?? []);
    return { ...component, FQDN: fqdn(component.ID, bootNic.network), MAC: macs, EndpointEnabled: true };
  });
}

/**
 * The meta-data of a node as BSS answers it, in JSON: its own, and what BSS adds. BSS makes another instance-id for each
 * request, and cloud-init takes the machine for a new one each time; this one stays. What refers to a secret is left out.
 * Source: OpenCHAMI/bss, cmd/boot-script-service/cloudInitAPI.go (generateMetaData).
 */
function bssMetaData(site: Site, node: Node): object {
  const { 'instance-id': id, ...others } = metaDataOf(site, node, node.cloudInit ?? { metaData: {} });
  const digest = createHash('sha256').update(String(id)).digest('hex').slice(0, 12);
  const open = Object.entries(others).filter(([, value]) => !JSON.stringify(value)?.includes('${secret:'));
  return {
    ...Object.fromEntries(open),
    'instance-id': `${node.xname ? plainXname(node.xname) : node.name}-${digest}`,
    'shasta-type': roleOf(node),
    'shasta-role': '',
    Global: {},
  };
}
