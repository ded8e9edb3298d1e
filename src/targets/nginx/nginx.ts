import { createHash } from 'node:crypto';
import { DHCP_ARCHITECTURES } from '../../knowledge/boot-programs.ts';
import { NOVNC } from '../../knowledge/hosts.ts';
import { callersOf, sealedNodes } from '../../plan/access.ts';
import { servedImages } from '../../plan/linux-images.ts';
import { grubNodes, grubProgramsOf } from '../../plan/programs.ts';
import {
  listenersOf,
  MAC_PREFIX,
  macLookup,
  servedFiles,
  tenantTables,
  uuidLookup,
} from '../../plan/served.ts';
import type { SecretValues } from '../../secrets/source.ts';
import { placeholdersOf } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import { encodeSecret, type Placeholder, placeholderOf } from '../../source/placeholders.ts';
import { CLOUD_INIT_FILES, CLOUD_INIT_SEED, nodeKey, OCI_SCRIPT } from '../../tree/paths.ts';
import { quoteNginx } from '../../values/quoting.ts';
import { hasSeedOnDisk } from '../cloud-init/cloud-init.ts';
import { ochamiParts } from '../ochami/ochami.ts';
import type { Emitted, Render, Target } from '../target.ts';

/** Returns the digest of a set of placeholders. nginx compares it to check that it substitutes what the tree needs. */
export function fillStamp(placeholders: readonly Placeholder[]): string {
  const text = placeholders.map(placeholderOf).sort().join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Returns the placeholders that nginx substitutes as it serves a site: none if the tree itself contains the values. */
export function nginxFills(site: Site): readonly Placeholder[] {
  return site.server.secrets === undefined ? [] : placeholdersOf(site);
}

/** Returns the path, in the tree, of the file that lists the placeholders that nginx must substitute to serve the tree. */
export function fillsPath(placeholders: readonly Placeholder[]): string {
  return `nginx/fills-${fillStamp(placeholders)}`;
}

/** Returns the file that lists the placeholders. nginx checks only for its name; the text is for people. */
export function fillsFile(site: Site, placeholders: readonly Placeholder[]): Emitted {
  const names = secretNames(placeholders).join('\n') || '# None.';
  const what = `# nginx must substitute these secrets as it serves the configurations of ${site.name}. It checks for the name of this file.`;
  return { path: fillsPath(placeholders), content: `${what}\n${names}\n` };
}

/** Returns the names of the secrets in placeholders, each once, sorted. */
export function secretNames(placeholders: readonly Placeholder[]): string[] {
  return [...new Set(placeholders.map(({ name }) => name))].sort();
}

/**
 * Returns the prefix of the names of nginx's variables, zones and formats for a site, at most 31 characters and unique to the
 * site: names without hyphens that leave room for a suffix fit unchanged. Source: nginx, src/core/ngx_hash.c
 * (variables_hash_bucket_size is 64, which limits a name to 46).
 */
export function nginxId({ name }: Pick<Site, 'name'>): string {
  if (/^[a-z0-9_]{1,23}$/.test(name)) return `harvgen_${name}`;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `harvgen${digest}_${name.slice(0, 15).replaceAll('-', '_')}`;
}

/** In characters. nginx limits a parameter to 4096 bytes (NGX_CONF_BUFFER): longer values are concatenated. */
const PIECES = /.{1,900}/gu;

/** Renders the include with which nginx substitutes secrets, from all their values. Only root may read the file. */
export function nginxInclude(site: Site, values: SecretValues): string {
  const placeholders = placeholdersOf(site);
  const id = nginxId(site);
  const lines = placeholders.flatMap((placeholder, index) => {
    const text = encodeSecret(values.get(placeholder.name) ?? '', placeholder.format);
    const pieces = text.match(PIECES) ?? [''];
    const filter = `sub_filter ${quoteNginx(placeholderOf(placeholder))}`;
    if (pieces.length === 1) return `${filter} ${quoteNginx(text)};`;
    const variables = pieces.map((_, piece) => `$${id}_secret_${index}_${piece}`);
    return [
      ...pieces.map((piece, number) => `set ${variables[number]} ${quoteNginx(piece)};`),
      `${filter} "${variables.join('')}";`,
    ];
  });
  return [
    `# The secrets of ${site.name}, for nginx to substitute. Keep them on this machine, readable only by root, and out of git.`,
    ...lines,
    '# The digest of the placeholders above. nginx serves no configuration that needs others.',
    `set $${id}_fills ${fillStamp(placeholders)};`,
    '',
  ].join('\n');
}

/**
 * The number of the nodes' IP addresses for each megabyte of `limit_conn_zone`. About 16,000 clients fit, of 64 bytes each, and nginx
 * refuses further ones: the rest is for machines with an IP address of the pool, and for `server.allow`.
 * Source: nginx, ngx_http_limit_conn_module.
 */
const ADDRESSES_PER_MEGABYTE = 12_000;

/** The nginx server blocks that serve the tree: each node's files only to the IP addresses of that node. */
export const nginx: Target = {
  name: 'nginx',
  *emit(site, render) {
    const fills = nginxFills(site);
    const accessLog = `/var/log/nginx/harvgen-${site.name}.log`;
    const data = nginxData(site, render, fills, accessLog);
    yield { path: `nginx/${site.name}.conf`, content: render('nginx/site.nginx', data) };
    yield fillsFile(site, fills);
  },
};

/** Returns the data of a site's server blocks. `portOf` maps a port of the inventory to the one that nginx listens on. */
export function nginxData(
  site: Site,
  render: Render,
  fills: readonly Placeholder[],
  accessLog: string,
  portOf = (port: number) => port,
) {
  const id = nginxId(site);
  const secrets = secretNames(fills);
  const stamp = fillStamp(fills);
  const hasCloudInit = site.nodes.some(({ cloudInit }) => cloudInit);
  const consoles = consolesOf(site);
  const callers = callersOf(site);
  return {
    site,
    id,
    accessLog,
    callers,
    connectionsZone: Math.ceil(Math.max(1, site.nodes.length, callers.length) / ADDRESSES_PER_MEGABYTE),
    // nginx warns of duplicates.
    allowed: [...new Set(site.server.allow)],
    allowedScripts: [...new Set(site.server.allowScripts)],
    tenants: tenantTables(site),
    macs: macLookup(site),
    macPrefix: MAC_PREFIX,
    uuids: uuidLookup(site),
    ...scriptsOf(site),
    ociScript: OCI_SCRIPT,
    grub: grubNodes(site).length > 0,
    images: servedImages(site)?.folder,
    listeners: serversOf(site, portOf, [
      ...site.networks.flatMap((network) => network.bootServer ?? []),
      ...(consoles ? [tunnelName(site)] : []),
    ]),
    secrets,
    stamp,
    hasCloudInit,
    cloudInitFiles: CLOUD_INIT_FILES,
    cloudInitSeed: hasSeedOnDisk(site) ? CLOUD_INIT_SEED : undefined,
    // Directories of files for a single node, with substituted secrets.
    filled: ['config', ...(hasCloudInit ? ['cloud-init'] : [])],
    ochami: ochamiParts(site, render, { id, secrets, stamp }),
    files: servedFiles(site),
    consoles,
    loaders: [...new Set([...DHCP_ARCHITECTURES.map(({ loader }) => loader), ...grubProgramsOf(site)])],
  };
}

/** Returns the screens of machines on the host, and the hosts in the URLs of its pages; undefined without a screen for browsers. */
function consolesOf(site: Site) {
  const { nodes, server } = site;
  const screens = nodes.flatMap(({ name, domain }) => {
    const { websocket: port, listen } = domain?.vnc ?? {};
    if (!port || !listen) return [];
    return { name, port, address: listen === '0.0.0.0' ? '127.0.0.1' : listen };
  });
  const hosts = [server.host, tunnelName(site)].map((one) => one.replaceAll('.', '[.]')).join('|');
  return screens.length > 0 ? { screens, hosts, folder: NOVNC } : undefined;
}

/** Returns the name by which a browser opens the site through an SSH tunnel. It leads to the loopback address. Source: RFC 6761. */
const tunnelName = ({ name }: Site) => `${name}.localhost`;

/** Represents any serial number, as a further address. */
const ANY_SERIAL = '::2:1';

const MAC = '[0-9a-f]{2}(?:-[0-9a-f]{2}){5}';
const MAC_BYTES = '([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})';
const ADDRESS = '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}';
const SERIAL = 'serial/[A-Za-z0-9][A-Za-z0-9._+-]*';

/** Returns the scripts with secrets, and the patterns of script URLs. Scripts by serial number are treated as ones with secrets. */
function scriptsOf(site: Site) {
  const nodes = sealedNodes(site);
  if (nodes.length === 0) {
    const pattern = `(?:${MAC}|${ADDRESS}|${SERIAL})`;
    return { sealed: [], scripts: [{ by: '', pattern, asked: undefined }] };
  }
  const entry = (address: string, name: string) => ({ address, key: undefined, name });
  const withoutMac = nodes.filter(({ bootNic }) => !bootNic.mac);
  const bySerial = nodes.filter(({ serial }) => serial).slice(0, 1);
  return {
    sealed: [
      ...macLookup({ nodes }),
      ...withoutMac.map((node) => entry(nodeKey(node), node.name)),
      ...bySerial.map(({ name }) => entry(ANY_SERIAL, `${name}, by its serial number`)),
    ],
    scripts: [
      { by: ' by its MAC', pattern: MAC_BYTES, asked: `${MAC_PREFIX}$1$2:$3$4:$5$6` },
      { by: ' by its IP address', pattern: `(${ADDRESS})`, asked: '$1' },
      { by: ' by its serial number', pattern: SERIAL, asked: ANY_SERIAL },
    ],
  };
}

function serversOf(site: Site, portOf: (port: number) => number, names: readonly string[]) {
  const listeners = listenersOf(site.server);
  const further = listeners.filter(({ by }) => by === 'ports').map(({ port }) => port);
  return listeners
    .filter(({ by }) => by !== 'ports')
    .map((listener) => ({
      ...listener,
      port: portOf(listener.port),
      ports: [listener.port, ...(listener.by === 'url' ? further : [])].map(portOf),
      serverName: [listener.host, ...(listener.others ? names : [])].map(serverName).join(' '),
      // The directories below the document root with a file for each node.
      folders: [...(listener.others ? ['ipxe'] : []), ...(listener.configurations ? ['config'] : [])],
    }));
}

/**
 * Returns the `server_name` of a host: a regular expression if the name is too long for nginx's hash of server names. For a port with
 * several servers, nginx would not start. Source: nginx, src/core/ngx_hash.c (server_names_hash_bucket_size is 64).
 */
function serverName(host: string): string {
  return host.length > 46 ? `"~^${host.replaceAll('.', '[.]')}$"` : host;
}
