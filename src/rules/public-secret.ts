import { basename } from 'node:path/posix';
import type { SiteFile } from '../inventory/own-files.ts';
import { selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const publicSecret: Rule = {
  code: 'public-secret',
  severity: 'warning',
  what: 'No file below `files/www/` is a private key, an htpasswd file, or YAML or JSON with passwords and tokens.',
  why: 'The boot server hands what lies there to every machine that asks, and git keeps it.',
  check({ files = [] }, report) {
    for (const file of files) {
      const { path, content } = file ?? {};
      if (!path?.startsWith('www/') || !content) continue;
      const is = whatSecret(path, content);
      if (is === undefined) continue;
      report({
        message: `${path} ${is}, and is public: the boot server hands it to every machine that asks.`,
        at: selfPlace(file as SiteFile),
        help: 'take it out of files/www; what a node alone may have belongs into its configuration, as ${secret:name}',
      });
    }
  },
};

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
  if (/\.(ya?ml|json)$/i.test(path)) {
    for (const [, value = ''] of text.matchAll(SECRET))
      if (isValue(value)) return 'holds what looks like a password or token';
  }
  return undefined;
}

/** A section, nothing, or what sops has encrypted is no secret to be read. */
function isValue(text: string): boolean {
  const value = text.replace(/(^|\s)#.*$/, '').replace(/^["'\s]+|["',\s]+$/g, '');
  return !/^$|^(~|null|true|false)$|^[{[&*]|^ENC\[/i.test(value);
}
