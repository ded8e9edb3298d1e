import { createHash } from 'node:crypto';
import type { Diagnostic } from '../../source/diagnostics/report.ts';
import { formatCount } from '../../source/diagnostics/text.ts';
import { placeholdersIn, replaceReferences } from '../../source/placeholders.ts';
import { Source } from '../../source/source.ts';
import { written } from '../../targets/templates/tags.ts';
import { compileTemplate, type Template } from '../../targets/templates/template.ts';
import { textBesideCode } from '../../values/package.ts';
import { escapeControlChars } from '../../values/text.ts';
import { BOX } from './network-picture.ts';
import { findingOf, type ReportedSite, siteView } from './site-view.ts';

/** The contents of a page besides the sites. */
export interface PageOptions {
  /** The directory that paths are relative to. */
  readonly folder: string;
  /** All diagnostics, also those of several sites together. */
  readonly diagnostics: readonly Diagnostic[];
  /** The earlier state that the changes start from. */
  readonly against?: string | undefined;
  /** For a page that follows a build: its number, which increases with each build. */
  readonly live?: { readonly version: number; readonly hasFailed: boolean };
}

/** The first lines of every report: another file is not overwritten. */
export const REPORT_START = '<!doctype html>\n<html lang="en" data-harvgen="report"';

/** Returns the report of sites as one HTML file without references to other files. It contains no value of a secret. */
export function renderPage(sites: readonly ReportedSite[], options: PageOptions): string {
  const { folder, diagnostics, against, live } = options;
  const style = fileText('report.css');
  const script = fileText('report.js');
  // Source: CSP level 3, 2.3.1.
  const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
  return templateOf('page')({
    title: sites.length > 1 ? `${sites.length} sites` : (sites[0]?.site.name ?? 'harvgen'),
    sites: sites.map((site) => siteView(site, folder)),
    findings: diagnostics.map((diagnostic) => findingOf(diagnostic, folder)),
    count: formatCount(diagnostics),
    against,
    live,
    style: new Html(style),
    script: new Html(script),
    styleHash: hashOf(style),
    scriptHash: hashOf(script),
    box: BOX,
    linesOf: (text: string) => text.trimEnd().split('\n'),
    part: (name: string, data: object) => new Html(templateOf(name)(data)),
  });
}

const templates = new Map<string, Template>();

/** Returns a template of the report. Each is made once, on first use. */
function templateOf(name: string): Template {
  const file = `${name}.html`;
  const template =
    templates.get(name) ?? compileTemplate(file, new Source(file, fileText(`${file}.eta`)), visible);
  templates.set(name, template);
  return template;
}

/** A text that is HTML already. */
class Html extends String {}

/** Returns a value as the text of a page: names of secrets instead of references, and no invisible characters. */
function visible(value: unknown): string {
  if (value instanceof Html) return value.toString();
  const text = replaceReferences(written(value), secret);
  const marks = placeholdersIn(text).reverse();
  const shown = marks.reduce(
    (all, { name, start, end }) => all.slice(0, start) + secret(name) + all.slice(end),
    text,
  );
  return escapeControlChars(shown).replace(/[\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}

function secret(name: string): string {
  return `‹secret ${name}›`;
}

function fileText(name: string): string {
  return textBesideCode(`inspect/report/${name}`);
}
