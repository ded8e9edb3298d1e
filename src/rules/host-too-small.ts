import { HOST_ITSELF, memoryOfHost } from '../site/host-room.ts';
import type { Host, Node } from '../site/model.ts';
import { listed } from '../source/diagnostics/listed.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { gibText } from '../values/size.ts';
import type { Finding, Rule } from './rule.ts';

export const hostTooSmall: Rule = {
  code: 'host-too-small',
  severity: 'error',
  what: 'The memory of all machines fits into that of the host, beside 2 GiB for the host itself, and none has more CPUs than the host has threads.',
  why: 'Without memory the kernel of the host kills the largest machine, which is a node of the cluster (its out-of-memory killer); CPUs beyond the threads wait for each other, and etcd loses its leader.',
  check(site, report) {
    if (!site.host) return;
    checkMemory(site.host, site.nodes ?? [], report);
    checkThreads(site.host, site.nodes ?? [], report);
  },
};

type Nodes = readonly (Draft<Node> | undefined)[];

function checkMemory(host: Draft<Host>, nodes: Nodes, report: (finding: Finding) => void): void {
  const there = memoryOfHost(host);
  if (there === undefined) return;
  const sizes = nodes.flatMap((node) => node?.domain?.memory ?? []);
  const wanted = sizes.reduce((sum, size) => sum + size, 0);
  if (wanted + HOST_ITSELF <= there) return;
  report({
    message: `The machines have ${gibText(wanted)} GiB of memory together (${counted(sizes)}), and the host has ${host.memory}, of which it needs 2 GiB itself: its kernel would kill one of them.`,
    at: placeOf(host, 'memory'),
    help: `use a host with at least ${Math.ceil((wanted + HOST_ITSELF) / 1024)}Gi, give the machines less, or fewer of them \`vm\``,
  });
}

function checkThreads(host: Draft<Host>, nodes: Nodes, report: (finding: Finding) => void): void {
  const { threads } = host;
  if (threads === undefined) return;
  for (const node of nodes) {
    const { domain } = node ?? {};
    if (!node || domain?.vcpus === undefined || domain.vcpus <= threads) continue;
    report({
      node,
      oncePerPlace: true,
      message: `The machine has ${domain.vcpus} CPUs, and the host has ${threads} threads: they would wait for each other.`,
      at: placeOf(domain, 'vcpus'),
      related: [{ message: "the host's threads are declared at", at: placeOf(host, 'threads') }],
      help: `give it at most ${threads} vcpus, or use a larger host`,
    });
  }
}

/** Sizes for a sentence, each once: "2 of 32 GiB and 1 of 64 GiB". */
function counted(sizes: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  return listed([...counts].map(([size, count]) => `${count} of ${gibText(size)} GiB`));
}
