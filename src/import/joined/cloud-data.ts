import { Lexer, parseDocument } from 'yaml';
import { parseYamlValue } from '../../inventory/parse.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { guessSecrets, maskSecrets } from '../../source/guess-secrets.ts';
import { isValueMap, type Value, type ValueMap, writtenLocationOf } from '../../source/origin.ts';
import { Source, type SourceLocation } from '../../source/source.ts';
import { isYaml, isYamlTemplate } from '../../source/yaml-placeholders.ts';
import { isPrivateKey, isSecretKey } from '../../values/secrets.ts';
import type { Span } from '../../values/spans.ts';
import type { Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';
import { secretNameFor, secretStem } from '../model/secrets.ts';
import type { Content, ContentMap } from './write-site.ts';

/** Texts that an inventory would replace as a reference to a secret or to a value of the node. */
const REFERENCE = /\$\{\s*(secrets?\s*[:.]|node:)|@@secret:/i;

/** Paths of files that contain keys and logins. */
const KEY_FILE = /(\.(key|keytab|netrc|pgpass)|\/\.git-credentials|\/id_[a-z0-9]+|_key|\/shadow)$/;

/** Data of cloud-init in the form of an inventory. References replace the secrets, whose values are kept. */
export class CloudData {
  /** The values of the references, by name. */
  readonly secrets = new Map<string, Sourced<string>>();
  readonly #notes: Notes;
  readonly #taken: Map<string, string>;

  /** `taken` are the values of all secrets of the site by name, to which its own are added. */
  constructor(notes: Notes, taken: Map<string, string>) {
    this.#notes = notes;
    this.#taken = taken;
  }

  /** Keeps the value of a secret and returns a reference to it; `name` is the beginning of the secret's name. */
  keep(value: string, name: string, at: SourceLocation): string {
    return this.#secret(value, { whose: name, at, path: '' });
  }

  /** Returns user data: a map for cloud-config, otherwise a text. `whose` is the beginning of the names of its secrets. */
  userData({ value, at }: Sourced<string>, whose: string): Content | undefined {
    if (REFERENCE.test(value)) {
      const why =
        'its cloud-config contains text that a site replaces as a reference to a secret or node value: write it manually';
      this.#notes.open(whose, why, at);
      return undefined;
    }
    const where = { whose, at, path: '_user_data' };
    if (isYamlTemplate(value)) return this.#template(value, where);
    const isConfig = /^#cloud-config\s*$/m.test(value.split('\n', 1)[0] ?? '');
    const map = isConfig ? parseYamlValue(new Source('-', value), new Report()) : undefined;
    if (isValueMap(map)) return this.#content(map, { ...where, path: '' });
    if (isConfig && map === null) return undefined;
    const why = 'its cloud-config is not valid YAML: it is imported as a text that cloud-init would reject';
    if (isConfig) this.#notes.open(whose, why, at);
    return this.#text(value, where);
  }

  /** Returns a template, which stays a text. If it is YAML even before rendering, its secrets are found as in a map. */
  #template(text: string, where: Where): string | undefined {
    // A template that is not YAML is substituted unchanged, with its indentation.
    if (!isYaml(text)) return this.#unread(text, where);
    const hidden = hideJinja(text);
    const value = parseYamlValue(new Source('-', hidden.text), new Report());
    const own = new CloudData(this.#notes, new Map(this.#taken));
    if (typeof value === 'object' && value !== null) {
      const content = own.#content(value, { ...where, path: '', isTemplate: true });
      const patched = hidden.restore(patchYaml(hidden.text, value, content, own.secrets));
      if (isYaml(patched)) {
        for (const [name, { value: secret }] of own.secrets)
          this.#add(name, hidden.restore(secret), where.at);
        return patched;
      }
    } else {
      const shown = own.#text(text, where);
      if (own.secrets.size === 0) return shown;
    }
    const why =
      'its template has secrets that cannot be separated or restored, because of a tag or of quotes in a jinja expression: write it manually';
    this.#notes.open(where.whose, why, where.at);
    return undefined;
  }

  #unread(text: string, where: Where): string {
    const known = new Set(this.secrets.keys());
    const shown = this.#text(text, where);
    for (const [name, { value: secret }] of this.secrets)
      if (!known.has(name) && /\n|^\s*[[{]/.test(secret))
        this.#notes.open(
          name,
          'its template is not YAML before rendering: the value is a literal piece of it with indentation, and a new value must be too',
          where.at,
        );
    return shown;
  }

  map({ value, at }: Sourced<ValueMap>, whose: string): ContentMap {
    return this.#content(value, { whose, at, path: '' }) as ContentMap;
  }

  #content(value: Value, where: Where): Content | undefined {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value !== 'object') {
      const isRendered = where.isTemplate && /^[\ue000-\uf8ff]/.test(String(value));
      if (where.isSecret && value !== '' && !isRendered) return this.#secret(String(value), where);
      if (typeof value === 'number') return value;
      if (!REFERENCE.test(value)) return this.#text(value, where);
      this.#notes.left(displayName(where.path.slice(1)), 'a site would replace it as a reference', where.at);
      return undefined;
    }
    if (Array.isArray(value)) {
      const logins = loginsOfWords(value);
      return value.flatMap((item, index) => {
        const path = `${where.path}_${index + 1}`;
        const content = this.#content(item, { ...where, path, logins: logins[index] });
        return content === undefined ? [] : [content];
      });
    }
    const map: Record<string, Content | undefined> = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      if (REFERENCE.test(key)) {
        this.#notes.left(displayName(key), 'a site would replace it as a reference', where.at);
        continue;
      }
      const isSecret = where.isSecret || holdsSecret(key, item, value, where.path);
      map[key] = this.#content(item, { ...where, path: `${where.path}_${key}`, isSecret });
    }
    return map;
  }

  /** Returns a text with references for its likely secrets, except those that the shell or a template substitutes. */
  #text(text: string, where: Where): string {
    let shown = '';
    let end = 0;
    const spans = [...guessSecrets(text), ...loginsOf(text), ...(where.logins ?? [])];
    for (const span of spans.map((one) => unquoted(text, one)).sort((a, b) => a.start - b.start)) {
      const value = text.slice(span.start, span.end);
      if (span.start < end || value === '' || isSubstituted(value)) continue;
      shown += text.slice(end, span.start) + this.#secret(value, where);
      end = span.end;
    }
    return shown + text.slice(end);
  }

  #secret(value: string, { whose, at, path }: Where): string {
    const stem = secretStem(`${whose}${path}`, 58) || 'secret';
    const name = secretNameFor(value, stem, this.#taken);
    return this.#add(name, value, at);
  }

  #add(name: string, value: string, at: SourceLocation): string {
    this.#taken.set(name, value);
    this.secrets.set(name, { value, at });
    return `\${secret:${name}}`;
  }
}

