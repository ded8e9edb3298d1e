import type { Node } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { lacks, type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Finding, Rule } from './rule.ts';

/** Where libvirt begins to look for a free port. Source: libvirt, src/qemu/qemu.conf.in (remote_display_port_min). */
const FIRST_FREE = 5900;

export const vncPortTaken: Rule = {
  code: 'vnc-port-taken',
  severity: 'error',
  what: 'No two screens of virtual machines are at one address and port of the host, nor is one where libvirt may put another.',
  why: 'The second machine does not start: QEMU cannot listen where another one does.',
  check({ nodes = [] }, report) {
    const screens = nodes.flatMap((node) => (node ? screenOf(node) : []));
    const others = nodes.filter((node) => node?.domain?.vnc && lacks(node.domain.vnc, 'port'));
    const taken = new Map<number, Screen[]>();
    for (const screen of screens) {
      const there = taken.get(screen.port) ?? [];
      const other = there.find((one) => areOne(one.address, screen.address));
      taken.set(screen.port, there);
      there.push(screen);
      if (other) report(findingOf(screen, other));
      else if (screen.port < FIRST_FREE + others.length) {
        report({
          oncePerPlace: true,
          message: `The port ${screen.port} of the screen of ${screen.node} is one that libvirt may choose for ${namesOf(others as Draft<Node>[])}, which ${others.length > 1 ? 'name' : 'names'} none: ${screen.node} would not start then.`,
          at: screen.at,
          help: `choose one from ${FIRST_FREE + others.length} on, or none, or one for each`,
        });
      }
    }
  },
};

interface Screen {
  readonly node: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly at: Place;
}

function screenOf({ name, domain }: Draft<Node>): Screen[] {
  const { listen, port } = domain?.vnc ?? {};
  if (!domain?.vnc || listen === undefined || port === undefined) return [];
  return [{ node: name, address: listen, port, at: placeOf(domain.vnc, 'port') }];
}

const ANY = '0.0.0.0';

function areOne(a: string, b: string): boolean {
  return a === b || a === ANY || b === ANY;
}

function findingOf({ node, port, at }: Screen, other: Screen): Finding {
  const isOne = placeKey(other.at) === placeKey(at);
  return {
    // What a layer says for all of them is one fault.
    oncePerPlace: true,
    message: `The port ${port} of the screen of ${node} is that of ${other.node}, too: only one of them could start.`,
    at,
    related: isOne ? [] : [{ message: `${other.node} has it at`, at: other.at }],
    help: 'give each a port of its own; without port, libvirt takes a free one',
  };
}
