import { isOwnSetting } from '../../knowledge/cluster-dump.ts';
import { clearInConfig } from '../../knowledge/hide.ts';
import { addons } from '../../knowledge/installed-keys.ts';
import { withPlaceholders } from '../../secrets/uses-of.ts';
import type { Cluster, Node } from '../../site/model.ts';
import { isAtLeast } from '../../values/version.ts';
import { type ClusterObject, clusterObject, type Place } from './cluster-object.ts';

/** The first release with the Setting `ntp-servers`. */
const NTP_SINCE = 'v1.2.0';

/** Returns the system settings in the inventory of a cluster, as its create node has them. */
export function* settingObjects(cluster: Cluster, create: Node): Iterable<ClusterObject> {
  const { system_settings: settings = {}, os } = create.config;
  const ntp = os?.ntp_servers;
  // The installer writes both, the list last.
  const isNtpOfOs = ntp !== undefined && ntp.length > 0 && isAtLeast(cluster.version, NTP_SINCE);
  const clear = clearInConfig(create.config).map(({ path }) => `${path}.`);
  for (const [name, value] of Object.entries(settings)) {
    if (isOwnSetting(name) || (isNtpOfOs && name === 'ntp-servers')) continue;
    const hasClearText = clear.some((path) => path.startsWith(`system_settings.${name}.`));
    const places = [{ path: ['value'], holder: settings, key: name }];
    yield setting(cluster, name, textOf(value), places, hasClearText);
  }
  if (os && isNtpOfOs)
    yield setting(cluster, 'ntp-servers', JSON.stringify({ ntpServers: ntp }), [
      { path: ['value'], holder: os, key: 'ntp_servers' },
      { path: ['value', 'ntpServers'], holder: os, key: 'ntp_servers' },
    ]);
}

/** Returns the text of a setting. The installer trims texts as well. */
function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}

function setting(
  cluster: Cluster,
  name: string,
  text: string,
  places: readonly Place[],
  hasClearText = false,
): ClusterObject {
  const rest = { value: withPlaceholders(text) };
  return clusterObject(cluster, {
    folder: 'settings',
    type: 'harvesterhci.io/v1beta1/Setting',
    name,
    rest,
    places,
    hasClearText,
  });
}

/** Returns the add-ons in the inventory of a cluster: partial objects, because upgrades write their other fields. */
export function* addonObjects(cluster: Cluster, create: Node): Iterable<ClusterObject> {
  for (const [key, addon] of Object.entries(create.config.install?.addons ?? {})) {
    const [namespace, name] = addons()[key] ?? [];
    const { enabled, values_content: values } = addon as { enabled?: boolean; values_content?: string };
    if (!name || (enabled === undefined && values === undefined)) continue;
    const spec = {
      ...(enabled !== undefined && { enabled }),
      ...(values !== undefined && { valuesContent: withPlaceholders(values) }),
    };
    yield clusterObject(cluster, {
      folder: 'addons',
      type: 'harvesterhci.io/v1beta1/Addon',
      name,
      namespace,
      rest: { spec },
      places: [
        { path: ['spec', 'enabled'], holder: addon as object, key: 'enabled' },
        { path: ['spec', 'valuesContent'], holder: addon as object, key: 'values_content' },
      ],
    });
  }
}
