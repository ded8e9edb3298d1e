import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compile } from '../../src/compile.ts';
import type { SiteTexts } from '../../src/lsp/references.ts';
import { Source } from '../../src/source/source.ts';
import type { Splice } from '../../src/source/text-edit/lines.ts';
import { spliced } from '../../src/source/text-edit/lines.ts';

/** Returns the texts of sites, by their directories, as an editor has them. */
export async function siteTexts(folders: readonly string[]): Promise<SiteTexts> {
  const sites: string[][] = [];
  for (const folder of folders) {
    const { files } = await compile(folder);
    sites.push(
      files.map((file) => resolve(file)).filter((file) => file.endsWith('.yaml') && existsSync(file)),
    );
  }
  const sources = new Map<string, Source>();
  return {
    sitesOf: (path) => sites.filter((files) => files.includes(path)),
    source(path) {
      if (!sources.has(path) && existsSync(path))
        sources.set(path, new Source(path, readFileSync(path, 'utf8')));
      return sources.get(path);
    },
  };
}

/** Returns the files with edits, by path. */
export function withEdits(edits: ReadonlyMap<Source, readonly Splice[]>): Map<string, string> {
  return new Map([...edits].map(([{ file, text }, splices]) => [file, spliced(text, splices)]));
}

/** Returns a text without its first `|`, and the position of that. */
export function atBar(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.indexOf('|');
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset };
}
