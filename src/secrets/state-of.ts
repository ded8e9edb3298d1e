import type { Site } from '../site/model.ts';
import { nearest } from '../values/nearest.ts';
import { elsewhere } from './slips.ts';
import type { SecretSource } from './source.ts';
import { type UsedSecret, usesOf } from './uses-of.ts';

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
  const unused = (source?.names(site.name) ?? []).filter((name) => !names.has(name));
  return used.map((secret) => {
    const from = source?.placeOf(site.name, secret.name);
    const isMissing = secret.isNeeded && from === undefined;
    if (!isMissing || !source) return { ...secret, from, isMissing };
    return {
      ...secret,
      from,
      isMissing,
      nearest: nearest(
        secret.name,
        unused.filter((name) => name !== site.name),
      ),
      elsewhere: elsewhere(source, site.name, secret.name),
    };
  });
}

/** Gives the names that a source has for a site, and that the site does not refer to; sorted. */
export function notNeeded(
  site: Site,
  source: SecretSource | undefined,
  states: readonly SecretState[],
): readonly string[] {
  const names = new Set(states.map(({ name }) => name));
  return (source?.names(site.name) ?? []).filter((name) => !names.has(name));
}

/**
 * Says whether values were meant to be there for a site: a file of them was given, or the environment has one. What it has
 * otherwise may be for another site.
 */
export function isGiven(source: SecretSource | undefined, states: readonly SecretState[]): boolean {
  return source !== undefined && (source.isAsked || states.some(({ from }) => from !== undefined));
}

/** Says of the secrets that a site's output needs which cannot be had as they were given, and what to do about it. */
export function faultsFor(site: Site, source: SecretSource | undefined): string[] {
  return usesOf(site).flatMap(({ name, isNeeded }) => {
    const fault = isNeeded ? source?.faultOf(name) : undefined;
    return fault ? [`${fault.what}: ${fault.help}`] : [];
  });
}
