import { schemaOf } from '../../knowledge/tables/schemas.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Place, Source } from '../../source/origin.ts';
import type { Notes } from '../notes.ts';
import { isPlaceholder, type Said } from './boot-php.ts';
import { type CallOption, launchOptions } from './launch-call.ts';
import { FURTHER_OPTIONS, type FurtherValue, furtherOf, noteOptions } from './launch-further.ts';
import { showOnly } from './show-only.ts';

/** A key of `defaults.oci`: undefined where launch.sh has no value for it that could be used. */
export type LaunchKey =
  | 'compartment'
  | 'subnet'
  | 'image'
  | 'shape'
  | 'availability_domain'
  | 'ssh_public_key';

/** What launch.sh says of the launch. */
export interface Launch {
  readonly asked: Readonly<Record<LaunchKey, Said<string> | undefined>>;
  /** What people may have added to its call. */
  readonly further: readonly FurtherValue[];
}

interface Variable {
  readonly name: string;
  readonly key: LaunchKey;
  /** The option of the launch that has it. */
  readonly option?: string;
}

/** The variables that people edit in launch.sh. Source: oci-harvester, launch.sh. */
const VARIABLES: readonly Variable[] = [
  { name: 'COMPARTMENT_UUID', key: 'compartment', option: '--compartment-id' },
  { name: 'SUBNET_UUID', key: 'subnet', option: '--subnet-id' },
  { name: 'IMAGE_UUID', key: 'image', option: '--image-id' },
  { name: 'SHAPE', key: 'shape', option: '--shape' },
  { name: 'AD', key: 'availability_domain', option: '--availability-domain' },
  { name: 'SSH_KEY_FILE', key: 'ssh_public_key' },
];

interface Form {
  readonly pattern: string;
  readonly 'x-expects': string;
}

/** What an inventory takes for a key of `oci`. */
function formOf(key: LaunchKey): Form {
  const schema = schemaOf('site.schema.json') as {
    $defs: { layer: { properties: { oci: { properties: Record<LaunchKey, Form> } } } };
  };
  return schema.$defs.layer.properties.oci.properties[key];
}

/** `export NAME="value" # comment`; the value may be in quotes of either kind, or in none. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s;#"']*))/gm;

/**
 * Reads the values that people edit in launch.sh: what an instance is launched with. Those that stand there for people to
 * replace, or that are none, are asked for. Gives undefined where it is no such file, which is reported.
 */
export function readLaunch(source: Source, notes: Notes, report: Report): Launch | undefined {
  const variables = variablesOf(source);
  const options = launchOptions(source, variables);
  const found = new Map(
    VARIABLES.map((variable) => [
      variable.key,
      optionSaid(variable, options) ?? variables.get(variable.name),
    ]),
  );
  const places = [...found.values()].flatMap((one) => one?.at ?? []);
  const own = [...variables.values()].map(({ at }) => at);
  const ofOptions = options.flatMap(({ name, value }) =>
    FURTHER_OPTIONS.includes(name) && value ? value.at : [],
  );
  showOnly(
    source,
    [...places.map((at) => (own.includes(at) ? widened(at) : at)), ...ofOptions].sort(
      (a, b) => a.start - b.start,
    ),
  );
  if (places.length === 0) {
    report.error({
      code: 'not-oci-harvester',
      message: 'The file sets no variable of the launch.sh of oci-harvester, such as SUBNET_UUID.',
      at: { source, start: 0, end: 0 },
      help: `give launch.sh, which sets ${VARIABLES.map(({ name }) => name).join(', ')}`,
    });
    return undefined;
  }
  const asked = Object.fromEntries(
    VARIABLES.map((variable) => [variable.key, usable(variable, found.get(variable.key), notes, report)]),
  ) as unknown as Launch['asked'];
  const known = VARIABLES.flatMap(({ option }) => option ?? []);
  noteOptions(options, known, notes);
  return { asked, further: furtherOf(options, [asked.subnet, asked.image], notes) };
}

/** Every variable that the script sets, as it is set last. */
function variablesOf(source: Source): Map<string, Said<string>> {
  const variables = new Map<string, Said<string>>();
  for (const match of source.text.matchAll(ASSIGNMENT)) {
    const [whole, name = '', double, single, bare = ''] = match;
    const value = double ?? single ?? bare;
    const start = match.index + whole.lastIndexOf(value);
    variables.set(name, { value, at: { source, start, end: start + Math.max(1, value.length) } });
  }
  return variables;
}

/** The value of the variable's option, where it is written out in the call. */
function optionSaid({ option }: Variable, options: readonly CallOption[]): Said<string> | undefined {
  const said = options.find(({ name }) => name === option)?.value;
  return said && !said.value.includes('$') ? said : undefined;
}

/** With the quote before and behind it. */
function widened({ source, start, end }: Place): Place {
  return {
    source,
    start: Math.max(0, source.text.lastIndexOf('\n', start - 1) + 1),
    end: Math.min(end + 1, source.text.length),
  };
}

function usable(
  { name, key }: Variable,
  found: Said<string> | undefined,
  notes: Notes,
  report: Report,
): Said<string> | undefined {
  const { pattern, 'x-expects': what } = formOf(key);
  const value = found?.value.replace(/^(?:\$HOME|\$\{HOME\})\//, '~/') ?? '';
  if (found && !isPlaceholder(value) && new RegExp(pattern).test(value)) return { value, at: found.at };
  if (found && !isPlaceholder(value))
    report.warning({
      code: 'oci-launch',
      message: value.includes('$')
        ? 'This value is to be worked out by the shell: harvgen reads what is written out.'
        : `This is not ${what}`,
      at: found.at,
      help: `write the value itself below defaults.oci.${key}, where the site asks for it`,
    });
  notes.add(
    'open',
    name,
    `${found ? 'it has no value that could be used' : 'launch.sh does not set it'}: defaults.oci.${key} is ${what}`,
    found?.at,
  );
  return undefined;
}
