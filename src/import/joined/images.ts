import { isImage, isPlainUrl } from '../../values/server-url.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { BootProfile } from './boots.ts';
import type { Said } from './gathered.ts';

/** Where images lie: what all URLs begin with, as `server.images` has it, and what each is written as. */
export interface Images {
  readonly url: string | undefined;
  /** Gives an image as an inventory has it; undefined where it cannot be one. */
  path(url: string): string | undefined;
}

/** Gives where the images of profiles lie; notes what is no URL that machines could fetch. */
export function imagesOf(profiles: readonly BootProfile[], notes: Notes): Images {
  const urls = profiles.flatMap(({ kernel, initrd, params, boot }) => [
    ...[kernel, initrd].flatMap((said) => said ?? []),
    ...(params.squashfs === undefined ? [] : [{ value: params.squashfs, at: (boot.params ?? boot).at }]),
  ]);
  const plain = urls.filter(({ value }) => isPlainUrl(value));
  for (const said of urls) if (!plain.includes(said)) noteOdd(said, notes);
  const base =
    plain.length > 0 && plain.length === urls.length
      ? commonFolder(plain.map(({ value }) => value))
      : undefined;
  const [first] = plain;
  if (base !== undefined && first)
    notes.add(
      'changed',
      'images',
      `machines fetch them from ${base} as before: once they lie in /srv/harvgen/images of the boot server, take server.images out`,
      first.at,
    );
  return {
    url: base,
    path: (url) => {
      const [, below] = /^s3:\/\/(.+)$/.exec(url) ?? [];
      const path =
        below ?? (base !== undefined && url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url);
      return isImage(path) ? path : undefined;
    },
  };
}

function noteOdd({ value, at }: Said<string>, notes: Notes): void {
  if (isImage(value))
    notes.add(
      'open',
      quoteVisibly(value),
      'machines fetched it by TFTP, from below the folder that this served: put it below server.images of the boot server, in the same folder',
      at,
    );
  else if (value.startsWith('s3://') && isImage(value.slice('s3://'.length)))
    notes.add(
      'changed',
      's3://',
      'BSS signed a URL for each request: put the file below server.images of the boot server, in a folder called as its bucket',
      at,
    );
  else
    notes.add(
      'open',
      'boot',
      'an image is at a URL that a kernel line or script could not carry: put it below server.images, and give its path',
      at,
    );
}

/** The longest folder that all URLs are below; undefined where they are on several servers, or there are none. */
function commonFolder(urls: readonly string[]): string | undefined {
  const [first, ...others] = urls.map((url) => url.split('/').slice(0, -1));
  if (!first) return undefined;
  const length = others.reduce((shared, folders) => {
    const differs = folders.findIndex((folder, index) => folder !== first[index]);
    return Math.min(shared, differs < 0 ? folders.length : differs);
  }, first.length);
  // http:, nothing, the host.
  return length < 3 ? undefined : first.slice(0, length).join('/');
}