interface Where {
  /** The beginning of the names of secrets. */
  readonly whose: string;
  readonly at: SourceLocation;
  /** The keys on the path to the value, each after an underscore. */
  readonly path: string;
  readonly isSecret?: boolean;
  readonly isTemplate?: boolean;
  /** The parts of a text that are logins because of the words before it. */
  readonly logins?: readonly Span[] | undefined;
}

/** Whether the value of a key is a secret: because of its key, as a private key, or as the content of a key file. */
function holdsSecret(key: string, value: Value, map: ValueMap, path: string): boolean {
  // The key of a module, whose map contains other settings too.
  if (key === 'chpasswd' && isValueMap(value)) return false;
  if (isSecretKey(key) || (typeof value === 'string' && isPrivateKey(value))) return true;
  // The lines of chpasswd.list are users and their passwords.
  if (key === 'list' && path.endsWith('_chpasswd')) return true;
  if (key !== 'content' || typeof value !== 'string') return false;
  if (typeof map.path === 'string' && KEY_FILE.test(map.path)) return true;
  const isBase64 = typeof map.encoding === 'string' && /^b(?:ase)?64$/i.test(map.encoding);
  const text = isBase64 ? Buffer.from(value, 'base64').toString('latin1') : '';
  return guessSecrets(text).length > 0 || loginsOf(text).length > 0;
}

