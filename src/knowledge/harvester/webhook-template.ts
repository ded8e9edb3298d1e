/** What the templates of a webhook may ask for. */
export const WEBHOOK_NAMES: readonly string[] = ['Hostname', 'MACAddr', 'IPAddrV4', 'IPAddrV6'];

/** A name that the installer does not know, or why it cannot read the template, as a clause. */
export type TemplateFault = { readonly unknown: string } | { readonly unreadable: string };

/** A comment, or an action with what stands in it; a }} within quotes does not end it. */
const ACTION =
  /\{\{(?:(?:- )?\/\*[\s\S]*?\*\/(?: -)?|(?!(?:- )?\/\*)((?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|[^"'`])*?))\}\}/y;
/** What is passed over (quoted, a variable, a field of a bracket, a number), or a name with the dot before it. */
const PARTS =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[$)]\w*(?:\.\w+)*|\d[\w.]*|(\.?)([A-Za-z_]\w*(?:\.\w+)*)/g;
/** Words of Go's text/template itself. */
const WORDS: readonly string[] = (
  'and break call continue else end eq false ge gt html if index js le len lt ne nil not or print printf println ' +
  'slice true urlquery'
).split(' ');
/** Words after which a name may be of something else than what the installer gives. */
const SCOPES = /\b(with|range|define|block|template)\b/;

/**
 * Gives the first fault of a webhook's template, as far as one can be told without Go: an action that does not end or
 * says nothing, a word that is no function, a name that the installer does not know.
 */
export function templateFault(text: string): TemplateFault | undefined {
  // A }} of its own is text, as at the end of JSON.
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', ACTION.lastIndex)) {
    ACTION.lastIndex = open;
    const found = ACTION.exec(text);
    if (!found) return { unreadable: 'a {{ without its }}' };
    const [, action] = found;
    if (action === undefined || action.includes('${secret:')) continue;
    if (SCOPES.test(action)) return undefined;
    const fault = actionFault(action);
    if (fault) return fault;
  }
  return undefined;
}

function actionFault(action: string): TemplateFault | undefined {
  if (/^-?\s*-?$/.test(action)) return { unreadable: 'nothing between {{ and }}' };
  for (const [, dot, name] of action.matchAll(PARTS)) {
    if (name === undefined || (dot ? WEBHOOK_NAMES : WORDS).includes(name)) continue;
    return dot ? { unknown: name } : { unreadable: `${name} has no dot before it` };
  }
  return undefined;
}
