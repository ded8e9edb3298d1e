import { grubUrl } from '../../targets/grub/grub.ts';
import type { NodeFacts } from './facts.ts';
import { isSame, type ValueChange } from './values.ts';

/** Keys of a configuration that harvgen derives, and what they are by the facts that are told of a node themselves. */
const DERIVED: Readonly<Record<string, (node: NodeFacts) => unknown>> = {
  server_url: ({ mode, vip }) => (mode === 'join' ? `https://${vip}:443` : undefined),
  'os.hostname': ({ name }) => name,
  'install.mode': ({ mode }) => mode,
  'install.role': ({ role }) => role,
  'install.vip': ({ mode, vip }) => (mode === 'create' ? vip : undefined),
  'install.management_interface.ip': ({ leases, ip }) => (leases ? undefined : ip),
  'install.management_interface.interfaces': bond,
};

/** Says whether a change of a node's configuration is no more than what other changes of the node or the site bring. */
export function followsInConfig(change: ValueChange, before: NodeFacts, after: NodeFacts): boolean {
  const derive = Object.hasOwn(DERIVED, change.key) ? DERIVED[change.key] : undefined;
  if (derive) return isSame(change.before, derive(before)) && isSame(change.after, derive(after));
  if (typeof change.before !== 'string' || typeof change.after !== 'string') return false;
  return change.key === 'install.iso_url' && followsInText(change.before, change.after, before, after);
}

/** Says whether a text of a node changes no more than its name, its addresses and its release do. */
export function followsInText(old: string, now: string, before: NodeFacts, after: NodeFacts): boolean {
  const words = new Map<string, string>();
  for (const [from, to] of [
    [before.name, after.name],
    [before.mac, after.mac],
    [before.mac?.replaceAll(':', '-'), after.mac?.replaceAll(':', '-')],
    // Where the one has a MAC address and the other none, it is by their addresses that their files are named.
    [`config/${keyOf(before)}.yaml`, `config/${keyOf(after)}.yaml`],
    [`ipxe/${keyOf(before)}.ipxe`, `ipxe/${keyOf(after)}.ipxe`],
    [before.ip, after.ip],
    [before.release, after.release],
    // On the kernel line, with the argument that it is the value of: it may have been the URL of all else.
    [`config_url=${before.configUrl}`, `config_url=${after.configUrl}`],
    [before.url, after.url],
    // In scripts of GRUB it is written otherwise.
    [before.url && grubUrl(before.url), after.url && grubUrl(after.url)],
  ]) {
    if (from && to && from !== to) words.set(from, to);
  }
  if (words.size === 0) return false;
  const any = [...words.keys()].map((word) => word.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![A-Za-z0-9])(${any})(?![A-Za-z0-9])`, 'g');
  return old.replace(pattern, (word) => words.get(word) ?? word) === now;
}

/** What names a node's files. */
function keyOf({ mac, ip }: NodeFacts): string | undefined {
  return mac?.replaceAll(':', '-') ?? ip;
}

/**
 * The NICs of the management bond, as a configuration lists them: the one that boots first, and each by its name where it
 * has no MAC address; undefined where it has neither, and iPXE tells the installer.
 */
function bond({ bootNic, nics = [] }: NodeFacts): unknown {
  const others = nics.filter((nic) => nic !== bootNic && nic.network === bootNic?.network);
  const known = [bootNic, ...others].flatMap((nic): object[] => {
    if (nic?.mac !== undefined) return [{ hwAddr: nic.mac }];
    return nic?.name === undefined ? [] : [{ name: nic.name }];
  });
  return known.length > 0 ? known : undefined;
}
