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
import type { Target } from './target.ts';

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

/** The names in the inventory by those in the model: `smd_role` for `smdRole`. */
const SNAKE_CASE = new Map<string, string>();

/** Returns the values of these keys, by their names in the inventory. */
function plain<T extends object>(data: T, ...keys: (keyof T & string)[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    let name = SNAKE_CASE.get(key);
    if (name === undefined) {
      name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      SNAKE_CASE.set(key, name);
    }
    values[name] = data[key];
  }
  return values;
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
      ...plain(site.host, 'address', 'domainType', 'images'),
      disks: site.host.disks.map((disk) => plain(disk, 'name', 'device', 'mount')),
      expose: site.host.expose.map(({ cluster, address, ...port }) => {
        return { ...plain(port, 'port', 'to'), cluster: cluster.name, address };
      }),
    },
    iscsi: site.nodes.some(({ iscsi }) => iscsi?.disk !== undefined) ? plainIscsiServer(site) : undefined,
    tenants: some(
      site.tenants.map(({ name, network, description }) => ({ name, network: network.name, description })),
    ),
    images: some(
      site.images.map((image) => ({
        ...plain(image, 'name', 'stored', 'snapshotOf'),
        parent: image.parent?.name,
        tenant: image.tenant?.name,
        public: image.public,
        source: sourceOf(image, site),
      })),
    ),
    networks: site.networks.map(({ name, subnet, dhcp, libvirt, ...network }) => ({
      name,
      subnet: subnet.text,
      ...plain(network, 'gateway', 'dns', 'ntp', 'domain', 'vlan', 'mtu'),
      dhcp: dhcp && { server: dhcp.server, pool: dhcp.pool?.text, lease: dhcp.lease },
      libvirt: libvirt && plain(libvirt, 'name', 'bridge', 'forward', 'address'),
    })),
    clusters: site.clusters.map(({ name, version, arch, vip, members }) => {
      return { name, version: version.text, arch, vip, nodes: members.map((node) => node.name) };
    }),
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
      compat: some(server.compat),
      namespace: server.kubernetes?.namespace,
    },
  };
}

function plainIscsiServer({ server: { iscsi } }: Site) {
  const { store } = iscsi;
  return {
    ...plain(iscsi, 'address', 'port', 'driver', 'writeCache'),
    store: store.kind,
    ...(store.kind === 'rbd' ? plain(store, 'pool') : plain(store, 'folder', 'format')),
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
    ...plain(
      node,
      'ip',
      'uuid',
      'serial',
      'xname',
      'nid',
      'smdRole',
      'subrole',
      'rack',
      'position',
      'height',
    ),
    groups: some(node.groups.map(({ name }) => name)),
    arch: linux && node.arch,
    // The complete arguments that its kernel receives.
    linux: linux && {
      ...plain(linux, 'kernel', 'initrds', 'squashfs'),
      args: kernelArgs(site, node),
      loader,
    },
    iscsi: iscsi && {
      image: iscsi.image?.name,
      ...plain(iscsi, 'disk', 'size'),
      target: iscsi.target.replace(/\$\{secret:[^}]*\}/g, '…'),
      ...plain(iscsi, 'lun', 'address', 'port', 'initiator', 'fallback'),
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
    bmc: bmc && plain(bmc, 'address', 'mac', 'protocol'),
    vm,
    domain: domain && {
      ...plain(domain, 'uuid', 'vcpus'),
      memory_mib: domain.memory,
      disks: domain.disks.map((disk) => ({
        ...plain(disk, 'target', 'bus'),
        size_bytes: disk.size,
        ...plain(disk, 'format', 'file', 'serial', 'wwn', 'device'),
      })),
      vnc: plain(domain.vnc, 'listen', 'port', 'websocket'),
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
