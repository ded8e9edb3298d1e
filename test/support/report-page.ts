const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Returns the text of a piece of HTML. */
export function plainText(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(\w+);/g, (_, name: string) => ENTITIES[name] ?? '?')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Returns the rows of the tables in a piece of HTML, each as the texts of its cells. */
export function rowsOf(html: string): string[][] {
  const rows = html.replace(/<noscript>.*?<\/noscript>/gs, '').matchAll(/<tr[^>]*>(.*?)<\/tr>/gs);
  return Array.from(rows, ([, row = '']) =>
    Array.from(row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs), ([, cell = '']) => plainText(cell)),
  );
}

/** Returns a part of a site's report by its name: `network`, `nodes`. */
export function partOf(page: string, site: string, name: string): string {
  const [, part] = new RegExp(`<section id="${site}:${name}"(.*?)</section>`, 's').exec(page) ?? [];
  if (part === undefined) throw new Error(`the report has no ${name} of ${site}`);
  return part;
}

/** Returns the details of a node. */
export function detailsOf(page: string, id: string): string {
  const [, details] = new RegExp(`id="${id}/details".*?<noscript>(.*?)</noscript>`, 's').exec(page) ?? [];
  if (details === undefined) throw new Error(`the report has no details of ${id}`);
  return details;
}
