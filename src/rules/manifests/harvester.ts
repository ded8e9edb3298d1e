import { isIP } from 'node:net';
import { groupOf, isOwnSetting } from '../../knowledge/cluster-dump.ts';
import { clusterNetworkIn, clusterSettings, likelySetting } from '../../knowledge/cluster-settings.ts';
import { configSchema, follow, hasNoEffect } from '../../knowledge/config-schema.ts';
import { parseJsonMap } from '../../knowledge/config-values.ts';
import { NEWEST_RELEASE } from '../../knowledge/harvester.ts';
import { ONCE_NAME } from '../../site/bootstrap.ts';
import { contentsErrors, errorsInText } from '../../site/cloud-init-contents.ts';
import { createNode, membersOf, roleNameOf } from '../../site/clusters.ts';
import { jsonIn, lacksIn, locationIn, manifestsOf, textIn, valueIn } from '../../site/manifests.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import { isBroken, isValueMap, keyLocationOf, locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';
import { isAtLeast, isAtMost } from '../../values/version.ts';
import { error, per, type Report, repeats, warning } from '../rule.ts';
import { type ManifestDraft, perManifest } from './manifests.ts';

/** Source of these rules: pkg/webhook/{vlanconfig,nad,clusternetwork} and pkg/utils of harvester/network-controller-harvester. */

const NICS = ['spec', 'uplink', 'nics'] as const;

/** Returns the members of its cluster that a VlanConfig selects by their host name; all of them without a selector. */
function nodesOf(object: ManifestDraft): readonly Draft<Node>[] {
  const selector = valueIn(object, ['spec', 'nodeSelector']);
  const members = object.cluster ? membersOf(object.cluster) : [];
  if (!isValueMap(selector) || Object.keys(selector).length === 0) return members;
  const { 'kubernetes.io/hostname': host, ...others } = selector;
  // Which nodes have other labels is not known here.
  return Object.keys(others).length > 0 ? [] : members.filter(({ name }) => name === host);
}

const CONFIG = ['spec', 'config'] as const;
const MTU = ['spec', 'uplink', 'linkAttributes', 'mtu'] as const;
const CLUSTER_NETWORK = ['metadata', 'labels', 'network.harvesterhci.io/clusternetwork'] as const;
const VLAN_ID = ['metadata', 'labels', 'network.harvesterhci.io/vlan-id'] as const;

function clusterNetworkOf(vlanConfig: ManifestDraft): string | undefined {
  return textIn(vlanConfig, 'spec', 'clusterNetwork');
}

