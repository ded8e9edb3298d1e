import { compile, resolve } from '../compile.ts';
import { describeEdit, ofEdits } from '../edit/describe-edit.ts';
import { editAll, nodeNames } from '../edit/edit-node.ts';
import { lockSite, SaveError, saveFiles, Texts } from '../edit/save.ts';
import { type Explained, explainNode } from '../inspect/explain/explain-node.ts';
import { Disk } from '../inventory/disk.ts';
import { type InventoryFiles, readFiles } from '../inventory/files.ts';
import { Report } from '../source/diagnostics/report.ts';
import { type Assignment, keyOfNic, readAssignments, unknownKey } from './assignments.ts';
import { present, uninterrupted } from './console.ts';
import { broughtBy, failEdit, failEditBy, sayWaiting } from './edit-faults.ts';
import { UsageError, unknownNode } from './read-arguments.ts';
import { findSite } from './sites.ts';

/**
 * `harvgen set`: edits keys of a node in the files of a site's inventory, if the result is without errors, and says what
 * was done. Waits for another one that edits the same site. Gives the exit code: 1 where nothing was saved. Throws
 * UsageError for a node or a key that there is not.
 */
export async function set(site: string, node: string, args: readonly string[]): Promise<number> {
  const folder = await findSite(site, 'set');
  let release: (() => void) | undefined;
  try {
    release = await lockSite(folder, process.cwd(), (holder) => sayWaiting(folder, holder));
    return await edit(site, folder, node, args);
  } catch (error) {
    return failEditBy(error);
  } finally {
    release?.();
  }
}

async function edit(site: string, folder: string, node: string, args: readonly string[]): Promise<number> {
  const before = new Report();
  const files = await readFiles(folder, before, new Disk());
  if (!files) return failEdit(before.sorted());
  const names = nodeNames(files);
  if (!names.includes(node)) throw unknownNode(node, names, site);
  const leaves = await explained(folder, node, before);
  const assignments = readAssignments(args, (key) => unknownKey(node, key, leaves));
  const nic = keyOfNic(node, assignments, files);
  if (nic !== undefined) throw new UsageError(nic);
  return await save(folder, node, assignments, { files, before, leaves });
}

/** What is known of a site before it is edited. */
interface Before {
  readonly files: InventoryFiles;
  readonly before: Report;
  readonly leaves: readonly Explained[];
}

async function save(
  folder: string,
  node: string,
  assignments: readonly Assignment[],
  { files, before, leaves }: Before,
): Promise<number> {
  const texts = new Texts();
  const edits = editAll(files, texts, node, assignments, leaves);
  const unsaved = new Map(texts.changes.map(({ path, after }) => [path, after]));
  const { site, tree, diagnostics } = await compile(folder, { edits: unsaved });
  if (!tree) return failEdit(ofEdits(diagnostics, node, edits, texts));
  if (!site?.nodes.some(({ name }) => name === node))
    throw new SaveError(`${node} would be gone with its last key: remove it by hand`);
  present(broughtBy(diagnostics, before.sorted()));
  const removes = edits.some(({ value }) => value === undefined);
  const after = removes ? await explained(folder, node, new Report(), new Disk(unsaved)) : [];
  await uninterrupted(() => saveFiles(texts.changes, process.cwd()));
  const circumstances = { node, texts, before: leaves, after, folder: process.cwd() };
  for (const edit of edits) process.stdout.write(`${describeEdit(edit, circumstances)}\n`);
  return 0;
}

/** What holds for a node; nothing where its inventory is too broken to say. */
async function explained(
  folder: string,
  node: string,
  report: Report,
  disk = new Disk(),
): Promise<Explained[]> {
  const { inventory, draft } = await resolve(folder, report, disk);
  const found = draft?.nodes?.find((one) => one?.name === node);
  return inventory && draft && found ? explainNode(inventory, draft, found) : [];
}
