import { contains } from '../../values/ipv4.ts';
import type { Notes } from '../notes.ts';
import { whence } from '../whence.ts';
import { type Content, type ContentMap, flow, headed, noted, yamlOf } from '../yaml-of.ts';
import { serverContent } from './boot-server.ts';
import type { BootProfile } from './boots.ts';
import type { CloudData } from './cloud-data.ts';
import { diskContent } from './disk-content.ts';
import type { GatheredCluster, GatheredServer, GatheredVm, Said } from './gathered.ts';
import type { JoinedGroup } from './groups.ts';
import type { Images } from './images.ts';
import { loaderOf } from './loader.ts';
import { bootNicOf, type Machine, type Nic } from './machine.ts';
import { type JoinedNetwork, networkCalled } from './networks.ts';
import { inRanges } from './ranges.ts';
import type { JoinedTenant } from './tenants.ts';

/** What a site is made of. */
export interface SitePlan {
  readonly name: string;
  readonly server: string | undefined;
  /** What files say of the boot server and the iSCSI server. */
  readonly bootServer: GatheredServer;
  /** Whether what files say of servers and loaders tells that nodes boot disks by iSCSI. */
  readonly isDiskless: boolean;
  /** Names of networks of which no file says the subnet. */
  readonly openNetworks: readonly string[];
  /** By what files call them. */
  readonly tenants: ReadonlyMap<string, JoinedTenant>;
  readonly images: Images;
  readonly networks: readonly JoinedNetwork[];
  readonly groups: ReadonlyMap<string, JoinedGroup>;
  readonly profiles: readonly BootProfile[];
  /** Which profile a machine has. */
  readonly profileOf: ReadonlyMap<Machine, BootProfile>;
  readonly cluster: GatheredCluster | undefined;
  readonly machines: readonly Machine[];
  /** Whether any of them boots a disk of its own that files name. */
  readonly hasDisks: boolean;
  readonly names: ReadonlyMap<Machine, string>;
  readonly data: CloudData;
  readonly notes: Notes;
}

/** Stands where somebody must fill something in: `harvgen check` refuses it, at its place. */
const OPEN = '…';

/** Makes the inventory of a site, each value with where it came from. The head follows when all notes are there. */
export function siteContent(plan: SitePlan): ContentMap {
  const {
    name,
    server,
    bootServer,
    images,
    networks,
    tenants,
    groups,
    profiles,
    machines,
    names,
    cluster,
    data,
  } = plan;
  const metaData = cluster?.metaData && data.map({ value: cluster.metaData, at: cluster.at }, 'cluster');
  const isOpen = profiles.length === 0 && !plan.hasDisks;
  return {
    site: name,
    server: {
      url: server ?? noted(OPEN, 'http:// and the address of the boot server'),
      images: images.url === undefined ? undefined : noted(images.url, 'what all images have in common'),
      ...serverContent(bootServer, OPEN),
    },
    networks: networksContent(networks, plan.openNetworks),
    tenants: tenants.size === 0 ? undefined : tenantsContent(tenants),
    groups: groups.size === 0 ? undefined : groupsContent(groups, data),
    defaults:
      metaData || isOpen
        ? {
            boot: isOpen ? openBoot(plan) : undefined,
            cloud_init: metaData && { meta_data: metaData },
          }
        : undefined,
    profiles: profiles.length === 0 ? undefined : profilesContent(profiles, images),
    nodes: Object.fromEntries(
      inRanges(machines.map((machine) => [names.get(machine) ?? '', nodeContent(machine, plan)])),
    ),
  };
}

/** What all nodes boot is for somebody to say: a disk where files tell of an iSCSI server, else Linux. */
function openBoot({ isDiskless }: SitePlan): ContentMap {
  return isDiskless ? { os: 'iscsi', image: OPEN } : { os: 'linux', kernel: OPEN, initrd: OPEN };
}

/** Writes the inventory with its head. */
export function siteYaml(content: ContentMap, head: string): string {
  return yamlOf(content, head);
}

