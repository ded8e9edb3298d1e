import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { listed } from '../source/diagnostics/words.ts';
import { selfLocation } from '../source/origin.ts';
import { variableOf } from '../values/identifiers.ts';
import { escapeControlChars, nearest } from '../values/text.ts';
import type { GivenSecret, GivenSecrets, SecretFault, SecretSource, SecretValues } from './source.ts';
import { secretsOf, type UsedSecret, usesOf } from './uses-of.ts';

/** A secret of a site, and whether it has a value. */
export interface SecretState extends UsedSecret {
  /** Where its value stands; undefined where it has none. */
  readonly from?: string | undefined;
  /** Whether the output needs its value, and there is none. */
  readonly isMissing: boolean;
  /** Of one without a value: a name that there is, that the site does not use, and that was probably meant for it. */
  readonly nearest?: string | undefined;
  /** Of one without a value: where a value stands that does not count for the site, and why. */
  readonly elsewhere?: string | undefined;
}

/** Gives the secrets of a site, sorted by name, with what a source has for them. */
export function stateOf(site: Site, source: SecretSource | undefined): SecretState[] {
  const used = usesOf(site);
  const names = new Set(used.map(({ name }) => name));
  const unused = (source?.names(site.name) ?? []).filter((name) => !names.has(name) && name !== site.name);
  return used.map((secret) => {
    const from = source?.placeOf(site.name, secret.name);
    const isMissing = secret.isNeeded && from === undefined;
    const state = { ...secret, from, isMissing };
    if (!isMissing || !source) return state;
    const meant = nearest(secret.name, unused);
    return { ...state, nearest: meant, elsewhere: elsewhere(source, site.name, secret.name) };
  });
}

/** A site, and its secrets. */
export interface SiteSecrets {
  readonly site: string;
  readonly secrets: readonly SecretState[];
  /** Names that are given, and that the site does not refer to; sorted. */
  readonly notNeeded: readonly string[];
  /**
   * Whether values were meant to be there: a file of them was given, or the environment has one. What it has otherwise may be
   * for another site.
   */
  readonly isGiven: boolean;
}

/** Gives a site with its secrets, and with what a source has for them. */
export function siteSecrets(site: Site, source: SecretSource | undefined): SiteSecrets {
  const secrets = stateOf(site, source);
  const names = new Set(secrets.map(({ name }) => name));
  return {
    site: site.name,
    secrets,
    notNeeded: (source?.names(site.name) ?? []).filter((name) => !names.has(name)),
    isGiven: source !== undefined && (source.isAsked || secrets.some(({ from }) => from !== undefined)),
  };
}

/** Says of the secrets that a site's output needs which cannot be had as they were given, and what to do about it. */
export function faultsFor(site: Site, source: SecretSource | undefined): string[] {
  return usesOf(site).flatMap(({ name, isNeeded }) => {
    const fault = isNeeded ? source?.faultOf(name) : undefined;
    return fault ? [`${fault.what}: ${fault.help}`] : [];
  });
}

/**
 * Gives the values of the secrets that the site's configurations need, where they are to be filled in: they were asked
 * for, or the environment gives any of them. Reports each that is missing then, or given so that it cannot be had. Undefined where none are to be filled in,
 * and where one is missing: half of the machines would be handed marks.
 */
