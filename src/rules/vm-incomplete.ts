import type { Node } from '../site/model.ts';
import { listed, namesOf } from '../source/diagnostics/listed.ts';
import { lacks, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const vmIncomplete: Rule = {
  code: 'vm-incomplete',
  severity: 'error',
  what: 'A virtual machine on a site with a host has CPUs, memory and, unless it boots a Linux by its kernel or a disk by iSCSI, a disk.',
  why: 'Without the first two libvirt defines no domain, and Harvester is installed on the last.',
  essential: true,
  check({ nodes = [] }, report) {
    const byLack = new Map<string, Draft<Node>[]>();
    for (const node of nodes) {
      const lacking = node ? lackingOf(node) : [];
      if (!node || lacking.length === 0) continue;
      const what = listed(lacking);
      const same = byLack.get(what);
      if (same) same.push(node);
      else byLack.set(what, [node]);
    }
    for (const [what, lacking] of byLack) {
      const [first, another] = lacking;
      if (!first?.facts) continue;
      report({
        message: `The virtual ${another ? 'machines' : 'machine'} ${namesOf(lacking)} ${another ? 'have' : 'has'} no ${what}: libvirt could not make ${another ? 'them' : 'it'}.`,
        at: placeOf(first.facts, 'vm'),
        help: 'say it under vm, of the node, a profile or defaults: `vm: {preset: small, disks: [{size: 300Gi}]}`',
      });
    }
  },
};

function lackingOf({ domain, os, iscsi }: Draft<Node>): string[] {
  if (!domain) return [];
  const { disks } = domain;
  return [
    ...(lacks(domain, 'vcpus') ? ['vcpus'] : []),
    ...(lacks(domain, 'memory') ? ['memory'] : []),
    ...(os !== 'linux' && !iscsi && (lacks(domain, 'disks') || disks?.length === 0) ? ['disks'] : []),
  ];
}
