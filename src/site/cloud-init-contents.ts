import { checkObject } from '../inventory/check-object.ts';
import type { ManifestSchema } from '../knowledge/manifest-schema.ts';
import { yipFile, yipStages } from '../knowledge/yip.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { isValueMap, keyLocationOf, type ValueMap } from '../source/origin.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import { nearest } from '../values/text.ts';
import type { Version } from '../values/version.ts';
import { readYamlMap } from './cloud-config.ts';

/** An error in a text of a manifest. */
type TextError = Pick<Diagnostic, 'message' | 'at'> & { readonly help: string };

/** Returns the errors in the contents of a CloudInit, which the node writes to a file of yip; undefined if they are not a map in YAML. */
export function contentsErrors(text: string, at: SourceLocation): readonly TextError[] | undefined {
  return errorsInText(text, at, 'CloudInit contents', yipFile(), undefined, (map, report) => {
    const stages = isValueMap(map.stages) ? Object.keys(map.stages) : [];
    const known = yipStages();
    for (const stage of stages.filter((name) => !known.includes(name))) {
      const meant = nearest(stage, known);
      report({
        message: `No node runs the stage ${stage}${meant ? `: did you mean ${meant}?` : '.'}`,
        at: keyLocationOf(map.stages as ValueMap, stage),
        help: 'use rootfs, initramfs, fs, boot, network or reconcile, such as initramfs.after',
      });
    }
  });
}

type ReportText = (error: Pick<Diagnostic, 'message' | 'at' | 'help'>) => void;

/**
 * Returns the errors of the map in a text, in YAML or JSON, by a schema in a release; undefined for other texts. The locations are those
 * of the lines in the manifest, as far as it has the text in a literal block.
 */
export function errorsInText(
  text: string,
  at: SourceLocation,
  name: string,
  schema: ManifestSchema,
  release: Version | undefined,
  check: (map: ValueMap, report: ReportText) => void = () => {},
): readonly TextError[] | undefined {
  const source = new Source(at.source.file, text);
  const map = readYamlMap(source) as ValueMap | undefined;
  if (!map) return undefined;
  const errors: TextError[] = [];
  const isOneLine = !text.trimEnd().includes('\n');
  const report: ReportText = (error) => {
    const outer = locationInBlock(error.at, at);
    const { line } = source.position(error.at.start);
    const where = outer || isOneLine ? '' : ` (line ${line} of the contents)`;
    const message = error.message.replace(/[.?]$/, `${where}$&`);
    errors.push({ message, at: outer ?? at, help: error.help ?? '' });
  };
  check(map, report);
  checkObject(map, name, schema, release, { error: report });
  return errors;
}

/**
 * Returns the location of a part of a text in the literal block that contains the text; undefined for other texts. A line with a
 * value of the site is one location.
 */
function locationInBlock(part: SourceLocation, block: SourceLocation): SourceLocation | undefined {
  // The first one is the indicator, `|`.
  const written = block.source.text.slice(block.start, block.end).trimEnd().split('\n');
  const lines = part.source.text.trimEnd().split('\n');
  if (!written[0]?.startsWith('|') || written.length - 1 !== lines.length) return undefined;
  const first = lines.findIndex((line) => line !== '');
  const indentation = (written[first + 1]?.search(/\S/) ?? 0) - (lines[first]?.search(/\S/) ?? 0);
  const place = (offset: number, isEnd: boolean) => {
    const { line, column } = part.source.position(offset);
    const own = written[line] ?? '';
    const isSame = own.slice(indentation) === lines[line - 1];
    const within = isSame ? indentation + column - 1 : isEnd ? own.length : own.search(/\S/);
    return block.start + written.slice(0, line).join('\n').length + 1 + within;
  };
  return { source: block.source, start: place(part.start, false), end: place(part.end, true) };
}
