import { createHash } from 'node:crypto';
import { addressesOf, nearOf } from '../../plan/access.ts';
import { kernelArgs } from '../../plan/kernel-args.ts';
import { metaDataOf } from '../../plan/meta-data.ts';
import { MAC_PREFIX } from '../../plan/served.ts';
import { holdsSecrets } from '../../secrets/uses-of.ts';
import type { LinuxBoot, Nic, Node, Site } from '../../site/model.ts';
import { macsOf } from '../../site/nics.ts';
import { BOOT_SCRIPT, CLOUD_INIT_FILES, nodeKey, scriptPath, urlOf, WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { hyphenMac, plainXname, xnameNumbers } from '../../values/identifiers.ts';
import { GENERATOR } from '../../values/package.ts';
import { kernelWords, setsParameter } from '../../values/text.ts';
import { BUILDS, leadingTo } from '../ipxe/ipxe.ts';
import type { Emitted, Render, Target } from '../target.ts';
import { cloudInitFiles } from './cloud-init.ts';
import { type Answer, fqdn, nodeComponent, placedNodes, roleOf, smdAnswers } from './smd.ts';

/** The paths of BSS and SMD. */
const BSS = 'boot/v1';
const SMD = 'hsm/v2';

/** The answers of OpenCHAMI's BSS, SMD and cloud-init server (`server.compat`), as files. */
export const ochami: Target = {
  name: 'ochami',
  compat: 'ochami',
  *emit(site, render, made) {
    yield* bootScripts(site, render, made);
    for (const [path, value] of bssAnswers(site)) yield new LazyFile(`${WWW}/${BSS}/${path}`, json, value);
    for (const [path, value] of smdAnswers(site)) yield new LazyFile(`${WWW}/${SMD}/${path}`, json, value);
    yield* cloudInitFiles(site);
  },
};

/** Returns an answer in the services' format: on one line. */
function json(value: unknown): string {
  return `${JSON.stringify(typeof value === 'function' ? value() : value)}\n`;
}

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
  // Short, because nginx warns if long names share a bucket of its table of variables.
  const own = `o${createHash('sha256').update(id).digest('hex').slice(0, 5)}`;
  return {
    tables: render('ochami/tables.nginx', {
      site,
      id,
      own,
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
      own,
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
      own,
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

/** Returns the NICs from which a node boots Linux, each with a script of its own: that of the inventory first. */
function bootNics({ linux, nics, bootNic }: Node): readonly Nic[] {
  return linux ? [bootNic, ...nics.filter((nic) => nic !== bootNic && nic.mac)] : [];
}

/** Returns the name of the script for a NIC: for another one than that of the inventory, with its MAC. Host names have no underscore. */
function scriptName({ name, bootNic }: Node, nic: Nic): string {
  return nic !== bootNic && nic.mac ? `${name}_${hyphenMac(nic.mac)}` : name;
}

function knownBy(node: Node) {
  const { name, nics, xname, nid } = node;
  const scripts = bootNics(node);
  const memberships = [...node.groups.map((group) => `:${group.name}`), ':'].join('');
  const entry = (address: string, script = name) => ({
    address,
    value: [name, script, nodeKey(node), memberships, ...(xname ? [plainXname(xname)] : [])].join(','),
  });
  const macs = nics.flatMap((nic) => {
    if (!nic.mac) return [];
    const address = `${MAC_PREFIX}${nic.mac.replace(/(..):(..)/g, '$1$2')}`;
    return entry(address, scripts.includes(nic) ? scriptName(node, nic) : name);
  });
  // The digits of the NID, split from the right into groups that each fit into a group of an IPv6 address.
  const digits = String(nid)
    .padStart(10, '0')
    .matchAll(/^.|.../g);
  return [
    ...macs,
    ...(xname ? [entry(`${XNAME_PREFIX}${xnameNumbers(xname).join(':')}`)] : []),
    ...(nid === undefined
      ? []
      : [entry(`${NID_PREFIX}${Array.from(digits, ([group]) => Number(group)).join(':')}`)]),
  ];
}

/** The name of the script for unknown machines with any other value of iPXE's `buildarch`. */
const OTHER_BUILD = 'other';

/**
 * Yields BSS' boot scripts. The one at its own path is the same for every client, for any web server. nginx finds those in `by-node` by
 * `?mac=`, `?name=` and `?nid=`. `made` contains the scripts of nodes that do not boot Linux.
 */
function* bootScripts(site: Site, render: Render, made: readonly Emitted[]): Iterable<Emitted> {
  const at = (path: string) => `${WWW}/${BSS}/${path}`;
  const scripts = new Map(made.map((file) => [file.path, file]));
  const bootscript = urlOf(site, `${BSS}/bootscript`);
  // The entry script finds the node by its MAC, because a plain web server cannot read `?mac=`.
  yield { path: at('bootscript'), content: leadingTo(`../../${BOOT_SCRIPT}`, 10) };
  for (const node of site.nodes) {
    for (const nic of bootNics(node)) {
      const boot = bssBoot(site, node, nic);
      const who = nic.mac ? `mac=${nic.mac}` : `name=${node.xname ? plainXname(node.xname) : node.name}`;
      const data = { site, node, boot, words: wordsOf(boot), again: `${bootscript}?${who}` };
      const path = at(`by-node/bootscript/${scriptName(node, nic)}`);
      yield { path, content: render('ochami/boot-script.ipxe', data) };
    }
    if (node.linux) continue;
    // nginx substitutes secrets in the node's own script.
    const own = holdsSecrets(node)
      ? leadingTo(urlOf(site, scriptPath(node)), 30)
      : scripts.get(`${WWW}/${scriptPath(node)}`)?.content;
    if (own !== undefined) yield { path: at(`by-node/bootscript/${node.name}`), content: own };
  }
  // BSS has the boot of unknown machines as the boot parameters of `Unknown-<arch>`.
  for (const build of [...Object.values(BUILDS).flat(), OTHER_BUILD]) {
    const unknown = site.unknownMachines.find(({ arch }) => !arch || BUILDS[arch].includes(build));
    if (!unknown) continue;
    const boot = bootOf(unknown);
    const data = { site, boot, words: wordsOf(boot), again: bootscript };
    yield { path: at(`by-arch/${build}`), content: render('ochami/boot-script.ipxe', data) };
  }
}

/** There is no store and no other service. */
const STORAGE = { 'bss-storage-backend': { name: 'files', status: 'connected' } };
const STATUS = { 'bss-status': 'running' };
const HSM = { 'bss-status-hsm': 'connected' };
const VERSION = { 'bss-version': GENERATOR };

/** Yields BSS' other answers. Source: OpenCHAMI/bss, cmd/boot-script-service/routers.go. */
function* bssAnswers(site: Site): Iterable<Answer> {
  const parameters: object[] = [];
  for (const node of site.nodes) {
    if (!node.linux) continue;
    for (const nic of bootNics(node))
      yield [`by-node/bootscript-json/${scriptName(node, nic)}`, () => bssScript(bssBoot(site, node, nic))];
    const stored = bootParameters(site, node);
    parameters.push(stored);
    yield [`by-node/bootparameters/${node.name}`, [stored]];
    yield [`by-node/meta-data/${node.name}`, () => bssMetaData(site, node)];
  }
  yield ['bootparameters', parameters];
  const hosts = placedNodes(site).map(({ node, xname }) => ({ name: node.name, host: bssHost(node, xname) }));
  for (const { name, host } of hosts) yield [`by-node/hosts/${name}`, [host]];
  yield ['hosts', hosts.map(({ host }) => host)];
  yield ['endpoint-history', []];
  yield ['service/status', STATUS];
  yield ['service/version', VERSION];
  yield ['service/hsm', HSM];
  yield ['by-id/storage-status', STORAGE];
  yield ['by-id/status-all', { ...VERSION, ...STATUS, ...HSM, ...STORAGE }];
}

type BssBoot = ReturnType<typeof bootOf>;

/** Returns the kernel command line as words: iPXE splits the line and joins the words with single spaces. */
function wordsOf({ params }: BssBoot): string[] {
  return params.join(' ').split(/ +/);
}

/** Returns the answer to `?json=1`. BSS never omits the initrd. */
function bssScript({ kernel, initrds, params }: BssBoot): object {
  const initrd = { path: initrds[0]?.url ?? '' };
  return { params: `kernel ${params.join(' ')}`, kernel: { path: kernel }, initrd };
}

/** Returns boot data. BSS has one initrd, under the name of the first. `added` returns what follows the arguments. */
function bootOf(
  { kernel, initrds: urls, args: texts }: Pick<LinuxBoot, 'kernel' | 'initrds' | 'args'>,
  added: (args: readonly string[]) => readonly string[] = () => [],
) {
  const initrds = urls.map((url, index) => ({ name: `initrd${index === 0 ? '' : index + 1}`, url }));
  const args = texts.flatMap(kernelWords);
  const params = [...initrds.map(({ name }) => `initrd=${name}`), ...args, ...added(args)];
  return { kernel, initrds, args, params };
}

/**
 * Returns the boot data of a node that boots Linux. The kernel command line has BSS' order: the names of the initrds, the
 * inventory's arguments, `xname=`, `nid=`, and the arguments for the NIC and cloud-init. None is repeated. Unlike
 * BSS, this keeps `initrd` inside other words. Source: OpenCHAMI/bss, cmd/boot-script-service/default_api.go (buildParams).
 */
function bssBoot(site: Site, node: Node, nic: Nic = node.bootNic): BssBoot {
  const facts = { xname: node.xname && plainXname(node.xname), nid: node.nid };
  return bootOf(node.linux as LinuxBoot, (args) => [
    ...Object.entries(facts).flatMap(([name, value]) =>
      value === undefined || args.some((word) => setsParameter(word, name)) ? [] : `${name}=${value}`,
    ),
    ...kernelArgs(site, node, nic).slice(args.length),
  ]);
}

/** Returns the boot parameters as BSS stores them, without its additions. BSS has one initrd, and no cloud-init data here. */
function bootParameters(site: Site, node: Node): object {
  const { kernel, initrds, args } = bssBoot(site, node);
  return {
    hosts: node.xname && [plainXname(node.xname)],
    macs: macsOf(node),
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
  const macs = macsOf(node);
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
