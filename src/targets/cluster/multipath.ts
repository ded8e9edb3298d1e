import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { isAtLeast, type Version } from '../../values/version.ts';

type Config = NonNullable<NonNullable<HarvesterConfig['os']>['externalStorageConfig']>['multiPathConfig'];

/** The devices of a section. */
interface Devices {
  readonly wwids?: readonly string[] | undefined;
  readonly devices?: readonly { readonly vendor?: string; readonly product?: string }[] | undefined;
}

/**
 * Returns the multipath.conf that the installer writes, or undefined if it writes none. Source: pkg/config/templates/multipath.conf*
 * of the installer.
 */
export function multipathFile(config: Config, release: Version): string | undefined {
  if (config === undefined && isAtLeast(release, 'v1.7.0')) return undefined;
  if (!config || Array.isArray(config)) {
    const others = (config ?? []).map(({ vendor, product }) => ({
      vendor: `!${vendor}`,
      product: `!${product}`,
    }));
    return section('blacklist', { devices: others });
  }
  const { blacklist, blacklistWwids, blacklistExceptions, blacklistExceptionWwids } = config;
  return (
    section('blacklist', { wwids: blacklistWwids, devices: blacklist }) +
    section('blacklist_exceptions', { wwids: blacklistExceptionWwids, devices: blacklistExceptions })
  );
}

function section(name: string, { wwids = [], devices = [] }: Devices): string {
  const lines = [
    ...wwids.map((wwid) => `    wwid ${quoted(wwid)}`),
    ...devices.map(
      ({ vendor = '', product = '' }) =>
        `    device {\n        vendor ${quoted(vendor)}\n        product ${quoted(product)}\n    }`,
    ),
  ];
  return [`${name} {`, ...lines, '}', ''].join('\n');
}

/** A quote in a quoted text is doubled. Source: multipath.conf(5). */
function quoted(text: string): string {
  return `"${text.replace(/\s+/g, ' ').replaceAll('"', '""')}"`;
}
