/** Returns an aligned Markdown table. The first column contains text, the others contain numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => width(row[column] ?? title))),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => padded(cell, widths[column] ?? 0, column > 0)).join(' | ')} |\n`;
  const rule = widths.map((most, column) => (column > 0 ? `${'-'.repeat(most - 1)}:` : '-'.repeat(most)));
  return line(head) + line(rule) + rows.map(line).join('');
}

function padded(cell: string, most: number, isNumber: boolean): string {
  const blanks = ' '.repeat(most - width(cell));
  return isNumber ? blanks + cell : cell + blanks;
}

function width(text: string): number {
  return [...text].length;
}
