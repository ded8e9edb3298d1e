import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../../test/support/cloud-init-plant.ts';
import type { Edit } from '../../../test/support/plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

const of = CLOUD_INIT_PLANT;

/** Lines of the first node's template, which begin at 23:11. */
const template = (...lines: readonly string[]): Edit[] => [
  [
    OWN_USER_DATA,
    [
      'meta_data: { rack: b, public-keys: [ssh-rsa AAAA], disks: [{ at: sda }, {}], empty: null, v2: { cage: 1 } }',
      'user_data: |',
      ...['## template: jinja', '#cloud-config', ...lines].map((line) => `  ${line}`),
    ].join('\n      '),
  ],
];

const prints = (name: string) =>
  `${name} in user_data has no value on cg01: cloud-init writes CI_MISSING_JINJA_VAR.`;
const stops = (name: string) =>
  `${name} in user_data has no value on cg01: cloud-init ignores this whole template.`;

const finds = (line: string, column: number, message: string) => ({
  edits: template(line),
  finds: [{ at: `24:${column}`, message }],
  of,
});

ruleTest('template-name', {
  'a name that is not there': finds('fqdn: {{ ds.meta_data.domain }}', 18, prints('ds.meta_data.domain')),
  'a part of a name that is not there': finds(
    'fqdn: {{ ds.meta_data.site.domain }}',
    18,
    stops('ds.meta_data.site'),
  ),
  'a misspelled name': finds(
    'fqdn: {{ v1.local_hostnam }}',
    18,
    'v1.local_hostnam in user_data has no value on cg01: did you mean local_hostname?',
  ),
  'a letter that is also in the header': finds('x-a: {{ a }}', 17, prints('a')),
  'an unknown variable': finds('fqdn: {{ hostname }}', 18, prints('hostname')),
  'a name in brackets, and one beyond the end of a list': {
    of,
    edits: template("x-a: {{ ds['meta_data'].row }} {{- ds.meta_data.disks[2] -}}"),
    finds: [
      { at: '24:17', message: prints("ds['meta_data'].row") },
      { at: '24:44', message: prints('ds.meta_data.disks[2]') },
    ],
  },
  'a name after a block': finds('{% if a %}{{ b }}{% endif %}{{ c }}', 40, prints('c')),
  'the second of two equal texts': {
    of,
    edits: template('{# ds.meta_data.row #}', 'x-row: {{ ds.meta_data.row }}'),
    finds: [{ at: '25:19', message: prints('ds.meta_data.row') }],
  },
  'a template of a group in quotes, on the node that lacks the value': {
    of,
    edits: [
      [GROUP_USER_DATA, 'user_data: "## template: jinja\\n#cloud-config\\nfqdn: {{ ds.meta_data.rack }}\\n"'],
      [OWN_USER_DATA, 'meta_data: { rack: b }'],
    ],
    finds: [
      {
        at: '8:63',
        message:
          'ds.meta_data.rack in user_data has no value on cg02: cloud-init writes CI_MISSING_JINJA_VAR.',
      },
    ],
  },
  'names that are there': {
    of,
    edits: template(
      'users: [{ name: root, ssh_authorized_keys: {{ ds.meta_data.instance_data.v1.public_keys }} }]',
      'x-a: {{ ds.meta_data["instance-id"] }} {{ ds.meta_data.instance_id }} {{ ds.meta_data.hostname }}',
      'x-b: {{ v1.region }} {{ local_hostname }} {{ distro }} {{ ds.meta_data.cage + 1 }} {{ sys_info.uname[0] }}',
      'x-c: {{ ds["meta_data"]["instance_data"].v1.vendor_data.groups.compute.Description | upper }}',
      'x-d: {{ ds.meta_data.rack.upper() }} {{ ds.meta_data.rack[0] }} {{ ds.meta_data.disks[-2].at }}',
    ),
  },
  'names that need no value': {
    of,
    edits: template(
      'x-a: {{ ds.meta_data.row | default("none") }} {{ (ds.meta_data.row | d({})).get("x") }}',
      '{% if ds.meta_data.row is defined and ds.meta_data.row.number > 3 %}{{ ds.meta_data.row.number }}{% endif %}',
      '{% if ds.meta_data.row %}{{ ds.meta_data.row.number }}{% elif not ds.meta_data.row %}x{% endif %}',
      '{{ ds.meta_data.row.number if ds.meta_data.row else 1 }} {{ ds.meta_data.row or "x" }}',
      '{% for one in ds.meta_data.rows %}{{ one.name.first }}{% else %}none{% endfor %}',
      '{% if ds.meta_data.get("row") %}{{ ds.meta_data.row.number }}{% endif %}',
      '{% if v1.distro == "debian" and ds.meta_data.row %}{{ ds.meta_data.row.number }}{% endif %}',
      '{% if ds.meta_data.empty is not none %}{{ ds.meta_data.empty.x }}{% endif %}',
      '{% for one in ds.meta_data.rows | default([]) %}{{ one.name.first }}{% endfor %}{% for one in nothing or () %}{{ one.a.b }}{% endfor %}',
      '{% for one in ds.meta_data.rows %}{{ one.x }}{% else %}{% endfor %}{% if ds.meta_data.rows | list %}x{% endif %}',
      '{{ ds.meta_data.row | list | default("x", true) }}{% if ds.meta_data.row | join == "" %}{{ nothing }}{% endif %}',
      '{% set none = [] %}{% if none %}{{ nothing }}{% endif %}',
    ),
  },
  'a name below a condition on the machine, which another node has': {
    of,
    edits: [
      [
        GROUP_USER_DATA,
        'user_data: "## template: jinja\\n{% if v1.machine == \'aarch64\' %}{{ ds.meta_data.rack }}{% endif %}\\n"',
      ],
      [OWN_USER_DATA, 'meta_data: { rack: b }'],
    ],
  },
  'lists and maps that the template changes': {
    of,
    edits: template(
      '{% set map = {} %}{% do map.update({"k": 1}) %}{{ map.k.x }}{% set list = ["a"] %}{% for n in [1, 2] %}{% do list.append(n) %}{% endfor %}{{ list[2] }}',
    ),
  },
  'variables of the template itself': {
    of,
    edits: template(
      '{% set rack = "r" ~ ds.meta_data.rack %}x-a: {{ rack }}',
      '{% for key, value in ds.meta_data.items() if value is string %}{{ loop.index }}{{ key }}{{ value }}{% endfor %}',
      '{% for n in range(3) %}{{ n }}{% endfor %}{% raw %}{{ ds.meta_data.raw }}{% endraw %}',
      '{% set pages = namespace(n=0) %}{{ pages.n }}',
    ),
  },
  'statements that are not understood': {
    of,
    edits: template('{% macro a(b) %}{{ b.c.d }}{% endmacro %}{{ nothing }}'),
  },
  'texts that are not templates': {
    of,
    edits: [[OWN_USER_DATA, 'user_data: "#!/bin/sh\\necho {{ ds.meta_data.row }}\\n"']],
  },
});

