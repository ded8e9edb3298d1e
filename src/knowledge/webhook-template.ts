/** The names that webhook templates may use. Source: getWebhookContext of the installer, every release from v1.1.0 on. */
export const WEBHOOK_NAMES: readonly string[] = ['Hostname', 'MACAddr', 'IPAddrV4', 'IPAddrV6'];

/**
 * A name that is unknown to the installer, the reason why the template is invalid (a clause), or the first action of a form that
 * is not known to be valid.
 */
export type WebhookTemplateFault =
  | { readonly unknown: string }
  | { readonly invalid: string }
  | { readonly unchecked: string };

/** The functions and constants of Go's text/template. Source: `builtins` in text/template/funcs.go of Go. */
const WORDS =
  'and call eq ge gt html index js le len lt ne not or print printf println slice urlquery true false nil'.split(
    ' ',
  );

/** Texts in quotes, and an action with its comment or content. Source: text/template/parse/lex.go of Go. */
const QUOTED = `"(?:\\\\.|[^"\\\\\\n])*"|\`[^\`]*\`|'(?:\\\\.|[^'\\\\\\n])*'`;
const ACTION = new RegExp(
  `\\{\\{(?:(?:-\\s)?/\\*[^]*?\\*/(?:\\s-)?|(?:-(?=\\s))?((?:${QUOTED}|(?!\\}\\}|/\\*)[^"'\`])*?)(?:(?<=\\s)-)?)\\}\\}`,
  'y',
);
const KEYWORD = /^(?:if|with|range|define|block|template|else(?: +(?:if|with))?|end|break|continue)(?![\w.])/;

/** The forms of actions, without the content of quotes, that Go accepts whatever their values are. */
const VALUE = '(?:""|\\.\\w*|[-+]?(?:0|[1-9]\\d*)(?:\\.\\d+)?|true|false)';
const CALL = `(?:(?:${WORDS.slice(0, -3).join('|')})(?:\\s+${VALUE})*)`;
const PIPELINE = `(?:${VALUE}|${CALL})(?:\\s*\\|\\s*${CALL})*`;
const KNOWN = new RegExp(`^(?:(?:(?:else +)?(?:if|with)\\s+)?${PIPELINE}|else|end)$`);

/**
 * Returns the first error of a webhook template that Go's text/template would report or that its names cause; else the first
 * action of a form that is not known here. Returns undefined for a valid template.
 */
export function webhookTemplateFault(text: string): WebhookTemplateFault | undefined {
  const blocks: string[] = [];
  let unchecked: string | undefined;
  // A }} without {{ is text, for example at the end of JSON.
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', ACTION.lastIndex)) {
    // An action may depend on the unknown value of a secret.
    if (text.slice(open, text.indexOf('}}', open)).includes('${secret:')) return undefined;
    ACTION.lastIndex = open;
    const action = ACTION.exec(text);
    if (!action) return { invalid: 'a {{ without its }}' };
    if (action[1] === undefined) continue; // a comment
    const content = action[1].trim().replace(new RegExp(QUOTED, 'g'), '""');
    if (content === '') return { invalid: 'nothing between {{ and }}' };
    const keyword = KEYWORD.exec(content)?.[0] ?? '';
    const fault = wordFault(content.slice(keyword.length), blocks) ?? blockFault(keyword, blocks);
    if (fault) return fault;
    if (!KNOWN.test(content)) unchecked ??= action[0];
  }
  const block = blocks.at(-1);
  if (block) return { invalid: `{{${block}}} without its {{end}}` };
  return unchecked === undefined ? undefined : { unchecked };
}

/** Opens, continues or ends a block. */
function blockFault(keyword: string, blocks: string[]): WebhookTemplateFault | undefined {
  if (/^(?:if|with|range|define|block)$/.test(keyword)) blocks.push(keyword);
  if (keyword === 'end' && blocks.pop() === undefined) return { invalid: '{{end}} without its {{if}}' };
  if (!keyword.startsWith('else')) return undefined;
  if (!/^(?:if|with|range)$/.test(blocks.at(-1) ?? '')) return { invalid: '{{else}} without its {{if}}' };
  if (keyword === 'else') blocks.splice(-1, 1, 'else');
  return undefined;
}

/** Returns the error of a name or function. In the blocks of other keywords than `if`, a name may be of another value. */
function wordFault(content: string, blocks: readonly string[]): WebhookTemplateFault | undefined {
  for (const [, name = ''] of content.matchAll(/(?<![\w$).\]"])\.([A-Za-z_]\w*(?:\.\w+)*)/g))
    if (!WEBHOOK_NAMES.includes(name) && blocks.every((block) => block === 'if' || block === 'else'))
      return { unknown: name };
  for (const [word] of content.matchAll(/(?<![\w$.])[A-Za-z_]\w*/g)) {
    if (WORDS.includes(word)) continue;
    const isName = WEBHOOK_NAMES.some((name) => name.toLowerCase() === word.toLowerCase());
    return { invalid: isName ? `${word} has no dot before it` : `${word} is not a function` };
  }
  return undefined;
}
