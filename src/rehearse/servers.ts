import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isOwnDhcpServer } from '../knowledge/boot-programs.ts';
import { harvesterMedia } from '../knowledge/harvester.ts';
import type { SecretValues } from '../secrets/source.ts';
import { usesOf } from '../secrets/uses-of.ts';
import type { Network, Node, Site } from '../site/model.ts';
import { encodeSecret, placeholdersIn } from '../source/placeholders.ts';
import { spliced } from '../source/text-edit/lines.ts';
import { PUT_GRUB, PUT_PXELINUX } from '../tree/paths.ts';
import { contains, ipv4Text } from '../values/addresses.ts';
import { grouped } from '../values/grouped.ts';
import { quoteShell } from '../values/quoting.ts';
import { UserError } from '../values/user-error.ts';
import { type Daemon, dnsmasqIn, startDaemon } from './daemons.ts';
import { putFile, startDhcpServer } from './dhcp-servers.ts';
import { buildStandIn } from './initramfs.ts';
import { openPlant, type Plant } from './plant.ts';

/** The servers of a site in a network of their own. */
export interface Servers {
  readonly plant: Plant;
  /** Returns the made-up values in place of the placeholders in a text. */
  fill(text: string): string;
  /** Writes the content of a node's iSCSI disk. */
  putDisk(node: Node, image: string): Promise<void>;
  /** Returns the logs of the servers by name. */
  logs(): Promise<Record<string, string>>;
}

/** Returns the bridge of a network: the interface of the inventory, so that its DHCP server finds it. */
export function bridgeOf(site: Site, network: Network): string {
  return network.interface ?? network.libvirt?.bridge ?? `net${site.networks.indexOf(network)}`;
}

/** Returns the MAC address of a NIC; a made-up one if the inventory does not know it. */
export function macOf(site: Site, node: Node): string {
  return (
    node.bootNic.mac ??
    `52:54:00:00:${site.nodes.indexOf(node).toString(16).padStart(4, '0').replace(/..$/, ':$&')}`
  );
}

/**
 * Opens the network of a site with the servers of its tree, as the tree configures them. Made-up values replace the secrets, which
 * nginx gets by the text of `includeOf`. Throws UserError if the kernel refuses namespaces, or if a server does not start: with its log.
 */
export async function openServers(
  site: Site,
  tree: string,
  includeOf: (site: Site, values: SecretValues) => string,
): Promise<Servers> {
  const values = new Map(usesOf(site).map(({ name }) => [name, madeUp(name)]));
  const fill = (text: string) =>
    spliced(
      text,
      placeholdersIn(text).map(({ name, format, start, end }) => ({
        start,
        end,
        text: encodeSecret(values.get(name) ?? '', format),
      })),
    );
  const bridges = grouped(
    site.networks.map((network) => {
      const address = `${serverAddress(site, network)}/${network.subnet.prefix}`;
      return [bridgeOf(site, network), address] as const;
    }),
  );
  const plant = await openPlant(...[...bridges].map(([name, address]) => ({ interface: name, address })));
  const daemons: Record<string, Daemon> = {};
  const disks = join(plant.folder, 'disks');
  try {
    const own = [...bridges.values()].flat().map((address) => address.replace(/\/.*/, ''));
    for (const address of new Set([
      site.server.host,
      ...site.nodes.flatMap(({ iscsi }) => iscsi?.address ?? []),
    ]))
      if (!own.includes(address)) await plant.run(['ip', 'address', 'add', `${address}/32`, 'dev', 'lo']);
    await deploy(plant, site, tree);
    await putMedia(plant, site);
    await plant.run(['sh', '-ec', DIRECTORIES]);
    await putFile(plant, site.server.secrets ?? '/dev/null', includeOf(site, values));
    const configuration = join(site.server.root, 'nginx', `${site.name}.conf`);
    await plant.serve({ nginx: configuration });
    await startDhcpServers(plant, site, tree, daemons);
    await mkdir(disks);
    const isDiskless = site.nodes.some(({ iscsi }) => iscsi);
    if (isDiskless) daemons.tgtd = await startTargets(plant, site, tree, fill, disks);
  } catch (error) {
    await plant.close();
    throw error;
  }
  return {
    plant,
    fill,
    putDisk: (node, image) => copyFile(image, diskPath(disks, node)),
    async logs() {
      const all = Object.entries(daemons).map(async ([name, { log }]) => [name, await log()] as const);
      const access = await plant.run(['sh', '-c', 'cat /var/log/nginx/*.log']).catch(() => '');
      return { ...Object.fromEntries(await Promise.all(all)), nginx: (await plant.nginxLog()) + access };
    },
  };
}

