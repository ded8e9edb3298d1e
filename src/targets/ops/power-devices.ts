import type { Node } from '../../site/model.ts';

/** A node, and how its management controller is spoken to. */
export interface Controlled {
  readonly node: Node;
  readonly address: string;
  readonly protocol: 'redfish' | 'ipmi' | undefined;
}

/** A program that powermand runs, and the nodes whose power it switches. */
export interface PowerDevice {
  readonly name: string;
  readonly type: 'ipmipower' | 'redfish-boot';
  /** Its command line, as powerman takes it of a program. */
  readonly command: string;
  /** Each with what the program calls it. */
  readonly nodes: readonly { readonly node: string; readonly plug: string }[];
}

/**
 * Gives the nodes that are spoken to by IPMI, which knows one machine behind a controller: the first of each; and the others, with
 * the one that has it.
 */
export function oneOfEach(nodes: readonly Controlled[]): {
  firsts: Controlled[];
  others: { readonly name: string; readonly first: string }[];
} {
  const firsts = new Map<string, Controlled>();
  const others: { name: string; first: string }[] = [];
  for (const one of nodes) {
    const first = firsts.get(one.address.toLowerCase());
    if (first) others.push({ name: one.node.name, first: first.node.name });
    else firsts.set(one.address.toLowerCase(), one);
  }
  return { firsts: [...firsts.values()], others };
}

/** So many machines one program looks after: of a program that hangs, the others are not heard either. */
const MOST = 64;

/** So long its list of machines may be: powermand reads strings of at most 8191 bytes (parse_lex.l). */
const LONGEST = 4000;

/**
 * Gives the programs that powermand speaks to the nodes' controllers by, and the nodes that none of them can speak to. What is said to speak Redfish is spoken to by the
 * tree's own script, whose path it takes: powerman's redfishpower, which Debian 12 does not have, wants the password
 * in a file of its own for each vendor. All others are spoken to by FreeIPMI's ipmipower; what has IPMI 1.5 alone is not made any more.
 */
export function devicesOf(nodes: readonly Controlled[], script: string) {
  const [byRedfish, byIpmi] = [true, false].map((is) =>
    nodes.filter(({ protocol }) => (protocol === 'redfish') === is),
  ) as [Controlled[], Controlled[]];
  const { firsts, others } = oneOfEach(byIpmi);
  const devices = [
    ...inParts(firsts, ({ address }) => address).map((part, index): PowerDevice => {
      const hosts = part.map(({ address }) => address).join(',');
      return {
        name: `ipmi-${index + 1}`,
        type: 'ipmipower',
        command: `/usr/sbin/ipmipower --driver-type=LAN_2_0 -h ${hosts} --wait-until-on --wait-until-off |&`,
        nodes: part.map(({ node, address }) => ({ node: node.name, plug: address })),
      };
    }),
    ...inParts(byRedfish, ({ node }) => node.name).map((part, index): PowerDevice => {
      const names = part.map(({ node }) => node.name);
      return {
        name: `redfish-${index + 1}`,
        type: 'redfish-boot',
        command: `${script} --powerman ${names.join(',')} |&`,
        nodes: names.map((name) => ({ node: name, plug: name })),
      };
    }),
  ];
  return { devices, others };
}

/** Divides nodes so that no part is larger than one program takes. */
function inParts(nodes: readonly Controlled[], wordOf: (node: Controlled) => string): Controlled[][] {
  const parts: Controlled[][] = [];
  let length = 0;
  for (const node of nodes) {
    const more = wordOf(node).length + 1;
    const part = parts.at(-1);
    if (part && part.length < MOST && length + more <= LONGEST) {
      part.push(node);
      length += more;
    } else {
      parts.push([node]);
      length = more;
    }
  }
  return parts;
}
