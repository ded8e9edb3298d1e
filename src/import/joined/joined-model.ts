import { keyLocationOf, type ValueMap } from '../../source/origin.ts';
import { parseServerUrl } from '../../values/urls.ts';
import type { GatheredCluster, GatheredNetwork, Sourced } from '../model/gathered.ts';
import { type BootProfile, loaderOf } from './boot-profiles.ts';
import type { CloudData } from './cloud-data.ts';
import type { JoinedGroup } from './groups.ts';
import { type Bmc, bootNicOf, type Machine, type Nic } from './machine.ts';
import { type JoinedNetwork, networkOfNic } from './networks.ts';
import { inRanges } from './ranges.ts';
import { diskContent, type Images, serverContent } from './server.ts';
import type { JoinedSite } from './site-plan.ts';
import {
  byName,
  type Content,
  type ContentMap,
  flow,
  headed,
  noted,
  OPEN,
  type SiteModel,
  sourceComment,
  sourced,
  sourcedAt,
  sourcedList,
} from './write-site.ts';

/** Returns the inventory of a site, with the source of each value. */
export function modelOf(plan: JoinedSite): SiteModel {
  const { bootServer, images, tenants, groups, profiles, names, data, cluster, harvester } = plan;
  const metaData = cluster?.metaData && data.map({ value: cluster.metaData, at: cluster.at }, 'cluster');
  // A disk if files describe an iSCSI server, otherwise Linux.
  const openBoot = plan.isDiskless
    ? { os: 'iscsi', image: OPEN }
    : { os: 'linux', kernel: OPEN, initrd: OPEN };
  return {
    site: plan.name,
    harvester: harvester && { version: harvester.version },
    server: {
      url: plan.server ?? noted(OPEN, 'http:// and the IP address of the boot server'),
      media: harvester?.media,
      images: images.url && noted(images.url, 'the common part of all image URLs'),
      ...serverContent(bootServer),
    },
    host: onLibvirt(plan)
      ? headed('The libvirt host of all machines, which is also the boot server.', flow({}))
      : undefined,
    networks: networksContent(plan),
    tenants: byName(tenants.values(), ({ source: { at }, network }) => ({
      network: noted(network ?? OPEN, sourceComment([at])),
    })),
    groups: byName(groups.values(), (group) => groupContent(group, data)),
    cluster: harvester?.cluster,
    defaults: unlessEmpty({
      config: harvester?.config,
      boot: plan.isOpen ? openBoot : (harvester?.boot ?? localByDefault(plan)),
      cloud_init: metaData && { meta_data: metaData },
    }),
    profiles: byName(profiles, (profile) => profileContent(profile, images)),
    nodes: Object.fromEntries(
      inRanges(plan.machines.map((machine) => [names.get(machine) ?? '', nodeContent(machine, plan)])),
    ),
  };
}

/** Returns the boot of machines that all boot their disks because an entry for all machines says so. */
function localByDefault({ machines }: JoinedSite): Content | undefined {
  const isAll = machines.length > 0 && machines.every(({ disk }) => disk?.isDefault);
  return isAll ? flow({ os: 'local' }, sourceComment([machines[0]?.disk?.at])) : undefined;
}

function unlessEmpty(map: ContentMap): ContentMap | undefined {
  return Object.values(map).some((value) => value !== undefined) ? map : undefined;
}

/** The default MTU of a network. */
const DEFAULT_MTU = 1500;

/** Comments on the networks, by the origin of IP addresses. */
const DHCP_HEADS = {
  site: 'DHCP is dnsmasq on the boot server, with a reservation for each node. To keep another DHCP server, write\ndhcp: { server: external }',
  none: 'Without DHCP: nodes have static IP addresses. For a DHCP server with reservations for them, add\ndhcp: { server: external }',
  libvirt: 'libvirt creates them on the host, and leases the IP addresses of the nodes.',
  external: 'The existing DHCP server must reserve the IP addresses of the VIP and of all nodes.',
  proxy:
    'The existing DHCP server must reserve the IP addresses of the VIP and of all nodes; dnsmasq on the boot server adds\nthe boot files to its answers.',
} as const;

/** Whether the files describe a libvirt host: its networks, and all machines as its domains. The host is the boot server, too. */
function onLibvirt({ machines, networks, server }: JoinedSite): boolean {
  const addresses = networks.flatMap(({ input }) => input?.libvirt?.address?.value ?? []);
  const host = server === undefined ? addresses[0] : parseServerUrl(server)?.host;
  return (
    host !== undefined && addresses.includes(host) && machines.length > 0 && machines.every(({ vm }) => vm)
  );
}

