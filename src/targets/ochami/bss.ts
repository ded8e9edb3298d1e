import { createHash } from 'node:crypto';
import { holdsSecrets } from '../../secrets/uses-of.ts';
import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, scriptPath, urlOf, WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { plainXname } from '../../values/identifiers.ts';
import { GENERATOR } from '../../values/package.ts';
import { kernelWords, setsParameter } from '../../values/text.ts';
import { metaDataOf } from '../cloud-init/cloud-init.ts';
import { leadingTo } from '../ipxe/ipxe.ts';
import { kernelArgs } from '../ipxe/kernel.ts';
import type { Emitted, Render } from '../target.ts';
import { components, fqdn, json, placedNodes, roleOf } from './smd.ts';

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
export function* bssFiles(site: Site, render: Render, made: readonly Emitted[]): Iterable<Emitted> {
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

const NOT_PHONED = {
  pub_key_dsa: '',
  pub_key_rsa: '',
  pub_key_ecdsa: '',
  instance_id: '',
  hostname: '',
  fqdn: '',
};

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
