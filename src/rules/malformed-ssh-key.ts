import { placeOf } from '../source/origin.ts';
import { isPrivateKey, sshKeyFault } from '../values/ssh-key.ts';
import type { Rule } from './rule.ts';

/** What the installed system fetches keys from; it knows gitlab: and addresses beside the documented github:. */
const FETCHED = /^(github:[\w-]+|gitlab:[\w.-]+|https?:\/\/\S+)$/;

export const malformedSshKey: Rule = {
  code: 'malformed-ssh-key',
  severity: 'error',
  what: 'Every entry of `os.ssh_authorized_keys` is an SSH public key, or an account such as `github:octocat` whose keys are fetched.',
  why: 'The installer takes any text there. On the node sshd passes over what is not a key, and nobody can log in with it.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const keys = node?.said?.os?.ssh_authorized_keys;
      if (!node || !keys) continue;
      for (const [index, key] of keys.entries()) {
        if (key === undefined || key.includes('${secret:')) continue;
        const path = `os.ssh_authorized_keys[${index}]`;
        const at = placeOf(keys, index);
        const fault = faultOf(key);
        if (isPrivateKey(key)) {
          report({
            node,
            message: `${path} is a private key: sshd has no use for it, and whoever reads it can log in as its owner.`,
            at,
            help: 'put the public key there, the line of the .pub file; make a new pair, since this one is known now',
          });
        } else if (fault !== undefined) {
          report({
            node,
            message: `${path} is not an SSH public key (${fault}): sshd passes over it, and nobody can log in with it.`,
            at,
            help: 'put the line of the .pub file there, as in ssh-ed25519 AAAA… name, or github:<user>',
          });
        }
      }
    }
  },
};

/** An entry may have several lines, each a key. */
function faultOf(entry: string): string | undefined {
  const lines = entry.split('\n').flatMap((line) => line.trim() || []);
  if (lines.length === 1 && FETCHED.test(entry)) return undefined;
  if (lines.length === 0) return 'it is empty';
  return lines.map(sshKeyFault).find((fault) => fault !== undefined);
}
