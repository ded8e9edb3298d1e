import { otherVariables, standardizedVariables, templateGlobals } from '../../knowledge/cloud-init.ts';
import { instanceMetaData } from '../../plan/meta-data.ts';
import { eachCloudInitPart } from '../../site/cloud-init.ts';
import type { CloudInit, Node, Site } from '../../site/model.ts';
import { isBroken, locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';
import { type PrintedName, readJinja } from '../../values/jinja.ts';
import { nearest } from '../../values/text.ts';
import { error, per } from '../rule.ts';

type Values = Readonly<Record<string, unknown>>;

/** The first line of a text that cloud-init renders. Source: cloud-init, cloudinit/handlers/jinja_template.py. */
const TEMPLATE = /^## template: jinja[ \t]*\n/i;

export const templateRules = [
  error('jinja-syntax', {
    what: 'A Jinja template of `user_data` or `vendor_data` must have valid syntax.',
    why: 'Otherwise, cloud-init ignores the template and logs only a warning: the machine lacks all of its settings.',
  }).check(per.item(allTemplates), ({ name, part, at, fault }, report) => {
    if (!fault) return;
    report(within(at, part, fault), {
      dedupe: true,
      message: `${name} has ${fault.what}: cloud-init ignores this whole template.`,
      help: 'correct the template; or print braces as text: {% raw %} … {% endraw %}',
    });
  }),
  error('template-name', {
    what: 'A name that a Jinja template of `user_data` or `vendor_data` prints outside of blocks (`{{ ds.… }}`) must have a value on each node that gets the template.',
    why: 'If a part before the last one is missing, cloud-init ignores the whole template and logs a warning; otherwise it writes `CI_MISSING_JINJA_VAR`.',
  }).check(
    per.item(missingNames),
    ({ node, name, part, at, missing: { start, end, likely, isLast } }, report) => {
      const effect = isLast ? 'writes CI_MISSING_JINJA_VAR' : 'ignores this whole template';
      report(within(at, part, { start, end }), {
        dedupe: true,
        message: `${part.slice(start, end)} in ${name} has no value on ${node.name}: ${likely ? `did you mean ${likely}?` : `cloud-init ${effect}.`}`,
        help: isLast
          ? "correct the name, set it in meta_data, or write {{ … | default('') }}"
          : 'correct the name; or test it before: {% if … is defined %}',
      });
    },
  ),
];

/** Returns the syntax of a text that cloud-init renders; undefined for another text. */
function readTemplate(text: string) {
  const [header] = TEMPLATE.exec(text) ?? [];
  return header === undefined ? undefined : readJinja(text, header.length);
}

/** Yields the Jinja templates of all nodes, read once per text. */
function* templates(site: Draft<Site>) {
  const known = new Map<string, ReturnType<typeof readTemplate>>();
  for (const { part, ...others } of eachCloudInitPart(site)) {
    if (typeof part !== 'string') continue;
    const template = known.get(part) ?? readTemplate(part);
    known.set(part, template);
    if (template) yield { ...others, part, ...template };
  }
}

/** Yields the templates of all nodes, and of groups without members: a group may get them later. */
function* allTemplates(site: Draft<Site>) {
  yield* templates(site);
  const used = new Set(site.nodes?.flatMap((node) => node?.groups ?? []));
  for (const group of site.groups ?? []) {
    const part = group?.userData;
    const template = typeof part === 'string' ? readTemplate(part) : undefined;
    if (!group || used.has(group) || typeof part !== 'string' || !template) continue;
    yield { node: undefined, name: 'user_data', part, at: locationOf(group, 'userData'), ...template };
  }
}

function* missingNames(site: Draft<Site>) {
  const variables = new Map<Draft<Node>, Values | undefined>();
  for (const { names, ...others } of templates(site)) {
    const { node } = others;
    if (!variables.has(node)) variables.set(node, variablesOf(site, node));
    const values = variables.get(node);
    for (const name of values ? names : []) {
      const missing = missingPart(name, values);
      if (missing) yield { ...others, missing };
    }
  }
}

/** Returns the first part of a name that has no value; undefined if all have one, or only the machine knows. */
function missingPart({ start, keys }: PrintedName, variables: unknown) {
  let value = variables;
  for (const [index, { key, end }] of keys.entries()) {
    if (value === EXISTS || (typeof value === 'string' && typeof key === 'number')) return undefined;
    const map = (typeof value === 'object' && value) || {};
    if (!Object.hasOwn(map, key) || (Array.isArray(map) && typeof key !== 'number')) {
      // Keys with operators have an alias.
      const names = Array.isArray(map) ? [] : Object.keys(map).filter((name) => /^\w+$/.test(name));
      const likely = typeof key === 'string' ? nearest(key, names) : undefined;
      return { start, end, likely, isLast: index === keys.length - 1 };
    }
    value = (map as Values)[key];
  }
  return undefined;
}

/** A value that exists, or that may: it is not known before the template runs. */
const EXISTS = Symbol('exists');
const existing = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, EXISTS]));

/**
 * Returns the variables of a node's templates, or undefined if an error hides some of them.
 * Source: cloud-init, cloudinit/sources/DataSourceNoCloud.py, cloudinit/sources/__init__.py (persist_instance_data).
 */
function variablesOf(site: Draft<Site>, node: Draft<Node>): Values | undefined {
  const { cloudInit, name, ip, groups } = node;
  if (!cloudInit?.metaData || isBroken(cloudInit, 'metaData') || !site.name || !site.server?.compat) return;
  if (!name || !ip || !groups?.every((group) => group?.name && !isBroken(group, 'metaData'))) return;
  const metaData = instanceMetaData(site as Site, node as Node, cloudInit as CloudInit);
  const ds = { meta_data: { dsmode: 'net', seedfrom: EXISTS, ...metaData }, _doc: EXISTS };
  const v1 = existing(standardizedVariables);
  return { ...existing(templateGlobals), ...withAliases({ ...existing(otherVariables), ds, v1 }) };
}

/** The operators of Jinja's expressions. Source: Jinja, src/jinja2/lexer.py (operators). */
const OPERATORS = /\/\/|\*\*|[=!<>]=|[-+*/%~.,:|()[\]{}<>=;]/g;

/**
 * Returns a map as templates see it: each key also with `_` for operators, and the keys of `v1` also beside it.
 * Source: cloud-init, cloudinit/handlers/jinja_template.py (convert_jinja_instance_data).
 */
function withAliases(map: object): Values {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined) continue;
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    result[key] = isMap ? withAliases(value) : value;
    if (isMap && /^v\d+$/.test(key)) Object.assign(result, result[key]);
    result[key.replace(OPERATORS, '_')] = result[key];
  }
  return result;
}

/**
 * Returns the location of a span of a text: of the same text in the source, which may have quotes, indents and `${node:…}`. The text
 * before it in its line distinguishes equal ones, if the source has it.
 */
function within(
  at: SourceLocation,
  part: string,
  { start, end }: { readonly start: number; readonly end: number },
): SourceLocation {
  const written = at.source.text.slice(at.start, at.end);
  for (const from of [part.lastIndexOf('\n', start - 1) + 1, start]) {
    const text = part.slice(from, end);
    const earlier = part.slice(0, from).split(text).length - 1;
    const found = written.split(text).slice(0, -1);
    if (found.length <= earlier) continue;
    const offset = at.start + found.slice(0, earlier + 1).join(text).length + text.length;
    return { source: at.source, start: offset - (end - start), end: offset };
  }
  return at;
}
