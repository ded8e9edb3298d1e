import { basename } from 'node:path/posix';
import type { SiteFile } from '../inventory/own-files.ts';
import { decodeFile } from '../knowledge/config-values.ts';
import { isYamlFile, marksOf } from '../secrets/config-marks.ts';
import { clearTexts } from '../site/clear-text.ts';
import { writtenFiles } from '../site/cloud-init.ts';
import type { Site } from '../site/model.ts';
import { strayReferences } from '../source/mark-yaml.ts';
import { referenceIn } from '../source/marks.ts';
import { placeOf, selfPlace } from '../source/origin.ts';
import type { Place } from '../source/source.ts';
import { MOST_FILTERS } from '../targets/nginx/nginx.ts';
import { isPrivateKey } from '../values/secrets.ts';
import type { Rule } from './rule.ts';
import { perItem } from './support.ts';
import { isKnownEnough } from './tokens-and-logins.ts';

export const clearTextSecret: Rule = {
  code: 'clear-text-secret',
  severity: 'warning',
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
};

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

/** An encoding that has to be decoded. */
const ENCODED = /b64|base64|gz/i;

/** A content that is nothing but one secret, whose value is encoded itself. */
const WHOLE = /^\s*\$\{secret:[^}]*\}\s*$/;

export const secretInEncodedFile: Rule = {
  code: 'secret-in-encoded-file',
  severity: 'error',
  essential: true,
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
      at: placeOf(entry, 'content'),
      help: 'write the content as it is, without an encoding; or make the whole encoded content a secret',
    });
  }),
};

function hasDecodedReference(content: string, encoding: string): boolean {
  const decoded = decodeFile(content, encoding);
  return 'bytes' in decoded && referenceIn(decoded.bytes.toString('latin1')) !== undefined;
}

export const secretInYamlFile: Rule = {
  code: 'secret-in-yaml-file',
  severity: 'error',
  essential: true,
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
          at: placeOfReference(placeOf(entry, 'content'), content, stray),
          help: 'take the reference out of the comment; write the key out',
        });
      }
    }
  },
};

/** The place in the inventory of a reference within a text of it: as many stand before it there as in the text. */
function placeOfReference(at: Place, text: string, offset: number): Place {
  const before = text.slice(0, offset).split('${secret:').length - 1;
  const written = at.source.text.slice(at.start, at.end);
  const found = [...written.matchAll(/\$\{secret:[^}]*\}/g)][before];
  if (!found) return at;
  const start = at.start + found.index;
  return { source: at.source, start, end: start + found[0].length };
}

export const tooManySecrets: Rule = {
  code: 'too-many-secrets',
  severity: 'warning',
  what: `The scripts and configurations of a site hold at most ${MOST_FILTERS} secrets for nginx to fill in, each counted once for text, JSON and YAML.`,
  why: 'With more nginx does not start: "number of search patterns exceeds 255". A tree that is built with the values needs nothing to be filled in.',
  check(site, report) {
    if (!site.nodes?.every((node) => node?.os)) return;
    const count = marksOf(site as Site).length;
    if (count <= MOST_FILTERS) return;
    report({
      message: `The scripts and configurations hold ${count} secrets, and nginx fills in ${MOST_FILTERS} at most: it would not start with the include of this site.`,
      at: placeOf(site, 'nodes'),
      help: 'use fewer, or build the tree with their values (`harvgen build --secrets`), into a folder that is not in git',
    });
  },
};