export const manifestNetworkRules = [
  error('vlan-config-uplink', {
    what: 'A VlanConfig must use NICs of its nodes by their names, but not those of the management network.',
    why: 'Harvester rejects a VlanConfig of the cluster network mgmt. A wrong NIC would take the node off its management network.',
  }).check(perManifest('VlanConfig'), (object, report) => {
    if (clusterNetworkOf(object) === 'mgmt')
      report(locationIn(object, 'spec', 'clusterNetwork'), {
        message: 'A VlanConfig cannot change the cluster network mgmt: Harvester rejects it.',
        help: 'create another cluster network, or set the management NICs in the configuration of the nodes',
      });
    const nics = valueIn(object, NICS);
    const selected = textIn(object, 'spec', 'nodeSelector', 'kubernetes.io/hostname');
    if (selected !== undefined && object.cluster?.exists === false && nodesOf(object).length === 0)
      report(locationIn(object, 'spec', 'nodeSelector', 'kubernetes.io/hostname'), {
        message: `The cluster has no node ${selected}: this VlanConfig applies to no node.`,
        help: 'write the name of a node of the cluster',
      });
    for (const [index, nic] of Array.isArray(nics) ? nics.entries() : []) {
      if (typeof nic !== 'string') continue;
      const at = locationIn(object, ...NICS, index);
      const used = nodesOf(object).find(({ bond }) => bond?.some((one) => one?.name === nic));
      if (!/^[A-Za-z0-9._-]{1,15}$/.test(nic))
        report(at, {
          message: `${nic} is not the name of a NIC: the node finds no such NIC.`,
          help: 'write the name in the installed system, such as ens3',
        });
      else if (used)
        report(at, {
          message: `${nic} is a NIC of the management network of ${used.name}: the node would lose its connection.`,
          help: 'write another NIC of the node',
        });
    }
  }),
  warning('vlan-config-nic', {
    what: 'The NICs of a VlanConfig must be listed for its nodes, if the inventory lists more than their management NICs.',
    why: "Harvester's agent on the node does not find the NIC: the cluster network never becomes ready there.",
  }).check(perManifest('VlanConfig'), (object, report) => {
    const nics = valueIn(object, NICS);
    for (const [index, nic] of Array.isArray(nics) ? nics.entries() : []) {
      const lacking = nodesOf(object).filter(
        ({ nics = [], bond }) =>
          nics.length > (bond?.length ?? nics.length) && nics.every((one) => one?.name && one.name !== nic),
      );
      if (typeof nic !== 'string' || !lacking[0]) continue;
      report(locationIn(object, ...NICS, index), {
        message: `The inventory lists the NICs of ${namesOf(lacking)}, but no ${nic}: the VlanConfig applies to a NIC that the node may lack.`,
        related: [{ message: `${lacking[0].name} is defined at`, at: locationOf(lacking[0], 'name') }],
        help: `write one of ${(lacking[0].nics ?? []).map((one) => one?.name).join(', ')}, or add the NIC to the inventory`,
      });
    }
  }),
  error('vlan-config-overlap', {
    what: 'A node must have one VlanConfig for each cluster network, and all those of a cluster network the same MTU.',
    why: 'Harvester rejects the second VlanConfig.',
  }).check(({ clusters = [], manifests }, report) => {
    for (const cluster of clusters) {
      const configs = manifestsOf('VlanConfig')({ manifests }).filter(
        (config) => config.cluster === cluster && clusterNetworkOf(config) !== undefined,
      );
      const nodes = configs.flatMap((config) => nodesOf(config).map(({ name }) => ({ config, name })));
      for (const { later, first } of repeats(
        nodes,
        (node) => `${clusterNetworkOf(node.config)} ${node.name}`,
      ))
        report(locationIn(later.config, 'metadata', 'name'), {
          dedupe: true,
          message: `${later.name} has two VlanConfigs for the cluster network ${clusterNetworkOf(later.config)}: Harvester rejects the second one.`,
          related: [{ message: 'the other is at', at: locationIn(first.config, 'metadata', 'name') }],
          help: 'select other nodes with nodeSelector, or remove one of them',
        });
      checkMtus(configs, report);
    }
  }),
  /** Source: the validation rules in the CustomResourceDefinition of HostNetworkConfig (harvester/network-controller-harvester). */
  error('host-network-ips', {
    what: 'A HostNetworkConfig of the mode `static` must have `ips`, and each must be an IP address with a prefix length.',
    why: 'The cluster rejects the object: the nodes get no address in the network.',
  }).check(perManifest('HostNetworkConfig'), (object, report) => {
    const ips = valueIn(object, ['spec', 'ips']);
    const isEmpty = isValueMap(ips) ? Object.keys(ips).length === 0 : lacksIn(object, 'spec', 'ips');
    if (textIn(object, 'spec', 'mode') === 'static' && isEmpty)
      report(locationIn(object, 'spec', isValueMap(ips) ? 'ips' : 'mode'), {
        message: 'The mode static requires ips: the cluster rejects the HostNetworkConfig.',
        help: 'write `ips: { NODE: 192.0.2.10/24 }` with each node, or `mode: dhcp`',
      });
    for (const [node, ip] of Object.entries(isValueMap(ips) ? ips : {}))
      if (typeof ip === 'string' && !hasPrefixLength(ip))
        report(locationIn(object, 'spec', 'ips', node), {
          message: `The address ${ip} of ${node} is not one with a prefix length: the cluster rejects the HostNetworkConfig.`,
          help: isIP(ip)
            ? `write ${ip}/24, with the prefix length of the network`
            : 'write an address such as 192.0.2.10/24',
        });
  }),
  error('vm-network-config', {
    what: 'The `config` of a VM network must be JSON with the bridge of its cluster network and a VLAN from 0 to 4094.',
    why: 'Harvester rejects the network, or VMs are connected to another VLAN than its labels show.',
  }).check(perManifest('NetworkAttachmentDefinition'), (object, report) => {
    const at = locationIn(object, ...CONFIG);
    const config = configOf(object);
    if (textIn(object, ...CONFIG) === undefined) return;
    if (!config) {
      const help =
        'write `\'{"cniVersion":"0.3.1","name":"…","type":"bridge","bridge":"…-br","promiscMode":true,"vlan":100,"ipam":{}}\'`';
      report(at, { message: 'spec.config is not the JSON of a map: Harvester rejects the network.', help });
      return;
    }
    const { type, bridge, vlan } = config;
    if (type !== 'bridge') return;
    const label = textIn(object, ...CLUSTER_NETWORK);
    const id = textIn(object, ...VLAN_ID);
    const name = typeof bridge === 'string' ? /^(.+)-br$/.exec(bridge)?.[1] : undefined;
    if (name === undefined)
      report(at, {
        message: 'spec.config has no bridge of a cluster network: Harvester rejects the VM network.',
        help: `write \`"bridge": "${label ?? 'NAME'}-br"\``,
      });
    else if (label !== undefined && label !== name)
      report(at, {
        message: `The bridge ${bridge} is that of the cluster network ${name}, but the label names ${label}: Harvester rejects the VM network.`,
        related: [{ message: 'the label is at', at: locationIn(object, ...CLUSTER_NETWORK) }],
        help: `write ${label}-br, or correct the label`,
      });
    const isVlan = Number.isInteger(vlan) && Number(vlan) >= 0 && Number(vlan) <= 4094;
    if (vlan !== undefined && !isVlan)
      report(at, {
        message: `The VLAN ${JSON.stringify(vlan)} is not a number from 0 to 4094: Harvester rejects the VM network.`,
        help: 'write the number of a VLAN, without quotes',
      });
    else if (vlan !== undefined && id !== undefined && id !== String(vlan))
      report(at, {
        message: `VMs are connected to VLAN ${vlan}, but the label vlan-id is ${id}.`,
        related: [{ message: 'the label is at', at: locationIn(object, ...VLAN_ID) }],
        help: 'write the same VLAN in both',
      });
  }),
  warning('vm-network-twice', {
    what: 'A VLAN of a cluster network should have one VM network in a namespace.',
    why: 'VMs on both networks are on the same VLAN, which neither name shows: often one number is a typo.',
  }).check(
    per.repeat(manifestsOf('NetworkAttachmentDefinition'), (object) => locationIn(object, ...CONFIG), vlanOf),
    (later, first) => ({
      message: `${later.name} is VLAN ${configOf(later)?.vlan} of the same cluster network as ${first.name}: their VMs are on one network.`,
      related: `${first.name} is at`,
      help: 'correct the VLAN, or use one VM network',
    }),
  ),
];

