import { stringify } from 'yaml';
import { clusterSettings } from '../../knowledge/cluster-settings.ts';
import { configSchema, follow } from '../../knowledge/config-schema.ts';
import { parseJsonMap } from '../../knowledge/config-values.ts';
import { readDescriptions } from '../../knowledge/schemas.ts';
import { errorsInText } from '../../site/cloud-init-contents.ts';
import { clusterCidrs, membersOf, roleNameOf, storageNodes } from '../../site/clusters.ts';
import { managementNetwork } from '../../site/management.ts';
import { manifestsOf } from '../../site/manifests.ts';
import type { Cluster, Site } from '../../site/model.ts';
import { isBroken, isValueMap, locationOf, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';
import { onceFor } from '../../values/once-for.ts';
import { isAtLeast } from '../../values/version.ts';
import { type Setting, settingsOf } from '../manifests/harvester.ts';
import { error, type LocatedFinding, type Rule, warning } from '../rule.ts';
import { decodeFaults, type Fault, faultsOf, type Surroundings } from './setting-values.ts';

/** Settings without a default. Harvester writes the default of each other one at its start, where its webhook checks the value, too. */
const WITHOUT_DEFAULT =
  /^(?:additional-ca|backup-target|containerd-registry|ntp-servers|rwx-network|storage-network|vip-pools|vm-migration-network)$/;

/** Settings whose value the webhook does not read. */
const UNCHECKED =
  /^(?:c(?:luster-pod-security-standard|luster-registration-url|si-.*)|harvester-csi-ccm-versions)$/;

/** A fault of a setting as a finding, and whether the webhook refuses it. */
interface Judged {
  readonly isRefused: boolean;
  readonly finding: LocatedFinding;
}

const judged = onceFor((site: Draft<Site>): readonly Judged[] => {
  const all = [...settingsOf(site, true)];
  return all.flatMap((setting) => {
    const { cluster, name } = setting;
    const release = cluster?.version;
    const known = clusterSettings().get(name);
    // setting-object and unknown keys are other findings.
    if (!cluster || !release || !known || !isAtLeast(release, known.since)) return [];
    const others = all.filter((one) => one.cluster === cluster && one.name !== name);
    return faultsIn(setting, surroundingsOf(setting, cluster, others, site));
  });
});

function surroundingsOf(
  { isNew }: Setting,
  cluster: Draft<Cluster>,
  others: readonly Setting[],
  site: Draft<Site>,
): Surroundings {
  const members = membersOf(cluster);
  const networks = new Set(members.flatMap((node) => [managementNetwork(node), node.bootNic?.network]));
  const known = !cluster.exists && members.every((node) => roleNameOf(node) !== undefined);
  const own = manifestsOf('ClusterNetwork')(site).filter((one) => one.cluster === cluster);
  const isKnown = isNew && !isBroken(site, 'manifests');
  return {
    ...(isKnown && { networks: ['mgmt', ...own.flatMap(({ name }) => name ?? [])] }),
    release: cluster.version as Surroundings['release'],
    ...(known && {
      nodes: {
        storage: storageNodes(cluster),
        all: members.length,
        names: members.flatMap(({ name }) => name ?? []),
      },
    }),
    used: [
      ...[...networks].flatMap((network) =>
        network?.subnet ? [{ range: network.subnet, what: `the network ${network.name}` }] : [],
      ),
      ...clusterCidrs(cluster).map(({ of, cidr }) => ({
        range: cidr,
        what: `the ${of} CIDR of the cluster`,
      })),
    ],
    others: new Map(
      others.flatMap(({ name, value }) => {
        const map = typeof value === 'string' ? parseJsonMap(value) : value;
        return isValueMap(map) ? [[name, map] as const] : [];
      }),
    ),
  };
}

function faultsIn(setting: Setting, around: Surroundings): Judged[] {
  const { name, value, at, isNew } = setting;
  const schema = clusterSettings().get(name)?.map;
  const judge = (fault: Fault, place: SourceLocation): Judged => ({
    isRefused: fault.effect === undefined,
    finding: {
      at: place,
      message: `${name}${pathText(fault.path)} ${fault.what}: ${consequence(fault, setting)}.`,
      help: helpFor(name),
    },
  });
  if (isValueMap(value)) {
    if (isBroken(value)) return [];
    return faultsOf(name, value, around).map((fault) => judge(fault, placeIn(value, fault.path, at)));
  }
  // An empty value is the default, except where the webhook always decodes it.
  if (value === '') return name === 'rwx-network' ? [judge({ path: [], what: 'must not be empty' }, at)] : [];
  if (!['string', 'number', 'boolean'].includes(typeof value)) return [];
  const text = String(value);
  if (!schema || !parseJsonMap(text)) {
    // setting-not-json and setting-object report other texts of a setting that is a map.
    if (schema || text.includes('${')) return [];
    // The installer removes blanks around a text.
    return faultsOf(name, isNew ? text.trim() : text, around).map((fault) => judge(fault, at));
  }
  // setting-object reports keys and types of a running cluster; a value with such an error cannot be checked.
  if (!isNew && errorsInText(text, at, name, schema, around.release)?.length) return [];
  const faults: Fault[] = [];
  const errors = errorsInText(text, at, name, ANY, undefined, (map, report) => {
    // setting-object reports keys and types of a running cluster.
    const decoded = isNew ? decodeFaults(map, schema, UNCHECKED.test(name)) : [];
    // A value of another type cannot be checked.
    const isDecoded = decoded.every(({ effect }) => effect !== undefined);
    const others = isDecoded ? faultsOf(name, map, around) : [];
    const isElsewhere = ({ path }: Fault) => !others.some((other) => String(other.path) === String(path));
    faults.push(...decoded.filter(isElsewhere), ...others);
    for (const { path } of faults) report({ message: name, at: placeIn(map, path, locationOf(map, '')) });
  });
  return faults.map((fault, index) => judge(fault, errors?.[index]?.at ?? at));
}

const ANY = { type: 'object', additionalProperties: true } as const;

/** Returns a right value, as it is written in the inventory. */
function helpFor(name: string): string {
  readDescriptions();
  const schema = follow(configSchema().properties?.system_settings ?? {}).properties?.[name];
  const [example] = schema ? (follow(schema).examples ?? []) : [];
  if (example === undefined) return "see the settings in Harvester's documentation";
  const text =
    typeof example === 'string' ? example : stringify(example, { collectionStyle: 'flow', lineWidth: 0 });
  return `write it as in \`${name}: ${text.trim().replaceAll('\n', ' ')}\``;
}

const pathText = (path: Fault['path']): string =>
  path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');

function consequence({ effect }: Fault, { name, isNew }: Setting): string {
  if (effect !== undefined) return effect;
  if (!isNew) return 'Harvester rejects the setting';
  return WITHOUT_DEFAULT.test(name)
    ? 'Harvester refuses it, and the setting has no effect'
    : 'Harvester refuses it at each of its starts, and the new cluster never gets ready';
}

/** Returns the location of a part of a map, or of the innermost map around a missing one. */
function placeIn(map: ValueMap, path: Fault['path'], otherwise: SourceLocation): SourceLocation {
  let [holder, at]: [unknown, SourceLocation] = [map, otherwise];
  for (const step of path) {
    if (typeof holder !== 'object' || holder === null || !(step in holder)) break;
    at = locationOf(holder, step as never);
    holder = (holder as ValueMap)[step as string];
  }
  return at;
}

const each =
  (isRefused: boolean): Rule['check'] =>
  (site, report) => {
    for (const one of judged(site)) {
      const { at, ...finding } = one.finding;
      if (one.isRefused === isRefused) report(at, { dedupe: true, ...finding });
    }
  };

/** Rules about what is in the values of settings. Source: as for `faultsOf`. */
export const settingRules = [
  error('setting-refused', {
    what: "The value of a system setting must be one that Harvester's webhook accepts.",
    why: 'The installer does not look into values. Harvester itself writes most settings again at each start, where the webhook refuses a wrong value: the start fails again and again, on a node that looks installed. A setting without a default has no effect then.',
  }).check(each(true)),
  warning('setting-doubtful', {
    what: 'The value of a system setting should be one that its user can read.',
    why: 'Harvester accepts some values that fail later: proxies without a scheme, certificates that cannot be parsed, ranges that other traffic has.',
  }).check(each(false)),
];
