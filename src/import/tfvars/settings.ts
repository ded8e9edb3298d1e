import { OLDEST_RELEASE } from '../../knowledge/tables/harvester-releases.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Place } from '../../source/origin.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import { parseRange } from './addresses.ts';
import type { Said, SaidVariables } from './read-variables.ts';

/** A value, and where the file says it; without a place it is harvester-cloud's default. */
export interface Setting<T> {
  readonly value: T;
  readonly at?: Place;
}

/** What harvester-cloud would be told, with its defaults, judged as it judges it. */
export interface Settings {
  readonly prefix?: Setting<string>;
  readonly version: Setting<Version>;
  readonly nodes: Setting<1 | 3 | 5>;
  readonly size: Setting<'small' | 'medium'>;
  readonly witness: Setting<boolean>;
  readonly airGapped: Setting<boolean>;
  readonly token?: Setting<string>;
  readonly password?: Setting<string>;
  readonly disksPerNode: Setting<number>;
  /** In GiB. */
  readonly diskSize: Setting<number>;
  readonly sources: Setting<readonly Source[]>;
  readonly rancher?: Setting<string>;
}

/** A subnet that may reach the host. */
type Source = NonNullable<ReturnType<typeof parseRange>>;

/** Defaults. Source: `projects/aws/variables.tf` of rancher/harvester-cloud, commit 8a9592a; the others have the same. */
const DEFAULTS = {
  harvester_version: 'v1.8.1',
  harvester_node_count: 1,
  harvester_cluster_size: 'small',
  data_disk_count: 1,
  data_disk_size: 350,
} as const;

/** As many persistent disks as the provider with the most attaches to one VM: Google Cloud. */
const MOST_DISKS = 128;
/** In GiB: below, nothing of a Harvester fits; above, no provider makes one. */
const LEAST_DISK = 10;
const LARGEST_DISK = 65_536;

/**
 * Judges what a file says as harvester-cloud's own validations do, and fills in its defaults. Reports what it would
 * refuse; gives undefined where there was such a value.
 */
export function settingsOf(said: SaidVariables, report: Report): Settings | undefined {
  const judge = new Judge(said, report);
  const version = judge.version();
  const nodes = judge.oneOf('harvester_node_count', [1, 3, 5] as const, DEFAULTS.harvester_node_count);
  const size = judge.oneOf(
    'harvester_cluster_size',
    ['small', 'medium'] as const,
    DEFAULTS.harvester_cluster_size,
  );
  const witness = judge.witness(nodes);
  const disksPerNode = judge.whole('data_disk_count', DEFAULTS.data_disk_count, {
    least: 1,
    most: Math.floor(MOST_DISKS / (nodes?.value ?? 1)),
  });
  const diskSize = judge.whole('data_disk_size', DEFAULTS.data_disk_size, {
    least: LEAST_DISK,
    most: LARGEST_DISK,
  });
  const sources = judge.sources();
  if (!version || !nodes || !size || !witness || !disksPerNode || !diskSize || !sources) return undefined;
  const texts = {
    prefix: judge.text('prefix'),
    token: judge.text('harvester_first_node_token'),
    password: judge.text('harvester_password'),
    rancher: judge.text('rancher_api_url'),
  };
  const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text));
  return {
    ...given,
    version,
    nodes,
    size,
    witness,
    airGapped: judge.flag('harvester_airgapped'),
    disksPerNode,
    diskSize,
    sources,
  };
}

class Judge {
  readonly #said: SaidVariables;
  readonly #report: Report;

  constructor(said: SaidVariables, report: Report) {
    this.#said = said;
    this.#report = report;
  }

  /** Text that says something. */
  text(name: string): Setting<string> | undefined {
    const said = this.#said.get(name);
    return said?.type === 'string' && said.value.trim() !== '' ? said : undefined;
  }

  flag(name: string): Setting<boolean> {
    const said = this.#said.get(name);
    return said?.type === 'bool' ? said : { value: false };
  }

  oneOf<T extends string | number>(
    name: string,
    allowed: readonly T[],
    byDefault: T,
  ): Setting<T> | undefined {
    const said = this.#said.get(name);
    if (!said) return { value: byDefault };
    const value = allowed.find((one) => one === said.value);
    if (value !== undefined) return { value, at: said.at };
    return this.#refuse(
      said,
      `harvester-cloud takes for ${name} none but ${allowed.join(', ')}.`,
      'write one of these; edit the site that comes of it for anything else',
    );
  }

  whole(
    name: string,
    byDefault: number,
    { least, most }: { readonly least: number; readonly most: number },
  ): Setting<number> | undefined {
    const said = this.#said.get(name);
    if (said?.type !== 'number') return { value: byDefault };
    if (Number.isInteger(said.value) && said.value >= least && said.value <= most) return said;
    return this.#refuse(
      said,
      `${name} is no whole number from ${least} to ${most}: no provider makes such disks for the VM.`,
      'correct it',
    );
  }

  version(): Setting<Version> | undefined {
    const said = this.#said.get('harvester_version');
    const version = parseVersion(said?.type === 'string' ? said.value : DEFAULTS.harvester_version);
    if (version && isAtLeast(version, OLDEST_RELEASE))
      return { value: version, ...(said && { at: said.at }) };
    return this.#refuse(
      said,
      version
        ? `Harvester ${version.text} is older than ${OLDEST_RELEASE}, the oldest release whose configuration harvgen knows.`
        : 'harvester_version is no release of Harvester.',
      'write a release with its v in front, such as v1.8.1',
    );
  }

  witness(nodes: Setting<number> | undefined): Setting<boolean> | undefined {
    const flag = this.flag('harvester_witness_node');
    if (!flag.value || !nodes || nodes.value === 3) return flag;
    this.#report.error({
      code: 'tfvars-value',
      message: `harvester_witness_node wants 3 nodes, and harvester_node_count is ${nodes.value}${nodes.at ? '' : ', its default'}.`,
      at: flag.at as Place,
      related: nodes.at ? [{ message: 'the number of nodes is set at', at: nodes.at }] : [],
      help: 'set harvester_node_count = 3, or harvester_witness_node = false',
    });
    return undefined;
  }

  sources(): Setting<readonly Source[]> | undefined {
    const said = this.#said.get('public_ip_source_addresses');
    if (said?.type !== 'list') return { value: [] };
    const ranges = said.value.map(({ value, at }) => {
      const range = parseRange(value);
      if (!range)
        this.#report.error({
          code: 'tfvars-value',
          message: 'An entry of public_ip_source_addresses is no IPv4 subnet.',
          at,
          help: 'write an address and a length, such as 203.0.113.10/32 or 198.51.100.0/24',
        });
      return range;
    });
    const known = ranges.filter((range) => range !== undefined);
    return known.length < ranges.length ? undefined : { value: known, at: said.at };
  }

  #refuse(said: Said | undefined, message: string, help: string): undefined {
    if (said) this.#report.error({ code: 'tfvars-value', message, at: said.at, help });
    return undefined;
  }
}