const invalid = (line: string, column: number, what: string) => ({
  edits: template(line),
  finds: [{ at: `24:${column}`, message: `user_data has ${what}: cloud-init ignores this whole template.` }],
  of,
});

ruleTest('jinja-syntax', {
  'a block without an end': invalid('{% if v1.region %}x', 12, '{% if %} without {% endif %}'),
  'a block within another one without an end': invalid(
    '{% for a in b %}{% if c %}{% endfor %}',
    28,
    '{% if %} without {% endif %}',
  ),
  'an expression without an end': invalid('fqdn: {{ a', 15, '"{{" without "}}"'),
  'an end of nothing': invalid('{% endif %}', 12, 'an unexpected {% endif %}'),
  'two else': invalid('{% if a %}{% else %}{% else %}{% endif %}', 32, 'an unexpected {% else %}'),
  'an unknown tag': invalid('{% break %}', 12, 'the unknown tag {% break %}'),
  'no expression': invalid('{{ }}', 12, 'an unexpected "}}"'),
  'a character without a meaning': invalid('x: {{ a && b }}', 17, 'an unexpected "&"'),
  'a bracket without an end': invalid('x: {{ a(b }}', 16, '"(" without ")"'),
  'a quote without an end': invalid('x: {{ "a }}', 15, 'a text without its closing quote'),
  'a comment without an end': invalid('{# c', 9, '"{#" without "#}"'),
  'a filter of Ansible': invalid('x: {{ a | to_yaml }}', 19, 'the unknown filter to_yaml'),
  'a test of Ansible': invalid('{% if a is match("b") %}{% endif %}', 20, 'the unknown test match'),
  'a group without members': {
    edits: [
      [
        'groups:\n  compute:',
        'groups:\n  spare: { cloud_init: { user_data: "## template: jinja\\nfqdn: {{ a\\n" } }\n  compute:',
      ],
    ],
    finds: [
      { at: '6:64', message: 'user_data has "{{" without "}}": cloud-init ignores this whole template.' },
    ],
    of,
  },
  'valid syntax': {
    of,
    edits: template(
      '{% macro a(b, c=1) -%}{{ b[1:2] }}{%- endmacro %}{% raw %}{{ {% endraw %}{# {{ #}',
      '{% set b | upper %}x{% endset %}{% for d, e in {1: 2, "k": 3}.items() recursive %}{% else %}{% endfor %}',
      '{{ a(*b, **c) if b is divisibleby 3 else (1e5,) }}{{ "}}" "%}" }}{% filter upper | lower %}{% endfilter %}',
      '{% with a=1, b=2 %}{% endwith %}{% call(f) a() %}{% endcall %}{% do b.append(1) %}{% if a: %}{% else: %}{% endif %}',
      "{% set c = '${secret:other}' %}{% block d scoped %}{% endblock %}{% for (e,) in b %}{% endfor %}",
    ),
  },
});
