import type { Node, Site } from '../../site/model.ts';
import type { Target } from '../target.ts';
import { type Controlled, devicesOf, oneOfEach } from './power-devices.ts';

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
    const script = render('ops/redfish-boot.sh', { site, nodes: spoken });
    yield { path: REDFISH_BOOT, content: script, executable: true };
  },
};

/** Gives the nodes whose management controller has an address, in the order of the inventory. */
export function controlledNodes({ nodes }: Site): Controlled[] {
  const controlled: Controlled[] = [];
  for (const node of nodes) {
    const { bmc } = node.facts;
    if (bmc?.address !== undefined) controlled.push({ node, address: bmc.address, protocol: bmc.protocol });
  }
  return controlled;
}

/** What the script knows of a node: by what a controller of several systems tells which of them it is. */
function redfishNode({ node, address }: Controlled) {
  const { name, firmware, uuid, serial, nics } = node;
  const mode = firmware === 'bios' ? 'Legacy' : 'UEFI';
  return { name, address, mode, uuid, serial, macs: nics.flatMap(({ mac }: Node['bootNic']) => mac ?? []) };
}
