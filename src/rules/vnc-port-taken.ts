import { isBroken, type Place, placeKey, placeOf } from '../origin.ts';
import type { Draft } from '../site/draft.ts';
import type { Site } from '../site/model.ts';
import type { Rule } from './rule.ts';

export const vncPortTaken: Rule = {
  code: 'vnc-port-taken',
  severity: 'error',
  what: 'No two screens of virtual machines, nor a screen and an exposed port, are at one address and port of the host.',
  why: 'Who comes second cannot listen: the virtual machine does not start, or the port leads nowhere.',
  check(site, report) {
    const taken: Listener[] = exposedPorts(site);
    for (const screen of screens(site)) {
      const other = taken.find((one) => one.port === screen.port && areOne(one.address, screen.address));
      taken.push(screen);
      if (!other) continue;
      report({
        // What a layer says for all of them is one fault.
        oncePerPlace: true,
        message: `The port ${screen.port} of ${screen.what} is that of ${other.what}, too: only one of them could listen there.`,
        at: screen.at,
        related:
          placeKey(other.at) === placeKey(screen.at)
            ? []
            : [{ message: `${other.what} has it at`, at: other.at }],
        help: 'give each a port of its own; without port, libvirt takes a free one',
      });
    }
  },
};

interface Listener {
  readonly what: string;
  readonly address: string;
  readonly port: number;
  readonly at: Place;
}

const ANY = '0.0.0.0';

function areOne(a: string, b: string): boolean {
  return a === b || a === ANY || b === ANY;
}

function screens({ nodes = [] }: Draft<Site>): Listener[] {
  return nodes.flatMap((node) => {
    const { listen, port } = node?.domain?.vnc ?? {};
    if (!node?.domain?.vnc || listen === undefined || port === undefined) return [];
    return [
      { what: `the screen of ${node.name}`, address: listen, port, at: placeOf(node.domain.vnc, 'port') },
    ];
  });
}

function exposedPorts({ host }: Draft<Site>): Listener[] {
  return (host?.expose ?? []).flatMap((one) => {
    if (one?.port === undefined || isBroken(one, 'address')) return [];
    const { port, address = ANY } = one;
    return [{ what: 'a port that the host exposes', address, port, at: placeOf(one, 'port') }];
  });
}
