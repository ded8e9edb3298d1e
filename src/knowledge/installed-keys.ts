import { onceFor } from '../values/once-for.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import { factsOf } from './facts.ts';

/**
 * How a changed key of the installer's configuration reaches an installed node. An object in `cluster/` changes the node at once, or at
 * its next reboot. Other keys need a manual change or a reinstallation, never change, or only matter to the installer.
 */
export type Reach = 'cluster' | 'reboot' | 'manual' | 'reinstall' | 'never' | 'none';

/** How a change reaches a node that is installed, in a few words. */
export const REACH_WORDS: Readonly<Record<Reach, string>> = {
  cluster: 'at once, by `cluster/`',
  reboot: 'at its next reboot, by `cluster/`',
  manual: 'manually',
  reinstall: 'by reinstalling it',
  never: 'never',
  none: 'not at all: only the installation uses it',
};

/** How a change of a key reaches installed nodes. */
export interface InstalledKey {
  /** The path in the configuration; it includes the keys below it. */
  readonly key: string;
  readonly reach: Reach;
  /** The first release in which the key reaches nodes in this way; in earlier ones, the change is manual. */
  readonly since?: string | undefined;
  /** The object, or what to do. */
  readonly how: string;
  /** Further effects and limits. */
  readonly effect?: string | undefined;
  /** The state after the key is removed from the inventory. */
  readonly removed?: string | undefined;
  readonly source: string;
}

/** The first release with the resource CloudInit: node-manager v0.2.1. */
export const CLOUD_INIT_SINCE = 'v1.3.0';

/** The manual change in releases without CloudInit. */
const BY_CUSTOM = 'edit /oem/90_custom.yaml on each node, then reboot it';

type Addon = readonly [namespace: string, name: string, since: string];

/** Keys with the same way, Settings of the cluster, or the place of the add-ons. */
type Row =
  | (Omit<InstalledKey, 'key'> & { readonly keys: readonly string[] })
  | { readonly settings: readonly string[]; readonly effect?: string }
  | { readonly addons: true };

const facts = () =>
  factsOf<{ readonly addons: Readonly<Record<string, Addon>>; readonly rows: readonly Row[] }>(
    'installed-keys',
  );

/** Returns the add-ons of the installer, by key: the object that every cluster has, and the first release with it. */
export function addons(): Readonly<Record<string, Addon>> {
  return facts().addons;
}

/** Returns the key of an Addon in the installer's configuration, or undefined for any other object. */
export function addonKey(addon: {
  readonly name: string;
  readonly namespace?: string | undefined;
}): string | undefined {
  const found = Object.entries(addons()).find(
    ([, [namespace, name]]) => name === addon.name && namespace === addon.namespace,
  );
  return found?.[0];
}

let known: ReadonlyMap<string, InstalledKey> | undefined;

/** Returns every key of the installer's configuration, by its path. Computed once. */
export function installedKeys(): ReadonlyMap<string, InstalledKey> {
  known ??= new Map(facts().rows.flatMap((row) => rowsOf(row).map((key) => [key.key, key] as const)));
  return known;
}

function rowsOf(row: Row): InstalledKey[] {
  if ('keys' in row) {
    const { keys, ...others } = row;
    return keys.map((key) => ({ key, ...others }));
  }
  if ('settings' in row)
    return row.settings.map((name) => ({
      key: `system_settings.${name}`,
      reach: 'cluster',
      how: `Setting ${name}`,
      effect: row.effect,
      removed: 'the Setting keeps its value: empty it for the default',
      source: 'harvester pkg/webhook/resources/setting, pkg/controller/master/setting',
    }));
  return Object.entries(addons()).map(([key, [namespace, name, since]]) => ({
    key: `install.addons.${key}`,
    reach: 'cluster',
    since,
    how: `Addon ${namespace}/${name}`,
    removed: 'the Addon keeps its state',
    source: 'harvester pkg/webhook/resources/addon, package/upgrade/upgrade_manifests.sh',
  }));
}

/** Returns the row of a path in a configuration, such as `os.sysctls.vm.swappiness`; undefined for an unknown key. */
export function installedKey(path: string): InstalledKey | undefined {
  for (let key = path; key !== ''; key = key.replace(/(?:^|[.[])[^.[]*$/, '')) {
    const row = installedKeys().get(key);
    if (row) return row;
  }
  return undefined;
}

/** Returns how a key reaches an installed node in a release: before its first release, manually. */
export const inRelease = onceFor((row: InstalledKey) =>
  onceFor((release: Version): InstalledKey => {
    if (row.since === undefined || isAtLeast(release, row.since)) return row;
    const isObject = row.reach === 'cluster' && row.key !== 'os.ntp_servers';
    const how = isObject ? 'change the object in the cluster' : BY_CUSTOM;
    return { ...row, reach: 'manual', how };
  }),
);
