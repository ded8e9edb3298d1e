import { eachCloudInitPart } from '../site/cloud-init.ts';
import type { CloudInit, Node, Site } from '../site/model.ts';
import { isBroken } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { instanceMetaData } from '../targets/cloud-init/meta-data.ts';
import type { Draft } from '../values/draft.ts';
import { EXISTS, missingNames, UNCLEAR } from '../values/jinja/missing-names.ts';
import { parseTemplate } from '../values/jinja/parse.ts';
import { nearest } from '../values/text.ts';
import { error } from './rule.ts';
import { perItem } from './support.ts';

type Values = Readonly<Record<string, unknown>>;

/** The first line of a text that cloud-init renders. Source: cloud-init, cloudinit/handlers/jinja_template.py. */
const TEMPLATE = /^## template: *jinja[^\n]*\n/i;

export const templateName = error('template-name', {
  what: 'A name in a Jinja template of `user_data` or `vendor_data` must have a value on each node that gets the template.',
  why: 'If a part of a missing name is needed, cloud-init ignores the whole template and logs a warning; otherwise it writes `CI_MISSING_JINJA_VAR` there.',
  check: perItem(templates, ({ node, name, part, at, from, statements }, report, site) => {
    const variables = variablesOf(site, node);
    if (!variables) return;
    for (const { start, end, key, among, stops } of missingNames(part, statements, variables)) {
      const text = part.slice(start, end);
      // Keys with operators have an alias.
      const names = among.filter((one) => /^\w+$/.test(one));
      const likely = typeof key === 'string' ? nearest(key, names) : undefined;
      const effect = stops ? 'ignores this whole template' : 'writes CI_MISSING_JINJA_VAR';
      report({
        dedupe: true,
        message: `${text} in ${name} has no value on ${node.name}${likely ? `: did you mean ${likely}?` : `: cloud-init ${effect}.`}`,
        at: within(at, part, from, { start, end }),
        help: stops
          ? 'correct the name; or test it before: {% if … is defined %}'
          : "correct the name, set it in meta_data, or write {{ … | default('') }}",
      });
    }
  }),
});

/** Yields the Jinja templates of all nodes that can be understood, parsed once per text. */
function* templates(site: Draft<Site>) {
  const known = new Map<string, ReturnType<typeof parseTemplate>>();
  for (const { part, ...others } of eachCloudInitPart(site)) {
    const [first] = (typeof part === 'string' && TEMPLATE.exec(part)) || [];
    if (typeof part !== 'string' || first === undefined) continue;
    if (!known.has(part)) known.set(part, parseTemplate(part, first.length));
    const statements = known.get(part);
    if (statements) yield { ...others, part, from: first.length, statements };
  }
}

/**
 * The standardized keys of cloud-init; each has a value on every machine. Source: cloud-init, cloudinit/sources/__init__.py
 * (_get_standardized_metadata).
 */
const V1 =
  '_beta_keys availability-zone availability_zone cloud_id cloud-name cloud_name distro distro_version distro_release platform public_ssh_keys python_version instance-id instance_id kernel_release local-hostname local_hostname machine region subplatform system_platform variant';

/** Other variables: not all are there in every release. Source: cloud-init, doc/rtd/explanation/instancedata.rst. */
const OTHERS =
  'merged_cfg merged_system_cfg combined_cloud_config sys_info system_info features userdata vendordata base64_encoded_keys sensitive_keys';

const named = (names: string, value: symbol) =>
  Object.fromEntries(names.split(' ').map((name) => [name, value]));

/**
 * Returns the variables of a node's templates, or undefined if an error hides some of them.
 * Source: cloud-init, cloudinit/sources/DataSourceNoCloud.py, cloudinit/sources/__init__.py (persist_instance_data).
 */
function variablesOf(site: Draft<Site>, node: Draft<Node>): Values | undefined {
  const { cloudInit, name, ip, groups } = node;
  if (!cloudInit?.metaData || isBroken(cloudInit, 'metaData') || !site.name || !site.server?.compat) return;
  if (!name || !ip || !groups?.every((group) => group?.name && !isBroken(group, 'metaData'))) return;
  const metaData = {
    dsmode: 'net',
    seedfrom: EXISTS,
    ...instanceMetaData(site as Site, node as Node, cloudInit as CloudInit),
  };
  return withAliases({
    ...named(OTHERS, UNCLEAR),
    ds: { meta_data: metaData, _doc: EXISTS },
    v1: named(V1, EXISTS),
  });
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

/** Returns the location of a span of a text: of the same text in the source, which may have quotes, indents and `${node:…}`. */
function within(
  at: SourceLocation,
  part: string,
  from: number,
  { start, end }: { readonly start: number; readonly end: number },
): SourceLocation {
  const text = part.slice(start, end);
  const earlier = part.slice(from, start).split(text).length - 1;
  const found = at.source.text.slice(at.start, at.end).split(text).slice(0, -1);
  if (found.length <= earlier) return at;
  const offset = at.start + found.slice(0, earlier + 1).join(text).length;
  return { source: at.source, start: offset, end: offset + text.length };
}
