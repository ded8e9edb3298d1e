import { BOOT_KEYS, BOOTED, isBootKeyOf, isOfHarvester, isOfIscsi } from '../../site/boot-keys.ts';
import type { Node } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import type { Draft } from '../../values/draft.ts';

/** The systems that read a key of a node. */
const SYSTEMS: Readonly<Record<string, readonly Node['os'][]>> = {
  cluster: ['harvester'],
  mode: ['harvester'],
  role: ['harvester'],
  config: ['harvester'],
  install: ['harvester', 'local'],
  cloud_init: ['linux'],
};

/** Returns why a key has no effect on a node, as a clause; undefined if it may have one. */
export function whyUnused(node: Draft<Node>, [key = '', inner]: Path, hasNics: boolean): string | undefined {
  const { name, os, boot = {} } = node;
  if (key === 'nics' && !hasNics) return `${name} has one NIC, with the keys mac and ip`;
  if ((key === 'mac' || key === 'ip') && hasNics)
    return `${name} lists its NICs, each with its own: nics[0].${key}`;
  if (!os) return undefined;
  const only = (what: string) => `it applies only to ${what}, but ${name} boots ${BOOTED[os]}`;
  const systems = Object.hasOwn(SYSTEMS, key) ? SYSTEMS[key] : undefined;
  if (systems) return systems.includes(os) ? undefined : only(systems.map((one) => BOOTED[one]).join(' or '));
  const bootKey = key === 'boot' ? BOOT_KEYS.find((one) => one === inner) : undefined;
  if (!bootKey || isBootKeyOf(bootKey, os, boot)) return undefined;
  if (bootKey === 'arch') return only('machines without Harvester');
  return only(isOfHarvester(bootKey) ? BOOTED.harvester : isOfIscsi(bootKey) ? BOOTED.iscsi : BOOTED.linux);
}
