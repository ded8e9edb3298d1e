import { isValueMap, locationOf, type Value, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { groupedBy } from '../../values/grouped.ts';
import type { Version } from '../../values/version.ts';
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
  Written,
} from '../write-site.ts';
import type { Text } from './file.ts';
import type { Machine } from './machine.ts';
import { exists, type PhsNetwork, type VipInput } from './network.ts';
import { PHS_PORT, type PhsServer } from './server.ts';

/** The input for the inventory of a site. */
export interface SitePlan {
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
export function modelOf(plan: SitePlan): SiteModel {
  const { name, label, release, server, network, dns, ntp, machines, names } = plan;
  const configs = machines.map(({ config }) => config);
  const shared = sharedOf(configs);
  const areVirtual = configs.every(isVirtual);
  const versionsAt = machines.map(({ version }) => version?.at);
  const config = sharedContent(shared);
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
        'Without DHCP: nodes have static IP addresses, as in phs. For a DHCP server with reservations for them, add\ndhcp: { server: external }',
        {
          subnet: sourcedAt(network.subnet.text, network.from),
          gateway:
            network.gateway === undefined ? undefined : sourcedAt(network.gateway, network.gatewayFrom),
          dns,
          ntp,
        },
      ),
    },
    cluster: clusterOf(plan),
    defaults: config || areVirtual ? { vm: areVirtual ? virtual() : undefined, config } : undefined,
    nodes: Object.fromEntries(
      machines.map((machine, index) => [
        names[index] ?? '',
        nodeOf(machine, isVirtual(machine.config) && !areVirtual, ownContent(machine.config, shared)),
      ]),
    ),
  };
}

function clusterOf({ vip, vipInput: { vipMode, vipHwAddr }, token, machines }: SitePlan): ContentMap {
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
  const { mac, macText, ip, nicName, otherNics, unknownNics, mode, modeFrom, hostname } = machine;
  const nics: Content[] = [
    flow(
      { name: nicName?.value, mac, ip: ip?.value ?? '' },
      sourceComment([macText.at, ip?.at, nicName?.at]),
    ),
    ...otherNics.map(({ name, mac: other, at }) =>
      flow({ name: name?.value, mac: other, network: 'mgmt' }, sourceComment([at])),
    ),
  ];
  const isAlone = !nicName && otherNics.length === 0 && unknownNics.length === 0;
  const missing = unknownNics.map(({ value }) => `- { name: ${value}, mac: …, network: mgmt }`).join('\n');
  const content: ContentMap = {
    mode: mode === 'create' ? sourcedAt(mode, modeFrom) : undefined,
    ...(isAlone
      ? { mac: sourcedAt(mac, [macText.at]), ip: sourcedAt(ip?.value ?? '', [ip?.at]) }
      : { nics: missing === '' ? nics : new Written(nics, { after: missing }) }),
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

/** Longer lists have one entry per line. */
const LONGEST_FLOW = 90;

/** The common part of several maps: for each key that all of them have, the most frequent value, or the common part of maps. */
type Shared = ReadonlyMap<string, Shared | Most>;

interface Most {
  readonly value: Value;
  readonly text: string;
  readonly from: readonly SourceLocation[];
}

/**
 * Returns the common part of several maps, without keys that one of them lacks, because a node cannot unset a default. If
 * more than half of them share a value, it is common, and the others override it.
 */
function sharedOf(maps: readonly ValueMap[]): Shared {
  const shared = new Map<string, Shared | Most>();
  for (const key of Object.keys(maps[0] ?? {})) {
    if (!maps.every((map) => Object.hasOwn(map, key))) continue;
    const inner = maps.map((map) => map[key] as Value);
    if (inner.every(isMapWithKeys)) {
      const below = sharedOf(inner);
      if (below.size > 0) shared.set(key, below);
    } else {
      const most = mostOf(maps, key);
      // A map over another value, or another value over a map, would be merged.
      if (most && (most.from.length === maps.length || !inner.some(isValueMap))) shared.set(key, most);
    }
  }
  return shared;
}

function mostOf(maps: readonly ValueMap[], key: string): Most | undefined {
  for (const [text, own] of groupedBy(maps, (map) => JSON.stringify(map[key])))
    if (own.length > maps.length / 2)
      return { value: own[0][key] as Value, text, from: own.map((map) => locationOf(map, key)) };
  return undefined;
}

function sharedContent(shared: Shared): ContentMap | undefined {
  return nonEmpty(
    [...shared].map(([key, part]) => [
      key,
      'from' in part ? contentOf(part.value, part.from) : sharedContent(part),
    ]),
  );
}

function ownContent(map: ValueMap, shared: Shared): ContentMap | undefined {
  return nonEmpty(
    Object.entries(map).map(([key, value]) => {
      const part = shared.get(key);
      if (part && !('from' in part) && isValueMap(value)) return [key, ownContent(value, part)];
      const isShared = part && 'from' in part && JSON.stringify(value) === part.text;
      return [key, isShared ? undefined : contentOf(value, [locationOf(map, key)])];
    }),
  );
}

function isMapWithKeys(value: Value): value is ValueMap {
  return isValueMap(value) && Object.keys(value).length > 0;
}

function nonEmpty(entries: readonly (readonly [string, Content | undefined])[]): ContentMap | undefined {
  const set = entries.filter(([, content]) => content !== undefined);
  return set.length > 0 ? Object.fromEntries(set) : undefined;
}

function contentOf(value: Value, locations: readonly SourceLocation[]): Content {
  const from = sourceComment(locations);
  if (isMapWithKeys(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, contentOf(inner, [locationOf(value, key)])]),
    );
  if (isValueMap(value)) return flow({}, from);
  // A text of several lines has no room for a comment after it.
  if (typeof value === 'string' && value.includes('\n')) return headed(from, value);
  if (!Array.isArray(value)) return noted(value as string, from);
  const isShort = value.every((one) => typeof one !== 'object') && value.join(', ').length <= LONGEST_FLOW;
  return isShort ? flow(value.map(bare), from) : headed(from, value.map(bare));
}

function bare(value: Value): Content {
  if (Array.isArray(value)) return value.map(bare);
  if (isValueMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bare(inner)]));
  return value as string;
}
