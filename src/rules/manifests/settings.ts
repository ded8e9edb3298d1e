import { groupOf, OWN_SETTINGS } from '../../knowledge/cluster-dump.ts';
import { clusterNetworkIn, clusterSettings, likelySetting } from '../../knowledge/cluster-settings.ts';
import { parseJsonMap } from '../../knowledge/config-values.ts';
import { errorsInText } from '../../site/cloud-init-contents.ts';
import { membersOf, roleNameOf } from '../../site/clusters.ts';
import { locationIn, manifestsOf, textIn, valueIn } from '../../site/manifests.ts';
import type { Cluster, Site } from '../../site/model.ts';
import { isBroken, isValueMap, keyLocationOf, locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, type Rule, warning } from '../rule.ts';
import { perItem } from '../support.ts';

/** Source of these rules: pkg/webhook/resources/setting of harvester/harvester. */

/** A setting of a running cluster, of a manifest or of the inventory of a cluster that exists. */
interface Setting {
  readonly cluster: Draft<Cluster> | undefined;
  readonly name: string;
  readonly nameAt: SourceLocation;
  readonly value: unknown;
  readonly at: SourceLocation;
}

function* settingsOf({ manifests, clusters = [] }: Draft<Site>): Iterable<Setting> {
  for (const one of manifestsOf('Setting')({ manifests })) {
    const { cluster, name } = one;
    if (name === undefined || groupOf(one.apiVersion) !== 'harvesterhci.io') continue;
    const [nameAt, at] = [locationIn(one, 'metadata', 'name'), locationIn(one, 'value')];
    yield { cluster, name, nameAt, value: textIn(one, 'value'), at };
  }
  for (const cluster of clusters) {
    const [first] = cluster?.exists ? membersOf(cluster) : [];
    const settings = first?.clusterConfig?.system_settings as Readonly<Record<string, unknown>> | undefined;
    for (const [name, value] of Object.entries(settings ?? {}))
      yield {
        cluster,
        name,
        nameAt: keyLocationOf(settings ?? {}, name as never),
        value,
        at: locationOf(settings ?? {}, name as never),
      };
  }
}

const SECRET = /\$\{secret:[^}]*\}/g;

export const manifestSettingRules: readonly Rule[] = [
  error('setting-object', {
    what: 'A setting of a running cluster must have a name of its release, and a value that Harvester accepts.',
    why: 'The cluster ignores a setting that it does not know, and rejects a wrong value.',
    check: perItem<Setting>(settingsOf, ({ cluster, name, nameAt, value, at }, report) => {
      const release = cluster?.version;
      if (!release || OWN_SETTINGS.has(name)) return;
      const known = clusterSettings().get(name);
      if (!known) {
        const meant = likelySetting(name, release);
        report(nameAt, {
          message: `Harvester has no setting ${name}: ${meant ? `did you mean ${meant}?` : 'the cluster ignores it.'}`,
          help: meant
            ? `write ${meant}`
            : 'write a name that `kubectl get settings.harvesterhci.io` lists, or silence the rule for a newer one',
        });
        return;
      }
      if (!isAtLeast(release, known.since)) {
        report(nameAt, {
          message: `The setting ${name} came with Harvester ${known.since}: ${release.text} ignores it.`,
          help: 'remove it, or upgrade the cluster first',
        });
        return;
      }
      // An empty value is the default.
      const text = typeof value === 'string' ? value.replace(SECRET, '0').trim() : '';
      if (!known.map || text === '' || text === '0') return;
      if (!parseJsonMap(text)) {
        report(at, {
          message: `The value of the setting ${name} is not the JSON of a map: Harvester rejects it.`,
          help: `write JSON, with keys such as ${Object.keys(known.map.properties ?? {})
            .slice(0, 3)
            .join(', ')}`,
        });
        return;
      }
      for (const error of errorsInText(text, at, `The setting ${name}`, known.map, release) ?? [])
        report(error.at, error);
    }),
  }),
  warning('setting-network', {
    what: 'The cluster network of a setting should be one of the manifests, with an uplink on every node but a witness.',
    why: 'Harvester rejects the setting otherwise: its traffic stays on the management network.',
    check: perItem<Setting>(settingsOf, ({ cluster, name, value, at }, report, site) => {
      const network = clusterNetworkIn(name, value);
      if (network === undefined || network === 'mgmt' || !cluster || isBroken(site, 'manifests')) return;
      const own = (kind: string) => manifestsOf(kind)(site).filter((one) => one.cluster === cluster);
      if (!own('ClusterNetwork').some((one) => one.name === network)) {
        report(at, {
          message: `No manifest defines the cluster network ${network}, which ${name} uses: Harvester rejects the setting.`,
          help: 'correct the name, or add the ClusterNetwork and its VlanConfigs; or silence the rule if the cluster has them',
        });
        return;
      }
      const selectors = own('VlanConfig')
        .filter((one) => textIn(one, 'spec', 'clusterNetwork') === network)
        .map((one) => valueIn(one, ['spec', 'nodeSelector']));
      const covers = (host: string | undefined) => (selector: unknown) => {
        const { 'kubernetes.io/hostname': selected = host, ...others } = isValueMap(selector) ? selector : {};
        // Which nodes have other labels is not known here.
        return selected === host || Object.keys(others).length > 0;
      };
      const bare = membersOf(cluster).filter(
        (node) => roleNameOf(node) !== 'witness' && !selectors.some(covers(node.name)),
      );
      const [first, ...more] = bare.map((node) => node.name);
      if (first === undefined) return;
      report(at, {
        message: `The cluster network ${network}, which ${name} uses, has no VlanConfig on ${first}${more.length > 0 ? ` and ${more.length} more` : ''}: Harvester rejects the setting.`,
        help: 'add a VlanConfig of this cluster network for each node',
      });
    }),
  }),
];
