import type { Site } from '../site/model.ts';
import { listed } from '../source/diagnostics/listed.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { type Place, selfPlace } from '../source/origin.ts';
import { nearest } from '../values/nearest.ts';
import { visible } from '../values/quoting/visible.ts';
import { variableOf } from '../values/secret-name.ts';
import { secretsOf } from './marks-of.ts';
import { elsewhere } from './slips.ts';
import type { SecretSource, SecretValues } from './source.ts';
import { usesOf } from './uses-of.ts';

/**
 * Gives the values of the secrets that the site's configurations need, where they are to be filled in: they were asked
 * for, or the environment gives any of them. Reports each that is missing then, or given so that it cannot be had. Undefined where none are to be filled in,
 * and where one is missing: half of the machines would be handed marks.
 */
export function valuesFor(site: Site, source: SecretSource, report: Report): SecretValues | undefined {
  const needed = secretsOf(site);
  const values = new Map<string, string>();
  for (const name of needed) {
    const value = source.find(site.name, name);
    if (value !== undefined) values.set(name, value);
  }
  const faults = needed.flatMap((name) => {
    const fault = source.faultOf(name);
    return fault ? [{ name, fault }] : [];
  });
  if (needed.length === 0 || (values.size + faults.length === 0 && !source.isAsked)) return undefined;
  const missing = needed.filter((name) => !values.has(name) && source.faultOf(name) === undefined);
  if (missing.length + faults.length === 0) return values;
  const uses = new Map(
    usesOf(site).map(({ name, uses }) => [name, uses.find(({ isNeeded }) => isNeeded)?.at]),
  );
  const unused = source.names(site.name).filter((name) => !needed.includes(name) && name !== site.name);
  const placeOfUse = (name: string) => uses.get(name) ?? selfPlace(site);
  for (const { name, fault } of faults)
    report.error({
      code: 'secret-missing',
      message: `The secret ${name} cannot be filled in: ${fault.what}.`,
      at: placeOfUse(name),
      help: fault.help,
    });
  for (const name of missing) {
    const other = elsewhere(source, site.name, name);
    reportMissing(name, placeOfUse(name), { unused, values, report, other });
  }
  return undefined;
}

/** What is there instead of a secret that is missing. */
interface Given {
  /** Names that are given, and that the site does not need: one of them may be what was meant. */
  readonly unused: readonly string[];
  readonly values: SecretValues;
  /** Where a value stands that does not count for the site, and why. */
  readonly other: string | undefined;
  readonly report: Report;
}

function reportMissing(name: string, at: Place, { unused, values, other, report }: Given): void {
  const meant = nearest(name, unused);
  const others =
    values.size > 0 ? `, while ${listed([...values.keys()])} ${values.size === 1 ? 'has' : 'have'}` : '';
  report.error({
    code: 'secret-missing',
    message: `The secret ${name} has no value${others}: the machine would take its mark for the value.`,
    at,
    help: other
      ? visible(other)
      : meant
        ? `${meant} is given, and nothing needs it: write the one name or the other`
        : `add ${name} to the file of --secrets, or set ${variableOf(name)}`,
  });
}
