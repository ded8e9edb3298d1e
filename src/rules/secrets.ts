import { basename } from 'node:path/posix';
import { decodeFile } from '../knowledge/config-values.ts';
import { isKnownToAll } from '../knowledge/known-values.ts';
import { isYamlFile, marksOf } from '../secrets/uses-of.ts';
import { clearTexts } from '../site/clear-text.ts';
import { writtenFiles } from '../site/cloud-init.ts';
import { isUnknown } from '../site/effective.ts';
import type { Node, Site } from '../site/model.ts';
import { isLikelyMisnamed } from '../site/nodes.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { strayReferences } from '../source/mark-yaml.ts';
import { referenceIn, secretNames } from '../source/marks.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { MOST_FILTERS } from '../targets/nginx/nginx.ts';
import type { Draft } from '../values/draft.ts';
import { isBrokenHash, isMd5Hash, isPrivateKey, sshKeyFault } from '../values/secrets.ts';
import { isAtLeast } from '../values/version.ts';
import { nodesWithoutOs } from './boot.ts';
import { error, essential, warning } from './rule.ts';
import { nodesWhose, perCluster, perItem, repeats } from './support.ts';

export const clearTextSecret = warning('clear-text-secret', {
  what: 'Tokens, passwords and private keys are written as `${secret:name}`; a password of the system may be a crypt hash.',
  why: 'Git keeps what was once written for ever, and whoever can read the repository or fetch a file of the tree has it.',
  check: perItem(clearTexts, ({ path, at, value }, report, site) => {
    // That everybody knows it says more: token-known.
    if (path === 'token' && isKnownEnough(value, site, 'clear-text-secret')) return;
    report({
      message: `${path} is in clear text: git keeps it, and whoever reads the repository or the tree has it.`,
      at,
      help: remedy(path, value),
    });
  }),
});

/** What to do about a secret that is known now: it depends on what it opens. */
function remedy(path: string, value: string): string {
  if (LIKE_REFERENCE.test(value.trim()))
    return `this is no reference, and is taken as it stands: write \${secret:${NAMES[path] ?? 'name'}}`;
  if (path === 'token') return 'write ${secret:cluster_token}, and make another one: openssl rand -hex 32';
  if (path === 'os.password')
    return 'write ${secret:node_password} or a crypt hash, made by `openssl passwd -6`; whoever has a hash can try passwords against it, too';
  if (path === 'bmc.password')
    return 'write ${secret:bmc_password}, and change it in the management controller';
  if (isPrivateKey(value)) return 'write ${secret:private_key}, make another key, and withdraw this one';
  if (path.startsWith('boot.args'))
    return 'take it out, and change it: scripts and /proc/cmdline are for all to read; cloud_init takes ${secret:name}';
  if (path === 'server.media' || path === 'server.images')
    return 'take the login out of the URL: machines fetch from there by scripts that all may read';
  if (value.includes('://'))
    return 'write the password in it as ${secret:name}, with the value percent-encoded, and change it';
  return 'write ${secret:name}, and change it wherever it is in use';
}

/** What shells and other programs take for a reference to something that has the value. */
const LIKE_REFERENCE = /^(\$\{[^}]*\}|\$[a-z_][\w:.-]*|\{\{.*\}\})$/i;

/** What a secret is called that is said at a path. */
const NAMES: Readonly<Record<string, string>> = {
  token: 'cluster_token',
  'os.password': 'node_password',
  'bmc.password': 'bmc_password',
};

export const publicSecret = warning('public-secret', {
  what: 'No file below `files/www/` is a private key, an htpasswd file, or YAML or JSON with passwords and tokens.',
  why: 'The boot server hands what lies there to every machine that asks, and git keeps it.',
  check({ files = [] }, report) {
    for (const file of files) {
      const { path, content } = file ?? {};
      const is = path?.startsWith('www/') && content ? whatSecret(path, content) : undefined;
      if (is === undefined) continue;
      report({
        message: `${path} ${is}, and is public: the boot server hands it to every machine that asks.`,
        at: selfLocation(file as Site['files'][number]),
        help: 'take it out of files/www; what a node alone may have belongs into its configuration, as ${secret:name}',
      });
    }
  },
});

/** Larger ones are no files of settings. */
const MOST_BYTES = 1 << 20;