/** Returns the VLAN of a VM network and all that it must be unique in. */
function vlanOf(object: ManifestDraft): string | undefined {
  const { bridge, vlan } = configOf(object) ?? {};
  const isKnown = typeof bridge === 'string' && typeof vlan === 'number';
  return isKnown ? [object.cluster?.name, object.namespace, bridge, vlan].join(' ') : undefined;
}

/** An unset MTU, and 0, are 1500. */
function mtuOf(object: ManifestDraft): number {
  const mtu = valueIn(object, MTU);
  return typeof mtu === 'number' && mtu !== 0 ? mtu : 1500;
}

function checkMtus(vlanConfigs: readonly ManifestDraft[], report: Report): void {
  for (const { later, first } of repeats(vlanConfigs, clusterNetworkOf))
    if (mtuOf(first) !== mtuOf(later))
      report(locationIn(later, ...MTU), {
        message: `The MTU ${mtuOf(later)} differs from ${mtuOf(first)} of another VlanConfig of ${clusterNetworkOf(later)}: Harvester rejects it.`,
        related: [{ message: 'the other is at', at: locationIn(first, ...MTU) }],
        help: 'set the same MTU in both',
      });
}

/** Whether a text is an IP address with a prefix length. Source: isCIDR of Kubernetes. */
export function hasPrefixLength(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isLength = /^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= longest;
  return isLength && rest.length === 0 && !address.includes('%');
}

