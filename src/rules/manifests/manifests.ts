import { groupOf, isOwnSetting } from '../../knowledge/cluster-dump.ts';
import { CLOUD_INIT_SINCE } from '../../knowledge/installed-keys.ts';
import { manifestKind } from '../../knowledge/manifest-kinds.ts';
import { isJson } from '../../secrets/uses-of.ts';
import { isSelected } from '../../site/bootstrap.ts';
import { isCloudConfig } from '../../site/cloud-config.ts';
import { createNode } from '../../site/clusters.ts';
import {
  CLAIM_TEMPLATES,
  claimTemplates,
  jsonIn,
  lacksIn,
  locationIn,
  manifestsOf,
  mapsIn,
  qualified,
  textIn,
  valueIn,
} from '../../site/manifests.ts';
import type { Manifest } from '../../site/model.ts';
import { leavesBelow, type Path, pathText } from '../../source/leaf.ts';
import { isBroken, isValueMap, keyLocationOf, locationOf } from '../../source/origin.ts';
import { replaceValue, replaceWord, safeFix, suggestedFix } from '../../source/text-edit/fix.ts';
import { isYamlTemplate } from '../../source/yaml-placeholders.ts';
import type { Draft } from '../../values/draft.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, per, warning } from '../rule.ts';

export type ManifestDraft = Draft<Manifest>;

/** Returns a check of each manifest of one kind. */
export const perManifest = (kind: string) => per.item<ManifestDraft>(manifestsOf(kind));

const perObject = per.item<ManifestDraft>(({ manifests = [] }) => manifests);

/** Kinds whose names may be any part of a path. Source: ValidatePathSegmentName of k8s.io/apimachinery. */
const FREE_NAME = /Role(Binding)?$/;
/** Source: pkg/util/constants.go of harvester/harvester. */
const QUOTA_NAME = 'default-resource-quota';

/** Objects that belong to Harvester, its controllers or its upgrades, and what to do instead. */
const OF_HARVESTER: Readonly<Record<string, string>> = {
  'StorageClass/harvester-longhorn': 'create another storage class, and make it the default in the dashboard',
  'HelmChartConfig/rke2-ingress-nginx': 'set config.system_settings.ssl-certificates',
  'HelmChartConfig/rke2-traefik': 'set config.system_settings.ssl-certificates',
  'ManagedChart/harvester': 'use system settings',
  'ClusterNetwork/mgmt': 'remove it: every cluster has it',
  Setting: 'remove it: Harvester writes it',
};

const TEMPLATE: Path = ['spec', 'template', 'spec'];
const CLUSTER_NETWORK = { kind: 'ClusterNetwork', path: ['spec', 'clusterNetwork'] };

/** References by the kind of the object that has them; those of a VM are in several lists. */
const REFERENCES: Readonly<Record<string, { readonly kind: string; readonly path: Path }>> = {
  VlanConfig: CLUSTER_NETWORK,
  HostNetworkConfig: CLUSTER_NETWORK,
  NetworkAttachmentDefinition: {
    kind: 'ClusterNetwork',
    path: ['metadata', 'labels', 'network.harvesterhci.io/clusternetwork'],
  },
  ScheduleVMBackup: { kind: 'VirtualMachine', path: ['spec', 'vmbackup', 'source', 'name'] },
  Upgrade: { kind: 'Version', path: ['spec', 'version'] },
};

const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const WORDS: Readonly<Record<string, string>> = {
  ClusterNetwork: 'cluster network',
  VirtualMachine: 'VM',
  VirtualMachineImage: 'VM image',
  NetworkAttachmentDefinition: 'VM network',
  KeyPair: 'key pair',
  Version: 'Version',
  Secret: 'Secret',
};

