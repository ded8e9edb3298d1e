import type { CAC } from 'cac';
import { hasBrackets } from '../values/hostlist.ts';
import { nearest } from '../values/text.ts';

/** A command line, in the one form that cac reads as it was meant. */
export interface Arguments {
  /** First the words, then the options, each with its value in one piece. */
  readonly argv: readonly string[];
  /** The values of options as they were typed, by the names that cac has for them. */
  readonly values: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Tells the words of a command line from its options, by what the options of all commands are declared as. Left to
 * itself, cac takes the word after an option with a hyphen for its value, and values that look like numbers for numbers.
 * Throws UsageError for an option that no command has, one with a value too many or none, and one that is given
 * twice but for those of which each value counts.
 */
export function readArguments(cli: CAC, typed: readonly string[]): Arguments {
  const declared = [cli.globalCommand, ...cli.commands].flatMap(({ options }) => options);
  const optionOf = new Map(declared.flatMap((one) => one.names.map((name) => [name, one] as const)));
  const words: string[] = [];
  const options: string[] = [];
  const values: Record<string, string | string[]> = {};
  const rest = [...typed];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '-' && takesFile(cli, words[0])) {
      words.push(STDIN);
      continue;
    }
    if (arg === '--') {
      words.push(...rest.splice(0).map(asWord));
      continue;
    }
    const [, option, name = '', assigned] = /^(--?(?:no-)?([^=]*))(?:=(.*))?$/s.exec(arg) ?? [];
    if (option === undefined) {
      words.push(arg);
      continue;
    }
    // cac keeps `--dry-run` as dryRun.
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const known = optionOf.get(key);
    if (!known) throw new UsageError(`unknown option ${option}`);
    if (known.isBoolean || option.startsWith('--no-')) {
      if (assigned !== undefined) throw new UsageError(`${option} takes no value`);
      options.push(option.replace(name, key));
      continue;
    }
    const value = assigned ?? (isValue(rest[0]) ? rest.shift() : undefined);
    if (!value) throw new UsageError(`${option} has no value: say it behind the option`);
    const before = Object.hasOwn(values, key) ? values[key] : undefined;
    // With a type, each of its values counts.
    if (known.config.type !== undefined) values[key] = [...(before ?? []), value];
    else if (before === undefined) values[key] = value;
    else throw new UsageError(`${option} is given twice: only one could count`);
    options.push(`--${key}=${value}`);
  }
  return { argv: [...words, ...options], values };
}

/** Stands for the word `-`, which cac loses. No file can be called so. */
export const STDIN = '\0-';

/** A command that takes a file takes standard input. */
function takesFile({ commands }: CAC, name: string | undefined): boolean {
  return commands.some(
    (command) => command.name === name && command.args.some(({ value }) => value === 'file'),
  );
}

/** A `-` is a value: standard input. */
function isValue(arg: string | undefined): boolean {
  return arg === '-' || (arg !== undefined && !arg.startsWith('-'));
}

/** cac would take it for an option, wherever it stands. */
function asWord(arg: string): string {
  if (arg.startsWith('-')) throw new UsageError(`${arg} begins with -: write ./${arg} for a folder`);
  return arg;
}

/** Thrown for a wrong command line: the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** So many names are shown: of a range of thousands nobody reads more. */
const MOST_NODES = 20;

/** Gives what to throw for a node that a site does not have: it names the nearest one, and those that there are. */
export function unknownNode(name: string, names: readonly string[], site: string): UsageError {
  const more = names.length > MOST_NODES ? ` and ${names.length - MOST_NODES} more` : '';
  return new UsageError(
    `${site} has no node ${name}${hint(name, names)} There are ${names.slice(0, MOST_NODES).join(', ')}${more}`,
  );
}

function hint(name: string, names: readonly string[]): string {
  if (hasBrackets(name))
    return ': it takes one node. What all of a range have stands at its name in the inventory.';
  const meant = nearest(name, names);
  return meant ? `: did you mean ${meant}?` : '.';
}

/** Gives what a format is shown by. Throws UsageError for one that there is not. */
export function formatOf<Show>(formats: Readonly<Record<string, Show>>, name: string): Show {
  const show = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (show !== undefined) return show;
  throw new UsageError(`there is no format ${name}; there are ${Object.keys(formats).join(', ')}`);
}
