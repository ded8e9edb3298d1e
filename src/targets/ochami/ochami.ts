import { createHash } from 'node:crypto';
import { addressesOf, nearOf } from '../../plan/access.ts';
import { kernelArgs } from '../../plan/kernel-args.ts';
import { metaDataOf } from '../../plan/meta-data.ts';
import { MAC_PREFIX } from '../../plan/served.ts';
import { holdsSecrets } from '../../secrets/uses-of.ts';
import type { LinuxBoot, Nic, Node, Site, UnknownBoot } from '../../site/model.ts';
import { BOOT_SCRIPT, CLOUD_INIT_FILES, nodeKey, scriptPath, urlOf, WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { hyphenMac, plainXname, xnameNumbers } from '../../values/identifiers.ts';
import { GENERATOR } from '../../values/package.ts';
import { kernelWords, setsParameter } from '../../values/text.ts';
import { BUILDS, leadingTo } from '../ipxe/ipxe.ts';
import type { Emitted, Render, Target } from '../target.ts';
import { cloudInitFiles } from './cloud-init.ts';
import { fqdn, json, nodeComponent, placedNodes, roleOf, smdFiles } from './smd.ts';

/** The answers of OpenCHAMI's BSS, SMD and cloud-init server (`server.compat`), as files. */
export const ochami: Target = {
  name: 'ochami',
  *emit(site, render, made) {
    if (!site.server.compat.includes('ochami')) return;
    yield* bssFiles(site, render, made);
    yield* smdFiles(site);
    yield* cloudInitFiles(site);
  },
};

/** Prefixes that make an xname or NID the end of an IPv6 address, with its decimal digits as hexadecimal ones. */
const XNAME_PREFIX = '::3:';
const NID_PREFIX = '::2:';

/**
 * The types with which nginx, like the services, serves what is below `cloud-init/ochami`: directories, or (`own`) a file of the
 * node's own directory. `user-data` belongs to BSS.
 */
const TYPED = [
  { folders: ['meta-data'], type: 'application/x-yaml', own: true },
  { folders: ['vendor-data', 'groups'], type: 'text/plain', own: false },
  { folders: ['user-data'], type: 'text/yaml', own: true },
];

/**
 * Renders nginx's parts for the URLs of OpenCHAMI's services: http tables, locations, and the answer to writes. Takes the
 * data of nginx's own configuration that they need. Returns undefined for a site without these services.
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
      members: site.nodes.flatMap((node) => {
        const names = node.groups.map(({ name }) => name).join(',');
        return addressesOf(node).flatMap((ip) => (names ? { ip, groups: names } : []));
      }),
      hasScripts: site.server.allowScripts.length > 0,
      builds: Object.values(BUILDS).flat(),
      otherBuild: OTHER_BUILD,
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
      version: JSON.stringify({ process_name: 'harvgen', build_info: `Version: ${GENERATOR}` }),
    }),
    refusal: problem(
      405,
      `allow GET,HEAD: edit the inventory of ${site.name} instead, build it, and deploy it`,
    ),
  };
}

/** nginx's errors for OpenCHAMI's services, by location: in the services' own words if they have any. */
const PROBLEMS = [
  ['bss_400', 400, 'Need a mac=, name=, or nid= parameter'],
  ['bss_nid', 400, 'Bad Request - Invalid nid'],
  ['bss_404', 404, 'Unknown machine: this host not configured for booting.'],
  ['smd_400', 400, 'bad query param: Argument was not valid'],
  ['smd_404', 404, 'no such xname.'],
  ['ochami_404', 404, 'Not Found'],
  ['ochami_403', 403, 'This belongs to another machine, or is a list that this IP address may not fetch.'],
  [
    'ochami_501',
    501,
    'These answers are files, and none contains what this request selects. Request the whole list, or one object.',
  ],
] as const;

/** The titles of these statuses, from RFC 9110. Those of node:http would cost a tenth of a small build: it loads all of HTTP. */
const TITLES = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  501: 'Not Implemented',
};

/** Returns an error (RFC 7807) in the format of OpenCHAMI's services. Source: Cray-HPE/hms-base, util.go (ProblemDetails). */
function problem(status: keyof typeof TITLES, detail: string): string {
  return JSON.stringify({ type: 'about:blank', title: TITLES[status], detail, status });
}

/** Returns the NICs from which a node boots Linux with a script of their own: those besides the one in the inventory. */
function otherNics({ linux, nics, bootNic }: Node): readonly Nic[] {
  return linux ? nics.filter((nic) => nic !== bootNic && nic.mac) : [];
}