function networksContent(plan: JoinedSite): Content {
  const { networks, openNetworks } = plan;
  const isHost = onLibvirt(plan);
  const subnet = noted(OPEN, 'no IP address found in the files read');
  if (networks.length === 0)
    return Object.fromEntries(openNetworks.map((name) => [name, { subnet, dhcp: flow({}) }]));
  return headed(
    isHost ? DHCP_HEADS.libvirt : DHCP_HEADS[networks[0]?.input?.dhcp ?? 'site'],
    byName(networks, ({ subnet: { text }, input, vlan, isGuessed, ...network }) => ({
      subnet: isGuessed ? noted(text, 'guess: see above') : sourcedAt(text, [input?.subnet.at]),
      gateway: sourced(input?.gateway),
      dns: sourcedList(input?.dns ?? []),
      ntp: sourcedList(input?.ntp ?? []),
      domain: sourced(input?.domain),
      vlan: sourced(vlan),
      mtu: input?.mtu?.value === DEFAULT_MTU ? undefined : sourced(input?.mtu),
      dhcp: dhcpContent({ input, ...network }, isHost && input?.libvirt ? 'libvirt' : undefined),
      libvirt: isHost && input?.libvirt ? libvirtContent(input, network.boots) : undefined,
    })) ?? {},
  );
}

function dhcpContent(
  { input, pool, boots }: Pick<JoinedNetwork, 'input' | 'pool' | 'boots'>,
  server?: 'libvirt',
): Content | undefined {
  if (input?.dhcp === 'external') return flow({ server: 'external' });
  if (input?.dhcp === 'proxy') return flow({ server: 'external', proxy: true });
  if (!boots || input?.dhcp) return undefined;
  return unlessEmpty({ server, pool: sourced(pool), lease: sourced(input?.lease) }) ?? flow({});
}

/** Returns what differs from the network that libvirt creates by default; without DHCP, all of it. */
function libvirtContent({ libvirt, gateway }: GatheredNetwork, boots: boolean): Content | undefined {
  const { forward, address } = libvirt ?? {};
  const content = {
    forward: forward?.value === 'nat' ? undefined : sourced(forward),
    address: address?.value === gateway?.value ? undefined : sourced(address),
  };
  return unlessEmpty(content) ?? (boots ? undefined : flow({}));
}

function groupContent({ name, group }: JoinedGroup, data: CloudData): Content {
  const { userData, metaData, description } = group ?? {};
  // The schema requires descriptions to be one line.
  const isLine = description && /^[^\p{Cc}]+$/u.test(description.value);
  return {
    description: isLine ? sourced(description) : undefined,
    cloud_init: unlessEmpty({
      user_data: (userData && data.userData(userData, name)) || undefined,
      meta_data: metaData && data.map(metaData, name),
    }),
  };
}

function profileContent({ boot, params }: BootProfile, images: Images): Content {
  const { squashfs, root, overlay, args } = params;
  const image = (fact: Sourced<string> | undefined) =>
    fact && noted(images.path(fact.value) ?? OPEN, sourceComment([fact.at]));
  return {
    boot: {
      os: 'linux',
      kernel: image(boot.kernel) ?? noted(OPEN, 'not found in the files read'),
      initrd: image(boot.initrd),
      root: squashfs === undefined ? root : { squashfs: images.path(squashfs) ?? OPEN, overlay },
      args: args.length === 0 ? undefined : noted(args, sourceComment([(boot.params ?? boot).at])),
    },
  };
}

/** Whether a machine boots its own disk, because no file contains another boot of it, but that of other machines. */
export function isLocal(machine: Machine, plan: JoinedSite): boolean {
  return !plan.isOpen && !plan.profileOf.has(machine) && !plan.harvester?.nodes.has(machine);
}

