import type { Report } from '../../diagnostics/report.ts';
import type { Place, Source } from '../../origin.ts';
import type { Notes } from '../notes.ts';
import { isPlaceholder, type Said } from './boot-php.ts';
import { showOnly } from './show-only.ts';

/** A key of `defaults.oci`: undefined where launch.sh has no value for it that could be used. */
export type LaunchKey =
  | 'compartment'
  | 'subnet'
  | 'image'
  | 'shape'
  | 'availability_domain'
  | 'ssh_public_key';
export type Launch = Readonly<Record<LaunchKey, Said<string> | undefined>>;

interface Variable {
  readonly name: string;
  readonly key: LaunchKey;
  /** What the value looks like, as schema/site.schema.json has it. */
  readonly form: RegExp;
  readonly what: string;
}

function ocid(kind: string): RegExp {
  return new RegExp(`^ocid1\\.${kind}\\.[a-z0-9]+\\.[a-z0-9-]*(\\.[a-z0-9-]+)?\\.[a-z0-9]+$`);
}

/** The variables that people edit in launch.sh. Source: oci-harvester, launch.sh. */
const VARIABLES: readonly Variable[] = [
  {
    name: 'COMPARTMENT_UUID',
    key: 'compartment',
    form: ocid('(compartment|tenancy)'),
    what: 'the OCID of a compartment',
  },
  { name: 'SUBNET_UUID', key: 'subnet', form: ocid('subnet'), what: 'the OCID of a subnet' },
  { name: 'IMAGE_UUID', key: 'image', form: ocid('image'), what: 'the OCID of an image' },
  { name: 'SHAPE', key: 'shape', form: /^(BM|VM)\.[A-Za-z0-9.]+$/, what: 'a shape' },
  {
    name: 'AD',
    key: 'availability_domain',
    form: /^[A-Za-z0-9]+:[A-Za-z0-9-]+$/,
    what: 'an availability domain with its prefix',
  },
  {
    name: 'SSH_KEY_FILE',
    key: 'ssh_public_key',
    form: /^(~\/|\/)?[A-Za-z0-9._/@+-]+$/,
    what: 'the path of a public key',
  },
];

/** `export NAME="value" # comment`; the value may be in quotes of either kind, or in none. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s;#"']*))/gm;

/**
 * Reads the values that people edit in launch.sh: what an instance is launched with. Those that stand there for people to
 * replace, or that are none, are asked for. Gives undefined where it is no such file, which is reported.
 */
export function readLaunch(source: Source, notes: Notes, report: Report): Launch | undefined {
  const said = new Map<string, Said<string>>();
  for (const match of source.text.matchAll(ASSIGNMENT)) {
    const [whole, name = '', double, single, bare = ''] = match;
    const value = double ?? single ?? bare;
    const start = match.index + whole.lastIndexOf(value);
    if (VARIABLES.some((variable) => variable.name === name))
      said.set(name, { value, at: { source, start, end: start + Math.max(1, value.length) } });
  }
  const places = [...said.values()].map(({ at }) => at).sort((a, b) => a.start - b.start);
  showOnly(source, places.map(widened));
  if (said.size === 0) {
    report.error({
      code: 'not-oci-harvester',
      message: 'The file sets no variable of the launch.sh of oci-harvester, such as SUBNET_UUID.',
      at: { source, start: 0, end: 0 },
      help: `give launch.sh, which sets ${VARIABLES.map(({ name }) => name).join(', ')}`,
    });
    return undefined;
  }
  return Object.fromEntries(
    VARIABLES.map((variable) => [variable.key, usable(variable, said.get(variable.name), notes, report)]),
  ) as unknown as Launch;
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
  { name, key, form, what }: Variable,
  found: Said<string> | undefined,
  notes: Notes,
  report: Report,
): Said<string> | undefined {
  const value = found?.value.replace(/^(?:\$HOME|\$\{HOME\})\//, '~/') ?? '';
  if (found && !isPlaceholder(value) && form.test(value)) return { value, at: found.at };
  if (found && !isPlaceholder(value))
    report.warning({
      code: 'oci-launch',
      message: value.includes('$')
        ? 'This value is to be worked out by the shell: harvgen reads what is written out.'
        : `This is not ${what}.`,
      at: found.at,
      help: `write the value itself below defaults.oci.${key}, where the site asks for it`,
    });
  notes.add(
    'open',
    name,
    `${found ? 'it has no value that could be used' : 'launch.sh does not set it'}: write ${what} as defaults.oci.${key}`,
    found?.at,
  );
  return undefined;
}
