import { basename, resolve } from 'node:path';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { brokenKeys, isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { combine } from './combine.ts';
import { Disk } from './disk.ts';
import { readFiles } from './files.ts';
import { hasShape } from './has-shape.ts';
import { checkSecrets } from './secrets.ts';

/**
 * Reads a site's folder to one inventory whose shape is right: what is not is reported, and missing in what is given.
 * Gives undefined where the files could not be read at all.
 */
export async function readInventory(
  folder: string,
  report: Report,
  disk = new Disk(),
): Promise<Draft<SiteInventory> | undefined> {
  const files = await readFiles(folder, report, disk);
  if (!files) return undefined;
  const inventory = combine(files, report);
  checkSecrets(inventory, report);
  // What finds faults, and says what they are, is large; most inventories have none.
  if (!hasShape(inventory)) (await import('./shape.ts')).checkShape(inventory, report);
  // What should have been included could have said anything.
  if (isBroken(inventory, 'include') || hasFaults(inventory.include)) return undefined;
  const site = inventory.site as string | undefined;
  if (site !== undefined && site !== basename(resolve(folder))) {
    report.error({
      code: 'site-name',
      message: `The site is called ${site}, and its folder ${basename(resolve(folder))}.`,
      at: placeOf(inventory, 'site'),
      help: `rename one of them: the name of the output folder, out/${site}, must tell where it comes from`,
    });
  }
  return inventory as unknown as Draft<SiteInventory>;
}

function hasFaults(list: unknown): boolean {
  return typeof list === 'object' && list !== null && brokenKeys(list).length > 0;
}