/** The passwords in commands of a script: `echo root:… | chpasswd`, `echo … | passwd --stdin`, `curl -u admin:…` and `useradd -p …`. */
const LOGINS = [
  /(?<=[\w.-]:)([^\s:"'|]+)(?=["']?[ \t]{0,9}\|[ \t]{0,9}(?:sudo[ \t]{1,9})?(?:\/usr)?(?:\/sbin\/)?chpasswd\b)/g,
  /\becho[ \t]{1,9}["']?([^\s"'|]+)(?=["']?[ \t]{0,9}\|[ \t]{0,9}(?:sudo[ \t]{1,9})?passwd[ \t]{1,9}--stdin\b)/g,
  /\bcurl\b[^\n|;&]{0,200}?[ \t](?:-u|--user)[ \t=]["']?[\w.@-]{1,64}:([^\s"'|]+)/g,
  /\buser(?:add|mod)\b[^\n|;&]{0,200}?[ \t]-p[ \t]{0,9}["']?([^\s"'|;&]+)/g,
];

function loginsOf(text: string): Span[] {
  return LOGINS.flatMap((form) =>
    Array.from(text.matchAll(form), ({ index, 0: whole, 1: password = '' }) => {
      const end = index + whole.length;
      return { start: end - password.length, end };
    }),
  );
}

/** Returns the part of each word of a command, `[curl, -u, "admin:…"]`, that is a login because of the words before it. */
function loginsOfWords(list: readonly Value[]): readonly Span[][] {
  const words = list.flatMap((word) => (typeof word === 'string' ? [word] : []));
  // If the first word has a blank, the items are lines with one command each.
  if (words.length < list.length || /\s/.test(words[0] ?? '')) return [];
  const logins = loginsOf(words.join(' '));
  let start = 0;
  return words.map((word, index) => {
    const before = start;
    start += word.length + 1;
    const option = words[index - 1] ?? '';
    if (/^--[\w-]+$/.test(option) && isSecretKey(option)) return [{ start: 0, end: word.length }];
    return logins
      .filter((login) => login.start >= before && login.end <= before + word.length)
      .map((login) => ({ start: login.start - before, end: login.end - before }));
  });
}

/** Returns a value without trailing blanks and surrounding quotes. */
function unquoted(text: string, { start, end }: Span): Span {
  const value = text.slice(start, end).trimEnd();
  const isQuoted = /^(["']).*\1$/s.test(value) && value.length > 1;
  return isQuoted
    ? { start: start + 1, end: start + value.length - 1 }
    : { start, end: start + value.length };
}

/** Whether the shell or a template substitutes a value. Hashed passwords also begin with a dollar sign: $6$…$…. */
function isSubstituted(value: string): boolean {
  return /^(?:[\ue000-\uf8ff]|\{[{%]|\$[A-Za-z_({])/.test(value) && !/^\$[0-9a-z]{1,3}\$/.test(value);
}

/** Private-use characters of Unicode, one for each expression; texts do not contain them. */
const FIRST = 0xe000;
const LAST = 0xf8ff;
const HIDDEN = /([\ue000-\uf8ff])\1*/g;

/**
 * Replaces each jinja expression with a word, because `{{ v1.region }}` without quotes would be a map in a map. Returns
 * the text unchanged if it has too many, or such characters itself. `restore` returns the original of a piece of the text.
 */
function hideJinja(text: string) {
  const found = text.match(/\{\{[^\n]*?\}\}/g) ?? [];
  if (found.length > LAST - FIRST || /[\ue000-\uf8ff]/.test(text))
    return { text, restore: (piece: string) => piece };
  let number = 0;
  return {
    text: text.replace(/\{\{[^\n]*?\}\}/g, (expression) =>
      String.fromCharCode(FIRST + number++).repeat(expression.length),
    ),
    restore: (piece: string) =>
      piece.replace(HIDDEN, (_, one: string) => found[one.charCodeAt(0) - FIRST] ?? ''),
  };
}

interface Change {
  readonly at: SourceLocation;
  readonly to: string;
}

/**
 * Returns a YAML text in which `content` replaces `value`, the parsed text. Each value keeps its location and its quotes or
 * block style if possible, and is otherwise in double quotes. The rest is unchanged, except secrets in comments.
 * `secrets` contains the values of the references in `content`.
 */
function patchYaml(
  text: string,
  value: Value,
  content: Content | undefined,
  secrets: CloudData['secrets'],
): string {
  const changes = new Map<number, Change>();
  // The value of an anchor is written once, even if several aliases need the change.
  for (const change of changesOf(value, content))
    if (!changes.has(change.at.start)) changes.set(change.at.start, change);
  let patched = text;
  for (const { at, to } of [...changes.values()].sort((a, b) => b.at.start - a.at.start))
    patched =
      patched.slice(0, at.start) + written(text.slice(at.start, at.end), to, secrets) + patched.slice(at.end);
  return withoutSecretComments(patched);
}

function* changesOf(value: Value, content: Content | undefined): Iterable<Change> {
  if (typeof value !== 'object' || value === null || typeof content !== 'object' || content === null) return;
  for (const [key, item] of Object.entries(value)) {
    const to = (content as Readonly<Record<string, Content>>)[key];
    if (typeof item === 'object') yield* changesOf(item, to);
    else if (typeof to === 'string' && to !== item) yield { at: writtenLocationOf(value, key), to };
  }
}

/** Returns a scalar with another value: in its original style if that can represent the value, otherwise in double quotes. */
function written(raw: string, to: string, secrets: CloudData['secrets']): string {
  // A block ends with a line end.
  const lineEnd = raw.endsWith('\n') ? '\n' : '';
  const alike = withReferences(raw, to, secrets);
  return alike?.endsWith(lineEnd) && isReadAs(alike, to) ? alike : JSON.stringify(to) + lineEnd;
}

/** Returns a scalar in its original style, with references instead of their values. */
function withReferences(raw: string, to: string, secrets: CloudData['secrets']): string | undefined {
  let made = '';
  let end = 0;
  for (const [reference, name = ''] of to.matchAll(/\$\{secret:(\w+)\}/g)) {
    const secret = secrets.get(name)?.value;
    const at = secret === undefined ? -1 : raw.indexOf(secret, end);
    if (secret === undefined || at < 0) return undefined;
    made += raw.slice(end, at) + reference;
    end = at + secret.length;
  }
  return made + raw.slice(end);
}

/** Whether a scalar is parsed as a value in any context: even within brackets, unless it is a block. */
function isReadAs(raw: string, value: string): boolean {
  const isBlock = /^[|>]/.test(raw);
  const document = parseDocument(isBlock ? `a: ${raw}` : `{ a: ${raw} }`, { logLevel: 'silent' });
  return document.errors.length === 0 && document.getIn(['a']) === value;
}

/** The control characters that the lexer emits as separate tokens before a document, a scalar or an error. */
const SIGNS: ReadonlySet<string> = new Set(['\x02', '\x18', '\x1f']);
const SCALAR = '\x1f';

/** Masks secrets in comments, because nothing substitutes references there. */
function withoutSecretComments(text: string): string {
  const tokens = [...new Lexer().lex(text)];
  return tokens
    .map((token, index) => {
      if (SIGNS.has(token)) return '';
      return token.startsWith('#') && tokens[index - 1] !== SCALAR ? maskSecrets(token) : token;
    })
    .join('');
}
