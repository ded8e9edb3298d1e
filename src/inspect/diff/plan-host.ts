import { listed, namesOf } from '../../source/diagnostics/listed.ts';
import { nameRanges } from '../../source/name-ranges.ts';
import { HOST_SETUP } from '../../tree/paths.ts';
import { type File, textOf } from '../../tree/tree.ts';
import type { SiteChange } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './file-changes.ts';

/** Says that a site has a libvirt host, or has none any more; what a tree without one cannot undo is said, too. */
export function hostChange(before: SiteFacts, after: SiteFacts): SiteChange[] {
  if (Boolean(before.hasHost) === Boolean(after.hasHost)) return [];
  const text = after.hasHost
    ? 'the site has a libvirt host now'
    : 'the site has no libvirt host any more: run scripts/down.sh there before deploying, since this tree has none';
  return [{ what: 'host', before: before.hostAddress, after: after.hostAddress, text }];
}

/**
 * Says what running scripts/host-setup.sh on the libvirt host comes to, once the tree is deployed there: it is all that a
 * host needs. Takes the files that are others and the releases that come.
 */
export function hostSetup(files: readonly FileChange[], releases: readonly string[]): SiteChange[] {
  const parts = [
    ...(releases.length > 0 ? [`fetches Harvester ${listed(releases)}`] : []),
    ...networkParts(files),
    ...domainParts(files),
    ...firewallAndClock(files),
    ...nginxPart(files),
    ...unitParts(files),
  ];
  if (parts.length === 0 && !files.some(({ path }) => path === HOST_SETUP)) return [];
  const what = parts.length > 0 ? `: it ${listed(parts)}` : '';
  return [{ what: 'host-setup', text: `run ${HOST_SETUP} on the host${what}` }];
}

function networkParts(files: readonly FileChange[]): string[] {
  const changes = files.filter(({ path }) => /^libvirt\/(network|networks\/[^/]+)\.xml$/.test(path));
  const names = (kind: FileChange['change']) =>
    changes.flatMap((one) => (one.change === kind ? (nameIn(one.after ?? one.before) ?? one.path) : []));
  return [
    ...said(
      'redefines',
      'network',
      names('changed'),
      ' (in effect when it is restarted with its machines off)',
    ),
    ...said('makes', 'network', names('added')),
    ...said('removes', 'network', names('removed')),
  ];
}

/** What becomes of domains: one of another UUID is another one to libvirt, which does not make one into the other. */
function domainParts(files: readonly FileChange[]): string[] {
  const changes = files.flatMap((file) => {
    const name = /^libvirt\/domains\/([^/]+)\.xml$/.exec(file.path)?.[1];
    const isAnother = uuidIn(file.before) !== uuidIn(file.after);
    const change = file.change === 'changed' && isAnother ? ('anew' as const) : file.change;
    return name === undefined ? [] : { name, change };
  });
  const names = (kind: (typeof changes)[number]['change']) =>
    changes.flatMap(({ name, change }) => (change === kind ? name : []));
  return [
    ...said('redefines', 'domain', names('changed'), ' (in effect when shut off and started again)'),
    ...said('powers off, and makes anew,', 'domain', names('anew')),
    ...said('makes', 'domain', names('added')),
    ...said('powers off and removes', 'domain', names('removed'), ', whose images stay'),
  ];
}

function firewallAndClock(files: readonly FileChange[]): string[] {
  const of = (path: string) => files.find((one) => one.path === path)?.change;
  const [firewall, clock] = [of('host/firewall.nft'), of('host/chrony.conf')];
  return [
    ...(firewall ? [firewall === 'removed' ? 'removes the firewall' : 'loads the firewall anew'] : []),
    ...(clock ? [clock === 'removed' ? 'takes chrony its part away' : 'restarts chrony'] : []),
  ];
}

function nginxPart(files: readonly FileChange[]): string[] {
  return files.some(({ path }) => /^nginx\/[^/]+\.conf$/.test(path)) ? ['reloads nginx'] : [];
}

function unitParts(files: readonly FileChange[]): string[] {
  const names = (kind: FileChange['change']) =>
    files.flatMap(({ path, change }) =>
      path.startsWith('systemd/') && change === kind ? path.slice('systemd/'.length) : [],
    );
  const isExposed = (name: string) => name.includes('-expose-');
  const changed = names('changed');
  return [
    ...said('restarts', '', changed.filter(isExposed), ', cutting connections'),
    ...said(
      'restarts',
      '',
      changed.filter((name) => !isExposed(name)),
    ),
    ...said('starts', '', names('added')),
    ...said('stops', '', names('removed')),
  ];
}

/** "redefines the networks a and b", and what is to be said of it; nothing where there are no names. */
function said(verb: string, noun: string, names: readonly string[], more = ''): string[] {
  if (names.length === 0) return [];
  const what = noun && `the ${noun}${names.length > 1 ? 's' : ''} `;
  const which = noun === 'domain' ? nameRanges(names) : namesOf(names.map((name) => ({ name })));
  return [`${verb} ${what}${which}${more}`];
}

function uuidIn(file: File | undefined): string | undefined {
  return file && /^ {2}<uuid>([^<]*)<\/uuid>$/m.exec(textOf(file))?.[1];
}

/** The name that libvirt's XML gives to a thing. */
function nameIn(file: File | undefined): string | undefined {
  return file && /^ {2}<name>([^<]*)<\/name>$/m.exec(textOf(file))?.[1];
}
