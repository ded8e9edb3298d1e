import type { Site } from '../../site/model.ts';
import type { Target } from '../target.ts';

/** What powermand, conmand and a person have of the machines' management controllers. */
export const POWERMAN_CONF = 'ops/powerman.conf';
export const CONMAN_CONF = 'ops/conman.conf';
export const REDFISH_BOOT = 'scripts/redfish-boot.sh';

/** How powermand speaks to the script. */
export const REDFISH_DEVICE = 'ops/redfish.dev';

/** What a site's management controllers are spoken to by: nothing where none has an address. No password reaches it. */
export const ops: Target = {
  name: 'ops',
  *emit(site, render) {
    const nodes = controlledNodes(site);
    if (nodes.length === 0) return;
    const inTree = (path: string) => `${site.server.root}/${path}`;
    const { devices, others } = devicesOf(nodes, inTree(REDFISH_BOOT));
    const hasRedfish = devices.some(({ type }) => type === 'redfish-boot');
    const redfish = hasRedfish ? inTree(REDFISH_DEVICE) : undefined;
    yield {
      path: POWERMAN_CONF,
      content: render('ops/powerman.powerman', { site, devices, others, redfish }),
    };
    if (hasRedfish) yield { path: REDFISH_DEVICE, content: render('ops/redfish.powerman', { site }) };
    const { firsts, others: unheard } = oneOfEach(nodes);
    const consoles = firsts.map(({ node: { name }, address }) => ({ name, address }));
    yield {
      path: CONMAN_CONF,
      content: render('ops/conman.conman', { site, consoles, others: unheard }),
    };
    const spoken = nodes.filter(({ protocol }) => protocol !== 'ipmi').map(redfishNode);
    if (spoken.length === 0) return;
    const script =
      render('ops/redfish-boot.sh', { site, nodes: spoken }) + render('ops/redfish-boot-run.sh', {});
    yield { path: REDFISH_BOOT, content: script, executable: true };
  },
};

/** A node, and how its management controller is spoken to. */
type Controlled = ReturnType<typeof controlledNodes>[number];

/** Gives the nodes whose management controller has an address, in the order of the inventory. */
export function controlledNodes({ nodes }: Site) {
  return nodes.flatMap((node) => {
    const { address, protocol } = node.facts.bmc ?? {};
    return address === undefined ? [] : [{ node, address, protocol }];
  });
}

/** What the script knows of a node: by what a controller of several systems tells which of them it is. */
function redfishNode({ node, address }: Controlled) {
  const { name, firmware, uuid, serial, nics } = node;
  const mode = firmware === 'bios' ? 'Legacy' : 'UEFI';
  return { name, address, mode, uuid, serial, macs: nics.flatMap(({ mac }) => mac ?? []) };
}

/**
 * Gives the nodes that are spoken to by IPMI, which knows one machine behind a controller: the first of each; and the others, with
 * the one that has it.
 */
function oneOfEach(nodes: readonly Controlled[]) {
  const firsts = new Map<string, Controlled>();
  const others: { readonly name: string; readonly first: string }[] = [];
  for (const one of nodes) {
    const controller = one.address.toLowerCase();
    const first = firsts.get(controller);
    if (first) others.push({ name: one.node.name, first: first.node.name });
    else firsts.set(controller, one);
  }
  return { firsts: [...firsts.values()], others };
}

/**
 * Gives the programs that powermand speaks to the nodes' controllers by, and the nodes that none of them can speak to. What is said to speak Redfish is spoken to by the
 * tree's own script, whose path it takes: powerman's redfishpower, which Debian 12 does not have, wants the password
 * in a file of its own for each vendor. All others are spoken to by FreeIPMI's ipmipower; what has IPMI 1.5 alone is not made any more.
 */
export function devicesOf(nodes: readonly Controlled[], script: string) {
  const byRedfish = nodes.filter(({ protocol }) => protocol === 'redfish');
  const { firsts, others } = oneOfEach(nodes.filter(({ protocol }) => protocol !== 'redfish'));
  const ipmi = firsts.map(({ node, address }) => ({ node: node.name, plug: address }));
  const redfish = byRedfish.map(({ node: { name } }) => ({ node: name, plug: name }));
  const devices = [
    ...inParts(ipmi).map((part, index) => ({
      name: `ipmi-${index + 1}`,
      type: 'ipmipower',
      command: `/usr/sbin/ipmipower --driver-type=LAN_2_0 -h ${plugsOf(part)} --wait-until-on --wait-until-off |&`,
      nodes: part,
    })),
    ...inParts(redfish).map((part, index) => ({
      name: `redfish-${index + 1}`,
      type: 'redfish-boot',
      command: `${script} --powerman ${plugsOf(part)} |&`,
      nodes: part,
    })),
  ];
  return { devices, others };
}

/** A node whose power a program switches, and what the program calls it. */
interface Plugged {
  readonly node: string;
  readonly plug: string;
}

/** So many machines one program looks after: of a program that hangs, the others are not heard either. */
const MOST = 64;

/** So long its list of machines may be: powermand reads strings of at most 8191 bytes (parse_lex.l). */
const LONGEST = 4000;

/** Divides nodes so that no part is larger than one program takes. */
function inParts(nodes: readonly Plugged[]): Plugged[][] {
  const parts: Plugged[][] = [];
  for (const node of nodes) {
    const part = parts.at(-1);
    if (part && part.length < MOST && plugsOf([...part, node]).length < LONGEST) part.push(node);
    else parts.push([node]);
  }
  return parts;
}

function plugsOf(part: readonly Plugged[]): string {
  return part.map(({ plug }) => plug).join(',');
}
