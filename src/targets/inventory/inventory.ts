import { bootOrder } from '../../site/boot-order.ts';
import type { Domain, Host, Node, Site } from '../../site/model.ts';
import { markSecrets } from '../../source/marks.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import { WWW } from '../../tree/paths.ts';
import { kernelArgs } from '../linux/kernel-args.ts';
import type { Target } from '../target.ts';

/** The site, machine-readable, without secrets: for inventories, monitoring and scripts. */
export const inventory: Target = {
  name: 'inventory',
  *emit(site) {
    yield new LazyFile(`${WWW}/inventory.json`, inventoryText, site);
  },
};

function inventoryText(site: Site): string {
  return `${markSecrets(JSON.stringify(plainSite(site), null, 2))}\n`;
}

function plainSite(site: Site) {
  return {
    site: site.name,
    url: site.server.url,
    config_url: site.server.tls?.url,
    host: site.host && plainHost(site.host),
    iscsi: site.nodes.some(({ iscsi }) => iscsi?.disk !== undefined) ? plainServer(site) : undefined,
    tenants:
      site.tenants.length > 0
        ? site.tenants.map(({ name, network, description }) => ({ name, network: network.name, description }))
        : undefined,
    images:
      site.images.length > 0
        ? site.images.map(({ name, stored, snapshotOf, parent, tenant, public: isPublic }) => ({
            name,
            stored,
            snapshot_of: snapshotOf,
            parent: parent?.name,
            tenant: tenant?.name,
            public: isPublic,
          }))
        : undefined,
    networks: site.networks.map(({ name, subnet, gateway, dns, ntp, domain, vlan, mtu, dhcp, libvirt }) => ({
      name,
      subnet: subnet.text,
      gateway,
      dns,
      ntp,
      domain,
      vlan,
      mtu,
      dhcp: dhcp && { server: dhcp.server, pool: dhcp.pool?.text, lease: dhcp.lease },
      libvirt: libvirt && {
        name: libvirt.name,
        bridge: libvirt.bridge,
        forward: libvirt.forward,
        address: libvirt.address,
      },
    })),
    clusters: site.clusters.map(({ name, version, arch, vip, members }) => ({
      name,
      version: version.text,
      arch,
      vip,
      nodes: members.map((node) => node.name),
    })),
    nodes: site.nodes.map((node) => plainNode(site, node)),
  };
}

/** The libvirt host. Who may connect to its ports is nobody's business who reads this file. */
function plainHost({ address, domainType, images, disks, expose }: Host) {
  return {
    address,
    domain_type: domainType,
    images,
    disks: disks.map(({ name, device, mount }) => ({ name, device, mount })),
    expose: expose.map((one) => ({
      port: one.port,
      to: one.to,
      cluster: one.cluster.name,
      address: one.address,
    })),
  };
}

/** What libvirt knows of a node; the domain's name is the node's. */
function plainDomain(node: Node, { uuid, vcpus, memory, disks, vnc, autostart }: Domain) {
  return {
    uuid,
    vcpus,
    memory_mib: memory,
    disks: disks.map(({ target, bus, size, format, file, serial, wwn, device }) => ({
      target,
      bus,
      size_bytes: size,
      format,
      file,
      serial,
      wwn,
      device,
    })),
    vnc: { listen: vnc.listen, port: vnc.port },
    autostart,
    boot_order: bootOrder(node).map((device) => ('disk' in device ? device.disk.target : 'network')),
  };
}

/** The iSCSI server, and where it has the disks of nodes. Who may log in is nobody's business who reads this file. */
function plainServer({ server: { iscsi } }: Site) {
  const { address, port, driver, writeCache, store } = iscsi;
  const place = store.kind === 'rbd' ? { pool: store.pool } : { folder: store.folder, format: store.format };
  return {
    address,
    port,
    driver,
    write_cache: writeCache,
    store: store.kind,
    ...place,
    prefix: store.prefix,
  };
}

/** The disk that a node boots by iSCSI. Who may log in, and how, is nobody's business who reads this file. */
function plainIscsi({ iscsi }: Node) {
  return (
    iscsi && {
      image: iscsi.image?.name,
      disk: iscsi.disk,
      size: iscsi.size,
      target: iscsi.target.replace(/\$\{secret:[^}]*\}/g, '…'),
      lun: iscsi.lun,
      address: iscsi.address,
      port: iscsi.port,
      initiator: iscsi.initiator,
      fallback: iscsi.fallback,
    }
  );
}

/** What a node boots Linux by; its kernel's arguments as they reach it. */
function plainLinux(site: Site, node: Node) {
  const { linux } = node;
  return (
    linux && {
      kernel: linux.kernel,
      initrds: linux.initrds,
      squashfs: linux.squashfs,
      args: kernelArgs(site, node),
      loader: node.loader,
    }
  );
}

function plainNode(site: Site, node: Node) {
  const { labels, disks, hardware, bmc, vm } = node.facts;
  const harvester = node.os === 'harvester';
  return {
    name: node.name,
    os: node.os,
    cluster: node.cluster?.name,
    mode: harvester ? node.mode : undefined,
    role: harvester ? node.role : undefined,
    install: node.linux || node.os === 'iscsi' ? undefined : node.install,
    firmware: node.firmware,
    drive: node.linux ? undefined : node.drive,
    ip: node.ip,
    uuid: node.uuid,
    serial: node.serial,
    xname: node.xname,
    nid: node.nid,
    groups: node.groups.length > 0 ? node.groups.map(({ name }) => name) : undefined,
    arch: node.linux && node.arch,
    linux: plainLinux(site, node),
    iscsi: plainIscsi(node),
    tenant: node.tenant?.name,
    loader: node.loader === 'pxelinux' ? node.loader : undefined,
    nics: node.nics.map((nic) => ({
      name: nic.name,
      mac: nic.mac,
      network: nic.network.name,
      ip: nic.ip,
      boot: nic === node.bootNic || undefined,
    })),
    labels,
    disks,
    hardware,
    // Who may log in, and how, is nobody's business who reads this file.
    bmc: bmc && { address: bmc.address, mac: bmc.mac, protocol: bmc.protocol },
    vm,
    domain: node.domain && plainDomain(node, node.domain),
  };
}
