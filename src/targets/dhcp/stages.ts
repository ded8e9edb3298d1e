import type { Site } from '../../site/model.ts';
import { DHCP_ARCHITECTURES, type DhcpArchitecture } from '../../tables/dhcp-architectures.ts';
import { BOOT_SCRIPT, loaderUrl, urlOf } from '../paths.ts';

/** What a boot in two stages needs of a DHCP server: firmware gets iPXE, and iPXE gets the first script. */
export interface Stages {
  readonly architectures: readonly DhcpArchitecture[];
  /** For each architecture's name once: what it loads, as a TFTP file or a URL. */
  readonly loaders: readonly { readonly name: string; readonly file: string }[];
  /** The names of the architectures that boot by HTTP. */
  readonly httpNames: readonly string[];
  /** The URL of the first script. */
  readonly bootUrl: string;
}

/** Gives what every DHCP server of a site says of the boot, whoever runs it. */
export function stagesOf(site: Site): Stages {
  const byName = new Map(DHCP_ARCHITECTURES.map((architecture) => [architecture.name, architecture]));
  const once = [...byName.values()];
  return {
    architectures: DHCP_ARCHITECTURES,
    loaders: once.map(({ name, transport, loader }) => ({
      name,
      file: transport === 'http' ? loaderUrl(site, loader) : loader,
    })),
    httpNames: once.filter(({ transport }) => transport === 'http').map(({ name }) => name),
    bootUrl: urlOf(site, BOOT_SCRIPT),
  };
}
