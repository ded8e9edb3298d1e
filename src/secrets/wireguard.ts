import { createPrivateKey, createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import { cloudInitLeaves } from '../site/cloud-init.ts';
import type { Node, Site } from '../site/model.ts';
import { replaceReferences, secretNames } from '../source/placeholders.ts';
import { groupedBy } from '../values/grouped.ts';
import { SecretsError, type SecretValues } from './source.ts';

/** A section of a configuration: its name, and the values of each key, both in lower case. */
interface Section {
  readonly name: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** A configuration of a node: its own section, and its first peer, which is its server. */
interface Configuration {
  readonly node: Node;
  readonly own: Section;
  readonly server: Section | undefined;
}

/**
 * Returns the sections in a text, which can have other lines, too. Source: wg(8), "CONFIGURATION FILE FORMAT"; wireguard-tools,
 * src/config.c, src/wg-quick/linux.bash: names in any case, keys that repeat, and comments after `#`.
 */
function sectionsIn(text: string): Section[] {
  const sections: { name: string; values: Map<string, string[]> }[] = [];
  for (const line of text.split('\n')) {
    const [, name, key, value = ''] =
      /^\s*(?:\[(\w+)\]|(\w+)\s*=\s*(.*?))\s*$/.exec(line.replace(/#.*/, '')) ?? [];
    if (name) sections.push({ name: name.toLowerCase(), values: new Map() });
    const values = key && sections.at(-1)?.values;
    if (values) values.set(key.toLowerCase(), [...(values.get(key.toLowerCase()) ?? []), value]);
  }
  return sections;
}

/** Returns the last value of a key; undefined without one. */
function last(section: Section | undefined, key: string): string | undefined {
  return section?.values.get(key.toLowerCase())?.at(-1);
}

/** Returns the items of all lines of a key. */
function listOf(section: Section | undefined, key: string): string[] {
  return (section?.values.get(key.toLowerCase()) ?? []).flatMap((value) =>
    value.split(/[\s,]+/).filter(Boolean),
  );
}

/** Returns the texts with configurations in the cloud-init data of nodes: of its module, or of files that it writes. */
function textsOf({ nodes }: Site): { readonly node: Node; readonly text: string }[] {
  return nodes.flatMap((node) =>
    (node.cloudInit ? cloudInitLeaves(node.cloudInit) : []).flatMap(({ value }) =>
      typeof value === 'string' && configurationsIn(node, value).length > 0 ? { node, text: value } : [],
    ),
  );
}

function configurationsIn(node: Node, text: string): Configuration[] {
  const sections = sectionsIn(text);
  return sections.flatMap((own, index) => {
    if (own.name !== 'interface' || last(own, 'PrivateKey') === undefined) return [];
    const next = sections[index + 1];
    return { node, own, server: next?.name === 'peer' ? next : undefined };
  });
}

/** Returns the names of the secrets in the WireGuard configurations of nodes. */
export function wireguardSecrets(site: Site): string[] {
  return textsOf(site).flatMap(({ text }) => secretNames(text));
}

/** Whether the configuration of a WireGuard server contains values of secrets: preshared keys or IP addresses. */
export function hasWireguardSecrets(site: Site): boolean {
  return textsOf(site)
    .flatMap(({ node, text }) => configurationsIn(node, text))
    .flatMap(({ own, server }) => [...listOf(own, 'Address'), ...[...(server?.values.values() ?? [])].flat()])
    .some((value) => secretNames(value).length > 0);
}

/**
 * Renders the configuration of each WireGuard server of a site: its own section, and a peer for each configuration of a node. A
 * peer's public key is derived from the node's private key. The result does not contain the private key of the server. Throws
 * SecretsError for invalid values.
 */
export function wireguardServer(site: Site, values: SecretValues): string {
  const errors: string[] = [];
  const all = textsOf(site).flatMap(({ node, text }) =>
    configurationsIn(
      node,
      replaceReferences(text, (name) => values.get(name) ?? ''),
    ),
  );
  const servers = [...groupedBy(all, ({ server }) => last(server, 'PublicKey')).values()];
  const texts = Array.from(servers, (configurations, index) =>
    [
      ...(servers.length > 1
        ? [`# Server ${index + 1} of ${servers.length}: a file of its own, such as wg${index}.conf.\n`]
        : []),
      ownSection(configurations, `wg${index}`),
      ...configurations.map((one) => peerSection(one, errors)),
    ].join('\n'),
  );
  for (const configurations of servers) errors.push(...repeated(configurations));
  if (errors.length > 0) throw new SecretsError(errors);
  return texts.join('\n');
}

/** Returns an error for each key and IP address of several peers: WireGuard would route to the last of them only. */
function repeated(configurations: readonly Configuration[]): string[] {
  const all = configurations.flatMap(({ node: { name }, own }) => [
    { name, what: 'private key', value: publicKey(last(own, 'PrivateKey') ?? '') },
    ...[...new Set(hostsOf(own))].map((value) => ({ name, what: 'Address', value })),
  ]);
  return [...groupedBy(all, ({ value }) => value)].flatMap(([value, [{ name, what }, ...others]]) =>
    value === undefined || others.length === 0
      ? []
      : `WireGuard on ${[name, ...others.map((one) => one.name)].join(' and ')} has the same ${what}`,
  );
}

/** Returns the IP addresses of a node. The server routes to the node only: the prefix is that of the whole subnet. */
function hostsOf(own: Section): string[] {
  return listOf(own, 'Address').flatMap((one) => host(one.replace(/\/.*/, '')) ?? []);
}

/** Renders the section of the server, from the peers in its nodes' configurations. */
function ownSection(configurations: readonly Configuration[], name: string): string {
  const servers = configurations.map(({ server }) => server);
  const key = last(servers[0], 'PublicKey');
  const addresses = servers
    .flatMap((server) => listOf(server, 'AllowedIPs'))
    .flatMap((one) => host(one) ?? []);
  const ports = new Set(
    servers.flatMap((server) => /:(\d+)$/.exec(last(server, 'Endpoint') ?? '')?.[1] ?? []),
  );
  const [port] = ports;
  return [
    `# The server. wg-quick(8) reads its private key from a file, such as /etc/wireguard/${name}.key.`,
    `# Its public key: ${key}`,
    '[Interface]',
    addresses.length > 0
      ? `Address = ${[...new Set(addresses)].join(', ')}`
      : "# Address is missing: AllowedIPs of the nodes does not name the server's own IP address.",
    port && ports.size === 1
      ? `ListenPort = ${port}`
      : '# ListenPort is missing: Endpoint of the nodes does not name one port.',
    'PostUp = wg set %i private-key /etc/wireguard/%i.key',
    '',
  ].join('\n');
}

function peerSection({ node: { name }, own, server }: Configuration, errors: string[]): string {
  const key = publicKey(last(own, 'PrivateKey') ?? '');
  const addresses = listOf(own, 'Address');
  const hosts = hostsOf(own);
  const shared = last(server, 'PresharedKey');
  if (!server) errors.push(`the WireGuard configuration of ${name} has no [Peer], which is its server`);
  else if (!keyBytes(last(server, 'PublicKey') ?? ''))
    errors.push(`the public key of the WireGuard server on ${name} is not one that \`wg pubkey\` prints`);
  if (!key) errors.push(`the private key of WireGuard on ${name} is not one that \`wg genkey\` prints`);
  if (addresses.length === 0) errors.push(`the WireGuard configuration of ${name} has no Address`);
  if (hosts.length < addresses.length)
    errors.push(`an Address in the WireGuard configuration of ${name} is not an IP address`);
  if (shared !== undefined && !keyBytes(shared))
    errors.push(`the preshared key of WireGuard on ${name} is not one that \`wg genpsk\` prints`);
  return [
    `# ${name}`,
    '[Peer]',
    `PublicKey = ${key}`,
    ...(shared === undefined ? [] : [`PresharedKey = ${shared}`]),
    `AllowedIPs = ${hosts.join(', ')}`,
    '',
  ].join('\n');
}

/** Returns the IP address of a single host with its prefix length; undefined for a subnet and for other texts. */
function host(text: string): string | undefined {
  const [address = '', prefix] = text.split('/');
  const length = { 4: '32', 6: '128' }[isIP(address)];
  return length === undefined || (prefix ?? length) !== length ? undefined : `${address}/${length}`;
}

/** Returns the bytes of a key, in base64 as WireGuard writes it, or undefined if it is invalid. */
function keyBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === text ? bytes : undefined;
}

/** The beginning of an X25519 private key in DER. Source: RFC 8410, 7. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Returns the public key of a private key, both in base64 as WireGuard writes them, or undefined if it is invalid. */
function publicKey(text: string): string | undefined {
  const bytes = keyBytes(text);
  if (!bytes) return undefined;
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}
