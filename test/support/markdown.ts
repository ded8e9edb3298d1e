/** Returns the fenced code blocks of a page with exactly this info string, also those of list items. */
export function blocksOf(page: string, info: string): string[] {
  const blocks: string[] = [];
  let block: { info: string; indent: number; lines: string[] } | undefined;
  for (const line of page.split('\n')) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (!fence) {
      block?.lines.push(line.slice(block.indent));
    } else if (!block) {
      block = { info: fence[2]?.trim() ?? '', indent: fence[1]?.length ?? 0, lines: [] };
    } else {
      if (block.info === info) blocks.push(`${block.lines.join('\n')}\n`);
      block = undefined;
    }
  }
  return blocks;
}
