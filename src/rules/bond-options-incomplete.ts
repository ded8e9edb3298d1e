import { brokenKeys, keyPlaceOf, lacks } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const bondOptionsIncomplete: Rule = {
  code: 'bond-options-incomplete',
  severity: 'error',
  what: 'A map of bond_options has a mode, and before v1.7.0 also miimon (or arp_interval).',
  why: "Any map replaces the installer's whole default, and the kernel's own holds for what is not in it: mode balance-rr, which most switches take for a loop, and no check of the links, with which a bond does not come up, or goes on sending into a dead link.",
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const bond = node?.said?.install?.management_interface;
      const options = bond?.bond_options;
      const release = node?.cluster?.version;
      if (node?.os !== 'harvester' || !bond || !options || !release) continue;
      if (brokenKeys(options).length > 0) continue;
      // From v1.7.0 on, NetworkManager makes the bond, and checks links every 100 ms unless told otherwise.
      const checksLinks =
        isAtLeast(release, 'v1.7.0') || !lacks(options, 'miimon') || !lacks(options, 'arp_interval');
      const missing = [...(lacks(options, 'mode') ? ['mode'] : []), ...(checksLinks ? [] : ['miimon'])];
      if (missing.length === 0) continue;
      const effects = { mode: 'send over all NICs in turn (balance-rr)', miimon: 'not notice a dead link' };
      report({
        node,
        message: `bond_options has no ${missing.join(' and no ')}, and replaces the installer's default as a whole: the bond would ${missing
          .map((key) => effects[key as keyof typeof effects])
          .join(', and ')}.`,
        at: keyPlaceOf(bond, 'bond_options'),
        help: `add ${missing.map((key) => (key === 'mode' ? 'mode: active-backup' : 'miimon: "100"')).join(' and ')}; or remove bond_options, which are derived`,
      });
    }
  },
};
