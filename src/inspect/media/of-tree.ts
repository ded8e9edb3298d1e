import { createHash } from 'node:crypto';
import type { Site } from '../../site/model.ts';
import { marksIn } from '../../source/marks.ts';
import { grubNodes } from '../../targets/grub/grub.ts';
import { pxelinuxNodes } from '../../targets/pxelinux/pxelinux.ts';
import {
  BOOT_SCRIPT,
  CLOUD_INIT_FILES,
  cloudInitPath,
  cloudInitUrl,
  configPath,
  configUrl,
  furtherScriptPaths,
  GRUB_SCRIPT,
  pxelinuxMenus,
  pxelinuxScript,
  scriptPath,
  signaturePath,
  TFTP,
  urlOf,
  WWW,
} from '../../tree/paths.ts';
import { type File, type Tree, textOf } from '../../tree/tree.ts';
import type { Medium, MediumKind } from './medium.ts';

/** Gives what machines fetch of the tree: scripts with their signatures, configurations, and files of the site's own. */
export function* treeMedia(site: Site, tree: Tree): Iterable<Medium> {
  const all = site.nodes.map(({ name }) => name);
  yield* scriptMedia(site, tree, BOOT_SCRIPT, all);
  for (const node of site.nodes) {
    for (const path of [scriptPath(node), ...furtherScriptPaths(node)])
      yield* scriptMedia(site, tree, path, [node.name]);
    if (node.os === 'harvester')
      yield* fileMedium(tree, configPath(node), configUrl(site, node), 'configuration', [node.name]);
    for (const file of node.cloudInit ? CLOUD_INIT_FILES : []) {
      const url = `${cloudInitUrl(site, node)}${file}`;
      yield* fileMedium(tree, `${cloudInitPath(node)}${file}`, url, 'configuration', [node.name]);
    }
  }
  const byGrub = grubNodes(site);
  const names = byGrub.map(({ node }) => node.name);
  yield* fileMedium(tree, GRUB_SCRIPT, urlOf(site, GRUB_SCRIPT), 'script', names);
  for (const { node, paths } of byGrub)
    for (const path of paths) yield* fileMedium(tree, path, urlOf(site, path), 'script', [node.name]);
  for (const node of pxelinuxNodes(site))
    for (const path of [...pxelinuxMenus(node), pxelinuxScript(node)]) {
      const file = tree.get(`${TFTP}/${path}`);
      const url = `tftp://${site.server.host}/${path}`;
      if (file) yield { url, kind: 'script', ...measured(file, 'script'), served: true, nodes: [node.name] };
    }
  for (const { path } of site.files) {
    // Which of the nodes asks for it, if any, only its maker knows.
    if (!path.startsWith(`${WWW}/`)) continue;
    const inWww = path.slice(WWW.length + 1);
    yield* fileMedium(tree, inWww, urlOf(site, inWww), 'file', []);
  }
}

function* scriptMedia(site: Site, tree: Tree, path: string, nodes: readonly string[]): Iterable<Medium> {
  yield* fileMedium(tree, path, urlOf(site, path), 'script', nodes);
  if (site.server.sign)
    yield { url: urlOf(site, signaturePath(path)), kind: 'signature', served: true, nodes };
}

function* fileMedium(
  tree: Tree,
  path: string,
  url: string,
  kind: MediumKind,
  nodes: readonly string[],
): Iterable<Medium> {
  const file = tree.get(`${WWW}/${path}`);
  if (file) yield { url, kind, ...measured(file, kind), served: true, nodes };
}

/** A configuration or a script with marks is another one for whoever fetches it. */
function measured(file: File, kind: MediumKind): Pick<Medium, 'size' | 'sha512'> {
  if ((kind === 'configuration' || kind === 'script') && marksIn(textOf(file)).length > 0) return {};
  const bytes = typeof file.content === 'string' ? Buffer.from(file.content) : file.content;
  return { size: bytes.length, sha512: createHash('sha512').update(bytes).digest('hex') };
}
