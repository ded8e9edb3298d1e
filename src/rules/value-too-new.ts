import type { WrittenKey } from '../knowledge/harvester/written-keys.ts';
import { releaseKeys } from '../site/release-keys.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const valueTooNew: Rule = {
  code: 'value-too-new',
  severity: 'error',
  what: 'Every value of a configuration is one that the release takes.',
  why: 'A value of a form that came later cannot be loaded: the installer stops before it has read the file.',
  check(site, report) {
    for (const written of releaseKeys(site)) {
      const { node, release, path, key, holder, schema } = written;
      const { form, since } = laterForm(written);
      if (since === undefined || isAtLeast(release, since)) continue;
      report({
        node,
        message: `${path} takes ${form} from Harvester ${since} on, and ${release.text} does not.`,
        at: placeOf(holder, key),
        help: `write ${schema['x-expects'] ?? 'another value'}, or install ${since} or newer`,
      });
    }
  },
};

/** The form of a value that not every release takes which has the key, and the first that does. */
function laterForm({ value, schema }: WrittenKey): { form: string; since?: string | undefined } {
  const type = Array.isArray(value) ? 'array' : typeof value;
  const since = schema['x-since-types']?.[type];
  if (since) return { form: type === 'object' ? 'a map' : `a ${type}`, since };
  return type === 'string'
    ? { form: value as string, since: schema['x-since-values']?.[value as string] }
    : { form: '' };
}