export const manifestRules = [
  warning('manifest-unchecked', {
    what: 'The kind of an object should be one that harvgen knows.',
    why: 'An object of another kind is written unchecked: the cluster may reject it or ignore its keys.',
  }).check(perObject, ({ apiVersion = '', kind = '', body }, report) => {
    if (manifestKind(apiVersion, kind)) return;
    report(locationOf(body as Record<string, unknown>, 'kind'), {
      message: `harvgen does not know the keys of ${kind} in ${apiVersion}: only its metadata is checked.`,
      help: 'check it with `kubectl apply --dry-run=server`, then silence the rule',
    });
  }),
  error('manifest-name', {
    what: 'The name of an object must consist of lower-case letters, digits, hyphens and dots; a namespace has no dots.',
    why: 'Kubernetes rejects the object. A cluster network is also a bridge of Linux, whose name has at most 15 characters: `<name>-br`. Harvester reads one ResourceQuota of a namespace, by its name.',
  }).check(perObject, (object, report) => {
    const { kind = '', name, namespace } = object;
    const help = 'use lower-case letters, digits and hyphens, with a letter or digit at both ends';
    if (namespace !== undefined && !/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace))
      report(locationIn(object, 'metadata', 'namespace'), {
        message: `${JSON.stringify(namespace)} is not a namespace of Kubernetes: the cluster rejects the object.`,
        help,
      });
    if (name === undefined || name.includes('${')) return;
    const at = locationIn(object, 'metadata', 'name');
    if (kind === 'ResourceQuota' && groupOf(object.apiVersion) === 'harvesterhci.io' && name !== QUOTA_NAME)
      report(at, {
        message: `The ResourceQuota ${name} of Harvester must have the name ${QUOTA_NAME}: it limits nothing otherwise.`,
        fix: safeFix(replaceValue(at, QUOTA_NAME)),
        help: `write \`name: ${QUOTA_NAME}\`; its namespace is the one that it limits`,
      });
    const isFree = FREE_NAME.test(kind);
    if (!(isFree ? /^(?!\.{1,2}$)[^/%\p{Cc}]+$/u : /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/).test(name))
      report(at, {
        message: `${name} is not a name of Kubernetes: the cluster rejects the object.`,
        help: isFree ? 'use a name without `/`, `%` and control characters' : help,
      });
    else if (kind === 'ClusterNetwork' && name.length > 12)
      report(at, {
        message: `The cluster network ${name} has ${name.length} characters, but at most 12 are possible: Harvester rejects it.`,
        help: 'choose a shorter name',
      });
  }),
  error('manifest-of-harvester', {
    what: 'A manifest must not define an object that Harvester or its upgrades define.',
    why: 'Two owners overwrite the values of each other, and an upgrade of Harvester can fail.',
  }).check(perObject, (object, report) => {
    const { kind, name = '' } = object;
    const isSetting = kind === 'Setting' && groupOf(object.apiVersion) === 'harvesterhci.io';
    const help = OF_HARVESTER[isSetting && isOwnSetting(name) ? 'Setting' : `${kind}/${name}`];
    const message = `${kind} ${name} belongs to Harvester: a manifest must not define it.`;
    if (!help) return;
    // The ingress is nginx before v1.9.0, then Traefik.
    const { version } = object.cluster ?? {};
    const tls =
      version && isAtLeast(version, 'v1.9.0')
        ? ', or the Setting traefik-default-tls-options'
        : ' or ssl-parameters';
    report(locationIn(object, 'metadata', 'name'), {
      message,
      help: kind === 'HelmChartConfig' ? help + tls : help,
    });
  }),
  error('secret-in-data', {
    what: 'The `data` of a Secret must be base64; texts and references to secrets must be in `stringData`.',
    why: 'Kubernetes rejects other texts, and a secret that is substituted later cannot be encoded.',
  }).check(perManifest('Secret'), (object, report) => {
    const data = valueIn(object, ['data']);
    for (const [key, value] of Object.entries(isValueMap(data) ? data : {}))
      if (typeof value === 'string' && !BASE64.test(value))
        report(locationIn(object, 'data', key), {
          message: `data.${key} is not base64: Kubernetes rejects the Secret.`,
          help: 'move it to stringData, which takes plain text',
        });
  }),
  warning('manifest-reference', {
    what: 'An object to which another one refers should be a manifest of the same cluster.',
    why: 'Unless it was created in the dashboard, the cluster rejects the object, or the VM does not start.',
  }).check(perObject, (object, report, site) => {
    const { manifests = [] } = site;
    if (isBroken(site, 'manifests')) return;
    for (const [kind, to, path] of referencesOf(object)) {
      if (to === undefined) continue;
      const isInNamespace = kind !== 'ClusterNetwork';
      const nameOf = (manifest: ManifestDraft) =>
        isInNamespace ? `${manifest.namespace}/${manifest.name}` : manifest.name;
      const all = manifests.flatMap((one) =>
        one?.kind === kind && one.cluster === object.cluster ? (nameOf(one) ?? []) : [],
      );
      const id = isInNamespace ? qualified(to, object) : to;
      if (all.includes(id) || (kind === 'ClusterNetwork' && to === 'mgmt')) continue;
      const meant = nearest(id, all, 0.25);
      const written = to.includes('/') ? `${meant}` : `${meant}`.replace(/^.*\//, '');
      report(locationIn(object, ...path), {
        message: `No manifest defines the ${WORDS[kind]} ${to}${meant ? `: did you mean ${meant}?` : ', to which this object refers.'}`,
        fix: meant ? suggestedFix(replaceWord(locationIn(object, ...path), to, written)) : undefined,
        help: meant
          ? `write ${written}`
          : `add the ${WORDS[kind]}, or silence the rule if it exists in the cluster`,
      });
    }
  }),
  error('bootstrap-unused', {
    tag: 'unnecessary',
    what: 'An entry of `cluster.bootstrap` must select a manifest, and the site must contain the node that creates the cluster.',
    why: 'The installation would not create the object.',
  }).check(per.cluster, (cluster, report, site) => {
    const { manifests = [] } = site;
    const { bootstrap = [], exists, name } = cluster;
    if (bootstrap.length === 0 || isBroken(site, 'manifests')) return;
    if (exists || (exists === false && !createNode(cluster)))
      return report(keyLocationOf(cluster, 'bootstrap'), {
        message: `No node of this site creates the cluster ${name}: bootstrap has no effect.`,
        help: 'remove bootstrap, and apply the manifests to the running cluster',
      });
    const own = manifests.flatMap((manifest) => (manifest?.cluster === cluster ? manifest : []));
    for (const [index, entry] of bootstrap.entries()) {
      if (entry === undefined || own.some((one) => isSelected(entry, one))) continue;
      const names = own.flatMap((one) => [one.kind ?? '', `${one.kind}/${one.name}`]);
      const meant = nearest(entry, names, 0.25);
      report(locationOf(bootstrap, index), {
        message: `No manifest of ${name} is ${entry}${meant ? `: did you mean ${meant}?` : ': the installation creates nothing for it.'}`,
        fix: meant ? suggestedFix(replaceValue(locationOf(bootstrap, index), meant)) : undefined,
        help: meant ? `write ${meant}` : 'add the object to manifests/, or remove the entry',
      });
    }
  }),
  warning('bootstrap-overwrites', {
    what: 'Objects that the installation creates should be in a release with CloudInit resources.',
    why: 'RKE2 applies the files of the installation again at each start of the create node, and overwrites later changes. From v1.3.0 on, a CloudInit resource ends that.',
  }).check(per.cluster, (cluster, report) => {
    const { bootstrap = [], version } = cluster;
    if (bootstrap.length === 0 || !version || isAtLeast(version, CLOUD_INIT_SINCE)) return;
    report(keyLocationOf(cluster, 'bootstrap'), {
      message: `${version.text} has no CloudInit resources: each boot of the create node overwrites later changes of these objects.`,
      help: 'bootstrap only objects that never change; or apply the manifests to the running cluster',
    });
  }),
  error('bootstrap-secret', {
    what: 'A cloud-config or JSON in an object that the installation creates must not refer to a secret.',
    why: 'The installation substitutes values for plain text: a value with a quote or a line break would change the cloud-config or JSON.',
  }).check(perObject, (object, report) => {
    if (!object.bootstrap) return;
    for (const { path, value } of leavesBelow(object, 'body', [])) {
      if (typeof value !== 'string' || !value.includes('${secret:')) continue;
      if (!isCloudConfig(value) && !isYamlTemplate(value) && !isJson(value)) continue;
      report(locationIn(object, ...path), {
        message: `${pathText(path)} has a secret within ${isJson(value) ? 'JSON' : 'cloud-config'}, which the installation cannot quote.`,
        help: 'remove the object from cluster.bootstrap: scripts/apply-cluster.sh quotes the value',
      });
    }
  }),
  error('bootstrap-vm', {
    what: 'A VM that the installation creates must be halted.',
    why: 'A VM that starts by itself can keep the installation of Harvester from finishing (harvester/harvester#8407).',
  }).check(perManifest('VirtualMachine'), (vm, report) => {
    const isHalted = /^(Halted|Manual)$/.test(textIn(vm, 'spec', 'runStrategy') ?? '');
    if (!vm.bootstrap || isHalted || valueIn(vm, ['spec', 'running']) === false) return;
    report(locationIn(vm, 'spec', 'runStrategy'), {
      message: `The VM ${vm.name} starts during the installation of its cluster, which may then not finish.`,
      help: 'write `runStrategy: Halted`, or remove the VM from cluster.bootstrap',
    });
  }),
  error('upgrade-version', {
    what: 'An upgrade must be to the next minor release or a later patch, and its ISO must have a SHA-512 checksum.',
    why: 'Harvester does not downgrade and skips no minor release; without a valid checksum it rejects the ISO.',
  }).check(perManifest('Version'), (object, report) => {
    const { name = '', cluster } = object;
    const from = cluster?.version;
    const checksum = textIn(object, 'spec', 'isoChecksum');
    if (checksum === undefined ? lacksIn(object, 'spec', 'isoChecksum') : !/^[0-9a-f]{128}$/i.test(checksum))
      report(locationIn(object, 'spec', 'isoChecksum'), {
        message:
          checksum === undefined
            ? `The Version ${name} has no isoChecksum: Harvester rejects the upgrade.`
            : 'isoChecksum is not a SHA-512 checksum: Harvester rejects the upgrade.',
        help: 'write the SHA-512 of the ISO, or `"${site:sha512.FILE}"` for a pinned one',
      });
    const [, major, minor, patch] = /^v(\d+)\.(\d+)\.(\d+)/.exec(name) ?? [];
    if (!from || major === undefined) return;
    const steps = (Number(major) - from.major) * 100 + Number(minor) - from.minor;
    if (steps === 1 || (steps === 0 && Number(patch) > from.patch)) return;
    report(locationIn(object, 'metadata', 'name'), {
      message: `${from.text} cannot be upgraded to ${name}: Harvester upgrades to a later patch or to the next minor release.`,
      related: [{ message: 'the release of the cluster is set at', at: locationOf(cluster, 'version') }],
      help: 'choose a later patch, or the next minor release',
    });
  }),
];

