import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Site } from '../site/model.ts';
import { nearest } from '../values/nearest.ts';
import type { SecretSource, WrittenNames, WrittenSection } from './source.ts';
import { usesOf } from './uses-of.ts';

/** Of two names in one file more letters differ, where both are meant. */
const TOLERANCE = 0.2;

/**
 * Gives what is probably misspelt in a file of secrets, each with its place: names of sites and of secrets that are
 * nearly those that are wanted. What a misspelt one says counts for nothing, and what is said for all sites takes its
 * place. Takes the sites of a call and their folders; shows no name of the file's own, which may be a piece of a value.
 */
export function slipsIn(source: SecretSource, sites: readonly Site[], folders: readonly string[]): string[] {
  const { written } = source;
  if (!written) return [];
  const needs = new Map(sites.map((site) => [site.name, usesOf(site).map(({ name }) => name)]));
  return [
    ...textsForSections(written, needs),
    ...slipsOfNames(written.all, [...new Set([...needs.values()].flat())]),
    ...written.sections.flatMap((section) => {
      const needed = needs.get(section.site);
      return needed
        ? slipsOfNames(section.names, needed)
        : slipOfSection(section, [...needs.keys()], folders);
    }),
  ];
}

/** Says where the value of a secret stands that a site has none for, if it stands somewhere else; undefined if not. */
export function elsewhere({ written }: SecretSource, site: string, name: string): string | undefined {
  if (!written) return undefined;
  const text = written.all.get(site);
  if (text !== undefined) return `${text}: ${noSection(site)}`;
  const having = written.sections.filter((section) => section.site !== site && section.names.has(name));
  const like = having.find((section) => nearest(section.site, [site]) !== undefined) ?? having[0];
  return like && `${like.names.get(name)}: this is in the section of another site, and none for ${site}`;
}

/** A site's name with a text after it: a section was meant. */
function textsForSections({ all }: WrittenNames, needs: ReadonlyMap<string, readonly string[]>): string[] {
  return [...needs].flatMap(([site, needed]) => {
    const at = needed.includes(site) ? undefined : all.get(site);
    return at === undefined ? [] : [`${at}: ${noSection(site)}`];
  });
}

function noSection(site: string): string {
  return `this has the name of the site ${site}, and a text: write its section below it, indented, a secret a line`;
}

/** One that is needed and stands beside it is no misspelt one: bmc_1 and bmc_2 are two. */
function slipsOfNames(names: ReadonlyMap<string, string>, needed: readonly string[]): string[] {
  const absent = needed.filter((name) => !names.has(name));
  return [...names].flatMap(([name, at]) => {
    const meant = needed.includes(name) ? undefined : nearest(name, absent, TOLERANCE);
    return meant === undefined ? [] : [`${at}: nothing needs a secret of this name: did you mean ${meant}?`];
  });
}

/** A section for a site that is there beside those of the call is right. */
function slipOfSection(
  { site, at }: WrittenSection,
  sites: readonly string[],
  folders: readonly string[],
): string[] {
  const homes = [...new Set(folders.map((folder) => dirname(resolve(folder))))];
  if (homes.some((home) => isSite(join(home, site)))) return [];
  const meant = nearest(site, sites);
  if (meant !== undefined) return [`${at}: there is no site of this name: did you mean ${meant}?`];
  return areAll(homes, folders)
    ? [`${at}: there is no site of this name: this section counts for nothing`]
    : [];
}

/** Says whether there is no site beside those of the call. */
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
