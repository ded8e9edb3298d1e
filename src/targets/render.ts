import { readFileSync } from 'node:fs';
import { Eta } from 'eta/core';
import { quoteDnsmasq } from '../quoting/dnsmasq.ts';
import { quoteIpxe } from '../quoting/ipxe.ts';
import { quoteMarkdown } from '../quoting/markdown.ts';
import { quoteNginx } from '../quoting/nginx.ts';
import { quoteShell } from '../quoting/shell.ts';

/** Renders a template, named by its path below `src/targets` without `.eta`, with the data that it calls `it`. */
export type Render = (template: string, data: object) => string;

/** How `<%= … %>` quotes, by the ending of a template's name. `<%~ … %>` writes what is quoted already. */
const QUOTE_BY_ENDING: Record<string, (value: unknown) => string> = {
  dnsmasq: quoteDnsmasq,
  ipxe: quoteIpxe,
  md: quoteMarkdown,
  nginx: quoteNginx,
  sh: quoteShell,
};

type Template = (data: object) => string;

const compiled = new Map<string, Template>();

/** Renders a built-in template. Each is read and compiled once, and has the quoting of its syntax on. */
export const renderTemplate: Render = (template, data) => {
  let render = compiled.get(template);
  if (!render) {
    render = compileTemplate(template);
    compiled.set(template, render);
  }
  return render(data);
};

/** A value that is not there must not come out as the word undefined. */
function present(value: unknown, template: string): unknown {
  if (value === undefined || value === null) throw new Error(`the template ${template} lacks a value`);
  return value;
}

function compileTemplate(name: string): Template {
  const quote = QUOTE_BY_ENDING[name.split('.').at(-1) ?? ''];
  if (!quote) throw new Error(`no quoting is known for the template ${name}`);
  const eta = new Eta({
    autoEscape: true,
    escapeFunction: (value) => quote(present(value, name)),
    autoTrim: false,
    cache: false,
  });
  const text = readFileSync(new URL(`./${name}.eta`, import.meta.url), 'utf8');
  // A line that holds nothing but code, no output, leaves no line behind.
  const template = eta.compile(text.replace(/^[ \t]*(<%[^=~][^%]*%>)[ \t]*\n/gm, '$1'));
  return (data) => template.call(eta, data);
}
