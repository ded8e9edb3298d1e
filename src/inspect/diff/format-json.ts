import { fileDiff, isText } from './file-diff.ts';
import type { PlacedPlan, PlanOptions } from './placed-plan.ts';

/**
 * Renders plans as one JSON document, with diffs where the patch is wanted, and could be applied: schema/diff.schema.json
 * is its form.
 */
export function formatJson(plans: readonly PlacedPlan[], { patch }: PlanOptions = { patch: true }): string {
  const sites = plans.map(({ site, folder, root, plan, edited, unknown, filling }) => ({
    site,
    folder,
    ...(plan.untold === undefined ? {} : { untold: plan.untold }),
    ...(filling === undefined ? {} : { secrets: filling }),
    nodes: plan.nodes,
    changes: plan.changes,
    files: plan.files.map((file) => ({
      path: file.path,
      change: file.change,
      edited: edited.includes(file.path),
      binary: ![file.before, file.after].every((one) => !one || isText(one)),
      ...(patch && filling === undefined && !unknown?.has(file.path) ? { diff: fileDiff(file, root) } : {}),
    })),
    unchanged: plan.unchanged,
  }));
  return `${asciiControls(JSON.stringify({ sites }, null, 2))}\n`;
}

/** Escapes what JSON leaves as it is and may drive a terminal. */
function asciiControls(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, (characters) =>
    Array.from({ length: characters.length }, (_, index) => characters.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
