import type { Reach } from '../../knowledge/installed-keys.ts';
import { plural } from '../../source/diagnostics/text.ts';
import { nameRanges, namesOf } from '../../source/diagnostics/words.ts';
import { MANIFEST } from '../../tree/manifest.ts';
import { groupedBy } from '../../values/grouped.ts';
import { controlIn, escapeControlChars, escapeLines, printedJson } from '../../values/text.ts';
import type { Effect, Filling, NodeChange, NodePlan, Plan, PlanOptions, SitePlan } from './change.ts';
import { INVENTORY } from './facts.ts';
import { fileDiff, isText } from './files.ts';
import { SERVER_STEPS } from './server.ts';
import { partBy } from './upgrade.ts';
import { valueText } from './values.ts';

/** How to print a plan: whether on a terminal, which no file content may control, and whether in color. */
export interface Look {
  readonly isTerminal: boolean;
  readonly color: boolean;
}

const CODES = { bold: 1, red: 31, green: 32, cyan: 36 } as const;

/** Returns a text in a color, if colors are enabled. */
export function paint(text: string, color: keyof typeof CODES, look: Look): string {
  return look.color ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text;
}

/**
 * Returns the diff of a file for printing: unchanged, except on a terminal. A diff with control characters shows them as escapes,
 * because a log is read on terminals, too; without its file names, no program applies it.
 */
export function paintDiff(diff: string, look: Look): string {
  if (!look.isTerminal) {
    if (controlIn(diff) === undefined) return diff;
    const [header = '', ...hunks] = escapeLines(diff).split(/^(?=@@ )/m);
    const note = 'Control characters are shown as escapes: this part cannot be applied.\n';
    return header.replace(/^--- .*\n\+\+\+ .*\n$/m, note) + hunks.join('');
  }
  let isHeader = true;
  const lines = diff.split('\n').map((line) => {
    if (line.startsWith('@@ ')) isHeader = false;
    const text = line.split('\t').map(escapeControlChars).join('\t');
    const color = isHeader ? 'bold' : ({ '+': 'green', '-': 'red', '@': 'cyan' } as const)[line[0] as '+'];
    return text !== '' && color ? paint(text, color, look) : text;
  });
  return lines.join('\n');
}

/** Returns the part of a change: an installed node may get it before the next installation. */
function partOf({ effect, installed }: NodeChange): Effect | Reach {
  return installed ?? effect;
}

/** Renders plans as text in pieces: a summary of each site, and the diffs of all files if requested. */
export function* formatText(
  plans: readonly SitePlan[],
  look: Look,
  { patch }: PlanOptions = { patch: true },
): Iterable<string> {
  for (const placed of plans) yield* summaryOf(placed, look);
  let isFirst = true;
  for (const diff of patch ? diffsOf(plans, look) : []) {
    yield isFirst ? `\n${diff}` : diff;
    isFirst = false;
  }
}

/** Renders the diffs of all files in pieces, except those that would show the values of secrets. */
function* diffsOf(plans: readonly SitePlan[], look: Look): Iterable<string> {
  for (const { plan, root, unknown, filling } of plans)
    for (const file of filling ? [] : plan.files)
      if (!unknown?.has(file.path)) yield paintDiff(fileDiff(file, root), look);
}

/** Renders the summary of a site in pieces. */
function* summaryOf(placed: SitePlan, look: Look): Iterable<string> {
  const { folder, plan, edited, unmanaged, unknown, filling, upgrade } = placed;
  yield `${paint(escapeControlChars(`${folder}: ${headline(plan)}`), 'bold', look)}\n`;
  if (filling && plan.files.length > 0) yield* FILLINGS[filling].map((line) => `  ${line}\n`);
  if (plan.unknownReason !== undefined) yield `  ${escapeControlChars(plan.unknownReason)}\n`;
  const hidden = '; its lines are hidden, because they may contain the values of secrets';
  for (const path of edited)
    yield `  ${escapeControlChars(path)} was edited since the last build: a build discards the edit only with --force${unknown?.has(path) ? hidden : ''}\n`;
  if (unmanaged)
    yield `  unmanaged: ${escapeControlChars(namesOf(unmanaged.map((name) => ({ name }))))}; build --check fails, and such files are deployed too\n`;
  const headings = headingsOf(plan);
  yield* changesOf(partBy(plan, false), headings, look, '  ');
  const notRequired = {
    ...headings,
    installation: 'when it is reinstalled, which this update does not require:',
  };
  if (upgrade) {
    const by = `by harvgen ${upgrade.to} instead of ${upgrade.from}`;
    const { nodes, files } = partBy(plan, true);
    const known = `${by}: ${countNodes(nodes)}; ${filesText(files.length)}`;
    const text = upgrade.unknown === undefined ? known : `some changes may be ${by}: ${upgrade.unknown}`;
    yield `  ${escapeControlChars(text)}\n`;
  }
  yield* changesOf(partBy(plan, true), notRequired, look, '    ');
  const steps = plan.changes.filter(({ what }) => SERVER_STEPS.has(what));
  const [first, later] = [steps.filter(({ when }) => when), steps.filter(({ when }) => !when)].map((some) =>
    escapeControlChars(some.map(({ text }) => text).join('; ')),
  );
  if (first) yield `  before deploying: ${first}\n`;
  if (later)
    yield `  ${plan.hasPods ? 'after the build' : 'on the boot server, after deploying'}: ${later}\n`;
}

