import type { SiteFile } from '../inventory/own-files.ts';
import { hiddenPart, whyNotServed } from '../plan/served.ts';
import { fillSecrets } from '../secrets/fill.ts';
import type { SecretValues } from '../secrets/source.ts';
import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { selfLocation } from '../source/origin.ts';
import { MANIFEST, renderManifest } from '../tree/manifest.ts';
import { isInWorkFolder, WORK_FOLDER } from '../tree/output-folder.ts';
import { type File, foldersAbove, LazyFile, type Tree } from '../tree/tree.ts';
import { GENERATOR } from '../values/package.ts';
import { checkObjectPaths } from './cluster/cluster.ts';
import { targets } from './index.ts';
import { checkKubernetesSize } from './k8s/pod.ts';
import type { Emitted, Render } from './target.ts';

/** A file of the output tree, with the target that generated it and its template, if it has one. */
export interface Made {
  readonly path: string;
  readonly file: Emitted;
  readonly target: string;
  readonly template: string | undefined;
}

/**
 * Returns the output tree of a site with its manifest, sorted by path. Returns undefined after an error: a conflicting site
 * file, two objects with one path, files too large for pods, or a failed template. Substitutes the values of secrets, if there are any.
 */
export function emitTree(site: Site, render: Render, report: Report, values?: SecretValues) {
  const made = emitTargets(site, render);
  const generated = made.filter(({ target }) => target !== 'files');
  checkOwnPaths(site, generated, report);
  checkObjectPaths(site, report);
  const files = made.map(({ file }) => file);
  checkKubernetesSize(site, files, report);
  return report.failed ? undefined : treeOf(made, site, values);
}

/** Returns the files of every target that the site requests, in the order of the targets. */
export function emitTargets(site: Site, render: Render): Made[] {
  const made: Made[] = [];
  const files: Emitted[] = [];
  for (const { name: target, compat, emit } of targets) {
    if (compat !== undefined && !site.server.compat.includes(compat)) continue;
    let template: string | undefined;
    const recordingRender: Render = (name, data) => {
      template = name;
      return render(name, data);
    };
    for (const file of emit(site, recordingRender, files)) {
      made.push({ path: file.path, file, target, template });
      template = undefined;
    }
    // Added when the target is done: a target sees the files of earlier targets only.
    for (const { file } of made.slice(files.length)) files.push(file);
  }
  return made;
}

/** Returns the sorted files with the values of secrets, if there are any, and the manifest of all other files. */
function treeOf(made: readonly Made[], site: Site, values?: SecretValues): Tree {
  const manifest = { path: MANIFEST, file: { path: MANIFEST, content: '' }, target: 'manifest' };
  const tree = new Map<string, File>();
  const owners = new Map<string, string>();
  for (const { path, file, target } of [...made, manifest].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (tree.has(path)) throw new Error(`two targets generate ${path}: ${owners.get(path)} and ${target}`);
    tree.set(path, file);
    owners.set(path, target);
  }
  const filled = values ? new Map(fillSecrets(tree, values)) : tree;
  // The manifest contains the path, length and digest of files with secrets.
  const confidential = [...filled.values()].some((file) => file.confidential);
  const text = (whole: Tree) => renderManifest(whole, site.name, GENERATOR);
  filled.set(MANIFEST, new LazyFile(MANIFEST, text, filled, { confidential }));
  return filled;
}

/** A path in the output tree, as spelled, with its owner: a site file, or the template of a generated file. */
interface Claim {
  readonly path: string;
  readonly isFolder: boolean;
  readonly own?: SiteFile;
  readonly template?: string | undefined;
}

/** Reports site files that conflict with another path of the tree, and those that nginx cannot serve or would publish. */
export function checkOwnPaths(
  { files, server, groups }: Pick<Site, 'files' | 'server' | 'groups'>,
  made: readonly Pick<Claim, 'path' | 'template'>[],
  report: Report,
): void {
  if (files.length === 0) return;
  const claims = new Map<string, Claim>();
  const claim = (file: string, owner: Pick<Claim, 'own' | 'template'>) => {
    for (const path of [file, ...foldersAbove(file)]) {
      const key = folded(path);
      if (!claims.has(key)) claims.set(key, { path, isFolder: path !== file, ...owner });
    }
  };
  for (const { path, template } of made) claim(path, { template });
  for (const path of [MANIFEST, WORK_FOLDER]) claim(path, {});
  const hidden = new Set<string>();
  for (const own of files) {
    const at = selfLocation(own);
    // The outermost directory with another owner or spelling, else the file itself.
    const taken = [...foldersAbove(own.path), own.path].find((path) => {
      const existing = claims.get(folded(path));
      return existing && (path === own.path || !existing.isFolder || existing.path !== path);
    });
    const existing = taken === undefined ? undefined : claims.get(folded(taken));
    const hiding = hiddenPart(own);
    const unserved = whyNotServed(own, { server, groups });
    if (existing && taken !== undefined) {
      const related = existing.own && [{ message: `${existing.path} is at`, at: selfLocation(existing.own) }];
      report.error({ code: 'file-conflict', ...whyTaken(existing, taken, taken !== own.path), related, at });
    } else if (hiding !== undefined) {
      const message = `${hiding} would be public: nginx serves every file below www/ to every client, including dotfiles.`;
      const help = 'rename it without the leading dot, or move it out of files/www/';
      // One error per directory.
      if (!hidden.has(hiding)) report.error({ code: 'file-hidden', message, help, at });
      hidden.add(hiding);
    } else if (unserved) report.error({ code: 'file-not-served', ...unserved, at });
    claim(own.path, { own });
  }
}

function whyTaken({ path: taken, isFolder, template }: Claim, path: string, needsFolder: boolean) {
  const texts = (message: string, help: string) => ({ message, help });
  if (taken !== path)
    return texts(
      `${path} and ${taken} are the same name on file systems that ignore case or Unicode normalization: one file would be lost.`,
      'spell both alike, or rename one',
    );
  if (isInWorkFolder(taken))
    return texts(`${WORK_FOLDER} is reserved for harvgen in the output tree.`, 'choose another directory');
  if (isFolder) return texts(`${path} is a directory of the output tree: it cannot be a file.`, 'rename it');
  if (needsFolder)
    return texts(`${path} is a file of the output tree: it cannot be a directory.`, 'rename it');
  const help = template
    ? `change the generated file with a site template: templates/${template}.eta`
    : 'rename it; harvgen derives that file from the inventory alone';
  return texts(`harvgen generates ${path} itself: a site file cannot replace it.`, help);
}

/** Returns the same text for all paths that a file system without case and Unicode normalization treats as one. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC');
}
