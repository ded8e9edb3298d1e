import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { listed } from '../source/diagnostics/words.ts';
import { selfLocation } from '../source/origin.ts';
import { variableOf } from '../values/identifiers.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { escapeControlChars, nearest } from '../values/text.ts';
import type { SecretProblem, SecretSource, SecretValue, SecretValues } from './source.ts';
import { secretsOf, type UsedSecret, usesOf } from './uses-of.ts';

/** A secret of a site, with the state of its value. */
export interface SecretState extends UsedSecret {
  /** The source location of the secret's value, or undefined without a value. */
  readonly from?: string | undefined;
  /** Whether the output needs the secret, but the secret has no value. */
  readonly isMissing: boolean;
  /** For a secret without a value: the name of a similar secret that has a value but no use in the site. */
  readonly nearest?: string | undefined;
  /** For a secret without a value: the location of a value that does not apply to the site, and the reason. */
  readonly elsewhere?: string | undefined;
}

/** A site with its secrets. */
export interface SiteSecrets {
  readonly site: string;
  readonly secrets: readonly SecretState[];
  /** The sorted names of secrets that have values but that the site does not refer to. */
  readonly notNeeded: readonly string[];
  /**
   * Whether values are expected: the user passed a file of them, or the environment sets one of the site's. Other variables
   * may be for another site.
   */
  readonly isGiven: boolean;
}

/** Returns a site with its secrets, sorted by name, and their state in a source. */
export function siteSecrets(site: Site, source: SecretSource | undefined): SiteSecrets {
  const used = usesOf(site);
  const names = new Set(used.map(({ name }) => name));
  const notNeeded = (source?.names(site.name) ?? []).filter((name) => !names.has(name));
  const unused = notNeeded.filter((name) => name !== site.name);
  const secrets = used.map((secret): SecretState => {
    const from = source?.locationOf(site.name, secret.name);
    const isMissing = secret.isNeeded && from === undefined;
    const state = { ...secret, from, isMissing };
    if (!isMissing || !source) return state;
    const meant = nearest(secret.name, unused);
    return { ...state, nearest: meant, elsewhere: elsewhere(source, site.name, secret.name) };
  });
  const isGiven = source !== undefined && (source.isAsked || secrets.some(({ from }) => from !== undefined));
  return { site: site.name, secrets, notNeeded, isGiven };
}

/** Returns an error and its remedy for each secret that the output needs, but whose value is unusable. */
export function secretProblems(site: Site, source: SecretSource | undefined): string[] {
  return usesOf(site).flatMap(({ name, isNeeded }) => {
    const error = isNeeded ? source?.problemOf(name) : undefined;
    return error ? [`${error.what}: ${error.help}`] : [];
  });
}

/**
 * Returns the values of the secrets that the site's configurations need, if they are to be substituted: the user passed
 * --secrets, or the environment sets any of them. Then reports each secret whose value is missing or unusable, and returns
 * undefined if there is one: half of the machines would get placeholders. Also returns undefined without substitution.
 */
export function valuesFor(site: Site, source: SecretSource, report: Report): SecretValues | undefined {
  const needed = secretsOf(site);
  const values = new Map<string, string>();
  for (const name of needed) {
    const value = source.find(site.name, name);
    if (value !== undefined) values.set(name, value);
  }
  const unusable = needed.filter((name) => source.problemOf(name));
  const missing = needed.filter((name) => !values.has(name) && !unusable.includes(name));
  if (needed.length === 0 || (values.size + unusable.length === 0 && !source.isAsked)) return undefined;
  if (missing.length + unusable.length === 0) return values;
  const uses = new Map(
    usesOf(site).map(({ name, uses }) => [name, uses.find(({ isNeeded }) => isNeeded)?.at]),
  );
  const addError = (name: string, message: string, help: string) =>
    report.error({ code: 'secret-missing', message, at: uses.get(name) ?? selfLocation(site), help });
  for (const name of unusable) {
    const { what, help } = source.problemOf(name) as SecretProblem;
    addError(name, `The secret ${name} cannot be substituted: ${what}.`, help);
  }
  const having = values.size === 1 ? 'has one' : 'have values';
  const others = values.size > 0 ? `, although ${listed([...values.keys()])} ${having}` : '';
  const unused = source.names(site.name).filter((name) => !needed.includes(name) && name !== site.name);
  for (const name of missing) {
    const other = elsewhere(source, site.name, name);
    const meant = nearest(name, unused);
    addError(
      name,
      `The secret ${name} has no value${others}: the machine would use its placeholder as the value.`,
      other
        ? escapeControlChars(other)
        : meant
          ? `make the names agree: ${meant} has a value but no use`
          : `add ${name} to the --secrets file, or set ${variableOf(name)}`,
    );
  }
  return undefined;
}