function* changesOf({ nodes, changes }: Plan, headings: Headings, look: Look, indent: string) {
  for (const group of groupNodes(nodes)) yield formatGroup(group, headings, look, indent);
  for (const { what, text } of changes)
    if (!SERVER_STEPS.has(what)) yield `${indent}${escapeControlChars(text)}\n`;
}

const NO_PATCH = 'there is no patch: it would need the values of secrets, which are never shown';

const FILLINGS: Readonly<Record<Filling, readonly string[]>> = {
  filled: [NO_PATCH],
  'to-fill': ['the values of secrets replace their placeholders', NO_PATCH],
  'to-mark': [
    'the tree contains secret values, but this build does not: a build replaces them with placeholders only with --force',
    'use --secrets to compare the values too',
    NO_PATCH,
  ],
};

const filesText = (count: number) => plural(count, 'file') || '0 files';

function headline({ nodes, changes, files, unchanged, unknownReason }: Plan): string {
  if (files.length === 0) return 'nothing changes';
  const removed = files.filter(({ change }) => change === 'removed').length;
  const words = [
    `${filesText(files.length - removed)} written`,
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
  ].join(', ');
  const isOfNodes = unknownReason === undefined && (nodes.length > 0 || changes.length === 0);
  return isOfNodes ? `${countNodes(nodes)}; ${words}` : words;
}

type Headings = ReturnType<typeof headingsOf>;

