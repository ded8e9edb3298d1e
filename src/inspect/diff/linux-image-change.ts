import { namesOf } from '../../source/diagnostics/listed.ts';
import { FETCH_MEDIA } from '../../tree/paths.ts';
import { textOf } from '../../tree/tree.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

/** Where scripts/fetch-media.sh looks for what machines boot Linux from. */
const FOLDER = /^images=\$\{IMAGES:-(.+)\}$/m;

/** A file that it looks for there. */
const IMAGE = /^image (.+)$/gm;

/**
 * Says which kernels, initrds and root file systems no machine needed before: nobody but their maker has them, so that they
 * are to be brought to where the boot server has such files. `where` says that otherwise than by the folder.
 */
export function linuxImageChange(files: readonly FileChange[], where?: string): SiteChange[] {
  const script = files.find(({ path }) => path === FETCH_MEDIA);
  const [old, now] = [script?.before, script?.after].map((file) => imagesIn(file ? textOf(file) : ''));
  if (!old || !now) return [];
  const come = now.files.filter((file) => old.folder !== now.folder || !old.files.includes(file));
  if (come.length === 0) return [];
  const names = namesOf(come.map((name) => ({ name })));
  const text = `bring ${names} to ${where ?? now.folder} (${FETCH_MEDIA} says what is missing)`;
  return [{ what: 'linux-images', after: come, text }];
}

function imagesIn(script: string): { readonly folder: string; readonly files: string[] } {
  return {
    folder: FOLDER.exec(script)?.[1] ?? '',
    files: [...script.matchAll(IMAGE)].map(([, file = '']) => file),
  };
}
