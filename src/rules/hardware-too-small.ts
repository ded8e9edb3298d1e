import {
  FIRST_RELEASE_CHECKING_BIOS,
  FIRST_RELEASE_WITHOUT_BIOS,
  FOR_PRODUCTION,
  FOR_TESTS,
} from '../knowledge/tables/harvester-hardware.ts';
import { linkSpeedOf, memoryOf, threadsOf } from '../site/hardware.ts';
import { checksHardware } from '../site/installer-checks.ts';
import type { Node } from '../site/model.ts';
import { listed } from '../source/diagnostics/listed.ts';
import { keyPlaceOf, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const hardwareTooSmall: Rule = {
  code: 'hardware-too-small',
  severity: 'error',
  what: 'The hardware that a machine declares is what Harvester demands for production, or the installer is told to skip its checks.',
  why: 'From v1.3.0 on the installer stops on the console at less, and at virtual machines, unless skipchecks is true (harvester/harvester#1154).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.os === 'harvester' ? node.cluster?.version : undefined;
      if (!node || !release || !checksHardware(node)) continue;
      const all = shortfalls(node, release);
      const [first, ...others] = all;
      if (!first) continue;
      const install = node.config?.install;
      report({
        node,
        message: `Harvester ${release.text} is for larger hardware than ${listed(all.map(({ what }) => what))}: the installer would stop.`,
        at: first.at,
        related: [
          ...others.map(({ name, at }) => ({ message: `${name} is declared at`, at })),
          ...(install?.skipchecks === false
            ? [{ message: 'skipping the checks is turned off at', at: placeOf(install, 'skipchecks') }]
            : []),
        ],
        help: all.some(({ hopeless }) => hopeless)
          ? `use a machine with at least ${FOR_TESTS.threads} CPU threads and ${FOR_TESTS.memoryGib}Gi of memory: it is too small for tests, too`
          : 'if the machine is for tests, write `config: {install: {skipchecks: true}}`; else use a larger one',
      });
    }
  },
};

interface Shortfall {
  readonly what: string;
  readonly name: string;
  readonly at: Place;
  /** Whether it is too little for tests, too. */
  readonly hopeless?: boolean;
}

function shortfalls(node: Draft<Node>, release: Version): Shortfall[] {
  const { facts } = node;
  if (!facts) return [];
  const all: Shortfall[] = [];
  const isVirtual = facts.vm !== undefined;
  if (isVirtual)
    all.push({ what: 'a virtual machine', name: 'the virtual machine', at: placeOf(facts, 'vm') });
  const threads = threadsOf(facts);
  if (threads && threads.value < FOR_PRODUCTION.threads)
    all.push({
      what: `${threads.text} CPU threads (${FOR_PRODUCTION.threads} at least)`,
      name: 'the number of CPU threads',
      at: threads.at,
      hopeless: !isVirtual && threads.value < FOR_TESTS.threads,
    });
  const memory = memoryOf(facts);
  if (memory && memory.value < FOR_PRODUCTION.memoryGib)
    all.push({
      what: `${memory.text} of memory (${FOR_PRODUCTION.memoryGib}Gi at least)`,
      name: 'the memory',
      at: memory.at,
      hopeless: !isVirtual && memory.value < FOR_TESTS.memoryGib,
    });
  const link = linkSpeedOf(facts);
  if (link && link.value < FOR_PRODUCTION.linkMbits)
    all.push({
      what: `a link of ${link.text} (${FOR_PRODUCTION.linkSpeed} at least)`,
      name: 'the link speed',
      at: link.at,
    });
  const looksAtFirmware =
    isAtLeast(release, FIRST_RELEASE_CHECKING_BIOS) && !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS);
  if (node.firmware === 'bios' && looksAtFirmware)
    all.push({ what: 'BIOS (UEFI)', name: 'the firmware', at: keyPlaceOf(node, 'firmware') });
  return all;
}
