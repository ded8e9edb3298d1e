import type { Site } from '../../site/model.ts';
import { hasHostsFiles, hostsPath, optionsPath } from '../dnsmasq/dnsmasq.ts';
import { controlledNodes, REDFISH_BOOT, REDFISH_DEVICE } from '../ops/ops.ts';

/**
 * Gives what of a tree that holds the values of its secrets others than root and nginx must read, and which has none of them:
 * dnsmasq reads its lists, and powermand what it speaks Redfish by, as users of their own.
 */
export function openPaths(site: Site): string[] {
  if (site.server.secrets !== undefined) return [];
  const lists = site.networks.some(hasHostsFiles) ? [hostsPath(site), optionsPath(site)] : [];
  const byRedfish = controlledNodes(site).some(({ protocol }) => protocol === 'redfish');
  return [...lists, ...(byRedfish ? [REDFISH_DEVICE, REDFISH_BOOT] : [])];
}
