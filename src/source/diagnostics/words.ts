/** Joins words for a sentence: "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('');
}

/** Joins the names of nodes for a sentence; of many nodes, only the first names: "a, b, c and 7 more". */
export function namesOf(nodes: readonly { readonly name: string | undefined }[]): string {
  const names = nodes.map(({ name }) => String(name));
  return listed(names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names);
}

/** Maximum number of names or ranges of names to list before the rest is counted. */
const MOST = 4;

interface Name {
  readonly text: string;
  readonly stem: string;
  readonly number: number;
  readonly width: number;
}

/**
 * Joins the names of nodes in natural order, with ranges for consecutive numbers: "harv-1 to harv-200 (200 nodes)",
 * "a, b, c-2 and 7 more".
 */
export function nameRanges(names: readonly string[]): string {
  const ranges = rangesOf(names.map(parse).sort(compare));
  const shown = ranges.slice(0, ranges.length > MOST ? MOST - 1 : MOST);
  const rest = ranges.slice(shown.length).reduce((count, range) => count + range.length, 0);
  const words = listed([...shown.map(rangeText), ...(rest > 0 ? [`${rest} more`] : [])]);
  return names.length > shown.length && names.length > 2 ? `${words} (${names.length} nodes)` : words;
}

function parse(text: string): Name {
  const [, head = text, digits = '', tail = ''] = /^(.*?)(\d{1,15})(\D*)$/.exec(text) ?? [];
  return {
    text,
    stem: `${head}\0${tail}`,
    number: digits === '' ? -1 : Number(digits),
    width: digits.length,
  };
}

function compare(a: Name, b: Name): number {
  if (a.stem !== b.stem) return a.stem < b.stem ? -1 : 1;
  return a.number - b.number || a.width - b.width;
}

/** Returns rows of consecutive names; two alone are not a range. */
function rangesOf(names: readonly Name[]): Name[][] {
  const rows: Name[][] = [];
  for (const name of names) {
    const row = rows.at(-1);
    const last = row?.at(-1);
    if (row && last && follows(last, name)) row.push(name);
    else rows.push([name]);
  }
  return rows.flatMap((row) => (row.length > 2 ? [row] : row.map((name) => [name])));
}

/** Whether a name is the next one: harv-10 after harv-9, node10 after node09, but not node010 after node9. */
function follows(last: Name, { stem, number, width }: Name): boolean {
  if (stem !== last.stem || last.number < 0 || number !== last.number + 1) return false;
  return width === last.width || (width === last.width + 1 && String(number).length === width);
}

function rangeText(range: readonly Name[]): string {
  return range.length > 1 ? `${range[0]?.text} to ${range.at(-1)?.text}` : `${range[0]?.text}`;
}

/**
 * Replaces the upstream threads in a text, such as harvester/harvester#7093, by the results of `show`, which takes the name
 * as written and the URL. A bare #4737 belongs to the repository before it.
 */
export function withThreads(text: string, show: (name: string, url: string) => string): string {
  let repository = '';
  return text.replace(/([a-z-]+\/[a-z-]+)?#(\d+)/g, (name, named, number) => {
    repository = named ?? repository;
    return repository ? show(name, `https://github.com/${repository}/issues/${number}`) : name;
  });
}

/** Returns the URLs of the upstream threads in a text. */
export function threadsIn(text: string): string[] {
  const urls: string[] = [];
  withThreads(text, (name, url) => {
    urls.push(url);
    return name;
  });
  return urls;
}