/** Returns the name of the script for a request by the MAC of a NIC. Host names have no underscore. */
function scriptName(node: Node, { mac }: Nic): string {
  return mac ? `${node.name}_${hyphenMac(mac)}` : node.name;
}

function knownBy(node: Node) {
  const { nics, xname, nid } = node;
  const others = otherNics(node);
  const memberships = [...node.groups.map(({ name }) => `:${name}`), ':'].join('');
  const entry = (address: string, script = node.name) => ({
    address,
    value: [node.name, script, nodeKey(node), memberships, ...(xname ? [plainXname(xname)] : [])].join(','),
  });
  const macs = nics.flatMap((nic) => {
    if (!nic.mac) return [];
    const address = `${MAC_PREFIX}${nic.mac.replace(/(..):(..)/g, '$1$2')}`;
    return entry(address, others.includes(nic) ? scriptName(node, nic) : undefined);
  });
  const numbers = xname ? [`${XNAME_PREFIX}${xnameNumbers(xname).join(':')}`] : [];
  // The digits of the NID, split from the right into groups that each fit into a group of an IPv6 address.
  const digits = String(nid).padStart(10, '0');
  const groups = Array.from(digits.matchAll(/^.|.../g), ([group]) => String(Number(group)));
  const nids = nid === undefined ? [] : [`${NID_PREFIX}${groups.join(':')}`];
  return [...macs, ...[...numbers, ...nids].map((address) => entry(address))];
}

/** The path of BSS. */
export const BSS = 'boot/v1';

/** The name of the script for unknown machines with any other value of iPXE's `buildarch`. */
const OTHER_BUILD = 'other';

/** There is no store and no other service. */
const STORAGE = { 'bss-storage-backend': { name: 'files', status: 'connected' } };
const STATUS = { 'bss-status': 'running' };
const HSM = { 'bss-status-hsm': 'connected' };
const VERSION = { 'bss-version': GENERATOR };

/**
 * Yields BSS' answers as files. Those that are the same for every client have their own paths, for any web server. Those
 * that nginx finds by `?mac=`, `?name=` and `?nid=` are in `by-node`. `made` contains the scripts of nodes that do not boot Linux.
 * Source: OpenCHAMI/bss, cmd/boot-script-service/routers.go.
 */
function* bssFiles(site: Site, render: Render, made: readonly Emitted[]): Iterable<Emitted> {
  const at = (path: string) => `${WWW}/${BSS}/${path}`;
  const file = (path: string, value: unknown) => new LazyFile(at(path), json, value);
  const scripts = new Map(made.map((script) => [script.path, script]));
  // The answer to `?json=1`.
  const script = ({ kernel, initrds, params }: ReturnType<typeof bssBoot>) => {
    // BSS never omits it.
    const initrd = { path: initrds[0]?.url ?? '' };
    return json({ params: `kernel ${params.join(' ')}`, kernel: { path: kernel }, initrd });
  };
  const parameters = (node: Node) => json([bootParameters(site, node)]);
  const metaData = (node: Node) => json(bssMetaData(site, node));
  for (const node of site.nodes) {
    const path = at(`by-node/bootscript/${node.name}`);
    if (node.linux) {
      for (const nic of [node.bootNic, ...otherNics(node)]) {
        const name = nic === node.bootNic ? node.name : scriptName(node, nic);
        const data = scriptData(site, node, nic);
        yield { path: at(`by-node/bootscript/${name}`), content: render('ochami/boot-script.ipxe', data) };
        yield new LazyFile(at(`by-node/bootscript-json/${name}`), script, data.boot);
      }
      yield new LazyFile(at(`by-node/bootparameters/${node.name}`), parameters, node);
      yield new LazyFile(at(`by-node/meta-data/${node.name}`), metaData, node);
      continue;
    }
    // nginx substitutes secrets in the node's own script.
    const own = holdsSecrets(node)
      ? leadingTo(urlOf(site, scriptPath(node)), 30)
      : scripts.get(`${WWW}/${scriptPath(node)}`)?.content;
    if (own !== undefined) yield { path, content: own };
  }
  for (const build of [...Object.values(BUILDS).flat(), OTHER_BUILD]) {
    const isOf = ({ arch }: UnknownBoot) => !arch || BUILDS[arch].includes(build);
    const boot = site.unknownMachines.find(isOf);
    if (boot)
      yield {
        path: at(`by-arch/${build}`),
        content: render('ochami/boot-script.ipxe', unknownData(site, boot)),
      };
  }
  const all = site.nodes.filter(({ linux }) => linux).map((node) => bootParameters(site, node));
  const hosts = placedNodes(site).map(({ node, xname }) => ({ name: node.name, host: bssHost(node, xname) }));
  for (const { name, host } of hosts) yield file(`by-node/hosts/${name}`, [host]);
  // The entry script finds the node by its MAC, because a plain web server cannot read `?mac=`.
  yield { path: at('bootscript'), content: leadingTo(`../../${BOOT_SCRIPT}`, 10) };
  yield file('bootparameters', all);
  yield file(
    'hosts',
    hosts.map(({ host }) => host),
  );
  yield file('endpoint-history', []);
  yield file('service/status', STATUS);
  yield file('service/version', VERSION);
  yield file('service/hsm', HSM);
  yield file('by-id/storage-status', STORAGE);
  yield file('by-id/status-all', { ...VERSION, ...STATUS, ...HSM, ...STORAGE });
}

