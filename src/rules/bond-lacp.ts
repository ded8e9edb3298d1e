import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const bondLacp: Rule = {
  code: 'bond-lacp',
  severity: 'warning',
  what: 'The management bond does without 802.3ad (LACP).',
  why: 'A machine boots over one NIC without LACP, which the ports of a bundle refuse unless the switch falls back; and from v1.7.0 on the installer often stops with "Can\'t apply networks", since it does not wait for LACP (harvester/harvester#10885, #11662).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const options = node?.said?.install?.management_interface?.bond_options;
      const release = node?.cluster?.version;
      if (node?.os !== 'harvester' || options?.mode !== '802.3ad' || !release) continue;
      const stops = isAtLeast(release, 'v1.7.0')
        ? `, and the installer of ${release.text} often stops with "Can't apply networks" before LACP is up`
        : '';
      report({
        node,
        message: `The management bond uses LACP (802.3ad): the machine boots only if the ports of the switch fall back to single ones${stops}.`,
        at: placeOf(options, 'mode'),
        help: 'use active-backup; or turn LACP fallback on for these ports, and silence bond-lacp with that as its reason',
      });
    }
  },
};
