import { isIP } from 'node:net';
import { membersOf } from '../../site/clusters.ts';
import { jsonIn, lacksIn, locationIn, manifestsOf, textIn, valueIn } from '../../site/manifests.ts';
import type { Manifest, Node } from '../../site/model.ts';
import { isValueMap } from '../../source/origin.ts';
import type { Draft } from '../../values/draft.ts';
import { error, type Report, type Rule, warning } from '../rule.ts';
import { repeats } from '../support.ts';
import { perManifest } from './manifests.ts';

type Object = Draft<Manifest>;

/** Source of these rules: pkg/webhook/{vlanconfig,nad,clusternetwork} and pkg/utils of harvester/network-controller-harvester. */

const NICS = ['spec', 'uplink', 'nics'] as const;

/** Returns the members of its cluster that a VlanConfig selects by their host name; all of them without a selector. */
function nodesOf(object: Object): readonly Draft<Node>[] {
  const selector = valueIn(object, ['spec', 'nodeSelector']);
  const members = object.cluster ? membersOf(object.cluster) : [];
  if (!isValueMap(selector) || Object.keys(selector).length === 0) return members;
  const { 'kubernetes.io/hostname': host, ...others } = selector;
  // Which nodes have other labels is not known here.
  return Object.keys(others).length > 0 ? [] : members.filter(({ name }) => name === host);
}

const CONFIG = ['spec', 'config'] as const;
const LABEL = 'network.harvesterhci.io/';

