/** A line that holds one tag, which writes nothing. Tags that say themselves how they trim are left alone. */
const CODE_LINE = /^([ \t]*)<%(?![-_]|\s*[=~])((?:(?!%>)[\s\S])*?)(?<![-_])%>([ \t]*\r?\n)/gm;

/**
 * Lets a line that holds nothing but code leave no line behind: what stands around the tag moves into it, where it is
 * nothing to JavaScript. The length of the text stays, and so does the offset of everything within tags.
 */
export function swallowCodeLines(text: string): string {
  return text.replace(CODE_LINE, '<%$1$2$3%>');
}