interface NetworkConfig {
  readonly type?: unknown;
  readonly bridge?: unknown;
  readonly vlan?: unknown;
  readonly vlanTrunk?: unknown;
}

/** Whether a VM network has a VLAN, itself or in its trunk. */
function hasVlan({ vlan, vlanTrunk }: NetworkConfig = {}, target: number): boolean {
  const ranges = Array.isArray(vlanTrunk) ? vlanTrunk.filter(isValueMap) : [];
  const isWithin = ({ id, minID = id, maxID = id }: Record<string, unknown>) =>
    Number(minID) <= target && target <= Number(maxID);
  return vlan === target || ranges.some(isWithin);
}

function configOf(object: ManifestDraft): NetworkConfig | undefined {
  const config = jsonIn(object, ...CONFIG);
  return isValueMap(config) ? (config as NetworkConfig) : undefined;
}

/** Source of these rules: pkg/webhook/resources/setting of harvester/harvester. */

/** A setting of a running cluster, of a manifest or of the inventory of a cluster that exists. */
export interface Setting {
  readonly cluster: Draft<Cluster> | undefined;
  readonly name: string;
  readonly nameAt: SourceLocation;
  readonly value: unknown;
  readonly at: SourceLocation;
  readonly isObject?: true;
  /** Whether the installation of the cluster sets it. */
  readonly isNew?: boolean;
}

/** Returns the settings of running clusters and, if wanted, those that the installation of new ones sets. */
export function* settingsOf({ manifests, clusters = [] }: Draft<Site>, withNew = false): Iterable<Setting> {
  for (const one of manifestsOf('Setting')({ manifests })) {
    const { cluster, name } = one;
    if (name === undefined || groupOf(one.apiVersion) !== 'harvesterhci.io') continue;
    const [nameAt, at] = [locationIn(one, 'metadata', 'name'), locationIn(one, 'value')];
    yield { cluster, name, nameAt, value: textIn(one, 'value'), at, isObject: true };
  }
  for (const cluster of clusters) {
    const isNew = cluster?.exists !== true;
    const [first] = cluster && !isNew ? membersOf(cluster) : [];
    const own = isNew ? cluster && withNew && createNode(cluster)?.userConfig : first?.clusterConfig;
    const settings: Readonly<Record<string, unknown>> = (own || undefined)?.system_settings ?? {};
    for (const [name, value] of Object.entries(settings)) {
      const [nameAt, at] = [keyLocationOf(settings, name), locationOf(settings, name)];
      yield { cluster, name, nameAt, value, at, isNew };
    }
  }
}

