import { join } from 'node:path';
import type { ImportFormat, ImportSettings } from '../import/model/import-format.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE, standingOf } from '../knowledge/harvester.ts';
import { type Cidr, parseCidr } from '../values/addresses.ts';
import { parseServerUrl } from '../values/urls.ts';
import { parseVersion, type Version } from '../values/version.ts';
import { isSiteName, siteNameOfFolder } from './new-site.ts';
import { didYouMean, UsageError } from './read-arguments.ts';
import { likelyRelease } from './schema.ts';

/** The options of `harvgen import`. */
export interface ImportOptions {
  readonly site?: string;
  readonly to?: string;
  readonly into?: string;
  readonly profile?: readonly string[];
  readonly secretsTo?: string;
  readonly harvesterVersion?: string;
  readonly server?: string;
  readonly subnet?: string;
  readonly launch?: string;
  readonly join?: readonly string[];
}

/** Returns the settings for the sites. Throws UsageError if options contradict each other or the format does not take one. */
export function settings(options: ImportOptions, kind: Pick<ImportFormat, 'name' | 'takes'>): ImportSettings {
  if (options.into !== undefined && options.to !== undefined)
    throw new UsageError(
      '--into creates a directory for each site, --to is the directory of one site: use one of them',
    );
  for (const key of ['harvesterVersion', 'server', 'subnet', 'launch'] as const)
    if (options[key] !== undefined && !kind.takes.includes(key)) {
      const flag = key.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
      throw new UsageError(`--${flag} does not apply to the format ${kind.name}`);
    }
  return {
    site: siteNameFor(options),
    harvesterVersion: versionIn(options),
    server: serverIn(options),
    subnet: subnetIn(options),
  };
}

/** Returns the directory of a site; undefined if the site is printed. */
export function targetOf(name: string, { to, into }: ImportOptions): string | undefined {
  return to ?? (into === undefined ? undefined : join(into, name));
}

function siteNameFor({ site, to }: ImportOptions): string | undefined {
  if (site !== undefined && !isSiteName(site))
    throw new UsageError(
      `${site} is not a valid site name: ${isSiteName(site.toLowerCase()) ? `did you mean ${site.toLowerCase()}?` : 'use lower-case letters and digits, with - and _ inside'}`,
    );
  if (to === undefined) return site;
  const name = siteNameOfFolder(to);
  if (site !== undefined && site !== name)
    throw new UsageError(
      `a site has the name of its directory: --to ${to} makes it ${name}, but --site is ${site}`,
    );
  return name;
}

function versionIn({ harvesterVersion }: ImportOptions): Version | undefined {
  if (harvesterVersion === undefined) return undefined;
  const text = String(harvesterVersion);
  const version = parseVersion(/^\d/.test(text) ? `v${text}` : text);
  const standing = version ? standingOf(version) : 'impossible';
  if (version && standing !== 'old' && standing !== 'impossible') return version;
  throw new UsageError(
    `--harvester-version takes a release from ${OLDEST_RELEASE} on, such as ${NEWEST_RELEASE}: ${text} is ${standing === 'old' ? 'older' : 'not a release'}${didYouMean(likelyRelease(text), '')}`,
  );
}

function serverIn({ server }: ImportOptions): string | undefined {
  if (server === undefined) return undefined;
  const url = server.replace(/\/$/, '');
  if (parseServerUrl(url)) return url;
  throw new UsageError(
    '--server takes the URL that machines fetch from: http, an IP address and optionally a port, such as http://192.168.178.7:10000',
  );
}

function subnetIn({ subnet }: ImportOptions): Cidr | undefined {
  if (subnet === undefined) return undefined;
  const cidr = parseCidr(subnet);
  if (cidr) return cidr;
  throw new UsageError(`--subnet takes a subnet such as 10.0.10.0/24, not ${subnet}`);
}
