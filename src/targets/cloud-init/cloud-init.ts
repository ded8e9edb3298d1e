import { Document } from 'yaml';
import { cloudInitBase, instanceMetaData } from '../../plan/meta-data.ts';
import { networkConfigOf } from '../../plan/network-config.ts';
import { partWithPlaceholders, withPlaceholders } from '../../secrets/uses-of.ts';
import type { CloudInit, CloudInitData, Nic, Node, Site } from '../../site/model.ts';
import { placeholdersIn } from '../../source/placeholders.ts';
import * as paths from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { onceFor } from '../../values/once-for.ts';
import { quoteShell, quoteYaml } from '../../values/quoting.ts';
import { plainPath } from '../../values/text.ts';
import { AS_IS, isBlock, renderYaml, scalarOf, utf8In } from '../render-yaml.ts';
import type { Emitted, Target } from '../target.ts';

/** The text of the file `any-nic`, for people: nginx only checks whether the file exists. */
const ANY_NIC =
  'By IP address, nginx serves no network-config of this node: it may have booted from any of several NICs.\n';

/** cloud-init warns that it cannot handle an empty file. */
const NO_USER_DATA = '#cloud-config\n{}\n';

/**
 * The cloud-init data of each node that boots Linux or a disk (NoCloud). A system on a disk finds it by a configuration, because
 * its kernel command line does not contain the URL. Source: cloud-init, cloudinit/sources/DataSourceNoCloud.py (seedfrom).
 */
export const cloudInit: Target = {
  name: 'cloud-init',
  *emit(site) {
    const isByAddress = site.server.compat.includes('ochami') || hasSeedOnDisk(site);
    const metaData = (node: Node) =>
      renderYaml(instanceMetaData(site, node, node.cloudInit as CloudInit), withPlaceholders);
    const userData = ({ userData }: CloudInit) => renderData(userData) || NO_USER_DATA;
    const vendorData = ({ vendorData }: CloudInit) => renderData(vendorData);
    for (const node of site.nodes) {
      const { cloudInit } = node;
      if (!cloudInit) continue;
      const spares = paths.spareNics(node);
      // The NICs share an IP address: a request by it does not show which one booted, and this configuration stops the others.
      if (isByAddress && spares.length > 0 && !cloudInit.networkConfig)
        yield { path: `${paths.WWW}/${paths.anyNicPath(node)}`, content: ANY_NIC };
      for (const nic of [node.bootNic, ...spares]) {
        const folder = `${paths.WWW}/${paths.cloudInitPath(node, nic)}`;
        yield new LazyFile(`${folder}meta-data`, metaData, node);
        yield new LazyFile(`${folder}network-config`, networkText, { node, nic });
        yield new LazyFile(`${folder}user-data`, userData, cloudInit);
        yield new LazyFile(`${folder}vendor-data`, vendorData, cloudInit);
      }
    }
    if (!hasSeedOnDisk(site)) return;
    const lines = [
      `# ${site.name}: for /etc/cloud/cloud.cfg.d/ of systems on disks. cloud-init gets the data of the node by its IP address.`,
      'datasource_list: [NoCloud]',
      `datasource: { NoCloud: { seedfrom: ${quoteYaml(`${cloudInitBase(site)}/`)} } }`,
    ];
    yield { path: `${paths.WWW}/${paths.CLOUD_INIT_SEED}`, content: `${lines.join('\n')}\n` };
  },
};

/** Whether systems on disks get cloud-init data. */
export function hasSeedOnDisk({ nodes }: Pick<Site, 'nodes'>): boolean {
  return nodes.some(({ cloudInit, linux }) => cloudInit && !linux);
}

/** Returns the network configuration. An empty file has no effect; cloud-init requests a missing one for ten seconds. */
function networkText({ node, nic }: { readonly node: Node; readonly nic: Nic }): string {
  const network = networkConfigOf(node, node.cloudInit as CloudInit, nic);
  return network ? renderYaml(network, withPlaceholders) : '';
}

/** Renders user-data or vendor-data: a map as cloud-config, a text unchanged; several parts, or a text with secrets, as archive. */
export function renderData(parts: readonly CloudInitData[]): string {
  return rendered(parts).text;
}

/** Caches the text of data that nodes share, because it never changes. */
const rendered = onceFor((parts: readonly CloudInitData[]) => {
  const [first, second] = parts;
  if (first === undefined) return { text: '' };
  if (typeof first === 'object' && second === undefined) return { text: renderCloudConfig(first) };
  const isPlain = second === undefined && partWithPlaceholders(first as string) === first;
  return { text: isPlain ? first : renderArchive(parts) };
});

function renderCloudConfig(map: object): string {
  return `#cloud-config\n${renderYaml(map, withPlaceholders)}`;
}

/**
 * How cloud-init merges a rendered template into the cloud-config before it, unless the template sets its own way:
 * lists are concatenated, and existing values take precedence. Source: cloud-init, cloudinit/handlers/cloud_config.py.
 */
const MERGING = { 'Merge-Type': 'list(append)+dict(no_replace,recurse_list,recurse_array)+str()' };

