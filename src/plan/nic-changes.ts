import type { NodeChange } from './change.ts';
import type { NicFacts, NodeFacts } from './facts.ts';
import { turn, valueText } from './words.ts';

/**
 * Says which NICs of a node are not what they were, but for what is told of the node itself: the MAC address that it
 * boots from, and its own address.
 */
export function nicChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (!before.nics || !after.nics) return [];
  const old = byMac(before.nics);
  const now = byMac(after.nics);
  if (before.mac !== after.mac && before.mac !== undefined && after.mac !== undefined) {
    // Another NIC in the place of the one that it booted from; where both are there before and after, they swap.
    const boot = old.get(before.mac);
    if (boot && !now.has(before.mac) && !old.has(after.mac)) {
      old.delete(before.mac);
      old.set(after.mac, boot);
    }
  }
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((mac) =>
    compareNics(mac, old.get(mac), now.get(mac), mac === after.mac),
  );
}

function compareNics(
  mac: string,
  old: NicFacts | undefined,
  now: NicFacts | undefined,
  isBoot: boolean,
): NodeChange[] {
  const change = { what: 'nic', key: mac, effect: 'installation' } as const;
  const { name } = now ?? old ?? {};
  const nic = name === undefined ? `NIC ${mac}` : `NIC ${name} (${mac})`;
  if (!old) return [{ ...change, after: now, text: `${nic} is new, on network ${valueText(now?.network)}` }];
  if (!now) return [{ ...change, before: old, text: `${nic} is gone` }];
  return (['name', 'network', 'ip'] as const).flatMap((key): NodeChange[] => {
    const [from, to] = [old[key], now[key]];
    if (from === to || (isBoot && key === 'ip')) return [];
    const words = key === 'ip' ? 'address' : key;
    const effect = key === 'ip' ? 'boot' : 'installation';
    return [{ ...change, effect, before: old, after: now, text: `${nic}: ${words} ${turn(from, to)}` }];
  });
}

function byMac(nics: readonly NicFacts[]): Map<string, NicFacts> {
  return new Map(nics.map((nic) => [nic.mac, nic]));
}
