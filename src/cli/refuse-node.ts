import { join } from 'node:path';
import { nodeNames } from '../edit/choose-file.ts';
import { Disk } from '../inventory/disk.ts';
import { readFiles } from '../inventory/files.ts';
import { isFile, isFolder } from '../inventory/stat.ts';
import { Report } from '../source/diagnostics/report.ts';
import { UsageError } from './usage-error.ts';

/**
 * Throws UsageError where what stands behind a site on the command line is no folder, but a node of it: `explain` and
 * `set` take nodes so, and the command does not.
 */
export async function refuseNode([site, ...others]: readonly string[], command: string): Promise<void> {
  const strays = others.filter((arg) => !isFolder(arg));
  if (site === undefined || strays.length === 0 || !isFile(join(site, 'site.yaml'))) return;
  const files = await readFiles(site, new Report(), new Disk());
  const names = files ? nodeNames(files) : [];
  const node = strays.find((arg) => names.includes(arg));
  if (node !== undefined)
    throw new UsageError(
      `${command} takes sites, and ${node} is a node of ${site}: of a site it tells of every node that changes`,
    );
}
