import type { Report } from '../diagnostics/report.ts';
import { MANIFEST, renderManifest } from '../output/manifest.ts';
import type { File, Tree } from '../output/tree.ts';
import { fillSecrets } from '../secrets/fill.ts';
import type { SecretValues } from '../secrets/source.ts';
import type { Site } from '../site/model.ts';
import { GENERATOR } from '../version.ts';
import { checkOwnPaths } from './check-own-paths.ts';
import { files } from './files/files.ts';
import { targets } from './index.ts';
import { checkKubernetesSize } from './k8s/check-size.ts';
import type { Render } from './render.ts';
import type { Emitted } from './target.ts';

/** A file of the output, with the target that made it, and the template where it was rendered by one. */
export interface Made extends Emitted {
  readonly target: string;
  readonly template?: string;
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
  checkOwnPaths(
    site,
    made.filter(({ target }) => target !== files.name),
    report,
  );
  checkKubernetesSize(site, made, report);
  return report.failed ? undefined : treeOf(made, site, values);
}

/** Gives the files of every target, in the order of the targets. */
export function emitTargets(site: Site, render: Render): Made[] {
  const made: Made[] = [];
  for (const target of targets) {
    let template: string | undefined;
    const noting: Render = (rendered, data) => {
      template = rendered;
      return render(rendered, data);
    };
    for (const file of target.emit(site, noting, [...made])) {
      made.push({ ...file, target: target.name, template });
      template = undefined;
    }
  }
  return made;
}

function treeOf(made: readonly Made[], site: Site, values?: SecretValues): Tree {
  const tree = new Map<string, File>();
  const madeBy = new Map<string, string>();
  for (const { path, target, content, executable } of made) {
    const other = madeBy.get(path);
    if (other) throw new Error(`${path} is made twice: by the targets ${other} and ${target}`);
    madeBy.set(path, target);
    tree.set(path, { content, executable });
  }
  const whole = sorted(values ? fillSecrets(tree, values) : tree);
  const content = renderManifest(whole, site.name, GENERATOR);
  // Of what is filled in it tells where it stands, how long it is, and its digest.
  const confidential = [...whole.values()].some((file) => file.confidential);
  return sorted(whole.set(MANIFEST, confidential ? { content, confidential } : { content }));
}

function sorted(tree: Tree): Map<string, File> {
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}
