import { keyPlaceOf } from '../../source/origin.ts';
import { kubernetesName } from '../../values/kubernetes-name.ts';
import type { AcrossRule } from './across-rule.ts';

export const podsInTwoSites: AcrossRule = {
  code: 'pods-in-two-sites',
  severity: 'error',
  what: 'Pods of sites that are compiled together differ in name or namespace: `a-b` and `a_b` are one name to Kubernetes.',
  why: 'Of two objects with one name there is one: the tree that is applied last would be served to the machines of both.',
  check(sites, report) {
    const first = new Map<string, (typeof sites)[number]>();
    for (const site of sites) {
      const { kubernetes } = site.server;
      if (!kubernetes) continue;
      const name = `${kubernetes.namespace}/${kubernetesName(site.name)}`;
      const other = first.get(name);
      if (!other) {
        first.set(name, site);
        continue;
      }
      report({
        message: `The pods of ${site.name} and of ${other.name} are both called ${name}.`,
        at: keyPlaceOf(site.server, 'kubernetes'),
        related: [{ message: `${other.name} says so at`, at: keyPlaceOf(other.server, 'kubernetes') }],
        help: 'give one another namespace with server.kubernetes.namespace, or rename the site',
      });
    }
  },
};