export function valuesFor(site: Site, source: SecretSource, report: Report): SecretValues | undefined {
  const needed = secretsOf(site);
  const values = new Map(
    needed.flatMap((name) => {
      const value = source.find(site.name, name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const faulty = needed.filter((name) => source.faultOf(name));
  const missing = needed.filter((name) => !values.has(name) && !faulty.includes(name));
  if (needed.length === 0 || (values.size + faulty.length === 0 && !source.isAsked)) return undefined;
  if (missing.length + faulty.length === 0) return values;
  const uses = new Map(
    usesOf(site).map(({ name, uses }) => [name, uses.find(({ isNeeded }) => isNeeded)?.at]),
  );
  const say = (name: string, message: string, help: string) =>
    report.error({ code: 'secret-missing', message, at: uses.get(name) ?? selfLocation(site), help });
  for (const name of faulty) {
    const { what, help } = source.faultOf(name) as SecretFault;
    say(name, `The secret ${name} cannot be filled in: ${what}.`, help);
  }
  const having = values.size === 1 ? 'has' : 'have';
  const others = values.size > 0 ? `, while ${listed([...values.keys()])} ${having}` : '';
  const unused = source.names(site.name).filter((name) => !needed.includes(name) && name !== site.name);
  for (const name of missing) {
    const other = elsewhere(source, site.name, name);
    const meant = nearest(name, unused);
    say(
      name,
      `The secret ${name} has no value${others}: the machine would take its mark for the value.`,
      other
        ? escapeControlChars(other)
        : meant
          ? `${meant} is given, and nothing needs it: write the one name or the other`
          : `add ${name} to the file of --secrets, or set ${variableOf(name)}`,
    );
  }
  return undefined;
}

/** Of two names in one file more letters differ, where both are meant. */
const TOLERANCE = 0.2;

/**
 * Gives what is probably misspelt in a file of secrets, each with its place: names of sites and of secrets that are
 * nearly those that are wanted. What a misspelt one says counts for nothing, and what is said for all sites takes its
 * place. Takes the sites of a call and their folders; shows no name of the file's own, which may be a piece of a value.
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
    ...textsForSections(written, needs),
    ...slipsOfNames(written.all, [...new Set([...needs.values()].flat())]),
    ...[...written.sites].flatMap(([site, { secrets, at }]) => {
      const needed = needs.get(site);
      return needed ? slipsOfNames(secrets, needed) : slipOfSection(site, at, [...needs.keys()], folders);
    }),
  ];
}

/** Says where the value of a secret stands that a site has none for, if it stands somewhere else; undefined if not. */
export function elsewhere({ written }: SecretSource, site: string, name: string): string | undefined {
  if (!written) return undefined;
  const text = written.all.get(site);
  if (text !== undefined) return `${text.at}: ${noSection(site)}`;
  const having = [...written.sites].filter(([other, { secrets }]) => other !== site && secrets.has(name));
  const [, like] = having.find(([other]) => nearest(other, [site]) !== undefined) ?? having[0] ?? [];
  return (
    like && `${like.secrets.get(name)?.at}: this is in the section of another site, and none for ${site}`
  );
}

/** A site's name with a text after it: a section was meant. */
function textsForSections({ all }: GivenSecrets, needs: ReadonlyMap<string, readonly string[]>): string[] {
  return [...needs].flatMap(([site, needed]) => {
    const text = needed.includes(site) ? undefined : all.get(site);
    return text ? [`${text.at}: ${noSection(site)}`] : [];
  });
}

function noSection(site: string): string {
  return `this has the name of the site ${site}, and a text: write its section below it, indented, a secret a line`;
}

/** One that is needed and stands beside it is no misspelt one: bmc_1 and bmc_2 are two. */
function slipsOfNames(given: ReadonlyMap<string, GivenSecret>, needed: readonly string[]): string[] {
  const absent = needed.filter((name) => !given.has(name));
  return [...given].flatMap(([name, { at }]) => {
    const meant = needed.includes(name) ? undefined : nearest(name, absent, TOLERANCE);
    return meant === undefined ? [] : [`${at}: nothing needs a secret of this name: did you mean ${meant}?`];
  });
}

/** A section for a site that is there beside those of the call is right. */
function slipOfSection(
  site: string,
  at: string,
  sites: readonly string[],
  folders: readonly string[],
): string[] {
  const homes = [...new Set(folders.map((folder) => dirname(resolve(folder))))];
  if (homes.some((home) => isSite(join(home, site)))) return [];
  const meant = nearest(site, sites);
  if (meant !== undefined) return [`${at}: there is no site of this name: did you mean ${meant}?`];
  if (!areAll(homes, folders)) return [];
  return [`${at}: there is no site of this name: this section counts for nothing`];
}

function areAll(homes: readonly string[], folders: readonly string[]): boolean {
  const given = new Set(folders.map((folder) => resolve(folder)));
  const isOther = (folder: string) => !given.has(folder) && isSite(folder);
  try {
    return !homes.some((home) =>
      readdirSync(home).some((name) => !name.startsWith('_') && isOther(join(home, name))),
    );
  } catch {
    return false; // a folder that may be passed through, and not looked into
  }
}

function isSite(folder: string): boolean {
  return existsSync(join(folder, 'site.yaml'));
}
