import { ipv4Number } from '../../values/addresses.ts';
import { isQuoteOpen } from '../../values/text.ts';
import { parseServerUrl } from '../../values/urls.ts';
import type { GatheredBoot } from './gathered.ts';

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
    /\/harvester-[^/]*vmlinuz[^/]*$/.test(kernel?.value ?? '')
  );
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
