import { isKnownToAll } from '../knowledge/known-values.ts';
import { isUnknown } from '../site/effective.ts';
import type { Node, Site } from '../site/model.ts';
import { isStray } from '../site/nodes.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { secretNames } from '../source/marks.ts';
import { isBroken, lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isBrokenHash, isMd5Hash, isPrivateKey, sshKeyFault } from '../values/secrets.ts';
import { isAtLeast } from '../values/version.ts';
import { nodesWithoutOs } from './boot.ts';
import type { Rule } from './rule.ts';
import { perCluster, perNode, repeats } from './support.ts';

export const missingToken: Rule = {
  code: 'missing-token',
  severity: 'error',
  what: 'A cluster has a token.',
  why: 'The installer stops with "token not specified" on a console that nobody watches.',
  essential: true,
  check: perCluster((cluster, report) => {
    if (!lacks(cluster, 'token')) return;
    report({
      message: `The cluster ${cluster.name} has no token: its nodes cannot prove that they belong together.`,
      at: selfPlace(cluster),
      help: 'add token: ${secret:cluster_token}',
    });
  }),
};

export const tokenKnown: Rule = {
  code: 'token-known',
  severity: 'warning',
  what: 'No token is one that stands in public examples.',
  why: 'Whoever has read the example can join a node to the cluster, and read all that it holds.',
  check: perCluster((cluster, report) => {
    if (!cluster.token || !isKnownToAll(cluster.token)) return;
    report({
      message: `The token of the cluster ${cluster.name} stands in public examples: it is known to everybody.`,
      at: placeOf(cluster, 'token'),
      help: 'write token: ${secret:cluster_token}, and make the secret: openssl rand -hex 32',
    });
  }),
};

/**
 * Says whether it is enough to say of a token that everybody knows it: another rule about it then has nothing to add,
 * unless it is silenced, and is to be heard of.
 */
export function isKnownEnough(token: string, { silence }: Draft<Site>, code: string): boolean {
  return isKnownToAll(token) && silence?.[code] === undefined && silence?.['token-known'] === undefined;
}

const ENOUGH = 16;

export const tokenShort: Rule = {
  code: 'token-short',
  severity: 'warning',
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
      at: placeOf(cluster, 'token'),
      help: 'write token: ${secret:cluster_token}, and make the secret: openssl rand -hex 32',
    });
  }),
};

export const tokenShared: Rule = {
  code: 'token-shared',
  severity: 'warning',
  what: 'Each cluster of a site has a token of its own.',
  why: 'The token is what keeps a node out of a cluster that it does not belong to: with one for two, a wrong server_url goes unnoticed, and who learns the token of one cluster has both.',
  check({ clusters = [] }, report) {
    for (const { one, first } of repeats(clusters, ({ token }) => token || undefined))
      report({
        message: `The cluster ${one.name} has the token of ${first.name}: a node of one could join the other.`,
        at: placeOf(one, 'token'),
        related: [{ message: `${first.name} has it at`, at: placeOf(first, 'token') }],
        help: `give ${one.name} a token of its own, by another secret: token: \${secret:other_token}`,
      });
  },
};

export const missingLogin: Rule = {
  code: 'missing-login',
  severity: 'error',
  what: 'A Harvester node has an SSH key or a password.',
  why: 'The installer stops with "no SSH authorized keys or passwords are set".',
  essential: true,
  check(site, report) {
    const { nodes = [] } = site;
    const isLinux = nodesWithoutOs(nodes);
    const lacking = nodes.flatMap((node) =>
      node?.os === 'harvester' && lacksLogin(node) && !isLinux.has(node) && !isStray(node, site)
        ? [node]
        : [],
    );
    const [first, another] = lacking;
    if (!first) return;
    report({
      message: `Nobody could log in to ${namesOf(lacking)}: ${another ? 'they have' : 'it has'} neither SSH keys nor a password, and the installer would stop.`,
      at: placeOf(first, 'name'),
      help: 'add config: {os: {ssh_authorized_keys: ["github:your_name"]}} to defaults',
    });
  },
};

function lacksLogin(node: Draft<Node>): boolean {
  const os = node.said?.os;
  if (os?.password || os?.ssh_authorized_keys?.length) return false;
  return !isUnknown(node, 'os.ssh_authorized_keys') && !isUnknown(node, 'os.password');
}

