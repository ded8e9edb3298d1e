// man/harvgen.1, from the definitions of the commands in src/cli/main.ts: man(7).

import { parse } from '../../src/cli/main.ts';
import { VERSION } from '../../src/values/package.ts';
import { argument, EXIT_CODES, OF_WRONG_COMMAND_LINE } from './cli.mjs';

/** Returns the manual page. */
export function manPage() {
  const { commands, globalCommand } = parse(['rules']);
  return [
    `.TH HARVGEN 1 "" "harvgen ${VERSION}"`,
    '.SH NAME',
    'harvgen \\- compile descriptions of bare\\-metal sites to files for network boot',
    '.SH SYNOPSIS',
    ...commands.flatMap(({ rawName }, index) => [
      ...(index > 0 ? ['.br'] : []),
      `.B harvgen ${escaped(rawName)}`,
      '[options]',
    ]),
    '.SH COMMANDS',
    ...commands.flatMap(sectionOf),
    '.SH OPTIONS OF EVERY COMMAND',
    ...globalCommand.options.flatMap(optionOf),
    '.SH EXIT STATUS',
    ...entry('2', OF_WRONG_COMMAND_LINE),
    '',
  ].join('\n');
}

function sectionOf({ name, rawName, description, args, options, examples }) {
  return [
    `.SS harvgen ${escaped(rawName)}`,
    `${escaped(description)}.`,
    ...args.flatMap(({ value }) => entry(value, argument(name, value).replaceAll('`', ''))),
    ...options.flatMap(optionOf),
    '.PP',
    ...Object.entries(EXIT_CODES[name]).map(
      ([code, meaning]) => `Exit status ${code}: ${escaped(meaning.replaceAll('`', ''))}.`,
    ),
    '.PP',
    examples.length > 1 ? 'Examples:' : 'Example:',
    '.PP',
    '.nf',
    ...examples.map(escaped),
    '.fi',
  ];
}

function optionOf({ rawName, description, config: { default: value } }) {
  return entry(
    rawName,
    `${description}${typeof value === 'string' && !description.includes('(default: ') ? ` (default: ${value})` : ''}`,
  );
}

function entry(term, text) {
  return ['.TP', `.B ${escaped(term)}`, escaped(text)];
}

/** Returns a text with the characters that roff interprets escaped. Source: groff_char(7), groff(7). */
function escaped(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('…', '...')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replace(/^\./, '\\&.');
}
