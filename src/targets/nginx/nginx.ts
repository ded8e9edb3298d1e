import { createHash } from 'node:crypto';
import { DHCP_ARCHITECTURES } from '../../knowledge/boot-programs.ts';
import type { SecretValues } from '../../secrets/source.ts';
import { holdsSecrets, marksOf } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import { servedImages } from '../../site/nodes.ts';
import { encodeSecret, type Placeholder, placeholderOf } from '../../source/marks.ts';
import { CLOUD_INIT_FILES, nodeKey, OCI_SCRIPT, serialName } from '../../tree/paths.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { quoteNginx } from '../../values/quoting.ts';
import { grubNodes } from '../grub/grub.ts';
import { ochamiParts } from '../ochami/ochami.ts';
import { grubProgramsOf } from '../programs.ts';
import type { Emitted, Render, Target } from '../target.ts';
import { askedUuids, listenersOf, MAC_PREFIX, macLookup, servedFiles, tenantTables } from './served.ts';

/** Gives the digest of a set of marks, by which nginx tells whether it fills in what the tree wants. */
export function fillStamp(marks: readonly Placeholder[]): string {
  const text = marks.map(placeholderOf).sort().join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Gives the marks that nginx fills in as it serves a site: none where the tree itself holds the values. */
export function nginxFills(site: Site): readonly Placeholder[] {
  return site.server.secrets === undefined ? [] : marksOf(site);
}

/** Gives the path, in the tree, of the file that says which marks nginx has to fill in to serve the tree. */
export function fillsPath(marks: readonly Placeholder[]): string {
  return `nginx/fills-${fillStamp(marks)}`;
}

/** Gives that file: its text is for people, since nginx looks no further than to its name. */
export function fillsFile(site: Site, marks: readonly Placeholder[]): Emitted {
  const names = secretNames(marks).join('\n') || '# Nothing.';
  const what = `# Here as long as nginx is to fill in what follows as it serves the configurations of ${site.name}; nginx looks for its name.`;
  return { path: fillsPath(marks), content: `${what}\n${names}\n` };
}

/** Gives the names of marked secrets, each once, sorted. */
export function secretNames(marks: readonly Placeholder[]): string[] {
  return [...new Set(marks.map(({ name }) => name))].sort();
}

/** What a variable's name takes as it is: no hyphen, and with what follows not more than nginx's hash of names takes. */
const PLAIN = /^[a-z0-9_]{1,23}$/;

/**
 * Gives what the names of nginx's variables, zones and formats for a site begin with, at most 31 characters: no other
 * site's begin so. Source: nginx, src/core/ngx_hash.c (variables_hash_bucket_size is 64, with which a name has 46).
 */
export function nginxId({ name }: Pick<Site, 'name'>): string {
  if (PLAIN.test(name)) return `harvgen_${name}`;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `harvgen${digest}_${name.slice(0, 15).replaceAll('-', '_')}`;
}

/** nginx takes no more of them at one place: ngx_http_sub_filter_module.c. */
export const MOST_FILTERS = 255;

/** In characters. nginx takes no parameter of more than 4096 bytes (NGX_CONF_BUFFER): longer values are put together. */
const PIECES = /.{1,900}/gu;

/** Renders the include with which nginx fills in secrets; takes all of their values. The file is for root alone. */
export function nginxInclude(site: Site, values: SecretValues): string {
  const marks = marksOf(site);
  const id = nginxId(site);
  const lines = marks.flatMap((mark, index) =>
    filter(mark, values.get(mark.name) ?? '', `${id}_secret_${index}`),
  );
  return [
    `# The secrets of ${site.name}, for nginx to fill in. They belong to this machine: for root alone to read, and into no git.`,
    ...lines,
    '# What is filled in above. nginx hands out no configuration that wants something else.',
    `set $${id}_fills ${fillStamp(marks)};`,
    '',
  ].join('\n');
}

function filter(mark: Placeholder, value: string, variable: string): string[] {
  const text = encodeSecret(value, mark.format);
  const quoted = quoteNginx(placeholderOf(mark));
  const pieces = text.match(PIECES) ?? [''];
  if (pieces.length === 1) return [`sub_filter ${quoted} ${quoteNginx(text)};`];
  return [
    ...pieces.map((piece, index) => `set $${variable}_${index} ${quoteNginx(piece)};`),
    `sub_filter ${quoted} "${pieces.map((_, index) => `$${variable}_${index}`).join('')}";`,
  ];
}

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

/** Gives the data of a site's server blocks; `portOf` gives the port that nginx listens at for one that is asked for. */
export function nginxData(
  site: Site,
  render: Render,
  {
    fills,
    accessLog,
    portOf,
  }: { fills: readonly Placeholder[]; accessLog: string; portOf(port: number): number },
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
    macs: macLookup(site),
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
    const serial = serialName(node);
    const names =
      macs.length > 0 || serial ? [...new Set([key, ...macs, serial ?? []].flat())].join(',') : key;
    return node.nics.flatMap(({ ip }) => (ip ? { ip, key, names, name: node.name } : []));
  });
}

/** Any serial number, as one address more. */
const ANY_SERIAL = '::2:1';

const MAC = '[0-9a-f]{2}(?:-[0-9a-f]{2}){5}';
const ADDRESS = '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}';
const SERIAL = 'serial/[A-Za-z0-9][A-Za-z0-9._+-]*';

/** Gives which scripts hold secrets, and the patterns scripts are asked for by; any serial number counts as one that does. */
function scriptsOf(site: Site) {
  const nodes = site.nodes.filter(holdsSecrets);
  const pattern = `(?:${MAC}|${ADDRESS}|${SERIAL})`;
  if (nodes.length === 0) return { sealed: [], scripts: [{ by: '', pattern, asked: undefined }] };
  const bySerial = nodes.find(({ serial }) => serial);
  const byMac = Array(6).fill('([0-9a-f]{2})').join('-');
  return {
    sealed: [
      ...macLookup({ nodes }),
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

/** Gives what `server_name` says for a host: for one too long for nginx' hash an expression that matches it alone. */
function serverName(host: string): string {
  return host.length > LONGEST ? `"~^${host.replaceAll('.', '[.]')}$"` : host;
}