/** Returns the headings of a node's changes after its next boot, in order. */
function headingsOf({ files }: Plan) {
  // Declared facts may affect other files. A node's own files are reported with the node, and host/cloud-config repeats the other files.
  const covered = [INVENTORY, MANIFEST, 'host/cloud-config'];
  const isAlone = files.every(({ path }) => covered.includes(path) || /^www\/(ipxe|config)\//.test(path));
  return {
    restart: 'when its domain is shut off and started again, once scripts/host-setup.sh has redefined it:',
    cluster: 'at once, when cluster/ is applied:',
    reboot: 'at its next reboot, when cluster/ is applied:',
    manual: 'when it is changed manually:',
    never: 'never, while it is installed:',
    installation: 'when it is reinstalled; an installed system does not change:',
    inventory: `${isAlone ? 'only ' : ''}in ${INVENTORY}:`,
  };
}

function countNodes(nodes: readonly NodePlan[]): string {
  const verbs = { changed: ['changes', 'change'], renamed: [], moved: [], new: [], gone: [] };
  const parts = Object.entries(verbs).flatMap(([state, [verb = `is ${state}`, many = `are ${state}`]]) => {
    const count = nodes.filter(({ change }) => change === state).length;
    return count > 0 ? [{ count, verb: count === 1 ? verb : many }] : [];
  });
  const texts = parts.map(({ count, verb }, index) =>
    index === 0 ? `${plural(count, 'node')} ${verb}` : `${count} ${verb}`,
  );
  return texts.join(', ') || 'no node changes';
}

/** Renders one node, or nodes with the same changes: the first line after the name, the others below it. */
function formatGroup(group: readonly NodePlan[], headings: Headings, look: Look, indent: string): string {
  const [plan] = group as [NodePlan];
  const changes = plan.changes.map((change, index) => {
    const isSame = group.every(({ changes }) => changes[index]?.text === change.text);
    return isSame ? change : { ...change, text: `${change.text} (${plan.node}; the others likewise)` };
  });
  const names = nameRanges(group.map(({ node }) => node));
  const [first, ...others] = linesOf(changes, headings).map(escapeControlChars);
  // The lines describe one machine.
  const lead = `${escapeControlChars(group.length > 1 ? `${names}, each` : names)}: ${first}`;
  const shown = plan.consequence === 'reinstalls' ? paint(lead, 'red', look) : lead;
  return [shown, ...others].map((line) => `${indent}${line}\n`).join('');
}

function linesOf(changes: readonly NodeChange[], headings: Headings): string[] {
  // A new name comes first, whenever it takes effect.
  const isFirst = ({ what, effect }: NodeChange) => effect === 'boot' || what === 'name';
  const lines = changes.filter(isFirst).map(({ text }, index) => (index > 0 ? `  ${text}` : text));
  for (const [part, heading] of Object.entries(headings)) {
    const later = changes.filter((change) => !isFirst(change) && partOf(change) === part);
    if (later.length === 0) continue;
    // The heading may be the first line, after the name.
    const indent = lines.length > 0 ? '  ' : '';
    lines.push(`${indent}${heading}`, ...later.map(({ text }) => `${indent}  ${text}`));
  }
  return lines;
}

/** Groups nodes with the same changes; more than three nodes also if only the values of facts differ that are never equal. */
function groupNodes(plans: readonly NodePlan[]): NodePlan[][] {
  const keyBy = (textOf: (change: NodeChange) => string) => (plan: NodePlan) =>
    JSON.stringify([plan.change, plan.changes.map((change) => [partOf(change), textOf(change)])]);
  const patternOf = ({ what, before, after, text }: NodeChange) => {
    const values = ['name', 'xname', 'nid', 'bmc'].includes(what) ? [before, after] : [];
    const shown = values.filter((value) => value !== undefined).map(valueText);
    return shown.reduce((pattern, value) => pattern.replace(value, '…'), text);
  };
  const keyOf = keyBy(({ text }) => text);
  return [...groupedBy(plans, keyBy(patternOf)).values()].flatMap((group) =>
    group.length > 3 ? [group] : [...groupedBy(group, keyOf).values()],
  );
}

/** Renders plans as one JSON document (schema/diff.schema.json), with diffs if the patch is requested. */
export function formatJson(plans: readonly SitePlan[], { patch }: PlanOptions = { patch: true }): string {
  const sites = plans.map((placed) => {
    const { site, folder, root, plan, edited, unmanaged, unknown, filling, upgrade } = placed;
    const { unknownReason: untold, nodes, changes, unchanged } = plan;
    const files = plan.files.map((file) => {
      const { path, change, by, before, after } = file;
      const binary = ![before, after].every((side) => !side || isText(side));
      const isShown = patch && filling === undefined && !unknown?.has(path);
      const diff = isShown ? fileDiff(file, root) : undefined;
      return { path, change, by, edited: edited.includes(path), binary, diff };
    });
    return { site, folder, upgrade, untold, secrets: filling, nodes, changes, files, unchanged, unmanaged };
  });
  return printedJson({ sites });
}

/**
 * Renders plans as Markdown for a comment: the summary of each site, and the patch if it is requested, in code blocks that no content
 * ends. In a code block, a comment mentions no user and shows no HTML or links. Cuts at a line and reports the number of omitted lines.
 */
export function formatMarkdown(plans: readonly SitePlan[], _look: Look, { patch }: PlanOptions): string[] {
  // A log may have colors, a comment does not.
  const look = { isTerminal: false, color: false };
  // GitHub accepts 65,536 characters in a comment, GitLab 1,000,000. A caller and the text around the code blocks need some.
  const room = 64_400;
  const texts = plans.flatMap((placed) => [...summaryOf(placed, look)]);
  const summary = codeBlock('text', texts.join(''), room);
  const diffs = patch ? [...diffsOf(plans, look)].join('') : '';
  if (diffs === '') return [summary];
  const block = codeBlock('diff', diffs, room - summary.length);
  return [`${summary}\n<details><summary>Patch</summary>\n\n${block}\n</details>\n`];
}

/** Returns a code block with as many lines of a text as fit, and a note about the others. */
function codeBlock(language: string, text: string, room: number): string {
  // So that the fence stays short.
  const bounded = text.replace(/(`{60})`+/g, '$1…');
  const lines = bounded.replace(/\n$/, '').split('\n');
  let [count, length] = [0, 0];
  for (const line of lines) {
    length += line.length + 1;
    if (length > room) break;
    count += 1;
  }
  const ticks = Math.max(2, ...Array.from(bounded.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(ticks + 1);
  const left = plural(lines.length - count, 'more line');
  const note = left && `\n${left}: run \`harvgen diff\` to read everything.\n`;
  const shown = lines.slice(0, count).map((line) => `${line}\n`);
  return `${fence}${language}\n${shown.join('')}${fence}\n${note}`;
}
