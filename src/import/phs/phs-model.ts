import type { ValueMap } from '../../source/origin.ts';
import type { Version } from '../../values/version.ts';
import { splitCommon } from '../joined/shared-config.ts';
import {
  type Content,
  type ContentMap,
  flow,
  headed,
  noted,
  type SiteModel,
  sourceComment,
  sourced,
  sourcedAt,
} from '../joined/write-site.ts';
import type { Text } from '../model/config-values.ts';
import type { Machine } from './machine.ts';
import { exists, type PhsNetwork, type VipInput } from './network.ts';
import { PHS_PORT, type PhsServer } from './server.ts';

/** The input for the inventory of a site. */
export interface PhsSite {
  readonly name: string;
  readonly label?: Text | undefined;
  readonly release: Version;
  readonly server: PhsServer;
  readonly network: PhsNetwork;
  readonly dns?: Content | undefined;
  readonly ntp?: Content | undefined;
  readonly vip: Text;
  readonly vipInput: VipInput;
  readonly token: string;
  readonly machines: readonly Machine[];
  readonly names: readonly string[];
}

/** Returns the inventory of a site, with the source of each value. */
export function modelOf(plan: PhsSite): SiteModel {
  const { name, label, release, server, network, dns, ntp, machines, names } = plan;
  const isByDhcp = plan.vipInput.vipMode?.value === 'dhcp';
  const configs = machines.map(({ config }) => config);
  const { common: config, rests } = splitCommon(configs);
  const areVirtual = configs.every(isVirtual);
  const versionsAt = machines.map(({ version }) => version?.at);
  return {
    site: label ? noted(name, sourceComment([label.at])) : name,
    harvester: { version: sourcedAt(release.text, versionsAt) },
    server: {
      url: sourcedAt(server.url, [server.urlFrom?.at]),
      media: server.media === undefined ? undefined : sourcedAt(server.media, [server.mediaFrom?.at]),
      next: server.next === undefined ? undefined : noted(server.next, 'another site of the same phs'),
      ports: server.atPhsPort ? flow([PHS_PORT], 'the port that the boot images of phs use') : undefined,
    },
    networks: {
      mgmt: headed(
        isByDhcp
          ? 'The existing DHCP server must reserve the IP addresses of the VIP and of all nodes.'
          : 'Without DHCP: nodes have static IP addresses, as in phs. For a DHCP server with reservations for them, add\ndhcp: { server: external }',
        {
          subnet: sourcedAt(network.subnet.text, network.from),
          gateway:
            network.gateway === undefined ? undefined : sourcedAt(network.gateway, network.gatewayFrom),
          dns,
          ntp,
          dhcp: isByDhcp ? flow({ server: 'external' }, 'it leases the VIP') : undefined,
        },
      ),
    },
    cluster: clusterOf(plan),
    defaults: config || areVirtual ? { vm: areVirtual ? virtual() : undefined, config } : undefined,
    nodes: Object.fromEntries(
      machines.map((machine, index) => [
        names[index] ?? '',
        nodeOf(machine, isVirtual(machine.config) && !areVirtual, rests[index]),
      ]),
    ),
  };
}

function clusterOf({ vip, vipInput: { vipMode, vipHwAddr }, token, machines }: PhsSite): ContentMap {
  const isOwn = vipMode !== undefined && vipMode.value !== 'none';
  const tokensAt = machines.map((machine) => machine.token?.at);
  return {
    vip: sourced(vip),
    vip_mode: isOwn ? sourced(vipMode) : undefined,
    vip_hw_addr: isOwn && vipMode.value !== 'static' ? sourced(vipHwAddr) : undefined,
    token: sourcedAt(token, tokensAt),
    exists: exists(machines) ? true : undefined,
  };
}

function nodeOf(machine: Machine, isOwnVirtual: boolean, config: ContentMap | undefined): Content {
  const { mac, macText, ip, nicName, otherNics, mode, modeFrom, hostname } = machine;
  const nics: Content[] = [
    flow(
      { name: nicName?.value, mac, ip: ip?.value ?? '' },
      sourceComment([macText.at, ip?.at, nicName?.at]),
    ),
    ...otherNics.map(({ name, mac: other, at }) =>
      flow({ name: name?.value, mac: other, network: 'mgmt' }, sourceComment([at])),
    ),
  ];
  const isAlone = !nicName && otherNics.length === 0;
  const content: ContentMap = {
    mode: mode === 'create' ? sourcedAt(mode, modeFrom) : undefined,
    ...(isAlone ? { mac: sourcedAt(mac, [macText.at]), ip: sourcedAt(ip?.value ?? '', [ip?.at]) } : { nics }),
    vm: isOwnVirtual ? virtual() : undefined,
    config,
  };
  return hostname ? headed(sourceComment([hostname.at]), content) : content;
}

function isVirtual({ install }: ValueMap): boolean {
  const device = (install as ValueMap | undefined)?.device;
  return typeof device === 'string' && /^\/dev\/vd[a-z]/.test(device);
}

function virtual(): Content {
  return flow(
    {},
    'because of its disk, /dev/vd…: the installer rejects VMs without skipchecks, which this key sets',
  );
}
