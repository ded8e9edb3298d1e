import { isValueMap } from '../source/origin.ts';
import { type Ipv4Range, ipv4Number } from '../values/addresses.ts';
import { orUndefined } from '../values/or-undefined.ts';
import type { Arch } from './harvester.ts';

/** The decoded bytes of a file, or the reason why it cannot be decoded. */
export type FileContent = { readonly bytes: Buffer } | { readonly fault: string };

/** Decodes the content of an entry of os.write_files as the installed system does, from any of its encodings. */
export function decodeFile(content: string, encoding: string): FileContent {
  if (/^(gz|gzip)$/.test(encoding))
    return { fault: 'compressed data is not text, but a configuration contains only text' };
  if (!/b64|base64/.test(encoding)) return { bytes: Buffer.from(content) };
  const fault = base64Error(content);
  if (fault) return { fault };
  const bytes = Buffer.from(content, 'base64');
  return encoding.startsWith('gz') ? unzip(bytes) : { bytes };
}

/** The installed system ignores only line breaks. */
function base64Error(content: string): string | undefined {
  const text = content.replace(/[\r\n]/g, '');
  if (/[ \t]/.test(text))
    return 'it contains spaces, but base64 may contain only line breaks: write it below content: |';
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return 'it contains characters outside the base64 alphabet';
  return text.length % 4 === 0 ? undefined : 'its length is not a multiple of four: it is truncated';
}

function unzip(bytes: Buffer): FileContent {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { fault: 'its decoded base64 is not gzip' };
  const unzipped = orUndefined(() => process.getBuiltinModule('node:zlib').gunzipSync(bytes));
  return unzipped ? { bytes: unzipped } : { fault: 'its decoded gzip data is damaged or truncated' };
}

/** Parses JSON text with a map; returns undefined for invalid JSON or another type. */
export function parseJsonMap(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = orUndefined((): unknown => JSON.parse(text));
  return isValueMap(value) ? value : undefined;
}

type Range = Pick<Ipv4Range, 'first' | 'last'>;

/**
 * The entries that Harvester adds to every noProxy and that harvgen needs: names inside the cluster, and one private
 * subnet. Source: `builtInNoProxy` in pkg/util/proxy.go of harvester/harvester, every release from v1.1.0 on.
 */
export const BUILT_IN_NO_PROXY = ['localhost', '127.0.0.1', '10.0.0.0/8', '.svc', '.cluster.local'];

/** Returns the entries of a noProxy. */
export function noProxyEntries(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Whether one entry of a noProxy covers a whole range of IP addresses. */
export function isProxyFree(entries: readonly string[], { first, last }: Range): boolean {
  return entries.some((entry) => {
    const range = rangeOf(entry);
    return range !== undefined && range.first <= first && range.last >= last;
  });
}

/** Whether an entry of a noProxy covers an IP address. */
export function isAddressProxyFree(entries: readonly string[], address: string): boolean {
  const number = ipv4Number(address);
  return number !== undefined && isProxyFree(entries, { first: number, last: number });
}

/** Parses an entry like Go's net.ParseCIDR: allows host bits, and any prefix length. */
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
 * Parses the name of the ISO in a URL: whether it is the small ISO without container images, and its release and architecture.
 * These are undefined if the name is not one of Harvester's.
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

/** Returns the release and architecture in the URL of an ISO with another name: those of the file or, without, of its directories. */
export function namedIso(url: string): {
  readonly version?: string | undefined;
  readonly arch?: Arch | undefined;
} {
  const [, folders = '', file = ''] = /^[^?#]*?:\/\/[^/]*([^?#]*\/)([^/?#]*)/.exec(url) ?? [];
  const inName = /harvester[-_.]v?(\d+\.\d+\.\d+(?:-rc\d+)?)(?!\.?\d)/i.exec(file);
  const [, version] = inName ?? /^.*\/v(1\.\d+\.\d+(?:-rc\d+)?)\//.exec(folders) ?? [];
  const [, arm, intel] = /[-_.](?:(arm64|aarch64)|(amd64|x86_64))(?=[-_.])/i.exec(file) ?? [];
  return { version: version && `v${version}`, arch: arm ? 'arm64' : intel ? 'amd64' : undefined };
}