export const manifestNetworkRules: readonly Rule[] = [
  error('vlan-config-uplink', {
    what: 'A VlanConfig must use NICs of its nodes by their names, but not those of the management network.',
    why: 'Harvester rejects a VlanConfig of the cluster network mgmt. A wrong NIC would take the node off its management network.',
    check: perManifest('VlanConfig', (object, report) => {
      if (textIn(object, 'spec', 'clusterNetwork') === 'mgmt') {
        const help =
          'create another cluster network, or set the management NICs in the configuration of the nodes';
        const message = 'A VlanConfig cannot change the cluster network mgmt: Harvester rejects it.';
        report(locationIn(object, 'spec', 'clusterNetwork'), { message, help });
      }
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
  }),
  error('vlan-config-overlap', {
    what: 'A node must have one VlanConfig for each cluster network, and all those of a cluster network the same MTU.',
    why: 'Harvester rejects the second VlanConfig.',
    check({ clusters = [], manifests }, report) {
      for (const cluster of clusters) {
        const own = manifestsOf('VlanConfig')({ manifests }).filter(
          (one) => one.cluster === cluster && textIn(one, 'spec', 'clusterNetwork') !== undefined,
        );
        const spots = own.flatMap((object) =>
          nodesOf(object).map(({ name }) => ({
            object,
            name,
            id: `${textIn(object, 'spec', 'clusterNetwork')} ${name}`,
          })),
        );
        const reported = new Set<Object>();
        for (const { one, first } of repeats(spots, ({ id }) => id)) {
          if (reported.has(one.object)) continue;
          reported.add(one.object);
          report(locationIn(one.object, 'metadata', 'name'), {
            message: `${one.name} has two VlanConfigs for the cluster network ${textIn(one.object, 'spec', 'clusterNetwork')}: Harvester rejects the second one.`,
            related: [{ message: 'the other is at', at: locationIn(first.object, 'metadata', 'name') }],
            help: 'select other nodes with nodeSelector, or remove one of them',
          });
        }
        checkMtus(own, report);
      }
    },
  }),
  /** Source: the validation rules in the CustomResourceDefinition of HostNetworkConfig (harvester/network-controller-harvester). */
  error('host-network-ips', {
    what: 'A HostNetworkConfig of the mode `static` must have `ips`, and each must be an IP address with a prefix length.',
    why: 'The cluster rejects the object: the nodes get no address in the network.',
    check: perManifest('HostNetworkConfig', (object, report) => {
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
  }),
  error('vm-network-config', {
    what: 'The `config` of a VM network must be JSON with the bridge of its cluster network and a VLAN from 0 to 4094.',
    why: 'Harvester rejects the network, or VMs are connected to another VLAN than its labels show.',
    check: perManifest('NetworkAttachmentDefinition', (object, report) => {
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
      const label = textIn(object, 'metadata', 'labels', `${LABEL}clusternetwork`);
      const id = textIn(object, 'metadata', 'labels', `${LABEL}vlan-id`);
      const name = typeof bridge === 'string' ? /^(.+)-br$/.exec(bridge)?.[1] : undefined;
      if (name === undefined)
        report(at, {
          message: 'spec.config has no bridge of a cluster network: Harvester rejects the VM network.',
          help: `write \`"bridge": "${label ?? 'NAME'}-br"\``,
        });
      else if (label !== undefined && label !== name)
        report(at, {
          message: `The bridge ${bridge} is that of the cluster network ${name}, but the label names ${label}: Harvester rejects the VM network.`,
          related: [
            {
              message: 'the label is at',
              at: locationIn(object, 'metadata', 'labels', `${LABEL}clusternetwork`),
            },
          ],
          help: `write ${label}-br, or correct the label`,
        });
      if (
        vlan !== undefined &&
        !(Number.isInteger(vlan) && (vlan as number) >= 0 && (vlan as number) <= 4094)
      )
        report(at, {
          message: `The VLAN ${JSON.stringify(vlan)} is not a number from 0 to 4094: Harvester rejects the VM network.`,
          help: 'write the number of a VLAN, without quotes',
        });
      else if (vlan !== undefined && id !== undefined && id !== String(vlan))
        report(at, {
          message: `VMs are connected to VLAN ${vlan}, but the label vlan-id is ${id}.`,
          related: [
            { message: 'the label is at', at: locationIn(object, 'metadata', 'labels', `${LABEL}vlan-id`) },
          ],
          help: 'write the same VLAN in both',
        });
    }),
  }),
  warning('vm-network-twice', {
    what: 'A VLAN of a cluster network should have one VM network in a namespace.',
    why: 'VMs on both networks are on the same VLAN, which neither name shows: often one number is a typo.',
    check({ manifests }, report) {
      const all = manifestsOf('NetworkAttachmentDefinition')({ manifests });
      const keyOf = (object: Object) => {
        const { bridge, vlan } = configOf(object) ?? {};
        const cluster = object.cluster?.name;
        return typeof bridge === 'string' && typeof vlan === 'number'
          ? [cluster, object.namespace, bridge, vlan].join(' ')
          : undefined;
      };
      for (const { one, first } of repeats(all, keyOf))
        report(locationIn(one, ...CONFIG), {
          message: `${one.name} is VLAN ${configOf(one)?.vlan} of the same cluster network as ${first.name}: their VMs are on one network.`,
          related: [{ message: `${first.name} is at`, at: locationIn(first, ...CONFIG) }],
          help: 'correct the VLAN, or use one VM network',
        });
    },
  }),
];

/** An unset MTU, and 0, are 1500. */
function mtuOf(object: Object): number {
  const mtu = valueIn(object, ['spec', 'uplink', 'linkAttributes', 'mtu']);
  return typeof mtu === 'number' && mtu !== 0 ? mtu : 1500;
}

function checkMtus(own: readonly Object[], report: Report): void {
  const firsts = new Map<string | undefined, Object>();
  for (const object of own) {
    const network = textIn(object, 'spec', 'clusterNetwork');
    const first = firsts.get(network);
    if (!first) firsts.set(network, object);
    else if (mtuOf(first) !== mtuOf(object))
      report(locationIn(object, 'spec', 'uplink', 'linkAttributes', 'mtu'), {
        message: `The MTU ${mtuOf(object)} differs from ${mtuOf(first)} of another VlanConfig of ${network}: Harvester rejects it.`,
        related: [
          { message: 'the other is at', at: locationIn(first, 'spec', 'uplink', 'linkAttributes', 'mtu') },
        ],
        help: 'set the same MTU in both',
      });
  }
}

/** Whether a text is an IP address with a prefix length. Source: isCIDR of Kubernetes. */
function hasPrefixLength(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isLength = /^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= longest;
  return isLength && rest.length === 0 && !address.includes('%');
}

interface NetworkConfig {
  readonly type?: unknown;
  readonly bridge?: unknown;
  readonly vlan?: unknown;
}

function configOf(object: Object): NetworkConfig | undefined {
  const config = jsonIn(object, ...CONFIG);
  return isValueMap(config) ? (config as NetworkConfig) : undefined;
}
