import type { SiteFile } from '../inventory/own-files.ts';
import { fillSecrets } from '../secrets/fill.ts';
import type { SecretValues } from '../secrets/source.ts';
import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { selfLocation } from '../source/origin.ts';
import { MANIFEST, renderManifest } from '../tree/manifest.ts';
import { isInWorkFolder, WORK_FOLDER } from '../tree/output-folder.ts';
import { type File, foldersAbove, LazyFile, type Tree } from '../tree/tree.ts';
import { GENERATOR } from '../values/package.ts';
import { targets } from './index.ts';
import { checkKubernetesSize } from './k8s/pod.ts';
import { hiddenPart, whyNotServed } from './nginx/served.ts';
import type { Emitted, Render } from './target.ts';

/** A file of the output, with the target that made it, and the template where it was rendered by one. */
export interface Made {
  readonly path: string;
  readonly file: Emitted;
  readonly target: string;
  readonly template: string | undefined;
}

/**
 * Makes the whole output of a site, sorted by path, and its manifest; undefined where an error was reported: own files without
 * a place, what is too large for pods, or rendering. With values of secrets, those stand in place of their marks.
 */
export function emitTree(site: Site, render: Render, report: Report, values?: SecretValues) {
  const made = emitTargets(site, render);
  const others = made.filter(({ target }) => target !== 'files');
  checkOwnPaths(site, others, report);
  const all = made.map(({ file }) => file);
  checkKubernetesSize(site, all, report);
  return report.failed ? undefined : treeOf(made, site, values);
}

/** Gives the files of every target, in the order of the targets. */
export function emitTargets(site: Site, render: Render): Made[] {
  const made: Made[] = [];
  const files: Emitted[] = [];
  for (const { name: target, emit } of targets) {
    let template: string | undefined;
    const noting: Render = (name, data) => {
      template = name;
      return render(name, data);
    };
    for (const file of emit(site, noting, files)) {
      made.push({ path: file.path, file, target, template });
      template = undefined;
    }
    // Once the target is done: it finds those before it, and none of its own.
    for (const { file } of made.slice(files.length)) files.push(file);
  }
  return made;
}

/** Gives the files sorted, with the values of secrets where there are any, and among them the manifest of all others. */
function treeOf(made: readonly Made[], site: Site, values?: SecretValues): Tree {
  const manifest = { path: MANIFEST, file: { path: MANIFEST, content: '' }, target: 'manifest' };
  const sorted = [...made, manifest].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const tree = new Map<string, File>();
  for (const [index, { path, file, target }] of sorted.entries()) {
    if (tree.has(path))
      throw new Error(`${path} is made twice: by the targets ${sorted[index - 1]?.target} and ${target}`);
    tree.set(path, file);
  }
  const filled = values ? new Map(fillSecrets(tree, values)) : tree;
  // Of what is filled in it tells where it stands, how long it is, and its digest.
  const confidential = [...filled.values()].some((file) => file.confidential);
  const text = (whole: Tree) => renderManifest(whole, site.name, GENERATOR);
  filled.set(MANIFEST, new LazyFile(MANIFEST, text, filled, { confidential }));
  return filled;
}

/** Something that stands in the tree, as it is spelled, and whose it is: a file of the site's own, or one that harvgen makes. */
interface Claim {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly own?: SiteFile;
  readonly template?: string | undefined;
}

type Claims = Map<string, Claim>;

/** Reports files of a site's own where harvgen makes one, that file systems mix up, or that nginx cannot serve or would publish. */
export function checkOwnPaths(
  { files, server, groups }: Pick<Site, 'files' | 'server' | 'groups'>,
  made: readonly Pick<Claim, 'path' | 'template'>[],
  report: Report,
): void {
  if (files.length === 0) return;
  const claims: Claims = new Map();
  for (const { path, template } of made) claim(claims, path, { template });
  for (const path of [MANIFEST, WORK_FOLDER]) claim(claims, path, {});
  const hidden = new Set<string>();
  for (const own of files) {
    const at = selfLocation(own);
    const conflict = conflictOf(claims, own.path);
    const unserved = whyNotServed(own, { server, groups });
    const hiding = hiddenPart(own);
    if (conflict) report.error({ code: 'file-conflict', ...conflict, at });
    else if (hiding !== undefined) {
      const message = `${hiding} would be public: nginx hands out all below www/ to anybody, and what begins with a dot is seldom meant.`;
      const help = 'rename it so that it begins with no dot, or move it out of files/www/';
      // Of a folder it is said once.
      if (!hidden.has(hiding)) report.error({ code: 'file-hidden', message, help, at });
      hidden.add(hiding);
    } else if (unserved) report.error({ code: 'file-not-served', ...unserved, at });
    claim(claims, own.path, { own });
  }
}

function claim(claims: Claims, file: string, whose: Pick<Claim, 'own' | 'template'>): void {
  for (const path of [file, ...foldersAbove(file)]) {
    const key = folded(path);
    if (!claims.has(key)) claims.set(key, { path, kind: path === file ? 'file' : 'folder', ...whose });
  }
}

/** Says what stands in the way of a file: at its own path, or, from the outermost on, at that of a folder around it. */
function conflictOf(claims: Claims, file: string) {
  for (const path of [...foldersAbove(file), file]) {
    const there = claims.get(folded(path));
    if (!there || (path !== file && there.kind === 'folder' && there.path === path)) continue;
    const { own } = there;
    const related = own && [{ message: `${there.path} is at`, at: selfLocation(own) }];
    return { ...whyTaken(there, path, path !== file), related };
  }
  return undefined;
}

function whyTaken({ path: taken, kind, template }: Claim, path: string, isFolder: boolean) {
  const told = (message: string, help: string) => ({ message, help });
  if (taken !== path)
    return told(
      `${path} and ${taken} are one name to file systems that do not tell case or the ways to write a letter.`,
      'spell it as the other one, or rename it',
    );
  if (isInWorkFolder(taken))
    return told(`${WORK_FOLDER} is harvgen's own folder in the tree.`, 'choose another folder');
  if (kind === 'folder')
    return told(`${path} is a folder of the tree, and cannot be a file, too.`, 'rename it');
  if (isFolder) return told(`${path} is a file of the tree, and cannot be a folder, too.`, 'rename it');
  return told(
    `harvgen makes ${path} itself, and the tree has one file of a name.`,
    template
      ? `say by a template of your own what it makes: templates/${template}.eta`
      : 'rename it; what harvgen makes there follows from the inventory alone',
  );
}

/** Gives what a path is to a file system that tells neither case nor Unicode's ways to write a letter. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC');
}
