import type { CAC } from 'cac';
import { hasBrackets } from '../values/hostlist.ts';
import { nearest } from '../values/text.ts';

/** A command line in a form that cac reads correctly. */
export interface Arguments {
  /** First the arguments, then the options, each with its value in one string. */
  readonly argv: readonly string[];
  /** The values of options as typed, by cac's names for them. */
  readonly values: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Separates the arguments of a command line from its options, by the declared options of all commands. On its own, cac reads the argument
 * after any option as its value, and digits as a number. Throws UsageError for an unknown option, for an option with a missing or
 * unexpected value, and for a repeated option that is not repeatable.
 */
export function readArguments(cli: CAC, typed: readonly string[]): Arguments {
  const declared = [cli.globalCommand, ...cli.commands].flatMap(({ options }) => options);
  const optionOf = new Map(declared.flatMap((option) => option.names.map((name) => [name, option] as const)));
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
    // cac stores `--dry-run` as dryRun.
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const known = optionOf.get(key);
    // cac would read `-check` as five options, one of them -h.
    if (!known || /^-[^-]./.test(option)) throw unknownOption(option, cli, typed);
    if (known.isBoolean || option.startsWith('--no-')) {
      if (assigned !== undefined) throw new UsageError(`${option} takes no value`);
      options.push(option.replace(name, key));
      continue;
    }
    const value = assigned ?? (isValue(rest[0]) ? rest.shift() : undefined);
    if (!value) throw new UsageError(`${option} needs a value after it`);
    const before = Object.hasOwn(values, key) ? values[key] : undefined;
    // Options with a type are repeatable.
    if (known.config.type !== undefined) values[key] = [...(before ?? []), value];
    else if (before === undefined) values[key] = value;
    else throw new UsageError(`${option} is given twice: only one value can apply`);
    options.push(`--${key}=${value}`);
  }
  return { argv: [...words, ...options], values };
}

/** Returns the error for an unknown option, with the nearest one of the command. */
function unknownOption(option: string, cli: CAC, typed: readonly string[]): UsageError {
  const command = cli.commands.find(({ name }) => typed.includes(name));
  const options = [...(command?.options ?? []), ...cli.globalCommand.options];
  const flagOf = ({ rawName }: { readonly rawName: string }) => /--[\w-]+/.exec(rawName)?.[0] ?? rawName;
  const flags = options.map(flagOf);
  return new UsageError(`unknown option ${option}${didYouMean(nearest(option, flags), '')}`);
}

/** Returns the end of a clause about an unknown name: the probable name, or the end without one. */
export function didYouMean(meant: string | undefined, end = '.'): string {
  return meant ? `: did you mean ${meant}?` : end;
}

/** Returns the known names that have all words of an unknown one, or else the nearest, for `didYouMean`. */
export function likelyNames(name: string, known: readonly string[]): string | undefined {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [name];
  const found = known.filter((other) => words.every((word) => other.toLowerCase().includes(word)));
  return found.length > 0 ? found.join(', ') : nearest(name, known);
}

/** Replaces the argument `-`, which cac loses. No file can have this name. */
export const STDIN = '\0-';

/** A command that takes a file also takes standard input. */
function takesFile({ commands }: CAC, name: string | undefined): boolean {
  return commands.some(
    (command) =>
      command.name === name && command.args.some(({ value }) => ['file', 'dump', 'log'].includes(value)),
  );
}

/** A `-` is a value: standard input. */
function isValue(arg: string | undefined): boolean {
  return arg === '-' || (arg !== undefined && !arg.startsWith('-'));
}

/** cac would read it as an option, in any position. */
function asWord(arg: string): string {
  if (arg.startsWith('-')) throw new UsageError(`${arg} begins with -: write ./${arg} if it is a directory`);
  return arg;
}

/** Thrown for a wrong command line: the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Maximum number of names to list. */
const MOST_NODES = 20;

/** Returns the error for an unknown node, with the nearest name and the existing ones. */
export function unknownNode(name: string, names: readonly string[], site: string): UsageError {
  const more = names.length > MOST_NODES ? ` and ${names.length - MOST_NODES} more` : '';
  return new UsageError(
    `${site} has no node ${name}${hint(name, names)} Nodes: ${names.slice(0, MOST_NODES).join(', ')}${more}`,
  );
}

function hint(name: string, names: readonly string[]): string {
  if (hasBrackets(name))
    return ': it takes one node. Set values of a whole range at its name in the inventory.';
  return didYouMean(nearest(name, names));
}

/** Returns the formatter of a format. Throws UsageError for an unknown format. */
export function formatOf<Show>(formats: Readonly<Record<string, Show>>, name: string): Show {
  const show = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (show !== undefined) return show;
  throw unknownValue('format', name, Object.keys(formats));
}

/** Returns the error for an unknown value of an option, with the nearest value and all values. */
export function unknownValue(what: string, name: string, values: readonly string[]): UsageError {
  const meant = didYouMean(nearest(name, values), '');
  return new UsageError(`unknown ${what} ${name}; ${what}s: ${values.join(', ')}${meant}`);
}