/** Lower than for other typos: names of the same file may be similar on purpose. */
const TOLERANCE = 0.2;

/**
 * Returns the probable typos in a file of secrets, each with its source location: names of sites and secrets that are similar
 * to needed ones. A misspelled section has no effect, and the values for all sites apply instead. Takes the sites of a call
 * and their directories. Prints no name from the file, which may be part of a value.
 */
export function findTypos(
  source: SecretSource,
  sites: readonly Site[],
  folders: readonly string[],
): string[] {
  const { written } = source;
  if (!written) return [];
  const needs = new Map(sites.map((site) => [site.name, usesOf(site).map(({ name }) => name)]));
  return [
    ...[...needs].flatMap(([site, needed]) => {
      const text = needed.includes(site) ? undefined : written.all.get(site);
      return text ? [`${text.at}: ${noSection(site)}`] : [];
    }),
    ...typosInNames(written.all, [...new Set([...needs.values()].flat())]),
    ...[...written.sites].flatMap(([site, { secrets, at }]) => {
      const needed = needs.get(site);
      return needed ? typosInNames(secrets, needed) : typoInSection(site, at, [...needs.keys()], folders);
    }),
  ];
}

/** Returns where a secret without a value for a site has one that does not apply, and why; undefined if nowhere. */
export function elsewhere({ written }: SecretSource, site: string, name: string): string | undefined {
  if (!written) return undefined;
  const text = written.all.get(site);
  if (text !== undefined) return `${text.at}: ${noSection(site)}`;
  const having = [...written.sites].filter(([other, { secrets }]) => other !== site && secrets.has(name));
  const [, like] = having.find(([other]) => nearest(other, [site]) !== undefined) ?? having[0] ?? [];
  return like && `${like.secrets.get(name)?.at}: this is in the section of another site, not of ${site}`;
}

function noSection(site: string): string {
  return `this has the name of the site ${site}, but a text as its value: indent its secrets below it, one per line`;
}

/** A needed name that also occurs is not misspelled: bmc_1 and bmc_2 are two secrets. */
function typosInNames(given: ReadonlyMap<string, SecretValue>, needed: readonly string[]): string[] {
  const absent = needed.filter((name) => !given.has(name));
  return [...given].flatMap(([name, { at }]) => {
    const meant = needed.includes(name) ? undefined : nearest(name, absent, TOLERANCE);
    return meant === undefined
      ? []
      : [`${at}: nothing needs a secret with this name: did you mean ${meant}?`];
  });
}

/** A section for an existing site next to those of the call is valid. */
function typoInSection(
  site: string,
  at: string,
  sites: readonly string[],
  folders: readonly string[],
): string[] {
  const homes = [...new Set(folders.map((folder) => dirname(resolve(folder))))];
  if (homes.some((home) => isSite(join(home, site)))) return [];
  const meant = nearest(site, sites);
  if (meant !== undefined) return [`${at}: there is no site with this name: did you mean ${meant}?`];
  if (!areAll(homes, folders)) return [];
  return [`${at}: there is no site with this name: this section has no effect`];
}

/** Whether the folders are all sites of some directories; false if one of these can be traversed but not listed. */
function areAll(homes: readonly string[], folders: readonly string[]): boolean {
  const given = new Set(folders.map((folder) => resolve(folder)));
  const sites = (home: string) =>
    readdirSync(home).flatMap((name) => (name.startsWith('_') ? [] : join(home, name)));
  const all = orUndefined(() => homes.flatMap(sites));
  return all?.every((folder) => given.has(folder) || !isSite(folder)) ?? false;
}

function isSite(folder: string): boolean {
  return existsSync(join(folder, 'site.yaml'));
}
