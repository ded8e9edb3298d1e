import { clearTexts } from '../site/clear-text.ts';
import { isPrivateKey } from '../values/ssh-key.ts';
import type { Rule } from './rule.ts';
import { isKnownEnough } from './token-known.ts';

export const clearTextSecret: Rule = {
  code: 'clear-text-secret',
  severity: 'warning',
  what: 'Tokens, passwords and private keys are written as `${secret:name}`; a password of the system may be a crypt hash.',
  why: 'Git keeps what was once written for ever, and whoever can read the repository or fetch a file of the tree has it.',
  check(site, report) {
    for (const { path, at, value, node } of clearTexts(site)) {
      // That everybody knows it says more: token-known.
      if (path === 'token' && isKnownEnough(value, site, 'clear-text-secret')) continue;
      report({
        ...(node && { node }),
        message: `${path} is in clear text: git keeps it, and whoever reads the repository or the tree has it.`,
        at,
        help: remedy(path, value),
      });
    }
  },
};

/** What to do about a secret that is known now: it depends on what it opens. */
function remedy(path: string, value: string): string {
  if (isLikeReference(value))
    return `this is no reference, and is taken as it stands: write ${referenceAt(path)}`;
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

function isLikeReference(value: string): boolean {
  return LIKE_REFERENCE.test(value.trim());
}

function referenceAt(path: string): string {
  const names: Readonly<Record<string, string>> = {
    token: 'cluster_token',
    'os.password': 'node_password',
    'bmc.password': 'bmc_password',
  };
  return `\${secret:${names[path] ?? 'name'}}`;
}
