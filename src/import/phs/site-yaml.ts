import type { Place } from '../../source/origin.ts';
import type { ValueMap } from '../../source/value.ts';
import type { Version } from '../../values/version.ts';
import { whence } from '../whence.ts';
import { type Content, type ContentMap, flow, followed, headed, noted, yamlOf } from '../yaml-of.ts';
import type { PhsNetwork } from './addresses.ts';
import type { Text } from './fields.ts';
import type { Machine } from './machine.ts';
import { PHS_PORT, type PhsServer } from './server.ts';
import { ownContent, type Shared, sharedContent, sharedOf } from './shared-config.ts';

/** A list that all machines of a network say alike. */
export interface SharedList {
  readonly values: readonly string[];
  readonly from: readonly Place[];
}

/** What a site is made of. */
export interface SitePlan {
  readonly name: string;
  readonly label?: Text | undefined;
  readonly release: Version;
  readonly server: PhsServer;
  readonly network: PhsNetwork;
  readonly dns?: SharedList | undefined;
  readonly ntp?: SharedList | undefined;
  readonly vip: Text;
  readonly vipMode?: Text | undefined;
  readonly vipHwAddr?: Text | undefined;
  readonly token: string;
  readonly machines: readonly Machine[];
  /** Of each machine, in their order. */
  readonly names: readonly string[];
  readonly head: string;
}

/** Writes the inventory of a site, each value with where it came from. */
export function siteYaml(plan: SitePlan): string {
  const { name, label, release, machines, head } = plan;
  const configs = machines.map(({ config }) => config);
  const plant = { shared: sharedOf(configs), isVirtual: configs.every(isVirtual) };
  const versions = machines.map(({ version }) => version?.at);
  return yamlOf(
    {
      site: label ? noted(name, whence([label.at])) : name,
      harvester: { version: said(release.text, versions) },
      server: serverOf(plan.server),
      networks: { mgmt: networkOf(plan) },
      cluster: clusterOf(plan),
      defaults: defaultsOf(plant),
      nodes: Object.fromEntries(
        machines.map((machine, index) => [plan.names[index] ?? '', nodeOf(machine, plant)]),
      ),
    },
    head,
  );
}

/** A value with where it came from, as far as the file says it. */
function said(value: Content, places: readonly (Place | undefined)[]): Content {
  const from = whence(places);
  return from === '' ? value : noted(value, from);
}

function saidFlow(value: readonly Content[], places: readonly Place[]): Content {
  return flow(value, whence(places));
}

function serverOf({ url, urlFrom, media, mediaFrom, atPhsPort, next }: PhsServer): ContentMap {
  return {
    url: said(url, [urlFrom?.at]),
    media: media === undefined ? undefined : said(media, [mediaFrom?.at]),
    next: next === undefined ? undefined : noted(next, 'another site that was behind the same phs'),
    ports: atPhsPort ? flow([PHS_PORT], 'where the boot images of phs ask') : undefined,
  };
}

function networkOf({ network, dns, ntp }: SitePlan): Content {
  const { subnet, gateway, from, gatewayFrom } = network;
  const content = {
    subnet: said(subnet.text, from),
    gateway: gateway === undefined ? undefined : said(gateway, gatewayFrom),
    dns: dns && saidFlow(dns.values, dns.from),
    ntp: ntp && saidFlow(ntp.values, ntp.from),
  };
  return headed(
    'Without DHCP: nodes have the static addresses that phs gave them. With a server that has reservations for them add\ndhcp: { server: external }',
    content,
  );
}

function clusterOf({ vip, vipMode, vipHwAddr, token, machines }: SitePlan): ContentMap {
  const isStatic = vipMode === undefined || vipMode.value === 'static';
  const tokens = machines.map((machine) => machine.token?.at);
  return {
    vip: said(vip.value, [vip.at]),
    vip_mode: vipMode === undefined ? undefined : said(vipMode.value, [vipMode.at]),
    vip_hw_addr: vipHwAddr === undefined || isStatic ? undefined : said(vipHwAddr.value, [vipHwAddr.at]),
    token: said(token, tokens),
  };
}

/** What the machines of a site have in common. */
interface Common {
  readonly shared: Shared;
  /** Whether all are virtual machines. */
  readonly isVirtual: boolean;
}

/** What all nodes say alike. A disk of virtio is one of a virtual machine. */
function defaultsOf(common: Common): ContentMap | undefined {
  const config = sharedContent(common.shared);
  const vm = common.isVirtual ? virtual() : undefined;
  return config || vm ? { vm, config } : undefined;
}

function nodeOf(machine: Machine, common: Common): ContentMap {
  const { mac, macText, ip, nicName, otherNics, unknownNics, mode, modeFrom, config } = machine;
  const isOwnVirtual = isVirtual(config) && !common.isVirtual;
  const nics: Content[] = [
    flow(
      { ...(nicName && { name: nicName.value }), mac, ip: ip?.value ?? '' },
      whence([macText.at, ip?.at, nicName?.at]),
    ),
    ...otherNics.map(({ name, mac: other, at }) =>
      flow({ ...(name && { name: name.value }), mac: other, network: 'mgmt' }, whence([at])),
    ),
  ];
  const isAlone = !nicName && otherNics.length === 0 && unknownNics.length === 0;
  const missing = unknownNics.map(({ value }) => `- { name: ${value}, mac: …, network: mgmt }`).join('\n');
  const from = machine.hostname && whence([machine.hostname.at]);
  const content: ContentMap = {
    mode: mode === 'create' ? said(mode, modeFrom) : undefined,
    ...(isAlone
      ? { mac: said(mac, [macText.at]), ip: said(ip?.value ?? '', [ip?.at]) }
      : { nics: missing === '' ? nics : followed(nics, missing) }),
    vm: isOwnVirtual ? virtual() : undefined,
    config: ownContent(config, common.shared),
  };
  return (from ? headed(from, content) : content) as ContentMap;
}

function isVirtual({ install }: ValueMap): boolean {
  const device = (install as ValueMap | undefined)?.device;
  return typeof device === 'string' && /^\/dev\/vd[a-z]/.test(device);
}

function virtual(): Content {
  return flow(
    {},
    'by its disk, /dev/vd…: the installer refuses virtual machines without skipchecks, which follows',
  );
}