function nodeContent(machine: Machine, plan: JoinedSite): ContentMap {
  const { groups, data, names, notes, tenants } = plan;
  const { role, bmc, disk, firmware, vm, metaData } = machine;
  const name = names.get(machine) ?? '';
  const profile = plan.profileOf.get(machine);
  const memberOf = machine.groups.flatMap(({ value }) => groups.get(value)?.name ?? []);
  const meta = metaData && data.map(withClusterKeys(metaData, plan.cluster), name);
  const installation = plan.harvester?.nodes.get(machine);
  // As without the key: `roleOf` of targets/ochami/smd.ts.
  const defaultRole = installation ? 'Management' : 'Compute';
  const tenant = machine.tenant && tenants.get(machine.tenant.value)?.name;
  // These keys are only for nodes that run the installer.
  const installer = disk && machine.harvester?.boot;
  for (const key of Object.keys((installer && installation?.boot) ?? {}))
    notes.left(
      `boot.${key}`,
      `of the installer: ${name} boots its disk instead`,
      installer && keyLocationOf(installer, key),
    );
  const isUnset = isLocal(machine, plan);
  const boot = {
    os: isUnset && !disk ? 'local' : undefined,
    arch: machine.arch?.value === 'arm64' ? 'arm64' : undefined,
    loader: isUnset && !disk?.san ? undefined : (loaderOf(machine) ?? machine.loader?.value),
  };
  const set = unlessEmpty(boot);
  return {
    mode: installation?.mode,
    role: installation?.role ?? (role?.value === defaultRole ? undefined : sourced(role)),
    subrole: sourced(machine.subrole),
    xname: sourced(machine.xname),
    nid: sourced(machine.nid),
    tenant: tenant && noted(tenant, sourceComment([machine.tenant?.at])),
    groups:
      memberOf.length === 0 ? undefined : flow(memberOf, sourceComment(machine.groups.map(({ at }) => at))),
    profiles: profile && flow([profile.name]),
    ...nicsContent(machine, plan.networks),
    uuid: sourced(machine.uuid),
    serial: sourced(machine.serial),
    boot:
      disk && !(disk.isDefault && localByDefault(plan))
        ? diskContent(disk, boot, { name, server: plan.bootServer, data, notes })
        : !disk && installation?.boot
          ? { ...boot, ...installation.boot }
          : set && flow(set),
    bmc: bmc && bmcContent(bmc),
    firmware: firmware?.value === 'bios' ? sourced(firmware) : undefined,
    vm: vm && {
      vcpus: sourced(vm.vcpus),
      memory: sourced(vm.memory),
      secure_boot: sourced(vm.secureBoot),
      disks: vm.disk
        ? [flow({ size: vm.disk.value }, sourceComment([vm.disk.at]))]
        : onLibvirt(plan) && !disk?.san
          ? [flow({ size: OPEN }, 'not found in the files read')]
          : undefined,
    },
    cloud_init: meta && { meta_data: meta },
    config: installation?.config,
  };
}

/** Adds the cluster's public keys before those of a node, as the cloud-init server does: a list of a node replaces the default. */
function withClusterKeys(own: Sourced<ValueMap>, cluster: GatheredCluster | undefined): Sourced<ValueMap> {
  const [common, keys] = [cluster?.metaData, own.value].map((map) => map?.['public-keys']);
  if (!Array.isArray(common) || !Array.isArray(keys)) return own;
  return { ...own, value: { ...own.value, 'public-keys': [...new Set([...common, ...keys])] } };
}

/** Returns `mac` and `ip` for one NIC, otherwise a list with the boot NIC first. */
function nicsContent(machine: Machine, networks: readonly JoinedNetwork[]): ContentMap {
  const booting = bootNicOf(machine);
  const nics = machine.nics.filter((nic) => nic !== booting);
  const { bond = [] } = machine.harvester ?? {};
  const network = networks.length > 1 ? networks[0]?.name : undefined;
  const bonded = bond.map(({ value, at }) => flow({ name: value, network }, sourceComment([at])));
  if (booting && (nics.length > 0 || booting.name || bonded.length > 0))
    return {
      nics: [...[booting, ...nics].map((nic) => nicContent(nic, nic === booting, networks)), ...bonded],
    };
  const nothing = noted(OPEN, 'not found in the files read');
  return { mac: sourced(booting?.mac) ?? nothing, ip: sourced(booting?.ips[0]) ?? nothing };
}

function nicContent(nic: Nic, isBooting: boolean, networks: readonly JoinedNetwork[]): Content {
  const { name, mac, ips } = nic;
  const [ip] = ips;
  const home = networkOfNic(nic, networks);
  const open = isBooting ? OPEN : undefined;
  return flow(
    {
      name: name?.value,
      mac: mac?.value ?? open,
      ip: ip?.value ?? open,
      network: (ip ? home : networks.length < 2) ? undefined : (home ?? networks[0])?.name,
    },
    sourceComment([mac?.at, ip?.at, name?.at]),
  );
}

function bmcContent({ address, mac, user, protocol }: Bmc): Content | undefined {
  const content = { address: address?.value, mac: mac?.value, user: user?.value, protocol: protocol?.value };
  const from = sourceComment([address?.at, mac?.at, user?.at, protocol?.at]);
  return unlessEmpty(content) && flow(content, from);
}
