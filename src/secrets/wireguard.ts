import { createPrivateKey, createPublicKey } from 'node:crypto';
import { cloudInitLeaves } from '../site/cloud-init.ts';
import type { Node, Site } from '../site/model.ts';
import { replaceReferences, secretNames } from '../source/placeholders.ts';
import { SecretsError, type SecretValues } from './source.ts';

/** A configuration of WireGuard. Source: wg(8), "CONFIGURATION FILE FORMAT"; wg-quick(8) (Address). */
const CONFIGURATION = /^\s*\[Interface\]/im;
const PRIVATE_KEY = /^\s*PrivateKey\s*=\s*(.*?)\s*$/im;
const ADDRESS = /^\s*Address\s*=\s*(.*?)\s*$/im;

/** Returns the WireGuard configurations in the cloud-init data of nodes: of its module, or of files that it writes. */
function configurations({ nodes }: Site): { readonly node: Node; readonly text: string }[] {
  return nodes.flatMap((node) =>
    (node.cloudInit ? cloudInitLeaves(node.cloudInit) : []).flatMap(({ value }) =>
      typeof value === 'string' && CONFIGURATION.test(value) && PRIVATE_KEY.test(value)
        ? { node, text: value }
        : [],
    ),
  );
}

/** Returns the names of the secrets in the WireGuard configurations of nodes. */
export function wireguardSecrets(site: Site): string[] {
  return configurations(site).flatMap(({ text }) => secretNames(text));
}

/**
 * Renders the peers of the site's WireGuard server, one for each configuration of a node: its public key, which is derived from its
 * private key, and its IP addresses. The result contains no secret. Throws SecretsError for invalid keys.
 */
export function wireguardPeers(site: Site, values: SecretValues): string {
  const errors: string[] = [];
  const peers = configurations(site).map(({ node, text }) => {
    const filled = replaceReferences(text, (name) => values.get(name) ?? '');
    const key = publicKey(PRIVATE_KEY.exec(filled)?.[1] ?? '');
    const addresses = (ADDRESS.exec(filled)?.[1] ?? '').split(/\s*,\s*/).filter(Boolean);
    if (!key)
      errors.push(`the private key of WireGuard on ${node.name} is not one that \`wg genkey\` prints`);
    if (addresses.length === 0) errors.push(`the WireGuard configuration of ${node.name} has no Address`);
    // The server routes to the node only: the prefix is that of the whole subnet.
    const hosts = addresses.map((one) => one.replace(/\/.*/, '') + (one.includes(':') ? '/128' : '/32'));
    return `# ${node.name}\n[Peer]\nPublicKey = ${key}\nAllowedIPs = ${hosts.join(', ')}\n`;
  });
  if (errors.length > 0) throw new SecretsError(errors);
  return peers.join('\n');
}

/** The beginning of an X25519 private key in DER. Source: RFC 8410, 7. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Returns the public key of a private key, both in base64 as WireGuard writes them, or undefined if it is invalid. */
function publicKey(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== text) return undefined;
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}
