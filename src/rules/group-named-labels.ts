import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const groupNamedLabels: Rule = {
  code: 'group-named-labels',
  severity: 'error',
  what: "Where OpenCHAMI's URLs are answered, no group is called labels.",
  why: 'SMD has the names of all groups at /hsm/v2/groups/labels: that group could not be asked for.',
  check({ server, groups = [] }, report) {
    if (!server?.compat?.includes('ochami')) return;
    for (const group of groups) {
      if (group?.name !== 'labels') continue;
      report({
        message:
          "The group labels cannot be asked for (server.compat): /hsm/v2/groups/labels has all groups' names.",
        at: placeOf(group, 'name'),
        help: 'give it another name',
      });
    }
  },
};
