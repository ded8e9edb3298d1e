import { gunzipSync } from 'node:zlib';
import { type Ipv4Range, ipv4Number } from '../values/addresses.ts';
import type { Arch } from './harvester.ts';

/** What an encoded file decodes to, or why it cannot be decoded. */
export type FileContent = { readonly bytes: Buffer } | { readonly fault: string };

/** Decodes the content of an entry of os.write_files as the installed system does, from any of its encodings. */
export function decodeFile(content: string, encoding: string): FileContent {
  if (/^(gz|gzip)$/.test(encoding))
    return { fault: 'compressed data is not text, and a configuration holds text alone' };
  if (!/b64|base64/.test(encoding)) return { bytes: Buffer.from(content) };
  const fault = base64Fault(content);
  if (fault) return { fault };
  const bytes = Buffer.from(content, 'base64');
  return encoding.startsWith('gz') ? unzip(bytes) : { bytes };
}

/** The installed system passes over line breaks, and over nothing else. */
function base64Fault(content: string): string | undefined {
  const text = content.replace(/[\r\n]/g, '');
  if (/[ \t]/.test(text))
    return 'it holds blanks, and base64 may hold line breaks alone: write it below content: |';
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return 'it holds characters that base64 does not have';
  return text.length % 4 === 0 ? undefined : 'its length is not a multiple of four: something is cut off';
}

function unzip(bytes: Buffer): FileContent {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { fault: 'what its base64 holds is not gzip' };
  try {
    return { bytes: gunzipSync(bytes) };
  } catch {
    return { fault: 'the gzip data that its base64 holds is damaged or cut off' };
  }
}

/** Reads a map from JSON text; undefined where the text is no JSON, or JSON of anything else. */
export function parseJsonMap(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What the templates of a webhook may ask for. */
export const WEBHOOK_NAMES: readonly string[] = ['Hostname', 'MACAddr', 'IPAddrV4', 'IPAddrV6'];

/** A name that the installer does not know, or why it cannot read the template, as a clause. */
export type TemplateFault = { readonly unknown: string } | { readonly unreadable: string };

/** A comment, or an action with what stands in it; a }} within quotes does not end it. */
const ACTION =
  /\{\{(?:(?:- )?\/\*[\s\S]*?\*\/(?: -)?|(?!(?:- )?\/\*)((?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|[^"'`])*?))\}\}/y;
/** What is passed over (quoted, a variable, a field of a bracket, a number), or a name with the dot before it. */
const PARTS =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[$)]\w*(?:\.\w+)*|\d[\w.]*|(\.?)([A-Za-z_]\w*(?:\.\w+)*)/g;
const WORDS: readonly string[] = (
  'and break call continue else end eq false ge gt html if index js le len lt ne nil not or print printf println ' +
  'slice true urlquery'
).split(' ');
/** Words after which a name may be of something else than what the installer gives. */
const SCOPES = /\b(with|range|define|block|template)\b/;

/**
 * Gives the first fault of a webhook's template, as far as one can be told without Go: an action that does not end or
 * says nothing, a word that is no function, a name that the installer does not know.
 */
export function templateFault(text: string): TemplateFault | undefined {
  // A }} of its own is text, as at the end of JSON.
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', ACTION.lastIndex)) {
    ACTION.lastIndex = open;
    const found = ACTION.exec(text);
    if (!found) return { unreadable: 'a {{ without its }}' };
    const [, action] = found;
    if (action === undefined || action.includes('${secret:')) continue;
    if (SCOPES.test(action)) return undefined;
    const fault = actionFault(action);
    if (fault) return fault;
  }
  return undefined;
}

function actionFault(action: string): TemplateFault | undefined {
  if (/^-?\s*-?$/.test(action)) return { unreadable: 'nothing between {{ and }}' };
  for (const [, dot, name] of action.matchAll(PARTS)) {
    if (name === undefined || (dot ? WEBHOOK_NAMES : WORDS).includes(name)) continue;
    return dot ? { unknown: name } : { unreadable: `${name} has no dot before it` };
  }
  return undefined;
}

type Range = Pick<Ipv4Range, 'first' | 'last'>;

/**
 * What Harvester adds to every noProxy, as far as harvgen asks for it: names inside the cluster, and one private
 * subnet. Source: `builtInNoProxy` in pkg/util/proxy.go of harvester/harvester, every release from v1.1.0 on.
 */
export const BUILT_IN_NO_PROXY = ['localhost', '127.0.0.1', '10.0.0.0/8', '.svc', '.cluster.local'];

/** Gives the entries of a noProxy. */
export function noProxyEntries(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Says whether one entry of a noProxy covers a whole range of addresses. */
export function isProxyFree(entries: readonly string[], { first, last }: Range): boolean {
  return entries.some((entry) => {
    const range = rangeOf(entry);
    return range !== undefined && range.first <= first && range.last >= last;
  });
}

/** Says whether an entry of a noProxy covers an address. */
export function isAddressProxyFree(entries: readonly string[], address: string): boolean {
  const number = ipv4Number(address);
  return number !== undefined && isProxyFree(entries, { first: number, last: number });
}

/** Reads an entry as Go's net.ParseCIDR does: bits of the host part may be set, and any prefix is one. */
function rangeOf(entry: string): Range | undefined {
  const [, address = '', prefix = '32'] = /^([0-9.]+)(?:\/(\d{1,2}))?$/.exec(entry) ?? [];
  const number = ipv4Number(address);
  if (number === undefined || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}

const NAME = /^harvester-(v\d+\.\d+\.\d+(?:-[0-9a-z.-]+?)?)-(amd64|arm64)(?:-net-install)?\.iso$/;

/**
 * Reads the name of the ISO that a URL leads to: whether it is the small one, without container images, and of which release and
 * architecture; undefined where it is not named as Harvester names its own.
 */
export function isoFile(url: string): {
  readonly netInstall: boolean;
  readonly of?: { readonly version: string; readonly arch: Arch };
} {
  const file = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  const [, version, arch] = NAME.exec(file) ?? [];
  const netInstall = file.endsWith('net-install.iso');
  return version ? { netInstall, of: { version, arch: arch as Arch } } : { netInstall };
}