/** How an armored private key begins, of OpenSSL, OpenSSH and PGP alike. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/;

/** A line, or the beginning of one, that sets what is called as secrets are, and its value. */
const SECRET =
  /^[\s{,"'-]*[\w.-]*(?:password|passwd|passphrase|token|secret|secret_?(?:access_?)?key|private_?key)["']?[ \t]*:[ \t]+(\S.*)$/gim;

/** Says in words what secret a file holds, most probably; undefined where nothing looks like one. */
function whatSecret(path: string, content: Uint8Array): string | undefined {
  if (basename(path) === 'htpasswd') return 'holds the hashes of passwords';
  if (content.length > MOST_BYTES) return undefined;
  const text = new TextDecoder().decode(content);
  if (PRIVATE_KEY.test(text)) return 'holds a private key';
  const values = /\.(ya?ml|json)$/i.test(path) ? [...text.matchAll(SECRET)] : [];
  return values.some(([, value = '']) => isValue(value))
    ? 'holds what looks like a password or token'
    : undefined;
}

/** A section, nothing, or what sops has encrypted is no secret to be read. */
function isValue(text: string): boolean {
  const value = text.replace(/(^|\s)#.*$/, '').replace(/^["'\s]+|["',\s]+$/g, '');
  return !/^$|^(~|null|true|false)$|^[{[&*]|^ENC\[/i.test(value);
}

const ENCODED = /b64|base64|gz/i;

/** A content that is nothing but one secret, whose value is encoded itself. */
const WHOLE = /^\s*\$\{secret:[^}]*\}\s*$/;

export const secretInEncodedFile = essential('secret-in-encoded-file', {
  what: 'The content of a file in `write_files`, of Harvester or of cloud-init, that is encoded refers to no secret, neither in a part of it nor once it is decoded.',
  why: 'What fills secrets in neither encodes nor decodes: within base64 the reference would reach the machine as it stands, and a value between base64 spoils it. A secret may be the whole content: its value is base64 then.',
  check: perItem(writtenFiles, ({ entry }, report) => {
    const { content, encoding, path = 'this file' } = entry;
    if (content === undefined || encoding === undefined) return;
    const isPart = referenceIn(content) !== undefined;
    if (isPart ? !ENCODED.test(encoding) || WHOLE.test(content) : !hasDecodedReference(content, encoding))
      return;
    report({
      message: isPart
        ? `A part of the content of ${path} is a secret, and the content is encoded: the two would not fit together.`
        : `The content of ${path} refers to a secret once it is decoded, and nothing fills it in there.`,
      at: locationOf(entry, 'content'),
      help: 'write the content as it is, without an encoding; or make the whole encoded content a secret',
    });
  }),
});

function hasDecodedReference(content: string, encoding: string): boolean {
  const decoded = decodeFile(content, encoding);
  return 'bytes' in decoded && referenceIn(decoded.bytes.toString('latin1')) !== undefined;
}

export const secretInYamlFile = essential('secret-in-yaml-file', {
  what: 'A file of YAML in `write_files`, of Harvester or of cloud-init, refers to secrets in its values, and not in its comments and keys.',
  why: 'A value is quoted, whatever it says. What is filled into a comment or a key would be YAML: a value of several lines brings keys of its own with it.',
  check(site, report) {
    // Nodes share most of their files.
    const known = new Map<string, readonly number[]>();
    for (const { node, entry } of writtenFiles(site)) {
      const { content, path } = entry;
      if (!content?.includes('${secret:') || !isYamlFile(entry)) continue;
      const strays = known.get(content) ?? strayReferences(content);
      known.set(content, strays);
      for (const stray of strays) {
        report({
          node,
          message: `The content of ${path} refers to a secret in a comment or a key: what is filled in there would be read as YAML.`,
          at: placeOfReference(locationOf(entry, 'content'), content, stray),
          help: 'take the reference out of the comment; write the key out',
        });
      }
    }
  },
});

/** The place in the inventory of a reference within a text of it: as many stand before it there as in the text. */
function placeOfReference(at: SourceLocation, text: string, offset: number): SourceLocation {
  const before = text.slice(0, offset).split('${secret:').length - 1;
  const written = at.source.text.slice(at.start, at.end);
  const found = [...written.matchAll(/\$\{secret:[^}]*\}/g)][before];
  if (!found) return at;
  const start = at.start + found.index;
  return { source: at.source, start, end: start + found[0].length };
}

export const tooManySecrets = warning('too-many-secrets', {
  what: `The scripts and configurations of a site hold at most ${MOST_FILTERS} secrets for nginx to fill in, each counted once for text, JSON and YAML.`,
  why: 'With more nginx does not start: "number of search patterns exceeds 255". A tree that is built with the values needs nothing to be filled in.',
  check(site, report) {
    if (!site.nodes?.every((node) => node?.os)) return;
    const count = marksOf(site as Site).length;
    if (count <= MOST_FILTERS) return;
    report({
      message: `The scripts and configurations hold ${count} secrets, and nginx fills in ${MOST_FILTERS} at most: it would not start with the include of this site.`,
      at: locationOf(site, 'nodes'),
      help: 'use fewer, or build the tree with their values (`harvgen build --secrets`), into a folder that is not in git',
    });
  },
});

export const missingToken = essential('missing-token', {
  what: 'A cluster has a token.',
  why: 'The installer stops with "token not specified" on a console that nobody watches.',
  check: perCluster((cluster, report) => {
    if (!lacks(cluster, 'token')) return;
    report({
      message: `The cluster ${cluster.name} has no token: its nodes cannot prove that they belong together.`,
      at: selfLocation(cluster),
      help: 'add token: ${secret:cluster_token}',
    });
  }),
});

export const tokenKnown = warning('token-known', {
  what: 'No token is one that stands in public examples.',
  why: 'Whoever has read the example can join a node to the cluster, and read all that it holds.',
  check: perCluster((cluster, report) => {
    if (!cluster.token || !isKnownToAll(cluster.token)) return;
    report({
      message: `The token of the cluster ${cluster.name} stands in public examples: it is known to everybody.`,
      at: locationOf(cluster, 'token'),
      help: 'write token: ${secret:cluster_token}, and make the secret: openssl rand -hex 32',
    });
  }),
});

/**
 * Says whether it is enough to say of a token that everybody knows it: another rule about it then has nothing to add,
 * unless it is silenced, and is to be heard of.
 */
function isKnownEnough(token: string, { silence }: Draft<Site>, code: string): boolean {
  return isKnownToAll(token) && silence?.[code] === undefined && silence?.['token-known'] === undefined;
}

const ENOUGH = 16;

export const tokenShort = warning('token-short', {
  what: `A token has ${ENOUGH} characters or more.`,
  why: 'Whoever guesses the token can join a node to the cluster, and read all that it holds.',
  check: perCluster((cluster, report, site) => {
    const { name, token } = cluster;
    // A token in clear text is to be replaced as a whole: how long it is counts where it is to stay.
    if (!token || site.silence?.['clear-text-secret'] === undefined) return;
    // What a secret holds is not known here.
    if (secretNames(token).length > 0 || token.length >= ENOUGH) return;
    // That everybody knows it says more: token-known.
    if (isKnownEnough(token, site, 'token-short')) return;
    report({
      message: `The token of the cluster ${name} has fewer than ${ENOUGH} characters: it can be guessed.`,
      at: locationOf(cluster, 'token'),
      help: 'write token: ${secret:cluster_token}, and make the secret: openssl rand -hex 32',
    });
  }),
});

export const tokenShared = warning('token-shared', {
  what: 'Each cluster of a site has a token of its own.',
  why: 'The token is what keeps a node out of a cluster that it does not belong to: with one for two, a wrong server_url goes unnoticed, and who learns the token of one cluster has both.',
  check({ clusters = [] }, report) {
    for (const { one, first } of repeats(clusters, ({ token }) => token || undefined))
      report({
        message: `The cluster ${one.name} has the token of ${first.name}: a node of one could join the other.`,
        at: locationOf(one, 'token'),
        related: [{ message: `${first.name} has it at`, at: locationOf(first, 'token') }],
        help: `give ${one.name} a token of its own, by another secret: token: \${secret:other_token}`,
      });
  },
});

export const missingLogin = essential('missing-login', {
  what: 'A Harvester node has an SSH key or a password.',
  why: 'The installer stops with "no SSH authorized keys or passwords are set".',
  check(site, report) {
    const { nodes = [] } = site;
    const isLinux = nodesWithoutOs(nodes);
    const lacking = nodes.flatMap((node) =>
      node?.os === 'harvester' && lacksLogin(node) && !isLinux.has(node) && !isLikelyMisnamed(node, site)
        ? [node]
        : [],
    );
    const [first, another] = lacking;
    if (!first) return;
    report({
      message: `Nobody could log in to ${namesOf(lacking)}: ${another ? 'they have' : 'it has'} neither SSH keys nor a password, and the installer would stop.`,
      at: locationOf(first, 'name'),
      help: 'add config: {os: {ssh_authorized_keys: ["github:your_name"]}} to defaults',
    });
  },
});

function lacksLogin(node: Draft<Node>): boolean {
  const os = node.userConfig?.os;
  if (os?.password || os?.ssh_authorized_keys?.length) return false;
  return !isUnknown(node, 'os.ssh_authorized_keys') && !isUnknown(node, 'os.password');
}

export const passwordAuthOff = warning('password-auth-off', {
  what: 'A node whose SSH server refuses passwords has SSH keys.',
  why: 'Without either nobody can log in over SSH: what is left is the console, as long as there is a password for it.',
  check: nodesWhose('userConfig', ({ os }) => os?.sshd?.disable_password_auth).each((node, report) => {
    const release = node.cluster?.version;
    const { os } = node.userConfig;
    if (!release || !os?.sshd || isBroken(node, 'userConfig') || !isAtLeast(release, 'v1.8.0')) return;
    if (!lacks(os, 'ssh_authorized_keys') && os.ssh_authorized_keys?.length !== 0) return;
    report({
      message:
        'os.sshd.disable_password_auth refuses passwords, and os.ssh_authorized_keys has no key: nobody could log in over SSH.',
      at: locationOf(os.sshd, 'disable_password_auth'),
      related: [
        os.ssh_authorized_keys
          ? { message: 'the list without a key is at', at: locationOf(os, 'ssh_authorized_keys') }
          : { message: 'the node without a key is at', at: locationOf(node, 'name') },
      ],
      help: 'add os.ssh_authorized_keys, or remove disable_password_auth',
    });
  }),
});

/** What to do about a crypt hash that is not whole. */
export const HASH_HELP = 'copy the whole hash, or make another one: openssl passwd -6';

const withPassword = nodesWhose('userConfig', ({ os }) => os?.password);

export const passwordHash = error('password-hash', {
  what: 'A crypt hash in os.password is whole: as long as its scheme makes it.',
  why: 'No password has the hash that a cut-off one stands for, or the machine takes it for the password itself: nobody can log in.',
  check: withPassword.each((node, report) => {
    const { os } = node.userConfig;
    if (!os?.password || isBroken(os, 'password')) return;
    if (os.password.includes('${secret:') || !isBrokenHash(os.password)) return;
    report({
      message:
        'os.password begins as a crypt hash, and is no whole one: nobody could log in with a password.',
      at: locationOf(os, 'password'),
      help: HASH_HELP,
    });
  }),
});

export const passwordHashMd5 = warning('password-hash-md5', {
  what: 'A crypt hash that the inventory has as os.password is of SHA-512, not of MD5.',
  why: 'Whoever reads the repository has the hash, and can try thousands of millions of passwords against it in a second.',
  check: withPassword.each((node, report) => {
    const { os } = node.userConfig;
    if (!os?.password || !isMd5Hash(os.password)) return;
    report({
      message: 'os.password is a hash of MD5, which is broken by trying.',
      at: locationOf(os, 'password'),
      help: 'make another one: openssl passwd -6; and take another password, since git keeps this hash',
    });
  }),
});

/** What the installed system fetches keys from; it knows gitlab: and addresses beside the documented github:. */
const FETCHED = /^(github:[\w-]+|gitlab:[\w.-]+|https?:\/\/\S+)$/;

export const malformedSshKey = error('malformed-ssh-key', {
  what: 'Every entry of `os.ssh_authorized_keys` is an SSH public key, or an account such as `github:octocat` whose keys are fetched.',
  why: 'The installer takes any text there. On the node sshd passes over what is not a key, and nobody can log in with it.',
  check: nodesWhose('userConfig', ({ os }) => os?.ssh_authorized_keys?.some(keyFaultOf)).each(
    (node, report) => {
      const keys = node.userConfig.os?.ssh_authorized_keys ?? [];
      for (const [index, key] of keys.entries()) {
        const fault = keyFaultOf(key);
        if (fault === undefined) continue;
        const isPrivate = fault === PRIVATE;
        report({
          message: `os.ssh_authorized_keys[${index}] is ${isPrivate ? 'a private key: sshd has no use for it, and whoever reads it can log in as its owner' : `not an SSH public key (${fault}): sshd passes over it, and nobody can log in with it`}.`,
          at: locationOf(keys, index),
          help: isPrivate
            ? 'put the public key there, the line of the .pub file; make a new pair, since this one is known now'
            : 'put the line of the .pub file there, as in ssh-ed25519 AAAA… name, or github:<user>',
        });
      }
    },
  ),
});

const PRIVATE = 'private';

/** An entry may have several lines, each a key. */
function keyFaultOf(entry: string | undefined): string | undefined {
  if (entry === undefined || entry.includes('${secret:')) return undefined;
  if (isPrivateKey(entry)) return PRIVATE;
  const lines = entry.split('\n').flatMap((line) => line.trim() || []);
  if (lines.length === 1 && FETCHED.test(entry)) return undefined;
  if (lines.length === 0) return 'it is empty';
  return lines.map(sshKeyFault).find((fault) => fault !== undefined);
}
