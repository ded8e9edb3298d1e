import { DHCP_ARCHITECTURES } from '../../knowledge/boot-programs.ts';
import { holdsSecrets } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import { servedImages } from '../../site/nodes.ts';
import type { Mark } from '../../source/marks.ts';
import { CLOUD_INIT_FILES, nodeKey, OCI_SCRIPT, serialName } from '../../tree/paths.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { grubNodes } from '../grub/grub.ts';
import { ochamiParts } from '../ochami/ochami.ts';
import { grubProgramsOf } from '../programs.ts';
import type { Render, Target } from '../target.ts';
import { fillStamp, fillsFile, nginxFills, nginxId, secretNames } from './fills.ts';
import { listenersOf } from './listeners.ts';
import { servedFiles } from './served.ts';
import { askedMacs, askedUuids, MAC_PREFIX, tenantTables } from './tables.ts';

/** The nginx server blocks that serve the tree: each node's files to that node's address alone. */
export const nginx: Target = {
  name: 'nginx',
  *emit(site, render) {
    const fills = nginxFills(site);
    const accessLog = `/var/log/nginx/harvgen-${site.name}.log`;
    const data = nginxData(site, render, { fills, accessLog, portOf: (port) => port });
    yield { path: `nginx/${site.name}.conf`, content: render('nginx/site.nginx', data) };
    yield fillsFile(site, fills);
  },
};

/**
 * Gives the data of the template of a site's server blocks, for a place where nginx serves it, on the boot server or in a pod:
 * `portOf` gives the port that nginx listens at there for one that is asked for.
 */
export function nginxData(
  site: Site,
  render: Render,
  { fills, accessLog, portOf }: { fills: readonly Mark[]; accessLog: string; portOf(port: number): number },
) {
  const id = nginxId(site);
  const secrets = secretNames(fills);
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

/** The addresses of nodes, each with what the node's script is asked for by: the key of its files first, then what nginx finds no key by. */
function callersOf({ nodes }: Site) {
  return nodes.flatMap((node) => {
    const key = nodeKey(node);
    const macs = node.loader === 'grub' ? node.bond.flatMap(({ mac }) => (mac ? hyphenMac(mac) : [])) : [];
    const names = [...new Set([key, ...macs, serialName(node) ?? []].flat())].join(',');
    return node.nics.flatMap(({ ip }) => (ip ? { ip, key, names, name: node.name } : []));
  });
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
  const pattern = `(?:${MAC}|${ADDRESS}|${SERIAL})`;
  if (nodes.length === 0) return { sealed: [], scripts: [{ by: '', pattern, asked: undefined }] };
  const bySerial = nodes.find(({ serial }) => serial);
  const byMac = Array(6).fill('([0-9a-f]{2})').join('-');
  return {
    sealed: [
      ...askedMacs({ nodes }),
      ...nodes.flatMap(({ bootNic, ip, name }) => (bootNic.mac ? [] : [{ address: ip, name }])),
      ...(bySerial ? [{ address: ANY_SERIAL, name: `${bySerial.name}, by its serial number` }] : []),
    ],
    scripts: [
      { by: ' by its MAC', pattern: byMac, asked: `${MAC_PREFIX}$1$2:$3$4:$5$6` },
      { by: ' by its address', pattern: `(${ADDRESS})`, asked: '$1' },
      { by: ' by its serial number', pattern: SERIAL, asked: ANY_SERIAL },
    ],
  };
}

/** One server of nginx for each name that it answers by, and the ports of each. */
function serversOf(site: Site, portOf: (port: number) => number) {
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

/**
 * The longest name that nginx has in its hash of names, where a port has several servers: with a longer one it does not
 * start. Source: nginx, src/core/ngx_hash.c (server_names_hash_bucket_size is 64, the processor's cache line).
 */
const LONGEST = 46;

/**
 * Gives what `server_name` says for a host of a URL: the host, or, where it is too long for the hash, an expression that
 * matches nothing else. The size of the hash cannot be set here: nginx takes that once for all of its servers.
 */
export function serverName(host: string): string {
  return host.length > LONGEST ? `"~^${host.replaceAll('.', '[.]')}$"` : host;
}
