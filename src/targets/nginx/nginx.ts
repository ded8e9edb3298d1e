import { DHCP_ARCHITECTURES } from '../../knowledge/tables/dhcp-architectures.ts';
import { holdsSecrets } from '../../secrets/iscsi-secrets.ts';
import { servedImages } from '../../site/linux-images.ts';
import type { Node, Site } from '../../site/model.ts';
import type { Mark } from '../../source/marks.ts';
import { CLOUD_INIT_FILES, nodeKey, OCI_SCRIPT, serialName } from '../../tree/paths.ts';
import { hyphenMac } from '../../values/mac.ts';
import { grubNodes } from '../grub/grub.ts';
import { ochamiParts } from '../ochami/nginx-parts.ts';
import { grubProgramsOf } from '../programs.ts';
import type { Render } from '../render.ts';
import type { Target } from '../target.ts';
import { askedMacs, MAC_PREFIX } from './asked-macs.ts';
import { askedUuids } from './asked-uuids.ts';
import { fillStamp } from './fill-stamp.ts';
import { fillsPath, fillsText, nginxFills } from './fills.ts';
import { nginxId } from './id.ts';
import { listenersOf } from './listeners.ts';
import { servedFiles } from './served.ts';
import { serverName } from './server-name.ts';
import { tenantTables } from './tenant-tables.ts';

/** What differs between the places where nginx serves a site: on the boot server, and in a pod. */
export interface Serving {
  readonly fills: readonly Mark[];
  readonly accessLog: string;
  /** Gives the port that nginx listens at for one that is asked for. */
  portOf(port: number): number;
}

/** The nginx server blocks that serve the tree: each node's files to that node's address alone. */
export const nginx: Target = {
  name: 'nginx',
  *emit(site, render) {
    const fills = nginxFills(site);
    const accessLog = `/var/log/nginx/harvgen-${site.name}.log`;
    const data = nginxData(site, render, { fills, accessLog, portOf: (port) => port });
    yield { path: `nginx/${site.name}.conf`, content: render('nginx/site.nginx', data) };
    yield { path: fillsPath(fills), content: fillsText(site, fills) };
  },
};

/** Gives the data of the template of a site's server blocks, for a place where nginx serves it. */
export function nginxData(site: Site, render: Render, { fills, accessLog, portOf }: Serving) {
  const id = nginxId(site);
  const secrets = [...new Set(fills.map(({ name }) => name))].sort();
  const stamp = fillStamp(fills);
  const hasCloudInit = site.nodes.some(({ cloudInit }) => cloudInit);
  return {
    site,
    id,
    accessLog,
    // Whichever NIC the installer's first lease comes to, the node is the same.
    callers: callersOf(site),
    // nginx warns of what is said twice.
    allowed: [...new Set(site.server.allow)],
    allowedScripts: [...new Set(site.server.allowScripts)],
    tenants: tenantTables(site),
    macs: askedMacs(site),
    macPrefix: MAC_PREFIX,
    uuids: askedUuids(site),
    ...scriptsOf(site),
    ociScript: OCI_SCRIPT,
    grub: grubNodes(site).length > 0,
    images: servedImages(site)?.folder,
    listeners: serversOf(site, portOf),
    secrets,
    stamp,
    hasCloudInit,
    cloudInitFiles: CLOUD_INIT_FILES,
    // Folders of what is handed to one node alone, and filled in.
    filled: ['config', ...(hasCloudInit ? ['cloud-init'] : [])],
    ochami: ochamiParts(site, render, { id, secrets, stamp }),
    files: servedFiles(site),
    loaders: [...new Set([...DHCP_ARCHITECTURES.map(({ loader }) => loader), ...grubProgramsOf(site)])],
  };
}

/** The addresses of nodes, each with what it may fetch. */
function callersOf({ nodes }: Site) {
  const callers: { ip: string; key: string; names: string; name: string }[] = [];
  for (const node of nodes) {
    const key = nodeKey(node);
    const names = namesOf(node, key);
    for (const { ip } of node.nics) if (ip) callers.push({ ip, key, names, name: node.name });
  }
  return callers;
}

/** What a node's script is asked for by: the key of its files first, then what nginx finds no key by. */
function namesOf(node: Node, key: string): string {
  if (node.loader !== 'grub' && node.serial === undefined) return key;
  const others = node.loader === 'grub' ? node.bond.flatMap(({ mac }) => (mac ? hyphenMac(mac) : [])) : [];
  return [...new Set([key, ...others, serialName(node) ?? []].flat())].join(',');
}

/** Any serial number, as one address more. */
const ANY_SERIAL = '::2:1';

/** What a node's script is asked for by. */
const MAC = '[0-9a-f]{2}(?:-[0-9a-f]{2}){5}';
const ADDRESS = '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}';
const SERIAL = 'serial/[A-Za-z0-9][A-Za-z0-9._+-]*';

/**
 * Gives which scripts hold secrets, and by what patterns scripts are asked for: where none holds any, all are alike. What
 * stands in an address' place says by what nginx finds that a script does; of serial numbers it takes any for one that does.
 */
function scriptsOf(site: Site) {
  const nodes = site.nodes.filter(holdsSecrets);
  if (nodes.length === 0)
    return {
      sealed: [],
      scripts: [{ by: '', pattern: `(?:${MAC}|${ADDRESS}|${SERIAL})`, asked: undefined }],
    };
  const bySerial = nodes.find(({ serial }) => serial);
  const byte = '([0-9a-f]{2})';
  return {
    sealed: [
      ...askedMacs({ nodes }),
      ...nodes.flatMap(({ bootNic, ip, name }) => (bootNic.mac ? [] : [{ address: ip, name }])),
      ...(bySerial ? [{ address: ANY_SERIAL, name: `${bySerial.name}, by its serial number` }] : []),
    ],
    scripts: [
      {
        by: ' by its MAC',
        pattern: Array(6).fill(byte).join('-'),
        asked: `${MAC_PREFIX}$1$2:$3$4:$5$6`,
      },
      { by: ' by its address', pattern: `(${ADDRESS})`, asked: '$1' },
      { by: ' by its serial number', pattern: SERIAL, asked: ANY_SERIAL },
    ],
  };
}

/** One server of nginx for each name that it answers by, and the ports of each. */
function serversOf(site: Site, portOf: Serving['portOf']) {
  const listeners = listenersOf(site.server);
  const further = listeners.filter(({ by }) => by === 'ports').map(({ port }) => port);
  return listeners
    .filter(({ by }) => by !== 'ports')
    .map((listener) => ({
      ...listener,
      port: portOf(listener.port),
      ports: [listener.port, ...(listener.by === 'url' ? further : [])].map(portOf),
      serverName: serverName(listener.host),
      // Of those below the document root that hold a file for each node.
      folders: [...(listener.others ? ['ipxe'] : []), ...(listener.configurations ? ['config'] : [])],
    }));
}
