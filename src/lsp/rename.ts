import { dirname } from 'node:path';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { followIn, sitePart } from '../knowledge/schemas.ts';
import { formatLocation } from '../source/diagnostics/text.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import { asYaml, keyAsYaml } from '../source/text-edit/as-yaml.ts';
import type { Splice } from '../source/text-edit/lines.ts';
import { EditRefusal } from '../source/text-edit/yaml-text.ts';
import { hasBrackets } from '../values/hostlist.ts';
import { isSecretName } from '../values/identifiers.ts';
import { namesIn } from './occurrences.ts';
import { occurrencesOf, type SharedName, type SiteTexts, sharedNameAt, textsOf } from './references.ts';
import type { Capability } from './workspace.ts';

/** Rename of a name in all sites that share it. */
export const rename: Capability = (connection, workspace) => {
  const texts = textsOf(workspace);
  connection.onPrepareRename(({ textDocument, position }) =>
    workspace.answer(textDocument, (file) =>
      orRefused(() => {
        const { start, end, name } = renameTargetAt(texts, file.path, file.offsetAt(position));
        return { range: file.range(start, end), placeholder: name };
      }),
    ),
  );
  connection.onRenameRequest(({ textDocument, position, newName }) =>
    workspace.answer(textDocument, (file) =>
      orRefused(() => {
        const edits = renamed(texts, file.path, file.offsetAt(position), newName, dirname(file.path));
        return workspace.editOf(
          [...edits].flatMap(([source, splices]) =>
            splices.map(({ text, ...span }) => ({ at: { source, ...span }, text })),
          ),
        );
      }),
    ),
  );
  return { renameProvider: { prepareProvider: true } };
};

/** Returns a refusal as the error of the request, which editors show. */
function orRefused<T>(make: () => T): T | ResponseError {
  try {
    return make();
  } catch (error) {
    if (error instanceof EditRefusal) return new ResponseError(LSPErrorCodes.RequestFailed, error.message);
    throw error;
  }
}

/** The names that can be renamed, with the word for one. Others also name directories, or data outside of the site. */
const RENAMED: Readonly<Record<string, string | undefined>> = {
  nodes: 'node',
  profiles: 'profile',
  networks: 'network',
  secrets: 'secret',
};

/** Returns the location of the name at an offset that can be renamed. Throws EditRefusal if it cannot, with the reason. */
export function renameTargetAt(
  texts: SiteTexts,
  path: string,
  offset: number,
): SourceLocation & { readonly name: string } {
  const { source, start, end, quotes, name } = nameToRename(texts, path, offset).here;
  return quotes ? { source, start: start + 1, end: end - 1, name } : { source, start, end, name };
}

/**
 * Returns the edits of each file that rename the name at an offset in all sites that share it. Keeps quotes. Throws EditRefusal if the
 * name cannot be renamed, or if the new one is invalid or taken. Messages show paths relative to `folder`.
 */
export function renamed(
  texts: SiteTexts,
  path: string,
  offset: number,
  to: string,
  folder: string,
): ReadonlyMap<Source, readonly Splice[]> {
  const { here, all, sources } = nameToRename(texts, path, offset);
  if (to === here.name) return new Map();
  const word = RENAMED[here.of];
  const invalid = whyInvalid(here.of, to);
  if (invalid !== undefined) refuse(`${to} is not a name of a ${word}: it must be ${invalid}`, here);
  const others = sources.flatMap((source) => occurrencesOf({ ...here, name: to }, source));
  const taken = others.find(({ isDefinition }) => isDefinition) ?? others[0];
  if (taken)
    throw new EditRefusal(
      `${to} is already the name of a ${word}, at ${formatLocation(taken, folder)}`,
      taken,
    );
  const edits = new Map<Source, Splice[]>();
  for (const { source, start, end, as, quotes } of all) {
    const text =
      as === 'text'
        ? to
        : as === 'key' && !quotes
          ? keyAsYaml(to)
          : asYaml(to, { flow: true, padded: true, quotes });
    edits.set(source, [...(edits.get(source) ?? []), { start, end, text }]);
  }
  return edits;
}

/** Returns the name at an offset, with all that a rename changes. Throws EditRefusal. */
function nameToRename(texts: SiteTexts, path: string, offset: number): SharedName {
  const shared = sharedNameAt(texts, path, offset);
  const word = shared && RENAMED[shared.here.of];
  if (!shared || word === undefined) {
    const where = shared?.here ?? at(texts.source(path) as Source, offset);
    refuse('only nodes, profiles, networks and secrets can be renamed', where);
  }
  const { here, all, sources } = shared;
  const broken = sources.find((source) => namesIn(source).isBroken);
  if (broken) refuse('this file has errors of syntax, which may hide the name: fix them first', at(broken));
  const range = [...all, here].find(({ name }) => hasBrackets(name));
  if (range)
    refuse(`${here.name} is in the range ${range.name}: edit the range, or list its nodes one by one`, range);
  if (here.of !== 'secrets' && !all.some(({ isDefinition }) => isDefinition))
    refuse(`no file defines the ${word} ${here.name}: define it first`, here);
  const twofold = all.find(({ source, start, of }) =>
    namesIn(source).occurrences.some((other) => other.start === start && other.of !== of),
  );
  if (twofold)
    refuse(`an alias also uses this text as another name: write the names without the alias`, twofold);
  return shared;
}

function at(source: Source, offset = 0): SourceLocation {
  return { source, start: offset, end: offset };
}

function refuse(message: string, where: SourceLocation): never {
  throw new EditRefusal(message, where);
}

/** Returns what a name must be, if a text is not a valid one. */
function whyInvalid(of: string, name: string): string | undefined {
  if (of === 'secrets')
    return isSecretName(name) ? undefined : 'lower-case letters, digits and _, with a letter first';
  const map = sitePart([of]);
  const form = map && followIn(map.file, map.schema.propertyNames ?? {}).schema;
  const isValid = !hasBrackets(name) && new RegExp(form?.pattern ?? '', 'u').test(name);
  return isValid ? undefined : (form?.['x-expects'] ?? 'another text');
}
