import { fillSecrets } from '../secrets/fill.ts';
import type { SecretValues } from '../secrets/source.ts';
import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { LazyFile } from '../tree/lazy-file.ts';
import { MANIFEST, renderManifest } from '../tree/manifest.ts';
import type { File, Tree } from '../tree/tree.ts';
import { GENERATOR } from '../values/harvgen-version.ts';
import { checkOwnPaths } from './check-own-paths.ts';
import { files } from './files/files.ts';
import { targets } from './index.ts';
import { checkKubernetesSize } from './k8s/check-size.ts';
import type { Render } from './render.ts';
import type { Emitted } from './target.ts';

/** A file of the output, with the target that made it, and the template where it was rendered by one. */
export interface Made {
  readonly path: string;
  readonly file: Emitted;
  readonly target: string;
  readonly template: string | undefined;
}

/**
 * Makes the whole output of a site: the files of every target, sorted by path, and the manifest of them all. Reports
 * files of the site's own that have no place in it, and what is too large for pods; gives undefined where that, or rendering, has reported an error.
 * Where values of secrets are given, those of all that the site needs, they stand in place of their marks.
 */
export function emitTree(
  site: Site,
  render: Render,
  report: Report,
  values?: SecretValues,
): Tree | undefined {
  const made = emitTargets(site, render);
  if (site.files.length > 0) {
    const others = made.filter(({ target }) => target !== files.name);
    checkOwnPaths(site, others, report);
  }
  if (site.server.kubernetes)
    checkKubernetesSize(
      site,
      made.map(({ file }) => file),
      report,
    );
  return report.failed ? undefined : treeOf(made, site, values);
}

/** Gives the files of every target, in the order of the targets. */
export function emitTargets(site: Site, render: Render): Made[] {
  const made: Made[] = [];
  const before: Emitted[] = [];
  for (const target of targets) {
    let template: string | undefined;
    const noting = noted(render, (rendered) => {
      template = rendered;
    });
    const first = made.length;
    for (const file of target.emit(site, noting, before)) {
      made.push({ path: file.path, file, target: target.name, template });
      template = undefined;
    }
    // What a target makes, it does not find among those before it.
    for (let index = first; index < made.length; index += 1) before.push((made[index] as Made).file);
  }
  return made;
}

/** Gives what renders the same, and notes each template by which a file is made. */
function noted(render: Render, note: (template: string) => void): Render {
  const now = (template: string, data: object): string => {
    note(template);
    return render(template, data);
  };
  const later: Render['later'] = (template, dataOf) => {
    const make = render.later?.(template, dataOf);
    return (
      make &&
      ((path, subject) => {
        note(template);
        return make(path, subject);
      })
    );
  };
  return Object.assign(now, { later });
}

/** Keeps the place of the manifest, which is made once all others are known. */
const PLACE: Made = {
  path: MANIFEST,
  file: { path: MANIFEST, content: '' },
  target: 'manifest',
  template: undefined,
};

/** Gives the files sorted, with the values of secrets where there are any, and among them the manifest. */
function treeOf(made: readonly Made[], site: Site, values?: SecretValues): Tree {
  const tree = new Map<string, File>();
  let last = PLACE;
  for (const one of [...made, PLACE].sort(byPath)) {
    const { path, target, file } = one;
    if (path === last.path && one !== PLACE)
      throw new Error(`${path} is made twice: by the targets ${last.target} and ${target}`);
    tree.set(path, file);
    last = one;
  }
  const filled = values ? new Map(fillSecrets(tree, values)) : tree;
  filled.set(MANIFEST, manifestOf(filled, site));
  return filled;
}

function byPath(a: Made, b: Made): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}

/** Gives the manifest of a tree, which is made once it is asked for: that hashes all others. */
function manifestOf(tree: Tree, site: Site): File {
  // Of what is filled in it tells where it stands, how long it is, and its digest.
  let confidential = false;
  for (const file of tree.values()) if (file.confidential) confidential = true;
  return new LazyFile(MANIFEST, () => renderManifest(tree, site.name, GENERATOR), tree, { confidential });
}
