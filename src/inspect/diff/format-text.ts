import { nameRanges } from '../../source/name-ranges.ts';
import { MANIFEST } from '../../tree/manifest.ts';
import { visible } from '../../values/quoting/visible.ts';
import { type Effect, type NodePlan, SERVER_STEPS, type SiteChange } from './change.ts';
import { fileDiff } from './file-diff.ts';
import { groupNodes, type NodeGroup } from './group-nodes.ts';
import { type Look, paint, paintDiff } from './paint.ts';
import type { PlacedPlan, PlanOptions } from './placed-plan.ts';
import type { Plan } from './plan.ts';
import { INVENTORY } from './read-facts.ts';
import type { Filling } from './with-marks.ts';

/** What stands above changes that do not count at once. */
type Headings = Readonly<Record<Exclude<Effect, 'boot'>, string>>;

/**
 * Renders plans for a person, piece by piece: of each site a headline and what nodes do otherwise, then, where the patch
 * is wanted, the diffs of the files of all sites. Programs that apply diffs pass over the words.
 */
export function* formatText(
  plans: readonly PlacedPlan[],
  look: Look,
  { patch }: PlanOptions = { patch: true },
): Iterable<string> {
  for (const placed of plans) yield* formatWords(placed, look);
  const shown = patch ? plans.filter(({ plan, filling }) => plan.files.length > 0 && !filling) : [];
  if (shown.length > 0) yield '\n';
  for (const { plan, root, unknown } of shown)
    for (const file of plan.files) if (!unknown?.has(file.path)) yield paintDiff(fileDiff(file, root), look);
}

function* formatWords({ folder, plan, edited, unknown, filling }: PlacedPlan, look: Look): Iterable<string> {
  yield `${paint(visible(`${folder}: ${headline(plan)}`), 'bold', look)}\n`;
  if (filling && plan.files.length > 0) yield* FILLINGS[filling].map((line) => `  ${line}\n`);
  if (plan.untold !== undefined) yield `  ${visible(plan.untold)}\n`;
  for (const path of edited)
    yield `  ${visible(path)} was edited since it was built: a build loses that only with --force${unknown?.has(path) ? MAY_BE_SECRET : ''}\n`;
  const headings = headingsOf(plan);
  for (const group of groupNodes(plan.nodes)) yield formatGroup(group, headings, look);
  for (const { text } of plan.changes.filter((change) => !isServerStep(change))) yield `  ${visible(text)}\n`;
  const steps = plan.changes.filter(isServerStep).map(({ text }) => text);
  const where = plan.hasPods ? 'after the build' : 'on the boot server, after deploying';
  if (steps.length > 0) yield `  ${where}: ${visible(steps.join('; '))}\n`;
}

const MAY_BE_SECRET = '; no line of it is shown, since it may hold the values of secrets';

const NO_PATCH =
  'there is no patch: it could not be applied without the values of secrets, which are never shown';

/** What is said of a tree by how it has its secrets. */
const FILLINGS: Readonly<Record<Filling, readonly string[]>> = {
  filled: [NO_PATCH],
  'to-fill': ['the values of secrets take the place of their marks', NO_PATCH],
  'to-mark': [
    'its secrets are filled in, and this is a build without: a build puts marks in their place only with --force',
    'give --secrets to compare with what was built, and the values too',
    NO_PATCH,
  ],
};

function isServerStep({ what }: SiteChange): boolean {
  return (SERVER_STEPS as readonly string[]).includes(what);
}

function headline({ nodes, changes, files, unchanged, untold }: Plan): string {
  if (files.length === 0) return 'nothing changes';
  const removed = files.filter(({ change }) => change === 'removed').length;
  const written = files.length - removed;
  const counts = [
    `${written} ${written === 1 ? 'file' : 'files'} written`,
    removed > 0 ? `${removed} removed` : '',
    unchanged > 0 ? `${unchanged} unchanged` : '',
  ];
  const words = counts.filter(Boolean).join(', ');
  const isOfNodes = untold === undefined && (nodes.length > 0 || changes.length === 0);
  return isOfNodes ? `${countNodes(nodes)}; ${words}` : words;
}

function headingsOf({ files }: Plan): Headings {
  // Other files may be made from what is declared of a machine; a node's own are told of with the node.
  const isAlone = files.every(
    // host/user-data holds the others once more.
    ({ path }) =>
      [INVENTORY, MANIFEST, 'host/user-data'].includes(path) || /^www\/(ipxe|config)\//.test(path),
  );
  return {
    restart: 'when its domain is shut off and started again, once scripts/host-setup.sh has defined it anew:',
    installation: 'when it is installed anew; an installed system keeps what it has:',
    inventory: `${isAlone ? 'only ' : ''}in ${INVENTORY}:`,
  };
}

/** "2 nodes change, 1 is new". */
function countNodes(nodes: readonly NodePlan[]): string {
  const kinds = (['changed', 'renamed', 'moved', 'new', 'gone'] as const).flatMap((change) => {
    const count = nodes.filter((node) => node.change === change).length;
    return count > 0 ? [{ change, count }] : [];
  });
  if (kinds.length === 0) return 'no node changes';
  return kinds
    .map(({ change, count }, index) => {
      const noun = index > 0 ? '' : count === 1 ? 'node ' : 'nodes ';
      const verb =
        change === 'changed'
          ? count === 1
            ? 'changes'
            : 'change'
          : `${count === 1 ? 'is' : 'are'} ${change}`;
      return `${count} ${noun}${verb}`;
    })
    .join(', ');
}

/** A node alone, or nodes of which the same is to be said: the first line behind the name, the others below it. */
function formatGroup({ names, plan }: NodeGroup, headings: Headings, look: Look): string {
  const [first, ...others] = linesOf(plan, headings).map(visible);
  // What is said is said of one machine.
  const name = visible(names.length > 1 ? `${nameRanges(names)}, each` : nameRanges(names));
  const lead =
    plan.consequence === 'reinstalls' ? paint(`${name}: ${first}`, 'red', look) : `${name}: ${first}`;
  return [lead, ...others].map((line) => `  ${line}\n`).join('');
}

function linesOf({ changes }: NodePlan, headings: Headings): string[] {
  // A new name is said at once, whenever it counts.
  const isFirst = ({ what, effect }: NodePlan['changes'][number]) => effect === 'boot' || what === 'name';
  const lines = changes.filter(isFirst).map(({ text }, index) => (index > 0 ? `  ${text}` : text));
  for (const effect of ['restart', 'installation', 'inventory'] as const) {
    const later = changes.filter((change) => !isFirst(change) && change.effect === effect);
    if (later.length === 0) continue;
    // The heading may be what is said first, behind the name.
    const indent = lines.length > 0 ? '  ' : '';
    lines.push(`${indent}${headings[effect]}`, ...later.map(({ text }) => `${indent}  ${text}`));
  }
  return lines;
}
