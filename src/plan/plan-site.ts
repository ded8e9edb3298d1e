import { BOOT_SCRIPT, WWW } from '../targets/paths.ts';
import type { SiteChange } from './change.ts';
import type { NetworkFacts, SiteFacts } from './facts.ts';
import type { FileChange } from './file-changes.ts';
import { isSame } from './leaf-changes.ts';
import { turn } from './words.ts';

/** Keys of a network as one would say them; others are said as they are. */
const WORDS: Readonly<Record<string, string>> = {
  dns: 'DNS servers',
  ntp: 'time servers',
  vlan: 'VLAN',
  mtu: 'MTU',
  'dhcp.server': 'DHCP server',
  'dhcp.pool': 'DHCP pool',
  'dhcp.lease': 'DHCP lease',
};

/** Says what changes that is not of a node: where machines fetch from, the first script, networks and clusters. */
export function planSite(before: SiteFacts, after: SiteFacts, files: readonly FileChange[]): SiteChange[] {
  return [
    ...urlChange(before, after),
    ...bootScriptChange(files),
    ...among(before.networks, after.networks, 'network', networkChanges),
    ...among(before.clusters, after.clusters, 'cluster', (name, old, now) =>
      vipChange(name, old.vip, now.vip),
    ),
  ];
}

function urlChange({ url: before }: SiteFacts, { url: after }: SiteFacts): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  return [{ what: 'url', before, after, text: `every machine fetches from ${after} instead of ${before}` }];
}

function bootScriptChange(files: readonly FileChange[]): SiteChange[] {
  const isOther = files.some(({ path, change }) => path === `${WWW}/${BOOT_SCRIPT}` && change === 'changed');
  return isOther ? [{ what: 'boot-script', text: 'the first script of every machine changes' }] : [];
}

/** What is new, gone or other among things with names, in the order of the inventory, what is gone last. */
function among<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  what: 'network' | 'cluster',
  compare: (name: string, before: T, after: T) => SiteChange[],
): SiteChange[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((name): SiteChange[] => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old && now) return compare(name, old, now);
    return [{ what, name, text: `${what} ${name} is ${now ? 'new' : 'gone'}` }];
  });
}

function networkChanges(name: string, before: NetworkFacts, after: NetworkFacts): SiteChange[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((key): SiteChange[] => {
    const [old, now] = [before[key], after[key]];
    if (isSame(old, now)) return [];
    const words = Object.hasOwn(WORDS, key) ? WORDS[key] : key;
    return [
      {
        what: 'network',
        name,
        key,
        before: old,
        after: now,
        text: `network ${name}: ${words} ${turn(old, now)}`,
      },
    ];
  });
}

function vipChange(name: string, before: string | undefined, after: string | undefined): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  const text = `cluster ${name}: VIP ${turn(before, after)}; a cluster that is installed keeps the one that it has`;
  return [{ what: 'cluster', name, key: 'vip', before, after, text }];
}