/** Returns a value for a secret that each of its uses accepts, even as a CHAP password, which has 12 to 16 characters. */
const madeUp = (name: string): string =>
  `made-up-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

/** Returns the IP address of the server on a network: its own, or as the router to it. */
function serverAddress(
  { server, networks }: Site,
  { subnet, gateway, libvirt, iscsi, bootServer }: Network,
): string {
  const isOwn = networks.length === 1 || contains(subnet, server.host);
  return (
    bootServer ?? libvirt?.address ?? (isOwn ? server.host : (gateway ?? iscsi ?? ipv4Text(subnet.first + 1)))
  );
}

/** The directories that Debian's packages create. */
const DIRECTORIES =
  'mkdir -p /etc/nginx/harvgen /run/tgtd /run/lock /var/lib/misc /var/lib/nginx /var/log/nginx';

/** Copies the tree and the boot loaders to where the servers read them. */
async function deploy(plant: Plant, site: Site, tree: string): Promise<void> {
  const { root, tftp } = site.server;
  await plant.run(['mkdir', '-p', dirname(root), tftp, '/srv/harvgen/tftp']);
  // Without root, the directories of servers are empty inside: the tree can be in one of them.
  const copy = join(plant.folder, 'tree');
  await cp(tree, copy, { recursive: true, dereference: true });
  await plant.run(['cp', '-r', copy, root]);
  await plant.run(['chmod', '-R', 'u=rwX,go=rX', root]);
  const ipxe = IPXE_BINARIES.map((name) => join(IPXE_FOLDER, name)).filter((path) => existsSync(path));
  if (ipxe.length > 0) await plant.run(['cp', ...ipxe, tftp]);
  // A boot loader that it cannot copy is missing at the boot of its nodes.
  for (const script of [PUT_GRUB, PUT_PXELINUX])
    if (existsSync(join(tree, script)))
      await plant.run(['sh', '-c', `bash ${quoteShell(join(root, script))} ${quoteShell(tftp)} || :`]);
}

/** Debian's iPXE binaries for x86 machines. */
export const IPXE_FOLDER = '/usr/lib/ipxe';
const IPXE_BINARIES = ['undionly.kpxe', 'snponly.efi'];

/** Puts the stand-in where machines download the kernel, initrd and root file system of the installer or of a Linux. */
async function putMedia({ folder, bind }: Plant, site: Site): Promise<void> {
  const made = join(folder, 'stand-in');
  await mkdir(made);
  await buildStandIn(made, { kernelName: 'kernel', initrdName: 'initrd' });
  const put = async (area: string, path: string, from?: string) => {
    const target = join(folder, area, path);
    if (existsSync(target)) return;
    await mkdir(dirname(target), { recursive: true });
    // Zeros are an empty initrd.
    await (from ? symlink(join(made, from), target) : writeFile(target, Buffer.alloc(512)));
  };
  for (const { version, arch } of site.clusters) {
    const { kernel, initrd, rootfs, iso } = harvesterMedia(version.text, arch);
    await put('media', join(version.text, kernel), 'kernel');
    await put('media', join(version.text, initrd), 'initrd');
    for (const name of [rootfs, iso]) await put('media', join(version.text, name));
  }
  const images = `${site.server.url}/images/`;
  const below = (url: string | undefined) => (url?.startsWith(images) ? [url.slice(images.length)] : []);
  for (const { linux } of [...site.nodes, ...site.unknownMachines.map((boot) => ({ linux: boot }))]) {
    for (const path of below(linux?.kernel)) await put('images', path, 'kernel');
    const [first, ...others] = (linux?.initrds ?? []).flatMap(below);
    for (const path of others) await put('images', path);
    if (first) await put('images', first, 'initrd');
    for (const path of below(linux?.squashfs)) await put('images', path);
  }
  for (const [area, path] of [
    ['media', site.server.media.path],
    ['images', site.server.images.path],
  ] as const)
    if (path !== undefined && existsSync(join(folder, area))) await bind(join(folder, area), path);
  await chmod(folder, 0o755);
}

/** Starts the DHCP servers of a site, and a TFTP server beside those without one. Adds each to `daemons` by its name. */
async function startDhcpServers(
  { sandbox, folder }: Plant,
  site: Site,
  tree: string,
  daemons: Record<string, Daemon>,
): Promise<void> {
  const read = (path: string) => {
    const file = join(tree, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const startDnsmasq = async (name: string, lines: readonly string[]) => {
    const path = join(folder, `${name}.conf`);
    await writeFile(path, `${lines.join('\n')}\n`);
    const options = [`--conf-file=${path}`, '--log-dhcp', `--pid-file=/run/${name}.pid`];
    const argv = [...dnsmasqIn(sandbox), ...options];
    daemons[name] = await startDaemon(sandbox, name, argv, /started, version|TFTP root is/);
  };
  const names = new Set(site.networks.flatMap(({ dhcp }) => dhcp?.server ?? []));
  for (const name of [...names].filter(isOwnDhcpServer))
    daemons[name] = await startDhcpServer(sandbox, read, name, site.name);
  if (names.has('external')) await startDnsmasq('external', external(site));
  for (const network of site.networks)
    if (network.dhcp?.server === 'libvirt')
      await startDnsmasq(`libvirt-${network.name}`, ofLibvirt(site, network, read));
  if (!(['dnsmasq', 'libvirt', 'external'] as const).some((name) => names.has(name)))
    await startDnsmasq('tftp', ['port=0', 'enable-tftp', `tftp-root=${site.server.tftp}`]);
}

/**
 * Returns the lines of a dnsmasq in place of a DHCP server that the site does not manage. It leases the IP addresses of the inventory,
 * and sends the boot files that the site's README lists.
 */
function external(site: Site): string[] {
  const { url, tftp } = site.server;
  const networks = site.networks.filter(({ dhcp }) => dhcp?.server === 'external');
  const nodes = site.nodes.filter(({ bootNic }) => networks.includes(bootNic.network));
  return [
    ...['port=0', 'bind-interfaces', 'enable-tftp', `tftp-root=${tftp}`],
    ...[
      'dhcp-userclass=set:ipxe,iPXE',
      'dhcp-match=set:bios,option:client-arch,0',
      `dhcp-boot=tag:ipxe,${url}/boot.ipxe`,
    ],
    ...['dhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe', 'dhcp-boot=tag:!ipxe,tag:!bios,snponly.efi'],
    ...networks.flatMap((network) => [
      `interface=${bridgeOf(site, network)}`,
      `dhcp-range=set:${network.name},${ipv4Text(network.subnet.first)},static`,
      ...(network.gateway ? [`dhcp-option=tag:${network.name},option:router,${network.gateway}`] : []),
    ]),
    ...nodes.map((node) => `dhcp-host=${macOf(site, node)},${node.bootNic.ip}`),
  ];
}

/** Returns the lines of libvirt's dnsmasq for a network: those that libvirt derives from the XML, and the options there. */
function ofLibvirt(site: Site, network: Network, read: (path: string) => string | undefined): string[] {
  const files = ['libvirt/network.xml', `libvirt/networks/${network.name}.xml`].flatMap(
    (path) => read(path) ?? [],
  );
  const bridge = bridgeOf(site, network);
  const xml = files.find((text) => text.includes(`<bridge name="${bridge}"`)) ?? '';
  const all = (tag: RegExp) => Array.from(xml.matchAll(tag), ({ groups = {} }) => groups);
  return [
    ...['port=0', 'bind-dynamic', `interface=${bridge}`, 'dhcp-no-override', 'dhcp-authoritative'],
    ...all(/<tftp root="(?<root>[^"]*)"/g).map(({ root }) => `enable-tftp\ntftp-root=${root}`),
    ...all(/<range start="(?<start>[^"]*)" end="(?<end>[^"]*)"/g).map(
      ({ start, end }) => `dhcp-range=set:${bridge},${start},${end}`,
    ),
    // As libvirt does for a network with reservations only.
    ...(xml.includes('<range ') ? [] : [`dhcp-range=${ipv4Text(network.subnet.first)},static`]),
    ...all(/<host mac="(?<mac>[^"]*)" ip="(?<ip>[^"]*)"(?: name="(?<name>[^"]*)")?/g).map(
      ({ mac, ip, name }) => `dhcp-host=${mac},${ip}${name ? `,${name}` : ''}`,
    ),
    ...all(/<dnsmasq:option value="(?<option>[^"]*)"/g).map(({ option = '' }) =>
      option
        .replaceAll('&quot;', '"')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    ),
  ];
}

/** The size of an iSCSI disk, which is a file without content. */
const DISK_SIZE = '64M';

const diskPath = (disks: string, { name }: Node): string => join(disks, `${name}.raw`);

/** Starts tgtd with the targets of the tree, each with a file in place of the disk in its store. */
async function startTargets(
  { sandbox, run }: Plant,
  site: Site,
  tree: string,
  fill: Servers['fill'],
  disks: string,
): Promise<Daemon> {
  const texts: string[] = [];
  for (const node of site.nodes.filter(({ iscsi }) => iscsi)) {
    const file = join(tree, 'iscsi/tgt', `${node.name}.conf`);
    if (!existsSync(file)) continue;
    await run(['truncate', '-s', DISK_SIZE, diskPath(disks, node)]);
    const text = fill(readFileSync(file, 'utf8'));
    texts.push(
      text
        .replace(/^ *(?:bs-type|bsopts|#).*\n/gm, '')
        .replace(/<backing-store [^>]*>/g, `<backing-store ${diskPath(disks, node)}>`),
    );
  }
  const path = join(sandbox.folder, 'targets.conf');
  await writeFile(path, texts.join(''), { mode: 0o600 });
  const daemon = await startDaemon(sandbox, 'tgtd', ['tgtd', '--foreground'], /(?:)/);
  const execute = `until tgtadm --mode sys --op show >/dev/null 2>&1; do sleep 0.1; done; tgt-admin --execute --conf ${path}`;
  await run(['timeout', '20', 'sh', '-ec', execute]).catch((error: Error) => {
    throw new UserError(`tgtd did not start: ${error.message}`);
  });
  return daemon;
}