/**
 * Returns the boot data of a node that boots Linux. The kernel command line has BSS' order: the names of the initrds, the
 * inventory's arguments, `xname=`, `nid=`, and the arguments for the NIC and cloud-init. None is repeated. Unlike
 * BSS, this keeps `initrd` inside other words. Source: OpenCHAMI/bss, cmd/boot-script-service/default_api.go (buildParams).
 */
function bssBoot(site: Site, node: Node, nic: Nic = node.bootNic) {
  const linux = node.linux as LinuxBoot;
  const initrds = bssInitrds(linux);
  const args = linux.args.flatMap(kernelWords);
  const facts = { xname: node.xname && plainXname(node.xname), nid: node.nid };
  const own = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined || args.some((word) => setsParameter(word, name)) ? [] : `${name}=${value}`,
  );
  const added = kernelArgs(site, node, nic).slice(args.length);
  const params = [...initrds.map(({ name }) => `initrd=${name}`), ...args, ...own, ...added];
  return { kernel: linux.kernel, initrds, args, params };
}

/** Returns the initrds with their names. BSS has one, under the name of the first. */
function bssInitrds({ initrds }: LinuxBoot) {
  return initrds.map((url, index) => ({ name: `initrd${index === 0 ? '' : index + 1}`, url }));
}

/** Returns the data of the script for unknown machines, which BSS has as the boot parameters of `Unknown-<arch>`. */
function unknownData(site: Site, boot: UnknownBoot) {
  const initrds = bssInitrds(boot);
  const args = boot.args.flatMap(kernelWords);
  const params = [...initrds.map(({ name }) => `initrd=${name}`), ...args];
  return {
    site,
    boot: { kernel: boot.kernel, initrds, args, params },
    words: params.join(' ').split(/ +/),
    again: urlOf(site, `${BSS}/bootscript`),
  };
}

function scriptData(site: Site, node: Node, nic: Nic) {
  const boot = bssBoot(site, node, nic);
  const { mac } = nic;
  const who = mac ? `mac=${mac}` : `name=${node.xname ? plainXname(node.xname) : node.name}`;
  return {
    site,
    node,
    boot,
    // iPXE splits the line into words and joins them with single spaces.
    words: boot.params.join(' ').split(/ +/),
    again: `${urlOf(site, `${BSS}/bootscript`)}?${who}`,
  };
}

/** Returns the boot parameters as BSS stores them, without its additions. BSS has one initrd, and no cloud-init data here. */
function bootParameters(site: Site, node: Node): object {
  const { kernel, initrds, args } = bssBoot(site, node);
  return {
    hosts: node.xname && [plainXname(node.xname)],
    macs: node.nics.flatMap(({ mac }) => mac ?? []),
    nids: node.nid === undefined ? undefined : [node.nid],
    params: args.join(' '),
    kernel,
    initrd: initrds[0]?.url,
    'cloud-init': { 'meta-data': null, 'user-data': null, 'phone-home': NOT_PHONED },
  };
}

const PHONED = ['pub_key_dsa', 'pub_key_rsa', 'pub_key_ecdsa', 'instance_id', 'hostname', 'fqdn'];
const NOT_PHONED = Object.fromEntries(PHONED.map((key) => [key, '']));

function bssHost(node: Node, xname: string): object {
  const macs = node.nics.flatMap(({ mac }) => mac ?? []);
  const FQDN = fqdn(xname, node.bootNic.network);
  return { ...nodeComponent(node, xname), FQDN, MAC: macs, EndpointEnabled: true };
}

/**
 * Returns a node's meta-data in BSS' JSON form: the node's own, and what BSS adds. BSS creates another instance-id for each
 * request, so that cloud-init treats the machine as new each time; this one is constant. Values with secrets are omitted.
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
    'shasta-role': node.subrole ?? '',
    Global: {},
  };
}
