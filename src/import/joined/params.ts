import { isQuoteOpen } from '../../values/text.ts';
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

const CONFIG_URL = /(?:^|\s)harvester\.install\.config_?url=(\S+)/i;

/** Returns the URL of the configuration that an installer requests, or undefined. */
export function configUrlOf({ params }: GatheredBoot): string | undefined {
  return CONFIG_URL.exec(params?.value ?? '')?.[1];
}
