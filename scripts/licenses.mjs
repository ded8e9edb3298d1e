import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the licenses of the packages that contain the files of a bundle; `isOwn` is whether a file is of this package. */
export function licenses(root, files, isOwn) {
  const folders = files.flatMap((file) => {
    if (isOwn(file)) return [];
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [];
    if (!folder) throw new Error(`${file} does not belong to a package with a license`);
    return folder;
  });
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
      if (!file) throw new Error(`${folder} has no license`);
      return `${name} ${version}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
