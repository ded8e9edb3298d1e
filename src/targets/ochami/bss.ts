import { holdsSecrets } from '../../secrets/iscsi-secrets.ts';
import type { Node, Site } from '../../site/model.ts';
import { plainXname } from '../../site/xname.ts';
import { GENERATOR } from '../../version.ts';
import { BOOT_SCRIPT, scriptPath, urlOf, WWW } from '../paths.ts';
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
  const file = (path: string, content: string) => ({ path: `${WWW}/${BSS}/${path}`, content });
  const scripts = new Map(made.map((script) => [script.path, script]));
  const all: object[] = [];
  for (const node of site.nodes) {
    const boot = node.linux && bssBoot(site, node, node.linux);
    const own = holdsSecrets(node)
      ? toOwnScript(site, node)
      : scripts.get(`${WWW}/${scriptPath(node)}`)?.content;
    if (boot)
      yield file(
        `by-node/bootscript/${node.name}`,
        render('ochami/boot-script.ipxe', scriptData(site, node, boot)),
      );
    else if (own !== undefined) yield { path: `${WWW}/${BSS}/by-node/bootscript/${node.name}`, content: own };
    if (!boot) continue;
    yield file(`by-node/bootscript-json/${node.name}`, json(bootData(boot)));
    const params = bootParameters(node, boot);
    all.push(params);
    yield file(`by-node/bootparameters/${node.name}`, json([params]));
    yield file(`by-node/meta-data/${node.name}`, json(bssMetaData(site, node)));
  }
  const hosts = bssHosts(site);
  yield file('bootscript', TO_BOOT_SCRIPT);
  yield file('bootparameters', json(all));
  yield file('hosts', json(hosts));
  yield file('dumpstate', json({ Components: hosts, Params: all }));
  yield file('endpoint-history', json([]));
  yield file('service/status', json(STATUS));
  yield file('service/version', json(VERSION));
  yield file('service/hsm', json(HSM));
  yield file('by-id/storage-status', json(STORAGE));
  yield file('by-id/status-all', json({ ...VERSION, ...STATUS, ...HSM, ...STORAGE }));
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
