import { mediaOf } from '../inspect/media/media-of.ts';
import type { SiteMedia } from '../inspect/media/medium.ts';
import { visible } from '../values/quoting/visible.ts';
import { compileWithProgress } from './compile-with-progress.ts';
import { present } from './present.ts';
import { findSites } from './sites.ts';
import { UsageError } from './usage-error.ts';

interface MediaOptions {
  readonly format: string;
  readonly pin?: boolean;
  readonly from?: string;
}

type Format = (lists: readonly SiteMedia[]) => Promise<string>;

const FORMATS: Readonly<Record<string, Format>> = {
  text: async (lists) => (await import('../inspect/media/format.ts')).formatText(lists),
  json: async (lists) => (await import('../inspect/media/format.ts')).formatJson(lists),
  urls: async (lists) => {
    const { formatUrls, leftOut } = await import('../inspect/media/format.ts');
    const others = [...new Set(lists.flatMap(({ media }) => leftOut(media)))];
    if (others.length > 0)
      process.stderr.write(
        `harvgen: no files of releases, and so left out (${others.length}): ${visible(others.join(', '))}\n`,
      );
    return formatUrls(lists);
  },
  sha512: async (lists) => {
    const { formatSha512, unpinned } = await import('../inspect/media/format.ts');
    const open = lists.flatMap(({ media }) => unpinned(media));
    if (open.length > 0)
      process.stderr.write(
        `harvgen: not pinned, and so left out: ${[...new Set(open)].join(', ')}; harvgen media --pin pins them\n`,
      );
    return formatSha512(lists);
  },
};

/**
 * `harvgen media`: lists every URL that a boot of sites needs, or pins the releases' files. Gives the exit code: 1 where an
 * inventory has an error, or nothing could be pinned. Throws UsageError.
 */
export async function media(args: readonly string[], options: MediaOptions): Promise<number> {
  const format = Object.hasOwn(FORMATS, options.format) ? FORMATS[options.format] : undefined;
  if (!format)
    throw new UsageError(
      `there is no format ${options.format}; there are ${Object.keys(FORMATS).join(', ')}`,
    );
  if (options.pin) return await pin(args, options);
  if (options.from !== undefined) throw new UsageError('--from says where --pin reads: it goes with that');
  const sites = await findSites(args);
  const { compilations, diagnostics, failed } = await compileWithProgress(sites);
  present(diagnostics, failed ? ': nothing was listed' : '');
  if (failed) return 1;
  const lists = compilations.flatMap(({ site, tree }, index): SiteMedia[] =>
    site && tree ? [{ site, folder: sites[index] ?? '', media: mediaOf(site, tree) }] : [],
  );
  process.stdout.write(await format(lists));
  return 0;
}

async function pin(args: readonly string[], { format, from }: MediaOptions): Promise<number> {
  if (format !== 'text') throw new UsageError('--pin edits the inventory, and --format is for the list');
  const [site, another] = args;
  if (site === undefined || another !== undefined)
    throw new UsageError('--pin takes one site: its inventory is edited');
  return await (await import('./pin-media.ts')).pinMedia(site, from);
}
