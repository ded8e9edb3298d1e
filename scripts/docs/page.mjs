// Common functions of the page generators: tables, links and anchors.

/** Returns a table of Markdown from the names of its columns and its rows. */
export function table(columns, rows) {
  const line = (cells) => `|${cells.map((text) => (text === '' ? ' ' : ` ${text} `)).join('|')}|\n`;
  return [line(columns), `|${columns.map(() => '---|').join('')}\n`, ...rows.map(line)].join('');
}

/** Returns a text for a cell of a table: on one line, its bars escaped, and its angle brackets too where they are not code. */
export function cell(text) {
  return text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '\\<')))
    .join('');
}

/** Returns a text as code for a cell of a table. */
export function code(text) {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** Returns a link within the page to a heading. */
export function linkTo(heading, text = heading) {
  return `[${text}](#${anchorOf(heading)})`;
}

/** Returns the anchor that GitHub and others derive from a heading. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** Returns words as a list in a sentence, such as "a, b or c". */
export function listed(words, last = 'and') {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}` : words.join('');
}
