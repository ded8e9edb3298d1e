import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { bootOrder } from '../plan/boot-order.ts';
import { kernelArgs } from '../plan/kernel-args.ts';
import { servedImages } from '../plan/linux-images.ts';
import { grubNodes } from '../plan/programs.ts';
import { asWritten, placeholdersOf, withPlaceholders } from '../secrets/uses-of.ts';
import type { Node, Site } from '../site/model.ts';
import { insertPlaceholders, secretNames } from '../source/placeholders.ts';
import { configPath, WWW } from '../tree/paths.ts';
import { LazyFile } from '../tree/tree.ts';
import { targetSecrets } from './iscsi/iscsi.ts';
import { renderYaml } from './render-yaml.ts';
import { sourceOf } from './scripts/images.ts';
import { pick, type Target } from './target.ts';

/** The Harvester configuration of each node, which its installer downloads. */
export const config: Target = {
  name: 'config',
  *emit(site) {
    for (const node of site.nodes)
      if (node.os === 'harvester') yield new LazyFile(`${WWW}/${configPath(node)}`, configText, node);
  },
};

function configText({ name, mode, cluster, config }: Node): string {
  return `# ${name}: ${mode} node of ${cluster?.name}\n${renderConfig(config)}`;
}

/**
 * Renders a Harvester configuration, with placeholders for secrets. A map as the value of a system setting becomes JSON,
 * because the installer accepts only strings there.
 */
export function renderConfig(config: HarvesterConfig): string {
  return renderYaml(asWritten(config), withPlaceholders);
}

/** The site, machine-readable, without secrets: for inventories, monitoring and scripts. */
export const inventory: Target = {
  name: 'inventory',
  *emit(site) {
    yield new LazyFile(`${WWW}/inventory.json`, inventoryText, site);
  },
};

