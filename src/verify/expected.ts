import { networkInterfaces } from 'node:os';
import type { Served } from '../plan/access.ts';
import { listenersOf } from '../plan/served.ts';
import type { Site } from '../site/model.ts';
import {
  BOOT_SCRIPT,
  CLOUD_INIT_SEED,
  GRUB_SCRIPT,
  OCI_SCRIPT,
  phsConfigPath,
  phsScriptPath,
  WWW,
} from '../tree/paths.ts';
import type { File } from '../tree/tree.ts';
import type { Ipv4 } from '../values/addresses.ts';
import type { Run } from './findings.ts';

/** Returns the IPv4 addresses of this machine, each with its interface; without loopback. */
export function ownAddresses(): { readonly name: string; readonly address: Ipv4 }[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
    all.flatMap(({ family, address, internal }) => (family === 'IPv4' && !internal ? { name, address } : [])),
  );
}

/** A file of the tree that the web server serves, with the clients that may fetch it. */
export interface ServedFile extends Served {
  readonly url: string;
  /** The path below the document root. */
  readonly path: string;
  readonly file: File;
}

/** The lists of BSS and SMD, which nginx serves without a change. */
const OCHAMI_LISTS = [
  ...['boot/v1/bootparameters', 'boot/v1/hosts', 'hsm/v2/groups', 'hsm/v2/memberships'],
  ...['hsm/v2/State/Components', 'hsm/v2/Inventory/EthernetInterfaces'],
  ...['hsm/v2/Inventory/ComponentEndpoints', 'hsm/v2/Inventory/RedfishEndpoints'],
];

/** Returns the files of the tree that the machines of a run and other clients request. */
export function servedFilesOf({ site, tree, media, names }: Run): ServedFile[] {
  const { server } = site;
  const byName = new Map(site.nodes.map((node) => [node.name, node]));
  const config = server.tls?.url ?? server.url;
  const publicPaths = new Set<string>([BOOT_SCRIPT, GRUB_SCRIPT]);
  const found = (
    url: string,
    path: string,
    rest: Omit<ServedFile, 'url' | 'path' | 'file'>,
  ): ServedFile[] => {
    const file = tree.get(`${WWW}/${path}`);
    return file ? [{ url, path, file, ...rest }] : [];
  };
  const own = media.flatMap(({ url, kind, nodes: [name = ''] }) => {
    const base = [config, server.url].find((base) => url.startsWith(`${base}/`));
    const path = base === undefined ? '' : url.slice(base.length + 1);
    if (kind === 'file') return found(url, path, { what: 'file' });
    if (publicPaths.has(path)) return found(url, path, { what: 'boot script' });
    const node = byName.get(name);
    if (!node || !names.has(name) || (kind !== 'script' && kind !== 'configuration')) return [];
    return found(url, path, { what: kind, node });
  });
  const nodes = site.nodes.filter(({ name }) => names.has(name));
  const older = nodes.flatMap((node) => {
    const { mac } = node.bootNic;
    if (!mac) return [];
    const script = { what: 'script', node } as const;
    const bss = `boot/v1/by-node/bootscript/${node.name}`;
    return [
      ...found(`${server.url}/${phsScriptPath(node)}`, phsScriptPath(node), script),
      ...found(`${config}/${phsConfigPath(node)}`, phsConfigPath(node), {
        what: 'configuration',
        node,
      }),
      ...found(`${server.url}/boot/v1/bootscript?mac=${mac}`, bss, script),
    ];
  });
  const others = [
    ...found(`${config}/${CLOUD_INIT_SEED}`, CLOUD_INIT_SEED, { what: 'file' }),
    ...['inventory.json', 'all'].flatMap((path) => found(`${server.url}/${path}`, path, { what: 'list' })),
    ...OCHAMI_LISTS.flatMap((path) => found(`${server.url}/${path}`, path, { what: 'OpenCHAMI list' })),
  ];
  const base = server.url.replace(/:\d+$/, '');
  const further = listenersOf(server).flatMap(({ by, port }) =>
    by === 'ports' ? found(`${base}:${port}/${BOOT_SCRIPT}`, BOOT_SCRIPT, { what: 'boot script' }) : [],
  );
  return [...own, ...older, ...others, ...further];
}

/** Returns the URLs that answer with an iPXE script which depends on the client: those of oci-harvester. */
export function scriptUrls({ server }: Site): string[] {
  return server.compat.includes('oci') ? [`${server.url}/${OCI_SCRIPT}`] : [];
}
