import { ipv4Number } from '../../values/addresses.ts';
import { isQuoteOpen } from '../../values/text.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { parseVersion, type Version } from '../../values/version.ts';
import type { GatheredBoot, Sourced } from './gathered.ts';

/**
 * Splits a kernel command line as the kernel does: at blanks outside double quotes. Removes quotes around text without
 * blanks, unless one is not closed. Source: Linux, lib/cmdline.c (next_arg).
 */
export function splitParams(text: string): string[] {
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words
    .map((word) => (/\s/.test(word) || isQuoteOpen(word) ? word : word.replaceAll('"', '')))
    .filter((word) => word !== '');
}

/** Whether a boot entry starts the installer of Harvester. */
export function isInstaller({ kernel, params }: GatheredBoot): boolean {
  return (
    /(?:^|\s)harvester\.(?:install|os|token|server_?url)\b/i.test(params?.value ?? '') ||
    /(?:^|\/)harvester-[^/]*vmlinuz[^/]*$/.test(kernel?.value ?? '')
  );
}

/** What the URL or path of a file of the installation media contains. */
export interface Medium {
  /** The release as it is written, also if there is none with this name. */
  readonly text: string;
  readonly version: Version | undefined;
  /** The URL for `server.media`, if the file is where harvgen expects it: in a directory of the release. */
  readonly base?: string | undefined;
  /** The directory that contains the files, or the directory of the release, if they are somewhere else. */
  readonly folder?: string | undefined;
}

/** The usual URL: a directory of the release, or of a branch, which is also in the file name. */
const USUAL = /^(https?:\/\/\S+)\/([^/\s]+)\/harvester-\2-(?:vmlinuz-)?(?:amd64|arm64)(?:\.iso)?$/;
const IN_FILE = /^harvester[-_](.+?)[-_](?:vmlinuz|initrd|rootfs|amd64|arm64)(?=[-_.]|$)/i;
const IN_NAME =
  /^(?:harvester[-_])?(v?\d{1,3}\.\d{1,3}\.\d{1,3}(?:-(?!amd64|arm64|x86)[a-z]+[.-]?\d+)?)(?=[-_.]|$)/i;

/** Returns what a URL or path of media contains: the release in the file name, otherwise in a directory; undefined without any. */
export function mediumOf(url: string): Medium | undefined {
  const [, base, branch] = USUAL.exec(url) ?? [];
  if (base !== undefined && branch !== undefined)
    return { text: branch, version: parseVersion(branch), base };
  const [, server = '', path = ''] = /^([a-z0-9+]+:\/\/[^/]*\/|\/*)([^?#]*)/i.exec(url) ?? [];
  const folders = path.split('/');
  const file = folders.pop() ?? '';
  const inFolders = folders.filter(
    (folder) => IN_NAME.exec(folder)?.[0] === folder || /^v\d.*-head$/.test(folder),
  );
  for (const name of [IN_FILE.exec(file)?.[1], file, ...inFolders.toReversed()]) {
    const text = IN_NAME.exec(name ?? '')?.[1] ?? name ?? '';
    const version = parseVersion(text.toLowerCase().replace(/^(?=\d)/, 'v'));
    if (!version) continue;
    const parent = folders.at(-1)?.endsWith(text) ? folders.slice(0, -1) : folders;
    return { text, version, folder: [server.replace(/\/$/, ''), ...parent].join('/') };
  }
  return undefined;
}

/** Returns the media that an installer requests; `of` is the name of a URL that a site derives. */
export function mediaOf({ kernel, initrd, params }: GatheredBoot): (Sourced<string> & { of?: string })[] {
  const onLine = splitParams(params?.value ?? '').flatMap((word) => {
    const [, key = '', value] = /^(root=live:|initrd=|harvester\.install\.iso_?url=)(.+)$/i.exec(word) ?? [];
    return params && value
      ? [{ value, at: params.at, ...(key.startsWith('h') && { of: 'install.iso_url' }) }]
      : [];
  });
  return [kernel ? [{ ...kernel, of: 'kernel' }] : [], initrd ?? [], onLine].flat();
}

/** The migration note on URLs of installation media. */
export const MEDIA_DERIVED = 'harvgen derives the URLs of the media from server.media and the release';

/** Returns the base URL of the server in a URL, if it is an IP address without https; otherwise undefined. */
export function serverOfUrl(url: string): string | undefined {
  const [, base = ''] = /^(http:\/\/[^/]+)\//.exec(url) ?? [];
  const host = parseServerUrl(base)?.host;
  return host !== undefined && ipv4Number(host) !== undefined ? base : undefined;
}

const CONFIG_URL = /(?:^|\s)harvester\.install\.config_?url=(\S+)/i;

/** Returns the URL of the configuration that an installer requests, or undefined. */
export function configUrlOf({ params }: GatheredBoot): string | undefined {
  return CONFIG_URL.exec(params?.value ?? '')?.[1];
}