/** A reference of an object to another one: the kind, the name as `namespace/name` or `name`, and the path of the reference. */
type Reference = readonly [kind: string, name: string | undefined, path: Path];

/** Yields the references of an object to others that a manifest can define. */
function* referencesOf(object: ManifestDraft): Iterable<Reference> {
  const { kind, path } = REFERENCES[object.kind ?? ''] ?? {};
  if (kind && path) yield [kind, textIn(object, ...path), path];
  if (object.kind !== 'VirtualMachine') return;
  for (const { image } of claimTemplates(object) ?? []) yield ['VirtualMachineImage', image, CLAIM_TEMPLATES];
  const keys = ['spec', 'template', 'metadata', 'annotations', 'harvesterhci.io/sshNames'];
  const names = jsonIn(object, ...keys);
  for (const name of Array.isArray(names) ? names : [])
    if (typeof name === 'string') yield ['KeyPair', name, keys];
  for (const index of mapsIn(object, ...TEMPLATE, 'networks').keys()) {
    const path = [...TEMPLATE, 'networks', index, 'multus', 'networkName'];
    yield ['NetworkAttachmentDefinition', textIn(object, ...path), path];
  }
  for (const index of mapsIn(object, ...TEMPLATE, 'volumes').keys())
    for (const source of ['cloudInitNoCloud', 'cloudInitConfigDrive'])
      for (const key of ['secretRef', 'networkDataSecretRef']) {
        const path = [...TEMPLATE, 'volumes', index, source, key, 'name'];
        yield ['Secret', textIn(object, ...path), path];
      }
}