export const manifestSettingRules = [
  error('setting-object', {
    what: 'A setting of a running cluster must have a name of its release, and a value that Harvester accepts.',
    why: 'The cluster ignores a setting that it does not know, and rejects a wrong value.',
  }).check(
    per.item<Setting>((site) => settingsOf(site)),
    ({ cluster, name, nameAt, value, at, isObject }, report) => {
      const release = cluster?.version;
      if (!release || isOwnSetting(name)) return;
      const known = clusterSettings().get(name);
      if (!known) {
        const meant = likelySetting(name, release);
        // A newer release may have more.
        if (!meant && !isAtMost(release, NEWEST_RELEASE)) return;
        report(nameAt, {
          message: `Harvester has no setting ${name}: ${meant ? `did you mean ${meant}?` : 'the cluster ignores it.'}`,
          help: meant
            ? `write ${meant}`
            : 'write a name that `kubectl get settings.harvesterhci.io` lists, or silence the rule for a newer one',
        });
        return;
      }
      if (!isAtLeast(release, known.since))
        return report(nameAt, {
          message: `The setting ${name} came with Harvester ${known.since}: ${release.text} ignores it.`,
          help: 'remove it, or upgrade the cluster first',
        });
      const schema = follow(configSchema().properties?.system_settings ?? {}).properties?.[name];
      // key-without-effect reports a setting of the inventory.
      if (isObject && schema && hasNoEffect(schema, release))
        return report(nameAt, {
          message: `The setting ${name} has no effect in Harvester ${release.text}. ${schema['x-no-effect']}`,
          help: 'remove it',
        });
      // An empty value is the default.
      const text = typeof value === 'string' ? value.replace(/\$\{secret:[^}]*\}/g, '0').trim() : '';
      if (!known.map || text === '' || text === '0') return;
      if (!parseJsonMap(text))
        return report(at, {
          message: `The value of the setting ${name} is not the JSON of a map: Harvester rejects it.`,
          help: `write JSON, with keys such as ${Object.keys(known.map.properties ?? {})
            .slice(0, 3)
            .join(', ')}`,
        });
      for (const error of errorsInText(text, at, `The setting ${name}`, known.map, release) ?? [])
        report(error.at, error);
    },
  ),
  error('storage-vlan-exclusive', {
    what: 'An exclusive VLAN of storage-network must be from 2 to 4094, and that of no VM network of any cluster network.',
    why: 'Harvester rejects the setting, and the storage stays on the management network (checkExclusiveVlan in its webhook, from v1.9.0).',
  }).check(
    per.item<Setting>((site) => settingsOf(site)),
    ({ cluster, name, value, at }, report, { manifests }) => {
      const map = typeof value === 'string' ? parseJsonMap(value) : value;
      if (name !== 'storage-network' || !isValueMap(map) || map.exclusiveVlan !== true) return;
      const vlan = Number(map.vlan ?? 0);
      const other = manifestsOf('NetworkAttachmentDefinition')({ manifests }).find(
        (one) => one.cluster === cluster && hasVlan(configOf(one), vlan),
      );
      if (!other && vlan > 1) return;
      report(at, {
        message: `The VLAN ${vlan} of storage-network ${vlan > 1 ? `is exclusive, but the VM network ${other?.name} has it, too` : 'cannot be exclusive'}: Harvester rejects the setting.`,
        related:
          other && vlan > 1 ? [{ message: 'that network is at', at: locationIn(other, ...CONFIG) }] : [],
        help: `set another VLAN${other && vlan > 1 ? ' in one of them' : ''}, or remove exclusiveVlan`,
      });
    },
  ),
  warning('setting-network', {
    what: 'The cluster network of a setting should be one of the manifests, with an uplink on every node but a witness.',
    why: 'Harvester rejects the setting otherwise: its traffic stays on the management network.',
  }).check(
    per.item<Setting>((site) => settingsOf(site)),
    ({ cluster, name, value, at }, report, site) => {
      const network = clusterNetworkIn(name, value);
      if (network === undefined || network === 'mgmt' || !cluster || isBroken(site, 'manifests')) return;
      const own = (kind: string) => manifestsOf(kind)(site).filter((one) => one.cluster === cluster);
      if (!own('ClusterNetwork').some((one) => one.name === network))
        return report(at, {
          message: `No manifest defines the cluster network ${network}, which ${name} uses: Harvester rejects the setting.`,
          help: 'correct the name, or add the ClusterNetwork and its VlanConfigs; or silence the rule if the cluster has them',
        });
      const selectors = own('VlanConfig')
        .filter((config) => clusterNetworkOf(config) === network)
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
    },
  ),
];

