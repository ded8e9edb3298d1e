import { holdsSecrets } from '../../secrets/iscsi-secrets.ts';
import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import { BOOT_SCRIPT, scriptPath, urlOf, WWW } from '../../tree/paths.ts';
import { GENERATOR } from '../../values/harvgen-version.ts';
import { plainXname } from '../../values/xname.ts';
import type { Render } from '../render.ts';
import type { Emitted } from '../target.ts';
import { type BssBoot, bssBoot } from './bss-boot.ts';
import { bssMetaData } from './bss-meta-data.ts';
import { fqdn } from './component-endpoints.ts';
import { components } from './components.ts';
import { json } from './json.ts';
import { placedNodes } from './places.ts';

/** Below which BSS answers. */
export const BSS = 'boot/v1';

/** Leads to the first script, which finds the node by its MAC: a web server that knows nothing but files reads no `?mac=`. */
const TO_BOOT_SCRIPT = `#!ipxe
:start
chain --replace --autofree ../../${BOOT_SCRIPT} || sleep 10
goto start
`;

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
  const ofNode = (path: string, dataOf: (node: Node, boot: BssBoot) => unknown) => {
    const make = (node: Node) => json(dataOf(node, bssBoot(site, node, node.linux as LinuxBoot)));
    return (node: Node) => new LazyFile(at(`by-node/${path}/${node.name}`), make, node);
  };
  const script = ofNode('bootscript-json', (_, boot) => bootData(boot));
  const parameters = ofNode('bootparameters', (node, boot) => [bootParameters(node, boot)]);
  const metaData = ofNode('meta-data', (node) => bssMetaData(site, node));
  for (const node of site.nodes) {
    const path = at(`by-node/bootscript/${node.name}`);
    if (node.linux) {
      const data = scriptData(site, node, bssBoot(site, node, node.linux));
      yield { path, content: render('ochami/boot-script.ipxe', data) };
      yield script(node);
      yield parameters(node);
      yield metaData(node);
      continue;
    }
    const own = holdsSecrets(node)
      ? toOwnScript(site, node)
      : scripts.get(`${WWW}/${scriptPath(node)}`)?.content;
    if (own !== undefined) yield { path, content: own };
  }
  const all = site.nodes.flatMap((node) =>
    node.linux ? bootParameters(node, bssBoot(site, node, node.linux)) : [],
  );
  const hosts = bssHosts(site);
  yield { path: at('bootscript'), content: TO_BOOT_SCRIPT };
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

/** Leads on to a node's script that holds secrets: they are filled in there. */
function toOwnScript(site: Site, node: Node): string {
  return `#!ipxe\n:start\nchain --replace --autofree ${urlOf(site, scriptPath(node))} || sleep 30\ngoto start\n`;
}

function scriptData(site: Site, node: Node, boot: BssBoot) {
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

/** What `?json=1` asks for. */
function bootData({ kernel, initrds, params }: BssBoot): object {
  return {
    params: `kernel ${params.join(' ')}`,
    kernel: { path: kernel },
    ...(initrds[0] && { initrd: { path: initrds[0].url } }),
  };
}

/** As BSS keeps them: without what it adds. It knows one initrd, and what cloud-init finds is elsewhere. */
function bootParameters(node: Node, { kernel, initrds, said }: BssBoot): object {
  return {
    ...(node.xname && { hosts: [plainXname(node.xname)] }),
    macs: node.nics.flatMap(({ mac }) => mac ?? []),
    ...(node.nid !== undefined && { nids: [node.nid] }),
    params: said.join(' '),
    kernel,
    ...(initrds[0] && { initrd: initrds[0].url }),
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
    const node = nodes.get(component.ID);
    if (!node) return [];
    const macs = node.nics.flatMap(({ mac }) => mac ?? []);
    return [
      { ...component, FQDN: fqdn(component.ID, node.bootNic.network), MAC: macs, EndpointEnabled: true },
    ];
  });
}
