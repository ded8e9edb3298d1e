import { eachCloudInitPart } from '../../site/cloud-init.ts';
import type { CloudInit, Node, Site } from '../../site/model.ts';
import { isBroken, locationOf } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { instanceMetaData } from '../../targets/cloud-init/meta-data.ts';
import type { Draft } from '../../values/draft.ts';
import { groupedBy } from '../../values/grouped.ts';
import { EXISTS, missingNames, UNCLEAR } from '../../values/jinja/missing-names.ts';
import { parseTemplate } from '../../values/jinja/parse.ts';
import { nearest } from '../../values/text.ts';
import { error, type Rule } from '../rule.ts';
import { perItem } from '../support.ts';

type Values = Readonly<Record<string, unknown>>;

/** The first line of a text that cloud-init renders. Source: cloud-init, cloudinit/handlers/jinja_template.py. */
const TEMPLATE = /^## template: jinja[ \t]*\n/i;

const EFFECTS = {
  stops: 'ignores this whole template',
  marks: 'writes CI_MISSING_JINJA_VAR',
  omits: 'prints nothing there',
};

const HELP = {
  stops: 'correct the name; or test it before: {% if … is defined %}',
  marks: "correct the name, set it in meta_data, or write {{ … | default('') }}",
  omits: 'correct the name, set it in meta_data, or write … | default([])',
};

/** The standardized keys of cloud-init whose values only the machine knows. */
const OF_MACHINE =
  '_beta_keys distro distro_version distro_release python_version kernel_release machine subplatform system_platform variant';

/** Other variables: not all are there in every release. Source: cloud-init, doc/rtd/explanation/instancedata.rst. */
const OTHERS =
  'merged_cfg merged_system_cfg combined_cloud_config sys_info system_info features userdata vendordata base64_encoded_keys sensitive_keys';

const named = (names: string, value: symbol) =>
  Object.fromEntries(names.split(' ').map((name) => [name, value]));

/** The operators of Jinja's expressions. Source: Jinja, src/jinja2/lexer.py (operators). */
const OPERATORS = /\/\/|\*\*|[=!<>]=|[-+*/%~.,:|()[\]{}<>=;]/g;

export const templateRules: readonly Rule[] = [
  error('jinja-syntax', {
    what: 'A Jinja template of `user_data` or `vendor_data` must have valid syntax.',
    why: 'Otherwise, cloud-init ignores the template and logs only a warning: the machine lacks all of its settings.',
    check: perItem(allTemplates, ({ name, part, at, error: found }, report) => {
      if (!found) return;
      report(within(at, part, found), {
        dedupe: true,
        message: `${name} has ${found.what}: cloud-init ignores this whole template.`,
        help: 'correct the template; or print braces as text: {% raw %} … {% endraw %}',
      });
    }),
  }),
  error('template-name', {
    what: 'A name in a Jinja template of `user_data` or `vendor_data` must have a value on each node that gets the template.',
    why: 'If a part of a missing name is needed, cloud-init ignores the whole template and logs a warning; otherwise it writes `CI_MISSING_JINJA_VAR` or nothing.',
    check: perItem(
      missing,
      ({ node, name, part, at, missing: { start, end, key, among, effect } }, report) => {
        const text = part.slice(start, end);
        // Keys with operators have an alias.
        const names = among.filter((one) => /^\w+$/.test(one));
        const likely = typeof key === 'string' ? nearest(key, names) : undefined;
        report(within(at, part, { start, end }), {
          dedupe: true,
          message: `${text} in ${name} has no value on ${node.name}${likely ? `: did you mean ${likely}?` : `: cloud-init ${EFFECTS[effect]}.`}`,
          help: HELP[effect],
        });
      },
    ),
  }),
];

/** Yields the Jinja templates of all nodes, parsed once per text. */
function* templates(site: Draft<Site>) {
  const known = new Map<string, ReturnType<typeof parseTemplate>>();
  for (const { part, ...others } of eachCloudInitPart(site)) {
    const [first] = (typeof part === 'string' && TEMPLATE.exec(part)) || [];
    if (typeof part !== 'string' || first === undefined) continue;
    const parsed = known.get(part) ?? parseTemplate(part, first.length);
    known.set(part, parsed);
    yield { ...others, part, ...parsed };
  }
}

/** Yields the templates of all nodes, and of groups without members: a group may get them later. */
function* allTemplates(site: Draft<Site>) {
  yield* templates(site);
  const used = new Set(site.nodes?.flatMap((node) => node?.groups ?? []));
  for (const group of site.groups ?? []) {
    const part = group?.userData;
    const [first] = (typeof part === 'string' && TEMPLATE.exec(part)) || [];
    if (!group || used.has(group) || typeof part !== 'string' || first === undefined) continue;
    const at = locationOf(group, 'userData');
    yield { node: undefined, name: 'user_data', part, at, ...parseTemplate(part, first.length) };
  }
}

/**
 * Yields the names without a value. Below a condition on the machine, only those that are missing on every node with the template:
 * the condition may separate the nodes.
 */
function* missing(site: Draft<Site>) {
  const all = [...templates(site)].flatMap(({ statements, ...others }) => {
    const variables = statements && variablesOf(site, others.node);
    if (!variables) return [];
    return { ...others, names: missingNames(others.part, statements, variables) };
  });
  for (const group of groupedBy(all, ({ at }) => locationKey(at)).values()) {
    const missingOn = group.map(
      ({ part, names }) => new Set(names.map(({ start, end }) => part.slice(start, end))),
    );
    for (const { names, ...others } of group)
      for (const one of names) {
        const text = others.part.slice(one.start, one.end);
        if (!one.isConditional || missingOn.every((texts) => texts.has(text)))
          yield { ...others, missing: one };
      }
  }
}

/**
 * Returns the standardized keys of cloud-init; each has a value on every machine. The boot server does not serve machines in LXD.
 * Source: cloud-init, cloudinit/sources/__init__.py (_get_standardized_metadata, canonical_cloud_id),
 * cloudinit/sources/DataSourceNoCloud.py.
 */
function standardized(metaData: Values): Values {
  const { region = null, placement, 'cloud-name': name } = metaData;
  const zone = metaData['availability-zone'] ?? metaData.availability_zone;
  return {
    ...named(OF_MACHINE, EXISTS),
    'availability-zone': zone ?? (placement ? EXISTS : null),
    'cloud-name': typeof name === 'string' && name ? name.toLowerCase() : 'unknown',
    'instance-id': metaData['instance-id'],
    'local-hostname': EXISTS,
    cloud_id: name || region ? EXISTS : 'nocloud',
    platform: 'nocloud',
    public_ssh_keys: metaData['public-keys'] ? EXISTS : [],
    region,
  };
}

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
    v1: standardized(metaData),
  });
}

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