/** Files in /oem of a node that belong to Harvester. Source: pkg/webhook of harvester/node-manager, and Harvester's upgrades. */
const FILES_OF_HARVESTER =
  /^(9[09]_custom|99_settings|91_cleanup_kubelet|92_hostname_override|99_disable_lh_multipathd)\.yaml$|^(elemental\.config|grubenv|harvester\.config|install)/;

/** The files of the CloudInits that harvgen derives from the inventory. */
const FILES_OF_INVENTORY = /^9[56]_harvgen[._]/;

export const manifestNodeRules = [
  error('cloud-init-file-twice', {
    what: 'A file of a CloudInit must be that of no other CloudInit of its cluster.',
    why: 'All CloudInits write to /oem of their nodes: the cluster rejects the second one, or it replaces the file of the first.',
  }).check(({ manifests }, report) => {
    const all = manifestsOf('CloudInit')({ manifests });
    const fileOf = (one: ManifestDraft) => textIn(one, 'spec', 'filename');
    for (const one of all)
      if (FILES_OF_INVENTORY.test(fileOf(one) ?? '') && one.name !== ONCE_NAME)
        report(locationIn(one, 'spec', 'filename'), {
          message: `${fileOf(one)} is a file of the CloudInits that harvgen writes: one would replace the other.`,
          help: 'choose another name, such as 97_example.yaml',
        });
    const keyOf = (one: ManifestDraft) => fileOf(one) && `${one.cluster?.name} ${fileOf(one)}`;
    for (const { later, first } of repeats(all, keyOf))
      report(locationIn(later, 'spec', 'filename'), {
        message: `The CloudInits ${first.name} and ${later.name} have the same file ${fileOf(later)}: one would replace the other.`,
        related: [{ message: 'the other is at', at: locationIn(first, 'spec', 'filename') }],
        help: 'choose another file name',
      });
  }),
  error('cloud-init-object', {
    what: 'A CloudInit must have its own file name that ends in .yaml, no secret, and `contents` of known stages, keys and types.',
    why: 'The node ignores unknown keys and stages. A file that it cannot decode disables all files of its directory: the node boots without its network and with the password of the image.',
  }).check(perManifest('CloudInit'), (object, report) => {
    const [filename, contents] = ['filename', 'contents'].map((key) => textIn(object, 'spec', key));
    if (filename !== undefined && (!/^[\w.-]+\.yaml$/.test(filename) || FILES_OF_HARVESTER.test(filename)))
      report(locationIn(object, 'spec', 'filename'), {
        message: `${filename} cannot be the file of a CloudInit: ${FILES_OF_HARVESTER.test(filename) ? 'it belongs to Harvester' : 'its name does not end in .yaml'}.`,
        help: 'write a name such as 95_example.yaml',
      });
    if (contents === undefined) return;
    const at = locationIn(object, 'spec', 'contents');
    if (contents.includes('${secret:'))
      report(at, {
        message: 'The contents of a CloudInit cannot have a secret: every user of the cluster can read them.',
        help: 'set it in config.os of the nodes',
      });
    else if (contents.startsWith('#cloud-config'))
      report(at, {
        message:
          'The contents begin with #cloud-config: the node reads them as another format, which harvgen does not check.',
        help: 'remove the comment, and write `stages:`',
      });
    else {
      const errors = contentsErrors(contents, at);
      for (const error of errors ?? []) report(error.at, error);
      if (!errors)
        report(at, {
          message: 'The contents are not one valid map in YAML: the node would ignore all files of /oem.',
          help: 'write one document that begins with `stages:`, and each key once',
        });
    }
  }),
];
