const END = '<!-- end of the results -->\n';

/** Replaces the results of a command between the markers of a page. Throws an error if the markers are missing. */
export function withResults(page: string, results: string, command = 'npm run bench'): string {
  const BEGIN = `<!-- results of \`${command}\` -->\n`;
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`the page has no ${BEGIN.trim()} … ${END.trim()}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${results}\n${page.slice(end)}`;
}
