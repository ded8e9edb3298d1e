/** A line that says nothing of what a file is: an empty one, or what a program complained of. */
const BESIDE = /^(?:$|(?:mysql|mysqldump|mariadb|\[?warning)\b)/i;

/** What statements of a dump begin with, and its comments. */
const STATEMENT =
  /^(?:--|#|\/\*|(?:INSERT|REPLACE|CREATE|DROP|USE|LOCK|UNLOCK|SET|START|BEGIN|ALTER|DELIMITER|TRUNCATE|COMMIT)\b)/i;

/** Says whether a text is SQL: its first line that says something begins a statement of a dump, or is a comment. */
export function isSql(text: string): boolean {
  return STATEMENT.test(firstLine(text));
}

/** Gives the first line of a text that is neither empty nor a complaint, without what surrounds it; empty where there is none. */
export function firstLine(text: string): string {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text
      .slice(start, end)
      .replace(/^\ufeff/, '')
      .trim();
    if (!BESIDE.test(line)) return line;
    start = end + 1;
  }
  return '';
}
