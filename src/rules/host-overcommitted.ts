import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const hostOvercommitted: Rule = {
  code: 'host-overcommitted',
  severity: 'warning',
  what: 'The machines have together no more CPUs than the host has threads.',
  why: 'Where all of them work at once, as while they install, each waits for a thread: installations take their time, and etcd, whose members listen for each other ten times a second, changes its leader again and again ("Tuning" in its documentation).',
  check({ host, nodes = [] }, report) {
    const { threads } = host ?? {};
    if (!host || threads === undefined) return;
    const all = nodes.flatMap((node) => node?.domain?.vcpus ?? []);
    const sum = all.reduce((total, vcpus) => total + vcpus, 0);
    // Of one that has more by itself, host-too-small says so.
    if (sum <= threads || all.some((vcpus) => vcpus > threads)) return;
    report({
      message: `The ${all.length} machines have ${sum} CPUs together, and the host has ${threads} threads: each waits for a thread where all of them work at once.`,
      at: placeOf(host, 'threads'),
      help: 'give the machines fewer vcpus, or use a larger host; for tests that may be slow, silence host-overcommitted with the reason',
    });
  },
};
