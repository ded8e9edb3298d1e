import type { NodeChange } from './change.ts';
import type { NicFacts, NodeFacts } from './facts.ts';
import { turn, valueText } from './words.ts';

/** A NIC before and after; one of the two is missing of one that comes or goes. */
type Pair = readonly [old: NicFacts | undefined, now: NicFacts | undefined];

/**
 * Says which NICs of a node are not what they were, but for what is told of the node itself: the MAC address that it
 * boots from, and its own address.
 */
export function nicChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (!before.nics || !after.nics) return [];
  const pairs = pairsOf(before.nics, after.nics, [before.bootNic, after.bootNic]);
  return pairs.flatMap(([old, now]) => {
    const list = now ? after.nics : before.nics;
    return compareNics(old, now, (list ?? []).indexOf((now ?? old) as NicFacts), now === after.bootNic);
  });
}

/** Matches NICs: by MAC address, the ones that boot, by name where one has no MAC address, and those without either. */
function pairsOf(before: readonly NicFacts[], after: readonly NicFacts[], boot: Pair): Pair[] {
  const left = new Set(before);
  const matched = new Map<NicFacts, NicFacts>();
  const match = (isSame: (old: NicFacts, now: NicFacts) => boolean) => {
    for (const now of after) {
      if (matched.has(now)) continue;
      const old = [...left].find((one) => isSame(one, now));
      if (!old) continue;
      left.delete(old);
      matched.set(now, old);
    }
  };
  const lacksMac = (old: NicFacts, now: NicFacts) => old.mac === undefined || now.mac === undefined;
  match((old, now) => old.mac !== undefined && old.mac === now.mac);
  match((old, now) => old === boot[0] && now === boot[1]);
  match((old, now) => lacksMac(old, now) && old.name !== undefined && old.name === now.name);
  match((old, now) => [old, now].every(({ mac, name }) => mac === undefined && name === undefined));
  return [
    ...after.map((now): Pair => [matched.get(now), now]),
    ...[...left].map((old): Pair => [old, undefined]),
  ];
}

function compareNics(
  old: NicFacts | undefined,
  now: NicFacts | undefined,
  index: number,
  isBoot: boolean,
): NodeChange[] {
  const { mac, name } = now ?? old ?? {};
  const change = { what: 'nic', key: mac ?? name, effect: 'installation' } as const;
  const nic = `NIC ${name === undefined || mac === undefined ? (mac ?? name ?? index + 1) : `${name} (${mac})`}`;
  if (!old) return [{ ...change, after: now, text: `${nic} is new, on network ${valueText(now?.network)}` }];
  if (!now) return [{ ...change, before: old, text: `${nic} is gone` }];
  return (['mac', 'name', 'network', 'ip'] as const).flatMap((key): NodeChange[] => {
    const [from, to] = [old[key], now[key]];
    if (from === to || (isBoot && (key === 'ip' || key === 'mac'))) return [];
    const words = { mac: 'MAC address', name: 'name', network: 'network', ip: 'address' }[key];
    const effect = key === 'ip' ? 'boot' : 'installation';
    return [{ ...change, effect, before: old, after: now, text: `${nic}: ${words} ${turn(from, to)}` }];
  });
}