function said<T extends string | number>(value: Said<T>): Content {
  return noted(value.value, whence([value.at]));
}

/** What a network has that does not say it. */
const DEFAULT_MTU = 1500;

/** The names of networks of which no file says the subnet: there is one at least. */
export function orMgmt(openNetworks: readonly string[]): readonly string[] {
  return openNetworks.length > 0 ? openNetworks : ['mgmt'];
}

function networksContent(networks: readonly JoinedNetwork[], openNetworks: readonly string[]): Content {
  const content = Object.fromEntries(
    networks.map(({ name, subnet, said: one, vlan, pool, isGuessed, boots }) => {
      const { gateway, dns = [], ntp = [], domain, mtu, lease } = one ?? {};
      const dhcp: ContentMap = {
        pool: pool && noted(pool.text, whence([pool.at])),
        lease: lease && said(lease),
      };
      const list = (values: readonly Said<string>[]) =>
        values.length === 0
          ? undefined
          : flow(
              values.map(({ value }) => value),
              whence(values.map(({ at }) => at)),
            );
      return [
        name,
        {
          subnet: isGuessed
            ? noted(subnet.text, 'a guess: see above')
            : one
              ? noted(subnet.text, whence([one.subnet.at]))
              : subnet.text,
          gateway: gateway && said(gateway),
          dns: list(dns),
          ntp: list(ntp),
          domain: domain && said(domain),
          vlan: vlan && said(vlan),
          mtu: mtu && mtu.value !== DEFAULT_MTU ? said(mtu) : undefined,
          dhcp: boots ? (pool || lease ? dhcp : flow({})) : undefined,
        },
      ];
    }),
  );
  if (networks.length === 0)
    return Object.fromEntries(
      orMgmt(openNetworks).map((name) => [
        name,
        { subnet: noted(OPEN, 'no file has an address'), dhcp: flow({}) },
      ]),
    );
  return headed(
    'DHCP is dnsmasq on the boot server, with a reservation for each node. Where another server is to go on, write\ndhcp: { server: external }',
    content,
  );
}

function tenantsContent(tenants: ReadonlyMap<string, JoinedTenant>): Content {
  return Object.fromEntries(
    [...tenants.values()].map(({ name, said: { at }, network }) => [
      name,
      { network: noted(network ?? OPEN, whence([at])) },
    ]),
  );
}

function groupsContent(groups: ReadonlyMap<string, JoinedGroup>, data: CloudData): Content {
  return Object.fromEntries(
    [...groups.values()].map(({ name, group }) => {
      const userData = group?.userData && data.userData(group.userData, name);
      const metaData = group?.metaData && data.map(group.metaData, name);
      const description = group?.description && isLine(group.description.value);
      return [
        name,
        {
          description: description && group?.description ? said(group.description) : undefined,
          cloud_init: userData || metaData ? { user_data: userData, meta_data: metaData } : undefined,
        },
      ];
    }),
  );
}

/** Whether a text is one line, as the schema has descriptions. */
function isLine(text: string): boolean {
  return /^[^\p{Cc}]+$/u.test(text);
}

function profilesContent(profiles: readonly BootProfile[], images: Images): Content {
  return Object.fromEntries(
    profiles.map(({ name, boot, kernel, initrd, params }) => {
      const image = (one: Said<string> | undefined) =>
        one && noted(images.path(one.value) ?? OPEN, whence([one.at]));
      const squashfs = params.squashfs === undefined ? undefined : (images.path(params.squashfs) ?? OPEN);
      return [
        name,
        {
          boot: {
            os: 'linux',
            kernel: image(kernel) ?? noted(OPEN, 'no file says it'),
            initrd: image(initrd),
            root: squashfs === undefined ? params.root : { squashfs, overlay: params.overlay },
            args:
              params.args.length === 0 ? undefined : noted(params.args, whence([(boot.params ?? boot).at])),
          },
        },
      ];
    }),
  );
}