/** A text that is cloud-config, possibly after rendering as a template. */
const CLOUD_CONFIG = /^(?:## template: *jinja[^\n]*\n)?#cloud-config(?!-)/i;

/**
 * Renders parts as a cloud-config-archive, in order. MIME, which cloud-init also supports, would break non-ASCII text, or
 * hide placeholders in base64. Source: cloud-init, cloudinit/user_data.py (`_explode_archive`).
 */
function renderArchive(parts: readonly CloudInitData[]): string {
  const entries = parts.map((part) => {
    const isMap = typeof part === 'object';
    const content = isMap ? renderCloudConfig(part) : partWithPlaceholders(part);
    // Placeholders must be in double quotes: in the quotes of a map's own values, or in quotes around a text.
    const type =
      isBlock(content) && (isMap || placeholdersIn(content).length === 0) ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE';
    return { ...(!isMap && CLOUD_CONFIG.test(content) && MERGING), content: scalarOf(content, type) };
  });
  return `#cloud-config-archive\n${new Document(entries, AS_IS).toString(AS_IS)}`;
}

/** The user-data that turns a fresh machine into the site's libvirt host. It comes last, because it contains all other files. */
export const userData: Target = {
  name: 'user-data',
  *emit(site, _, made) {
    if (!site.host) return;
    const root = plainPath(site.server.root);
    // The README is for people, iPXE and images are built on another machine, the cloud VM exists by then, and clusters exist later.
    const others = ['README.md', paths.USER_DATA, paths.BUILD_IPXE];
    const isForHost = ({ path }: Emitted) =>
      !others.includes(path) && !/^(embed|cloud|host\/image)\//.test(path) && !paths.isClusterPath(path);
    const files = made.filter(isForHost).map((file) => written(file, site, root));
    const warning =
      'It contains secret values: the provider stores it, and returns it to every user on that machine.';
    const intro = [
      `Turns a fresh machine into the libvirt host of ${site.name}: cloud-init writes the tree and sets the host up.`,
      'Made by harvgen: edit the inventory instead.',
      ...(files.some(({ mode }) => mode === SECRET) ? [warning] : []),
    ];
    const name = `harvgen-${site.name}`;
    const setup = { name, program: `${root}/${paths.HOST_SETUP}`, log: `/var/log/${name}.log` };
    yield { path: paths.USER_DATA, content: renderUserData(intro, files, setup) };
    const { userDataUrl } = site.host;
    if (userDataUrl === undefined) return;
    // cloud-init ignores comments after the first line.
    const comments = [`# ${site.name}: publish ${paths.USER_DATA} at this URL.`, `# ${intro[1]}`];
    const content = `${['#include', ...comments, userDataUrl].join('\n')}\n`;
    yield { path: paths.USER_DATA_INCLUDE, content };
  },
};

const [PLAIN, PROGRAM, SECRET] = [0o644, 0o755, 0o640];

function written({ path, content, executable }: Emitted, { server }: Site, root: string): WrittenFile {
  // Without substitution by nginx, the file contains the values.
  const isFilled = server.secrets === undefined && paths.isFilledPath(path) && typeof content === 'string';
  const isSecret = isFilled && placeholdersIn(content).length > 0;
  return { path: `${root}/${path}`, content, mode: isSecret ? SECRET : executable ? PROGRAM : PLAIN };
}

/** A file that cloud-init writes. */
export interface WrittenFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/**
 * Renders user-data for cloud-init: files to write, sorted by path, and a script that runs afterwards. Text is written unchanged,
 * line by line, so that its diffs are readable, and with its placeholders. Content that a YAML block cannot represent
 * is in base64. The argument `intro` is the comment for readers; `setup` is the program, the name of the script, and its log
 * file. Source: cloud-init's modules write_files, which ends before scripts_per_boot runs; without `owner`, root owns a file.
 */
export function renderUserData(
  intro: readonly string[],
  files: readonly WrittenFile[],
  setup: { readonly name: string; readonly program: string; readonly log: string },
): string {
  const sorted = [...files, bootScript(setup)].sort((a, b) => (a.path < b.path ? -1 : 1));
  const document = new Document({ write_files: sorted.map(entryOf) }, AS_IS);
  document.commentBefore = intro.map((line) => ` ${line}`).join('\n');
  return `#cloud-config\n${document.toString(AS_IS)}`;
}

/** Returns the script that sets the machine up, at each boot until it succeeds: after a restart, `runcmd` would not continue. */
function bootScript({ name, program, log }: Parameters<typeof renderUserData>[2]): WrittenFile {
  const lines = [
    '#!/bin/bash',
    '# Sets this machine up, at each boot until it succeeds: with status 0, or with 3 if only secrets are missing.',
    'set -o pipefail',
    `${quoteShell(program)} 2>&1 | tee -a ${quoteShell(log)}`,
    'status=$?',
    'case $status in 0 | 3) rm -f "$0" ;; esac',
    'exit "$status"',
  ];
  const path = `/var/lib/cloud/scripts/per-boot/${name}`;
  return { path, content: `${lines.join('\n')}\n`, mode: PROGRAM };
}

function entryOf({ path, content, mode }: WrittenFile): object {
  const permissions = scalarOf(`0${mode.toString(8)}`, 'QUOTE_DOUBLE');
  const text = utf8In(content);
  if (text !== undefined && isBlock(text))
    return { path, permissions, content: scalarOf(text, 'BLOCK_LITERAL') };
  return { path, permissions, encoding: 'b64', content: Buffer.from(content).toString('base64') };
}
