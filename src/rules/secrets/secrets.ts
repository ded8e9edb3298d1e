import { basename } from 'node:path/posix';
import { decodeFile } from '../../knowledge/config-values.ts';
import { hasLogin } from '../../knowledge/hide.ts';
import { isForeignReference, isPublicValue, isUnfilled } from '../../knowledge/known-values.ts';
import { MOST_FILTERS } from '../../plan/served.ts';
import { isYamlFile, placeholdersOf } from '../../secrets/uses-of.ts';
import { nodesWithoutOs } from '../../site/boot-keys.ts';
import { type ClearText, clearTexts } from '../../site/clear-text.ts';
import { cloudInitLeaves, writtenFiles } from '../../site/cloud-init.ts';
import { isInteractive, isUnknown } from '../../site/effective.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import { isLikelyMisnamed } from '../../site/nodes.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import { pathText } from '../../source/leaf.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { referenceIn, secretNames } from '../../source/placeholders.ts';
import type { SourceLocation } from '../../source/source.ts';
import { replaceValue, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { strayReferences } from '../../source/yaml-placeholders.ts';
import type { Draft } from '../../values/draft.ts';
import { isBrokenHash, isMd5Hash, isPrivateKey, sshKeyError } from '../../values/secrets.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesWith, per, warning } from '../rule.ts';

/** The suggested names of secrets by path. */
const NAMES: Readonly<Record<string, string>> = {
  token: 'cluster_token',
  'os.password': 'node_password',
  'bmc.password': 'bmc_password',
};

/** Larger files are not settings. */
const MOST_BYTES = 1 << 20;

/** The beginning of an armored private key of OpenSSL, OpenSSH or PGP. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/;

/** A line, or its beginning, that sets a key with the name of a secret, and its value. */
const SECRET =
  /^(?:[ \t{,"'-]*[ \t{,"'])?[\w.-]*(?:password|passwd|passphrase|token|secret|secret_?(?:access_?)?key|private_?key)["']?[ \t]*:[ \t]+(\S.*)$/gim;

const ENCODED = /b64|base64|gz/i;

/** Content that consists of one secret, whose value is itself encoded. */
const WHOLE = /^\s*\$\{secret:[^}]*\}\s*$/;

/** The help for an incomplete crypt hash. */
export const HASH_HELP = 'copy the whole hash, or generate another one: openssl passwd -6';

/** The sources of keys that the installed system supports: the documented github:, and also gitlab: and URLs. */
const FETCHED = /^(github:[\w-]+|gitlab:[\w.-]+|https?:\/\/\S+)$/;
const PRIVATE = 'private';

export const secretRules = [
  warning('clear-text-secret', {
    what: 'Tokens, passwords and private keys must be references, `${secret:name}`; a system password may be a crypt hash.',
    why: 'Git keeps committed text forever: anyone who can read the repository, or fetch a file of the output tree, has the secret.',
  }).check(per.item(clearTexts), (clear, report, site) => {
    const { path, at, value } = clear;
    // token-known reports a publicly known token.
    if (path === 'token' && isReportedAsKnown(value, clear.cluster, site, 'clear-text-secret')) return;
    if (isUnfilledAt(clear)) return;
    report(at, {
      message: `${path} is in clear text: git keeps it, and anyone who reads the repository or the output tree has it.`,
      help: remedy(clear),
    });
  }),
  error('secret-unfilled', {
    what: 'A token or password must not be a placeholder of another program, such as `${TOKEN}`, `{{ token }}` or `CHANGE-ME`.',
    why: 'Nothing replaces it, only `${secret:name}`: the text itself becomes the token or password, which anyone can guess.',
  }).check(
    per.itemOnce<ClearText>((site) => [...clearTexts(site), ...passwordsOf(site)]),
    (clear, report) => {
      const { path, at, value } = clear;
      if (!isUnfilledAt(clear)) return;
      const [, named] = /^(?:\$\{|\{\{ *|\$?secret:)([a-z][a-z0-9_]*) *\}*$/.exec(value) ?? [];
      const reference = `\${secret:${named ?? NAMES[path] ?? 'name'}}`;
      report(at, {
        message: `${path} is ${isForeignReference(value) ? `${value.replace(/:-.*/s, ':-…}')}, which harvgen does not replace` : 'a placeholder'}: the machine would use this text itself.`,
        fix: suggestedFix(replaceValue(at, reference)),
        help: `write "${reference}"`,
      });
    },
  ),
  warning('public-secret', {
    what: 'A file below `files/www/` must not contain a private key, password hashes, passwords or tokens.',
    why: 'The boot server serves these files to every client, and git keeps them.',
  }).check(({ files = [] }, report) => {
    for (const file of files) {
      const { path, content } = file ?? {};
      const found = path?.startsWith('www/') && content ? secretIn(path, content) : undefined;
      if (found === undefined) continue;
      report(selfLocation(file as Site['files'][number]), {
        message: `${path} contains ${found} but is public: the boot server serves it to every client.`,
        help: 'remove it from files/www; for one node, add it to its configuration as ${secret:name}',
      });
    }
  }),
  essential('secret-in-encoded-file', {
    what: 'Encoded content of a file in `write_files` must not refer to a secret, before or after decoding.',
    why: 'Secrets are substituted without encoding or decoding: a reference within base64 reaches the machine unchanged, and a value between base64 breaks it. A secret may be the whole content if its value is base64.',
  }).check(per.item(writtenFiles), ({ entry }, report) => {
    const { content, encoding, path = 'this file' } = entry;
    if (content === undefined || encoding === undefined) return;
    const isPart = referenceIn(content) !== undefined;
    if (isPart ? !ENCODED.test(encoding) || WHOLE.test(content) : !hasDecodedReference(content, encoding))
      return;
    report(locationOf(entry, 'content'), {
      message: isPart
        ? `A part of the content of ${path} is a secret, but the content is encoded: the value would break the encoding.`
        : `The decoded content of ${path} refers to a secret: the reference reaches the machine unchanged.`,
      help: 'write the content without an encoding; or make the whole encoded content a secret',
    });
  }),
  essential('secret-in-yaml-file', {
    what: 'A YAML file in `write_files` must not refer to secrets in its comments and keys, only in its values.',
    why: 'Only values are quoted. In a comment or a key, the secret would be read as YAML: a value of several lines could add keys.',
  }).check((site, report) => {
    // Nodes share most of their files.
    const known = new Map<string, readonly number[]>();
    for (const { node, entry } of writtenFiles(site)) {
      const { content, path } = entry;
      if (!content?.includes('${secret:') || !isYamlFile(entry)) continue;
      const strays = known.get(content) ?? strayReferences(content);
      known.set(content, strays);
      const at = locationOf(entry, 'content');
      const references = strays.length > 0 ? referencesIn(at) : [];
      for (const stray of strays)
        report(references[stray] ?? at, {
          node,
          message: `The content of ${path} refers to a secret in a comment or a key: its value would be read as YAML.`,
          help: 'remove the reference from the comment, or write the key without a secret',
        });
    }
  }),
  warning('too-many-secrets', {
    what: `Scripts and configurations of a site must have at most ${MOST_FILTERS} secrets, each counted once for text, JSON and YAML.`,
    why: 'With more, nginx does not start: "number of search patterns exceeds 255". An output tree that is built with the values needs no substitution.',
  }).check((site, report) => {
    if (!site.nodes?.every((node) => node?.os)) return;
    const count = placeholdersOf(site as Site).length;
    if (count <= MOST_FILTERS) return;
    report(locationOf(site, 'nodes'), {
      message: `The scripts and configurations have ${count} secrets, but nginx substitutes at most ${MOST_FILTERS}: it does not start with the include of this site.`,
      help: 'use fewer; or build the tree with their values (`harvgen build --secrets`), in a directory outside git',
    });
  }),
  essential('missing-login', {
    what: 'A Harvester node must have an SSH key or a password.',
    why: 'The installer stops with "no SSH authorized keys or passwords are set".',
  }).check((site, report) => {
    const { nodes = [] } = site;
    const isLinux = nodesWithoutOs(nodes);
    const lacking = nodes.flatMap((node) =>
      node?.os === 'harvester' && lacksLogin(node) && !isLinux.has(node) && !isLikelyMisnamed(node, site)
        ? [node]
        : [],
    );
    const [first, another] = lacking;
    if (!first) return;
    const { os } = first.userConfig ?? {};
    report(os?.ssh_authorized_keys ? locationOf(os, 'ssh_authorized_keys') : locationOf(first, 'name'), {
      message: `${namesOf(lacking)} ${another ? 'have' : 'has'} neither SSH keys nor a password: the installer stops, because no user could log in.`,
      help: 'add config: {os: {ssh_authorized_keys: ["github:your_name"]}} to defaults',
    });
  }),
  warning('password-auth-off', {
    what: 'A node whose SSH server rejects passwords must have SSH keys.',
    why: 'Otherwise, no user can log in over SSH. Only the console remains, if there is a password for it.',
  }).check(nodesWith('userConfig', ({ os }) => os?.sshd?.disable_password_auth).each, (node, report) => {
    const release = node.cluster?.version;
    const { os } = node.userConfig;
    if (!release || !os?.sshd || isBroken(node, 'userConfig') || !isAtLeast(release, 'v1.8.0')) return;
    if (!lacks(os, 'ssh_authorized_keys') && os.ssh_authorized_keys?.length !== 0) return;
    report(locationOf(os.sshd, 'disable_password_auth'), {
      message:
        'os.sshd.disable_password_auth rejects passwords, but os.ssh_authorized_keys has no key: no user can log in over SSH.',
      related: [
        os.ssh_authorized_keys
          ? { message: 'the list without a key is at', at: locationOf(os, 'ssh_authorized_keys') }
          : { message: 'the node without a key is at', at: locationOf(node, 'name') },
      ],
      help: 'add os.ssh_authorized_keys, or remove disable_password_auth',
    });
  }),
  error('password-hash', {
    what: 'A crypt hash in os.password, or of a user in `user_data`, must be complete: as long as its scheme requires.',
    why: 'No password matches an incomplete hash, or the machine uses it as the password itself: no user can log in with a password.',
  }).check(per.item(passwordsOf), ({ path, value, at }, report) => {
    if (value.includes('${secret:') || !isBrokenHash(value)) return;
    report(at, {
      message: `${path} begins like a crypt hash but is incomplete: no user can log in with a password.`,
      help: HASH_HELP,
    });
  }),
  warning('password-hash-md5', {
    what: 'A crypt hash in os.password, or of a user in `user_data`, must use SHA-512, not MD5.',
    why: 'Anyone who reads the repository has the hash and can try billions of passwords per second against it.',
  }).check(per.item(passwordsOf), ({ path, value, at }, report) => {
    if (isMd5Hash(value))
      report(at, {
        message: `${path} is an MD5 hash: brute force breaks it.`,
        help: 'choose another password, because git keeps this hash, and generate its hash: openssl passwd -6',
      });
  }),
  error('malformed-ssh-key', {
    what: 'Every entry of `os.ssh_authorized_keys` must be an SSH public key, or an account with keys, such as `github:octocat`.',
    why: 'The installer accepts any text. On the node, sshd ignores text that is not a key, and no user can log in with it.',
  }).check(
    nodesWith('userConfig', ({ os }) => os?.ssh_authorized_keys?.some(keyErrorOf)).each,
    (node, report) => {
      const keys = node.userConfig.os?.ssh_authorized_keys ?? [];
      for (const [index, key] of keys.entries()) {
        const keyError = keyErrorOf(key);
        if (keyError === undefined) continue;
        const isPrivate = keyError === PRIVATE;
        report(locationOf(keys, index), {
          message: `os.ssh_authorized_keys[${index}] is ${isPrivate ? 'a private key: sshd ignores it, and anyone who reads it can log in as its owner' : `not an SSH public key (${keyError}): sshd ignores it, and no user can log in with it`}.`,
          help: isPrivate
            ? 'set the public key, the line of the .pub file, of a new pair: this one is exposed'
            : `${/^\s*-/.test(key) ? 'remove the hyphen, or ' : ''}set the line of the .pub file, such as ssh-ed25519 AAAA… name; or github:<user>`,
        });
      }
    },
  ),
];

/** Yields the passwords of Harvester's and cloud-init's users. */
function* passwordsOf({ nodes = [] }: Draft<Site>) {
  for (const node of nodes) {
    const { os } = node?.userConfig ?? {};
    if (os?.password && !isBroken(os, 'password'))
      yield { node, path: 'os.password', value: os.password, at: locationOf(os, 'password') };
    for (const { path, value, at } of node?.cloudInit ? cloudInitLeaves(node.cloudInit) : [])
      if (typeof value === 'string' && /^(hashed_|plain_text_)?pass(wd|word)$/.test(String(path.at(-1))))
        yield { node, path: pathText(path), value, at };
  }
}

/** Whether a secret is a placeholder; changeme is the real factory password of Oracle's BMCs. */
const isUnfilledAt = ({ path, value }: ClearText): boolean =>
  isUnfilled(value) && !(path === 'bmc.password' && isPublicValue(value));

function remedy({ path, value, cluster }: ClearText): string {
  if (cluster) return `write "\${secret:cluster_token}", and ${otherToken(cluster)}`;
  if (path === 'os.password')
    return 'write "${secret:node_password}", or a crypt hash of `openssl passwd -6`; anyone with a hash can try passwords against it, too';
  if (path === 'bmc.password') return 'write "${secret:bmc_password}", and change it in the BMC';
  if (isPrivateKey(value)) return 'write "${secret:private_key}", generate another key, and revoke this one';
  if (path.startsWith('boot.args'))
    return 'remove it, and change it: all users can read scripts and /proc/cmdline; cloud_init accepts ${secret:name}';
  if (path === 'server.media' || path === 'server.images')
    return 'remove the login from the URL: it is in scripts that all clients can read';
  if (hasLogin(value))
    return 'replace the password in it with ${secret:name}, a percent-encoded value, and change it';
  if (/\s/.test(value))
    return 'replace the secret in it with ${secret:name}, and change it wherever it is used';
  return 'write "${secret:name}", and change the secret wherever it is used';
}

function secretIn(path: string, content: Uint8Array): string | undefined {
  if (basename(path) === 'htpasswd') return 'password hashes';
  if (content.length > MOST_BYTES) return undefined;
  const text = new TextDecoder().decode(content);
  if (PRIVATE_KEY.test(text)) return 'a private key';
  const values = /\.(ya?ml|json)$/i.test(path) ? [...text.matchAll(SECRET)] : [];
  return values.some(([, value = '']) => isValue(value)) ? 'a likely password or token' : undefined;
}

/** Whether a value is a readable secret, not a section, empty or encrypted with sops. */
function isValue(text: string): boolean {
  const value = text.replace(/(^|\s)#.*$/, '').replace(/^["'\s]+|(?<!["',\s])["',\s]+$/g, '');
  return !/^$|^(~|null|true|false)$|^[{[&*]|^ENC\[/i.test(value);
}

function hasDecodedReference(content: string, encoding: string): boolean {
  const decoded = decodeFile(content, encoding);
  return 'bytes' in decoded && referenceIn(decoded.bytes.toString('latin1')) !== undefined;
}

function referencesIn({ source, start, end }: SourceLocation): SourceLocation[] {
  const written = source.text.slice(start, end);
  return Array.from(written.matchAll(/\$\{secret:[^{}]*\}/g), ({ 0: { length }, index }) => ({
    source,
    start: start + index,
    end: start + index + length,
  }));
}

function lacksLogin(node: Draft<Node>): boolean {
  const os = node.userConfig?.os;
  if (os?.password || os?.ssh_authorized_keys?.length || isInteractive(node)) return false;
  return !isUnknown(node, 'os.ssh_authorized_keys') && !isUnknown(node, 'os.password');
}

/** Returns the error of an entry, which may have several lines, each a key; undefined without an error. */
function keyErrorOf(entry: string | undefined): string | undefined {
  if (entry === undefined || entry.includes('${secret:')) return undefined;
  if (isPrivateKey(entry)) return PRIVATE;
  const lines = entry.split('\n').flatMap((line) => line.trim() || []);
  if (lines.length === 1 && FETCHED.test(entry)) return undefined;
  if (lines.length === 0) return 'it is empty';
  return lines.map(sshKeyError).find((error) => error !== undefined);
}

const ENOUGH = 16;

const clustersOf = ({ clusters = [] }: Draft<Site>) => clusters;

/** The help for a token that can be changed. */
export const ANOTHER_TOKEN = 'generate another one: openssl rand -hex 32';

export const tokenRules = [
  essential('missing-token', {
    what: 'A cluster must have a token.',
    why: 'The installer stops with "token not specified" at an unattended console.',
  }).check(per.cluster, (cluster, report) => {
    if (!lacks(cluster, 'token')) return;
    report(selfLocation(cluster), {
      message: `The cluster ${cluster.name} has no token: its nodes cannot join it.`,
      fix: suggestedFix(setKey(cluster, 'token', '${secret:cluster_token}')),
      help: `add token: "\${secret:cluster_token}"${cluster.exists ? `, and ${otherToken(cluster)}` : ''}`,
    });
  }),
  warning('token-known', {
    what: 'A token must not be in public examples. A running cluster keeps the token that it has.',
    why: 'Anyone who has read the example can join a node to the cluster and read all its data.',
  }).check(per.cluster, (cluster, report) => {
    if (!cluster.token || cluster.exists || !isPublicValue(cluster.token) || isUnfilled(cluster.token))
      return;
    report(locationOf(cluster, 'token'), {
      message: `The token of the cluster ${cluster.name} is in public examples: it is publicly known.`,
      help: `set token: "\${secret:cluster_token}", and ${ANOTHER_TOKEN}`,
    });
  }),
  warning('token-short', {
    what: `A token must have at least ${ENOUGH} characters. A running cluster keeps the token that it has.`,
    why: 'Anyone who guesses the token can join a node to the cluster and read all its data.',
  }).check(per.cluster, (cluster, report, site) => {
    const { name, token } = cluster;
    // clear-text-secret reports a token in clear text: its length matters only if that rule is silenced.
    if (!token || cluster.exists || site.silence?.['clear-text-secret'] === undefined) return;
    // The value of a secret is unknown here.
    if (secretNames(token).length > 0 || token.length >= ENOUGH) return;
    // token-known reports a publicly known token.
    if (isReportedAsKnown(token, cluster, site, 'token-short')) return;
    report(locationOf(cluster, 'token'), {
      message: `The token of the cluster ${name} has fewer than ${ENOUGH} characters: it can be guessed.`,
      help: `set token: "\${secret:cluster_token}", and ${ANOTHER_TOKEN}`,
    });
  }),
  warning('token-shared', {
    what: 'Clusters of a site must not share a token.',
    why: 'The token keeps a node out of other clusters. With a shared token, a node with a wrong server_url joins the other cluster unnoticed, and one leaked token opens both.',
  }).check(
    per.repeat(clustersOf, 'token', ({ token }) => token || undefined),
    (later, first) => ({
      message: `The cluster ${later.name} has the token of ${first.name}: a node of one could join the other.`,
      related: `${first.name} sets it at`,
      help: sharedToken(
        'token-shared',
        [later, first],
        `set another secret for ${later.name}: token: "\${secret:other_token}"`,
      ),
    }),
  ),
];

/**
 * Whether token-known reports a token, so that another rule need not. A silence of the other rule keeps its finding, so that
 * the silence is used.
 */
export function isReportedAsKnown(
  token: string,
  cluster: Draft<Cluster> | undefined,
  { silence }: Draft<Site>,
  code: string,
): boolean {
  const isSilenced = silence?.[code] !== undefined || silence?.['token-known'] !== undefined;
  // secret-unfilled reports a placeholder.
  return isUnfilled(token) || (!cluster?.exists && isPublicValue(token) && !isSilenced);
}

/** Returns the help for a token that must not be used: another one or, for a cluster that exists, the token that it has. */
export function otherToken(cluster: Draft<Cluster> | undefined): string {
  return cluster?.exists
    ? `set the secret to the token of the running cluster ${cluster.name}`
    : ANOTHER_TOKEN;
}

/** Returns the help for a token of two clusters: `change`, but two running clusters can really have one token. */
export function sharedToken(
  code: string,
  clusters: readonly (Draft<Cluster> | undefined)[],
  change: string,
): string {
  return clusters.every((cluster) => cluster?.exists)
    ? `set the token of each running cluster; or, if both have this one, add silence: {${code}: "the reason"}`
    : change;
}