function inventoryText(site: Site): string {
  return insertPlaceholders(`${JSON.stringify(plainSite(site), null, 2)}\n`);
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

// This file is public: no clients, credentials and secrets, but for the lists that `diff` compares.
function plainSite(site: Site) {
  const { server } = site;
  const images = servedImages(site);
  // The clients that may fetch files of other machines, by the key of their list. nginx serves this file only to `server.allow`. A web
  // server that serves it to others serves them everything, so there is nothing to hide from them.
  const access = [
    ['server.allow', server.allow] as const,
    ['server.allow_scripts', server.allowScripts] as const,
    ...site.tenants.map(({ name, allow }) => [`tenants.${name}.allow`, allow] as const),
  ];
  return {
    site: site.name,
    url: server.url,
    config_url: server.tls?.url,
    host: site.host && {
      address: site.host.address,
      domain_type: site.host.domainType,
      images: site.host.images,
      disks: site.host.disks.map((disk) => pick(disk, ['name', 'device', 'mount'])),
      expose: site.host.expose.map(({ cluster, address, ...port }) => {
        return { ...pick(port, ['port', 'to']), cluster: cluster.name, address };
      }),
    },
    iscsi: site.nodes.some(({ iscsi }) => iscsi?.disk !== undefined) ? plainIscsiServer(site) : undefined,
    tenants: some(
      site.tenants.map(({ name, network, description }) => ({ name, network: network.name, description })),
    ),
    images: some(
      site.images.map((image) => ({
        ...pick(image, ['name', 'stored']),
        snapshot_of: image.snapshotOf,
        parent: image.parent?.name,
        tenant: image.tenant?.name,
        public: image.public,
        source: sourceOf(image, site),
      })),
    ),
    networks: site.networks.map(({ name, subnet, bootServer, dhcp, libvirt, ...network }) => ({
      name,
      subnet: subnet.text,
      ...pick(network, ['gateway', 'dns', 'ntp', 'domain', 'vlan', 'mtu']),
      boot_server: bootServer,
      dhcp: dhcp && { server: dhcp.server, pool: dhcp.pool?.text, lease: dhcp.lease },
      libvirt: libvirt && pick(libvirt, ['name', 'bridge', 'forward', 'address']),
    })),
    clusters: site.clusters.map(({ name, version, arch, network, vip, members }) => ({
      ...{ name, version: version.text, arch, network: network?.name, vip },
      nodes: members.map((node) => node.name),
    })),
    nodes: site.nodes.map((node) => plainNode(site, node)),
    access: Object.fromEntries(access.filter(([, clients]) => clients.length > 0)),
    // What the web server reads, and the secrets that it substitutes: `diff` lists the steps of a deployment by them.
    server: {
      root: server.root,
      media: server.media.path,
      images: images && { folder: images.folder, files: [...images.files, ...images.vmImages] },
      // With the values, the inventory is the same: whoever compares it with a tree may have them or not.
      secrets_file: server.secrets ?? server.unfilledSecrets,
      secrets: placeholdersOf(site).map(({ name, format }) =>
        format === 'text' ? name : `${name}:${format}`,
      ),
      target_secrets: some(targetSecrets(site)),
      signer: server.sign?.signer,
      ports: server.ports,
      compat: some(server.compat),
      namespace: server.kubernetes?.namespace,
    },
  };
}

function plainIscsiServer({ server: { iscsi } }: Site) {
  const { store } = iscsi;
  return {
    ...pick(iscsi, ['address', 'port', 'driver']),
    write_cache: iscsi.writeCache,
    store: store.kind,
    ...(store.kind === 'rbd' ? pick(store, ['pool']) : pick(store, ['folder', 'format'])),
    prefix: store.prefix,
  };
}

// Key by key: for thousands of nodes, spreading and picking would take longer than writing their files.
function plainNode(site: Site, node: Node) {
  const { linux, loader, iscsi, domain } = node;
  const { labels, disks, hardware, bmc, vm } = node.facts;
  const harvester = node.os === 'harvester';
  return {
    name: node.name,
    os: node.os,
    cluster: node.cluster?.name,
    mode: harvester ? node.mode : undefined,
    role: harvester ? node.role : undefined,
    install: linux || node.os === 'iscsi' ? undefined : node.install,
    installer_args: node.installerArgs,
    firmware: node.firmware,
    drive: linux ? undefined : node.drive,
    ip: node.ip,
    uuid: node.uuid,
    serial: node.serial,
    xname: node.xname,
    nid: node.nid,
    smd_role: node.smdRole,
    subrole: node.subrole,
    rack: node.rack,
    position: node.position,
    height: node.height,
    groups: some(node.groups.map(({ name }) => name)),
    arch: linux && node.arch,
    // The complete arguments that its kernel receives.
    linux: linux && {
      ...pick(linux, ['kernel', 'initrds', 'squashfs']),
      args: kernelArgs(site, node),
      loader,
    },
    iscsi: iscsi && {
      image: iscsi.image?.name,
      ...pick(iscsi, ['disk', 'size']),
      target: iscsi.target.replace(/\$\{secret:[^}]*\}/g, '…'),
      ...pick(iscsi, ['lun', 'address', 'port', 'initiator', 'fallback']),
      target_secrets: secretNames(iscsi.target),
      chap_secrets: secretNames(Object.values(iscsi.chap ?? {}).join('\n')),
    },
    tenant: node.tenant?.name,
    loader: loader === 'pxelinux' ? loader : undefined,
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
    bmc: bmc && pick(bmc, ['address', 'mac', 'protocol']),
    vm,
    domain: domain && {
      ...pick(domain, ['uuid', 'vcpus']),
      memory_mib: domain.memory,
      disks: domain.disks.map((disk) => ({
        ...pick(disk, ['target', 'bus']),
        size_bytes: disk.size,
        ...pick(disk, ['format', 'file', 'serial', 'wwn', 'device']),
      })),
      vnc: pick(domain.vnc, ['listen', 'port', 'websocket']),
      autostart: domain.autostart,
      boot_order: bootOrder(node).map((device) => ('disk' in device ? device.disk.target : 'network')),
    },
  };
}

/** The page at `/` of the web server. It lists the content of the server but no nodes. A site file takes precedence. */
export const welcome: Target = {
  name: 'welcome',
  *emit(site, render) {
    const path = `${WWW}/index.html`;
    if (site.files.some((file) => file.path === path)) return;
    yield {
      path,
      content: render('welcome/index.html', {
        site,
        installs: site.nodes.some(({ os }) => os === 'harvester'),
        images: servedImages(site)?.folder,
        grub: grubNodes(site).length > 0,
      }),
    };
  },
};
