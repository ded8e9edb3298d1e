import { Unquotable } from './unquotable.ts';

/** What is one parameter as it is: nearly all that is written. */
const PLAIN = /^[A-Za-z0-9_./:@%+,=-]+$/;

/**
 * Gives a value as one parameter of an nginx directive: as it is where it is plain, else in double quotes, in which a
 * backslash takes the meaning of quote and backslash away. Source: nginx, src/core/ngx_conf_file.c.
 * Throws Unquotable for `$`, which begins a variable and cannot be escaped, and for control characters.
 */
export function quoteNginx(value: unknown): string {
  const text = String(value);
  if (PLAIN.test(text)) return text;
  if (text.includes('$')) throw new Unquotable(text, 'an nginx configuration', '$ begins a variable');
  return quoteLiteral(text);
}

/**
 * Gives the path of an exact nginx location (`location = …`), which is the decoded path of a request. `$` is a character
 * like any other there. Source: nginx, src/http/ngx_http_core_module.c (ngx_http_core_location).
 * Throws Unquotable for control characters.
 */
export function quoteNginxLocation(path: string): string {
  return quoteLiteral(path);
}

function quoteLiteral(text: string): string {
  if (PLAIN.test(text)) return text;
  if (/\p{Cc}/u.test(text)) {
    throw new Unquotable(text, 'an nginx configuration', 'it holds a control character');
  }
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
