import { listed, nameRanges, namesOf } from '../../source/diagnostics/words.ts';
import { HOST_SETUP } from '../../tree/paths.ts';
import type { SiteChange, Trees } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './files.ts';

/** Says that a site has a libvirt host, or has none any more; what a tree without one cannot undo is said, too. */
export function hostChange({ before, after }: Trees): SiteChange[] {
  if (Boolean(before.hasHost) === Boolean(after.hasHost)) return [];
  const text = after.hasHost
    ? 'the site has a libvirt host now'
    : 'the site has no libvirt host any more: run scripts/down.sh there before deploying, since this tree has none';
  return [{ what: 'host', before: before.hostAddress, after: after.hostAddress, text }];
}

/**
 * Says what running scripts/host-setup.sh on the libvirt host comes to, once the tree is deployed there: it is all that a
 * host needs. Takes the releases that come.
 */
export function hostSetup(trees: Trees, releases: readonly string[]): SiteChange[] {
  const { files } = trees;
  const parts = [
    ...(releases.length > 0 ? [`fetches Harvester ${listed(releases)}`] : []),
    ...networkParts(trees),
    ...domainParts(trees),
    ...firewallAndClock(files),
    ...(files.some(({ path }) => /^nginx\/[^/]+\.conf$/.test(path)) ? ['reloads nginx'] : []),
    ...unitParts(files),
  ];
  if (parts.length === 0 && !files.some(({ path }) => path === HOST_SETUP)) return [];
  const what = parts.length > 0 ? `: it ${listed(parts)}` : '';
  return [{ what: 'host-setup', text: `run ${HOST_SETUP} on the host${what}` }];
}

/** What becomes of things on the host by what becomes of their files: a verb, and what is to be said besides. */
type Verbs = Readonly<Record<string, readonly [verb: string, more?: string]>>;

const OF_NETWORKS: Verbs = {
  changed: ['redefines', ' (in effect when it is restarted with its machines off)'],
  added: ['makes'],
  removed: ['removes'],
};

const OF_DOMAINS: Verbs = {
  changed: ['redefines', ' (in effect when shut off and started again)'],
  anew: ['powers off, and makes anew,'],
  added: ['makes'],
  removed: ['powers off and removes', ', whose images stay'],
};

const OF_UNITS: Verbs = {
  exposed: ['restarts', ', cutting connections'],
  changed: ['restarts'],
  added: ['starts'],
  removed: ['stops'],
};

/** "redefines the networks a and b", and what else becomes of things. */
function become(
  verbs: Verbs,
  noun: 'network' | 'domain' | 'unit',
  things: readonly { readonly name: string; readonly change: string }[],
): string[] {
  return Object.entries(verbs).flatMap(([kind, [verb, more = '']]) => {
    const own = things.filter(({ change }) => change === kind);
    if (own.length === 0) return [];
    const what = noun === 'unit' ? '' : `the ${noun}${own.length > 1 ? 's' : ''} `;
    const which = noun === 'domain' ? nameRanges(own.map(({ name }) => name)) : namesOf(own);
    return [`${verb} ${what}${which}${more}`];
  });
}

function networkParts({ before, after, files }: Trees): string[] {
  const [old, now] = [networkNames(before), networkNames(after)];
  const own = files.filter(({ path }) => /^libvirt\/(network|networks\/[^/]+)\.xml$/.test(path));
  const things = own.map(({ path, change }) => ({ name: now.get(path) ?? old.get(path) ?? path, change }));
  return become(OF_NETWORKS, 'network', things);
}

/** What libvirt calls the networks that it makes, by their paths in the tree: the first has the plain name. */
function networkNames({ networks }: SiteFacts): Map<string, string> {
  const made = [...networks].flatMap(([name, { 'libvirt.name': called }]) =>
    typeof called === 'string' ? [[name, called] as const] : [],
  );
  const path = (name: string, index: number) => (index === 0 ? 'network' : `networks/${name}`);
  return new Map(made.map(([name, called], index) => [`libvirt/${path(name, index)}.xml`, called]));
}

/** What becomes of domains: one of another UUID is another one to libvirt, which does not make one into the other. */
function domainParts({ before, after, files }: Trees): string[] {
  const things = files.flatMap(({ path, change }) => {
    const name = /^libvirt\/domains\/([^/]+)\.xml$/.exec(path)?.[1];
    if (name === undefined) return [];
    const [old, now] = [before, after].map(({ nodes }) => nodes.get(name)?.domain?.uuid);
    return [{ name, change: change === 'changed' && old !== now ? 'anew' : change }];
  });
  return become(OF_DOMAINS, 'domain', things);
}

function firewallAndClock(files: readonly FileChange[]): string[] {
  const of = (path: string) => files.find((one) => one.path === path)?.change;
  const [firewall, clock] = [of('host/firewall.nft'), of('host/chrony.conf')];
  return [
    ...(firewall ? [firewall === 'removed' ? 'removes the firewall' : 'loads the firewall anew'] : []),
    ...(clock ? [clock === 'removed' ? 'takes chrony its part away' : 'restarts chrony'] : []),
  ];
}

function unitParts(files: readonly FileChange[]): string[] {
  const things = files.flatMap(({ path, change }) => {
    const name = /^systemd\/(.*)$/.exec(path)?.[1];
    const isExposed = change === 'changed' && name?.includes('-expose-');
    return name === undefined ? [] : [{ name, change: isExposed ? 'exposed' : change }];
  });
  return become(OF_UNITS, 'unit', things);
}
