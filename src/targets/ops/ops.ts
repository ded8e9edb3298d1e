import type { Site } from '../../site/model.ts';
import { macsOf } from '../../site/nics.ts';
import { CONMAN_CONF, POWERMAN_CONF, REDFISH_DEVICE } from '../../tree/paths.ts';
import type { Target } from '../target.ts';

export const REDFISH_BOOT = 'scripts/redfish-boot.sh';
export const IPMI_BOOT = 'scripts/ipmi-boot.sh';

/** The files that use a site's BMCs: none if no BMC has an address. They contain no passwords. */
export const ops: Target = {
  name: 'ops',
  *emit(site, render) {
    const nodes = controlledNodes(site);
    if (nodes.length === 0) return;
    const inTree = (path: string) => `${site.server.root}/${path}`;
    const { devices, others } = devicesOf(nodes, inTree(REDFISH_BOOT));
    const hasRedfish = devices.some(({ type }) => type === 'redfish-boot');
    const redfish = hasRedfish ? inTree(REDFISH_DEVICE) : undefined;
    const powerman = render('ops/powerman.powerman', { site, devices, others, redfish });
    yield { path: POWERMAN_CONF, content: powerman };
    if (hasRedfish) yield { path: REDFISH_DEVICE, content: render('ops/redfish.powerman', { site }) };
    const { firsts, others: withoutConsole } = oneOfEach(nodes);
    const consoles = firsts.map(({ node: { name }, address }) => ({ name, address }));
    const conman = render('ops/conman.conman', { site, consoles, others: withoutConsole });
    yield { path: CONMAN_CONF, content: conman };
    const scripts = [
      [REDFISH_BOOT, 'redfish-boot', nodes.filter(({ protocol }) => protocol !== 'ipmi')],
      [IPMI_BOOT, 'ipmi-boot', ipmiNodes(nodes)],
    ] as const;
    for (const [path, name, controlled] of scripts) {
      if (controlled.length === 0) continue;
      const head = render(`ops/${name}.sh`, { site, nodes: controlled.map(scriptNode) });
      const content = head + render('ops/boot-common.sh', {}) + render(`ops/${name}-run.sh`, {});
      yield { path, content, executable: true };
    }
  },
};

/** A node, with the address and protocol of its BMC. */
type Controlled = ReturnType<typeof controlledNodes>[number];

/** Returns the nodes whose BMC has an address, in the order of the inventory. */
export function controlledNodes({ nodes }: Site) {
  return nodes.flatMap((node) => {
    const { address, protocol } = node.facts.bmc ?? {};
    return address === undefined ? [] : [{ node, address, protocol }];
  });
}

/** Returns the nodes that the script for IPMI can boot, whose BMC is not only for Redfish: one of each BMC. */
export function ipmiNodes(nodes: readonly Controlled[]): Controlled[] {
  return oneOfEach(nodes.filter(({ protocol }) => protocol !== 'redfish')).firsts;
}

/** Returns a script's data of a node, including what identifies it on a BMC of several systems. */
function scriptNode({ node, address }: Controlled) {
  const { name, firmware, uuid, serial } = node;
  const mode = firmware === 'bios' ? 'Legacy' : 'UEFI';
  return { name, address, mode, uuid, serial, macs: macsOf(node) };
}

/**
 * Splits nodes for IPMI, which supports one machine per BMC: returns the first node of each BMC, and the others, each with
 * that first node.
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
 * Returns the programs that powermand uses for the nodes' BMCs, and the nodes that none of them supports. BMCs with Redfish use
 * the tree's own script, at the path `script`: powerman's redfishpower, which Debian 12 lacks, needs the password
 * in a separate file for each vendor. All others use FreeIPMI's ipmipower; BMCs with only IPMI 1.5 are no longer made.
 */
export function devicesOf(nodes: readonly Controlled[], script: string) {
  const byRedfish = nodes.filter(({ protocol }) => protocol === 'redfish');
  const { firsts, others } = oneOfEach(nodes.filter(({ protocol }) => protocol !== 'redfish'));
  const devicesFor = (label: string, type: string, nodes: readonly Plugged[], command: string, end = '') =>
    inParts(nodes).map((part, index) => ({
      name: `${label}-${index + 1}`,
      type,
      command: `${command} ${plugsOf(part)}${end} |&`,
      nodes: part,
    }));
  const ipmi = firsts.map(({ node: { name }, address }) => ({ node: name, plug: address }));
  const redfish = byRedfish.map(({ node: { name } }) => ({ node: name, plug: name }));
  const [ipmipower, wait] = [
    '/usr/sbin/ipmipower --driver-type=LAN_2_0 -h',
    ' --wait-until-on --wait-until-off',
  ];
  const devices = [
    ...devicesFor('ipmi', 'ipmipower', ipmi, ipmipower, wait),
    ...devicesFor('redfish', 'redfish-boot', redfish, `${script} --powerman`),
  ];
  return { devices, others };
}

/** A node whose power a program switches, and its name in the program. */
export interface Plugged {
  readonly node: string;
  readonly plug: string;
}

/** Maximum number of machines per program: if a program hangs, all its machines are unreachable. */
const MOST = 64;

/** Maximum length of a program's list of machines: powermand reads strings of at most 8191 bytes (parse_lex.l). */
const LONGEST = 4000;

/** Splits nodes so that each part fits one program. */
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