export const passwordAuthOff: Rule = {
  code: 'password-auth-off',
  severity: 'warning',
  what: 'A node whose SSH server refuses passwords has SSH keys.',
  why: 'Without either nobody can log in over SSH: what is left is the console, as long as there is a password for it.',
  check: perNode((node, report) => {
    const release = node.cluster?.version;
    const os = node.said?.os;
    if (!release || !os?.sshd || isBroken(node, 'said')) return;
    if (!isAtLeast(release, 'v1.8.0') || os.sshd.disable_password_auth !== true) return;
    if (!lacks(os, 'ssh_authorized_keys') && os.ssh_authorized_keys?.length !== 0) return;
    report({
      message:
        'os.sshd.disable_password_auth refuses passwords, and os.ssh_authorized_keys has no key: nobody could log in over SSH.',
      at: placeOf(os.sshd, 'disable_password_auth'),
      related: [
        os.ssh_authorized_keys
          ? { message: 'the list without a key is at', at: placeOf(os, 'ssh_authorized_keys') }
          : { message: 'the node without a key is at', at: placeOf(node, 'name') },
      ],
      help: 'add os.ssh_authorized_keys, or remove disable_password_auth',
    });
  }),
};

/** What to do about a crypt hash that is not whole. */
export const HASH_HELP = 'copy the whole hash, or make another one: openssl passwd -6';

export const passwordHash: Rule = {
  code: 'password-hash',
  severity: 'error',
  what: 'A crypt hash in os.password is whole: as long as its scheme makes it.',
  why: 'No password has the hash that a cut-off one stands for, or the machine takes it for the password itself: nobody can log in.',
  check: perNode((node, report) => {
    const os = node.said?.os;
    if (!os?.password || isBroken(os, 'password')) return;
    if (os.password.includes('${secret:') || !isBrokenHash(os.password)) return;
    report({
      message:
        'os.password begins as a crypt hash, and is no whole one: nobody could log in with a password.',
      at: placeOf(os, 'password'),
      help: HASH_HELP,
    });
  }),
};

export const passwordHashMd5: Rule = {
  code: 'password-hash-md5',
  severity: 'warning',
  what: 'A crypt hash that the inventory has as os.password is of SHA-512, not of MD5.',
  why: 'Whoever reads the repository has the hash, and can try thousands of millions of passwords against it in a second.',
  check: perNode((node, report) => {
    const os = node.said?.os;
    if (!os?.password || !isMd5Hash(os.password)) return;
    report({
      message: 'os.password is a hash of MD5, which is broken by trying.',
      at: placeOf(os, 'password'),
      help: 'make another one: openssl passwd -6; and take another password, since git keeps this hash',
    });
  }),
};

/** What the installed system fetches keys from; it knows gitlab: and addresses beside the documented github:. */
const FETCHED = /^(github:[\w-]+|gitlab:[\w.-]+|https?:\/\/\S+)$/;

export const malformedSshKey: Rule = {
  code: 'malformed-ssh-key',
  severity: 'error',
  what: 'Every entry of `os.ssh_authorized_keys` is an SSH public key, or an account such as `github:octocat` whose keys are fetched.',
  why: 'The installer takes any text there. On the node sshd passes over what is not a key, and nobody can log in with it.',
  check: perNode((node, report) => {
    const keys = node.said?.os?.ssh_authorized_keys ?? [];
    for (const [index, key] of keys.entries()) {
      if (key === undefined || key.includes('${secret:')) continue;
      const isPrivate = isPrivateKey(key);
      const fault = isPrivate ? 'private' : faultOf(key);
      if (fault === undefined) continue;
      report({
        message: `os.ssh_authorized_keys[${index}] is ${isPrivate ? 'a private key: sshd has no use for it, and whoever reads it can log in as its owner' : `not an SSH public key (${fault}): sshd passes over it, and nobody can log in with it`}.`,
        at: placeOf(keys, index),
        help: isPrivate
          ? 'put the public key there, the line of the .pub file; make a new pair, since this one is known now'
          : 'put the line of the .pub file there, as in ssh-ed25519 AAAA… name, or github:<user>',
      });
    }
  }),
};

/** An entry may have several lines, each a key. */
function faultOf(entry: string): string | undefined {
  const lines = entry.split('\n').flatMap((line) => line.trim() || []);
  if (lines.length === 1 && FETCHED.test(entry)) return undefined;
  if (lines.length === 0) return 'it is empty';
  return lines.map(sshKeyFault).find((fault) => fault !== undefined);
}
