import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Location, Range } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Source, SourceLocation } from '../source/source.ts';
import { onceFor } from '../values/once-for.ts';
import { orUndefined } from '../values/or-undefined.ts';

/** Line ends of the protocol include a single carriage return, so its own package computes the positions. */
const documentOf = onceFor((source: Source) => TextDocument.create(source.file, 'yaml', 0, source.text));

/** Returns a source location as a range of the protocol. */
export function rangeOf({ source, start, end }: SourceLocation): Range {
  const document = documentOf(source);
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** Returns a source location as a location of the protocol; `uriOf` returns the URI of a path. */
export function placeOf(at: SourceLocation, uriOf: (path: string) => string): Location {
  return { uri: uriOf(at.source.file), range: rangeOf(at) };
}

/** Returns the URI of an absolute path. */
export function fileUri(path: string): string {
  return pathToFileURL(path).href;
}

/** Returns the absolute path of a URI; undefined if it is not that of a file. */
export function pathOf(uri: string): string | undefined {
  return uri.startsWith('file:') ? orUndefined(() => fileURLToPath(uri)) : undefined;
}
