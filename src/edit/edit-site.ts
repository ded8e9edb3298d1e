import type { InventoryFiles } from '../inventory/files.ts';
import type { Path } from '../source/leaf.ts';
import type { Value } from '../source/value.ts';
import { chooseSiteFile } from './choose-file.ts';
import { withValue } from './edit-text.ts';
import type { Texts } from './texts.ts';

/**
 * Sets a key of a site, which no layer lies over, in the text of the file where it belongs. Gives the path of that file.
 * Throws EditRefusal.
 */
export function editSite(files: InventoryFiles, texts: Texts, path: Path, value: Value): string {
  const file = chooseSiteFile(files, path);
  texts.put(file, withValue(texts.source(file), path, value));
  return file;
}
