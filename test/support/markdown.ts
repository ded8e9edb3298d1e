/** Returns the fenced code blocks of a page with exactly this info string. */
export function blocksOf(page: string, info: string): string[] {
  const blocks: string[] = [];
  let block: { info: string; lines: string[] } | undefined;
  for (const line of page.split('\n')) {
    const fence = /^```(.*)$/.exec(line);
    if (!fence) {
      block?.lines.push(line);
    } else if (!block) {
      block = { info: fence[1]?.trim() ?? '', lines: [] };
    } else {
      if (block.info === info) blocks.push(`${block.lines.join('\n')}\n`);
      block = undefined;
    }
  }
  return blocks;
}