function nodeContent(machine: Machine, plan: SitePlan): ContentMap {
  const { groups, profileOf, data, names, tenants } = plan;
  const { xname, nid, uuid, serial, bmc, firmware, vm, arch, metaData } = machine;
  const profile = profileOf.get(machine);
  const own = machine.groups.flatMap(({ value }) => groups.get(value)?.name ?? []);
  const meta = metaData && data.map(metaData, names.get(machine) ?? '');
  const isLocal = !profile && (plan.profiles.length > 0 || plan.hasDisks);
  const loader = loaderOf(machine) ?? machine.loader?.value;
  const tenant = machine.tenant && tenants.get(machine.tenant.value);
  const boot = {
    os: isLocal && !machine.disk ? 'local' : undefined,
    arch: arch?.value === 'arm64' ? 'arm64' : undefined,
    loader: isLocal && !machine.disk?.san ? undefined : loader,
  };
  return {
    xname: xname && said(xname),
    nid: nid && said(nid),
    tenant: tenant && machine.tenant && noted(tenant.name, whence([machine.tenant.at])),
    groups: own.length === 0 ? undefined : flow(own, whence(machine.groups.map(({ at }) => at))),
    profiles: profile && flow([profile.name]),
    ...nicsContent(machine, plan.networks),
    uuid: uuid && said(uuid),
    serial: serial && said(serial),
    boot: machine.disk
      ? diskContent(machine.disk, boot, {
          name: names.get(machine) ?? '',
          server: plan.bootServer,
          data,
          notes: plan.notes,
          open: OPEN,
        })
      : Object.values(boot).some(Boolean)
        ? flow(boot)
        : undefined,
    bmc: bmc && bmcContent(bmc),
    firmware: firmware?.value === 'bios' ? said(firmware) : undefined,
    vm: vm && vmContent(vm),
    cloud_init: meta && { meta_data: meta },
  };
}

/** One NIC is `mac` and `ip`; several are a list, in which the one that the machine boots from comes first. */
function nicsContent(machine: Machine, networks: readonly JoinedNetwork[]): ContentMap {
  const booting = bootNicOf(machine);
  const nics = machine.nics.filter((nic) => nic !== booting);
  if (booting && nics.length > 0)
    return { nics: [booting, ...nics].map((nic) => nicContent(nic, nic === booting, networks)) };
  const [ip] = booting?.ips ?? [];
  const macContent = booting?.mac ? said(booting.mac) : noted(OPEN, 'no file says it');
  const ipContent = ip ? said(ip) : noted(OPEN, 'no file says it');
  if (booting?.name) return { nics: [nicContent(booting, true, networks)] };
  return { mac: macContent, ip: ipContent };
}

function nicContent(nic: Nic, isBooting: boolean, networks: readonly JoinedNetwork[]): Content {
  const { name, mac, ips } = nic;
  const [ip] = ips;
  const home = ip && networks.find(({ subnet }) => contains(subnet, ip.value));
  const called = networkCalled(nic, networks) ?? networks[0];
  const network = (ip ? home : networks.length < 2) ? undefined : called?.name;
  return flow(
    {
      name: name?.value,
      mac: mac?.value ?? (isBooting ? OPEN : undefined),
      ip: ip?.value ?? (isBooting ? OPEN : undefined),
      network,
    },
    whence([mac?.at, ip?.at, name?.at]),
  );
}

function vmContent({ vcpus, memory, secureBoot }: GatheredVm): Content {
  return {
    vcpus: vcpus && said(vcpus),
    memory: memory && said(memory),
    secure_boot: secureBoot && noted(secureBoot.value, whence([secureBoot.at])),
  };
}

function bmcContent({ address, mac, user, protocol }: NonNullable<Machine['bmc']>): Content | undefined {
  const content = { address: address?.value, mac: mac?.value, user: user?.value, protocol: protocol?.value };
  if (Object.values(content).every((value) => value === undefined)) return undefined;
  return flow(content, whence([address?.at, mac?.at, user?.at, protocol?.at]));
}
