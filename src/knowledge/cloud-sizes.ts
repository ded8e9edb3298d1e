// cspell:ignore Cyclenerd getmoto highcpu karpenter lssd moto skus
import type { ProviderName } from './cloud-providers.ts';

/** A size of a cloud VM with nested virtualization: its CPU threads, and its memory in GiB. */
export interface CloudSize {
  readonly name: string;
  readonly threads: number;
  readonly gib: number;
  readonly series: string;
}

/** The sizes of a provider. */
interface Sizes {
  /** The form of their names. */
  readonly form: RegExp;
  /** Returns the series of a name. */
  readonly seriesOf: (name: string) => string;
  /** Whether a size outside of the table is known to have nested virtualization (true) or to lack it (false). */
  readonly nests: (name: string) => boolean | undefined;
  /** All sizes of each series in it. */
  readonly table: readonly CloudSize[];
  /** The series among which `auto` chooses: of equal sizes, the first. */
  readonly auto: readonly string[];
  /** The regions that lacked a series on DATE_OF_REGIONS, where that is known. */
  readonly lacking: Readonly<Record<string, string>>;
}

export const DATE_OF_REGIONS = 'August 2026';

type Rows = readonly (readonly [
  gibPerThread: number,
  threads: readonly number[],
  ...names: ((threads: number) => string)[],
])[];

function tableOf(seriesOf: Sizes['seriesOf'], rows: Rows): CloudSize[] {
  return rows.flatMap(([perThread, numbers, ...names]) =>
    names.flatMap((nameOf) =>
      numbers.map((threads) => {
        const name = nameOf(threads);
        return { name, threads, gib: Math.floor(perThread * threads), series: seriesOf(name) };
      }),
    ),
  );
}

/** AWS counts its sizes in units of four threads: 2xlarge has eight. */
const ec2 = (family: string) => (threads: number) =>
  `${family}.${threads > 4 ? threads / 4 : ''}${threads > 2 ? 'x' : ''}large`;
const metal = (family: string) => (threads: number) => `${family}.metal-${threads / 4}xl`;

const UP_TO_64 = [2, 4, 8, 16, 32, 48, 64];
const SEVENTH = [...UP_TO_64, 96, 192];
const EIGHTH = [...UP_TO_64, 96, 128, 192, 384];
const WITHOUT_EIGHTH =
  'ap-east-1 ap-northeast-3 ap-southeast-3 ap-southeast-4 ca-west-1 eu-south-1 il-central-1 me-south-1';
const WITHOUT_C8I = `${WITHOUT_EIGHTH} eu-central-2 me-central-1`;
const WITHOUT_M8I = `${WITHOUT_C8I} eu-north-1`;

/** Azure counts threads before the features of a size (s: premium disks, d: local disk, l: less memory), and its version after them. */
const azure = (family: string, ...features: string[]) =>
  features.map((feature) => (threads: number) => `Standard_${family}${threads}${feature}`);

const D_V5 = [...UP_TO_64, 96];
const D_V6 = [...D_V5, 128];
const E_V3 = [2, 4, 8, 16, 20, 32, 48];

const google =
  (series: string, suffix = '') =>
  (threads: number) =>
    `${series}-${threads}${suffix}`;

const N1 = [1, 2, 4, 8, 16, 32, 64, 96];
const N2 = [...UP_TO_64, 80, 96];
const N4 = [...UP_TO_64, 80];
const C3 = [4, 8, 22, 44, 88, 176];
const C4_LOCAL = [4, 8, 16, 24, 32, 48, 96, 144, 192, 288];

const droplet = (series: string, perThread: number) => (threads: number) =>
  `${series}-${threads}vcpu-${perThread * threads}gb-intel`;

const awsSeries = (name: string) => name.replace(/\..*/, '');
const azureSeries = (name: string) => name.replace(/^(Standard_[A-Z]+)\d+/, '$1*');
const googleSeries = (name: string) => name.replace(/-\d+(?=-|$)/, '');
const dropletSeries = (name: string) => name.replace(/-\d+(vcpu-\d+gb)?/, '');

/**
 * The sizes of providers. Sources: AWS, the answers of EC2's DescribeInstanceTypes (`SupportedFeatures`) and
 * DescribeInstanceTypeOfferings that getmoto/moto records (moto/ec2/resources, commit c6bd43f). Azure, "Nested virtualization" (not
 * with AMD or Arm), and the names in Azure/karpenter-provider-azure (known_skus.yaml, commit 352646f). Google Cloud, "About nested
 * virtualization" (Intel only, not E2), and the sizes in Cyclenerd/google-cloud-pricing-cost-calculator (build/gcp.yml, commit
 * dac3128). DigitalOcean, "Droplet plans"; it does not promise nested virtualization, but harvester-cloud uses it.
 */
export const SIZES: Readonly<Record<ProviderName, Sizes>> = {
  aws: {
    form: /^[a-z][a-z0-9-]*\.(metal(-\d+xl)?|nano|micro|small|medium|\d*x?large)$/,
    seriesOf: awsSeries,
    // A bare-metal size has the CPU itself. Families with a number and g are Arm, those with a are AMD; Intel's from 7 on may follow.
    nests: (name) => {
      const [, number = '', features = ''] = /^[a-z]+(\d+)([a-z]*)/.exec(name) ?? [];
      if (/^(?!mac)[a-z]+\d[a-z]*\.metal/.test(name)) return !features.includes('g');
      return number === '' || (Number(number) > 6 && !/[ag]/.test(features)) ? undefined : false;
    },
    table: tableOf(awsSeries, [
      [4, EIGHTH, ec2('m8i'), ec2('m8id')],
      [8, EIGHTH, ec2('r8i'), ec2('r8id')],
      [2, EIGHTH, ec2('c8i'), ec2('c8id')],
      [4, UP_TO_64, ec2('m8i-flex'), ec2('m7i-flex')],
      [8, UP_TO_64, ec2('r8i-flex')],
      [2, UP_TO_64, ec2('c8i-flex'), ec2('c7i-flex')],
      [4, SEVENTH, ec2('m7i')],
      [8, SEVENTH, ec2('r7i'), ec2('i7i')],
      [2, SEVENTH, ec2('c7i')],
      [8, [2, 4, 8, 12, 24, 48, 72, 96, 192], ec2('i7ie')],
      [8, [...UP_TO_64, 128], ec2('r7iz')],
      [16, [...EIGHTH, 256], ec2('x8i')],
      [4, [192, 384], metal('m8i'), metal('m8id')],
      [8, [192, 384], metal('r8i'), metal('r8id')],
      [2, [192, 384], metal('c8i'), metal('c8id')],
      [16, [192, 384], metal('x8i')],
      [4, [96, 192], metal('m7i')],
      [8, [96, 192], metal('r7i'), metal('i7i'), metal('i7ie')],
      [2, [96, 192], metal('c7i')],
      [8, [64, 128], metal('r7iz')],
    ]),
    auto: ['m8i', 'r8i', 'm7i', 'r7i'],
    lacking: {
      c8i: WITHOUT_C8I,
      m8i: WITHOUT_M8I,
      r8i: WITHOUT_EIGHTH,
      'c8i-flex': WITHOUT_M8I,
      'm8i-flex': WITHOUT_M8I,
      'r8i-flex': `${WITHOUT_EIGHTH} me-central-1`,
      c7i: 'me-south-1',
      m7i: 'ca-west-1 me-south-1',
      r7i: 'af-south-1 ap-east-1 ca-west-1 eu-central-2 il-central-1 me-central-1 me-south-1',
      'm7i-flex': 'af-south-1 ca-west-1 eu-central-2 eu-south-1 il-central-1 me-central-1 me-south-1',
    },
  },
  azure: {
    form: /^(Standard|Basic)_[A-Z]+\d+[\w-]*$/,
    seriesOf: azureSeries,
    nests: (name) => {
      const [, family, features = '', version = '1'] =
        /^\w+_([A-Z]+)\d+(?:-\d+)?([a-z]*)(?:_v(\d+))?$/.exec(name) ?? [];
      if (family === undefined) return undefined;
      if (family === 'A' || family === 'B' || /[ap]/.test(features)) return false;
      return family === 'D' || family === 'E' ? Number(version) >= 3 : undefined;
    },
    table: tableOf(azureSeries, [
      [4, D_V5, ...azure('D', 's_v5', '_v5', 'd_v5', 'ds_v5')],
      [4, UP_TO_64, ...azure('D', '_v3', 's_v3', '_v4', 's_v4', 'd_v4', 'ds_v4')],
      [4, [...D_V6, 192], ...azure('D', 's_v6', 'ds_v6', 's_v7', 'ds_v7')],
      [2, D_V5, ...azure('D', 'ls_v5', 'lds_v5')],
      [2, D_V6, ...azure('D', 'ls_v6', 'lds_v6')],
      [2, [...D_V6, 192], ...azure('D', 'ls_v7', 'lds_v7')],
      [8, [...E_V3, 64], ...azure('E', 's_v5', '_v5', 'd_v5', 'ds_v5')],
      [8, [...E_V3, 64, 96, 128], ...azure('E', 's_v6', 'ds_v6')],
      [8, [...E_V3, 64, 96, 128, 192], ...azure('E', 's_v7', 'ds_v7')],
      [8, E_V3, ...azure('E', '_v3', 's_v3', '_v4', 's_v4', 'd_v4', 'ds_v4')],
      // The largest of these have less memory for each thread.
      [7, [96], ...azure('E', 's_v5', '_v5', 'd_v5', 'ds_v5')],
      [6.75, [64], ...azure('E', '_v3', 's_v3')],
      [7.875, [64], ...azure('E', '_v4', 's_v4', 'd_v4', 'ds_v4')],
    ]),
    auto: ['Standard_D*s_v5', 'Standard_E*s_v5'],
    lacking: {},
  },
  digitalocean: {
    form: /^[a-z]+[0-9_]*-[a-z0-9-]+$/,
    seriesOf: dropletSeries,
    nests: (name) => (name.endsWith('-amd') ? false : name.endsWith('-intel') ? true : undefined),
    table: tableOf(dropletSeries, [
      [4, [2, 4, 8, 16, 32, 48, 60], droplet('g', 4), droplet('gd', 4)],
      [8, [2, 4, 8, 16, 24, 32, 48], droplet('m', 8), droplet('m3', 8)],
    ]),
    auto: ['g-intel', 'm-intel'],
    lacking: {},
  },
  google: {
    form: /^[a-z][a-z0-9]*-[a-z0-9-]+$/,
    seriesOf: googleSeries,
    nests: (name) => {
      const [family = ''] = name.split('-');
      if (/^(e2|f1|g1|[a-z]\d+d|t2a|[a-z]4a)$/.test(family)) return false;
      return /^(custom|n1|n2|n4|c2|c3|c4)$/.test(family) ? true : undefined;
    },
    table: tableOf(googleSeries, [
      [4, N4, google('n4-standard')],
      [8, N4, google('n4-highmem')],
      [2, N4, google('n4-highcpu')],
      [4, [...N2, 128], google('n2-standard')],
      [8, N2, google('n2-highmem')],
      [6.75, [128], google('n2-highmem')],
      [1, N2, google('n2-highcpu')],
      [3.75, N1, google('n1-standard')],
      [6.5, N1.slice(1), google('n1-highmem')],
      [0.9, N1.slice(1), google('n1-highcpu')],
      [4, [4, 8, 16, 30, 60], google('c2-standard')],
      [4, C3, google('c3-standard'), google('c3-standard', '-lssd')],
      [8, C3, google('c3-highmem')],
      [2, C3, google('c3-highcpu')],
      [3.75, [2, ...C4_LOCAL], google('c4-standard')],
      [7.75, [2, ...C4_LOCAL], google('c4-highmem')],
      [2, [2, ...C4_LOCAL], google('c4-highcpu')],
      [3.75, C4_LOCAL, google('c4-standard', '-lssd')],
      [7.75, C4_LOCAL, google('c4-highmem', '-lssd')],
    ]),
    auto: ['n4-standard', 'n4-highmem'],
    lacking: {},
  },
};

/** Returns the size of a name, if the table contains it. */
export function knownSize(provider: ProviderName, name: string): CloudSize | undefined {
  return SIZES[provider].table.find((size) => size.name === name);
}

/** Whether a size has nested virtualization; undefined if that is unknown. */
export function nests(provider: ProviderName, name: string): boolean | undefined {
  return knownSize(provider, name) ? true : SIZES[provider].nests(name);
}

/** Whether a region is known to lack a series. */
export function lacksSeries(provider: ProviderName, region: string, series: string): boolean {
  return SIZES[provider].lacking[series]?.split(' ').includes(region) ?? false;
}

/** Returns the sizes among which `auto` chooses, the smallest first: those that the region has, or all if it lacks them all. */
export function autoSizes(provider: ProviderName, region: string): readonly CloudSize[] {
  const { auto, table } = SIZES[provider];
  const here = auto.filter((series) => !lacksSeries(provider, region, series));
  const allowed = here.length > 0 ? here : auto;
  const rank = ({ series }: CloudSize) => allowed.indexOf(series);
  return table
    .filter((size) => rank(size) >= 0)
    .sort((a, b) => a.gib - b.gib || a.threads - b.threads || rank(a) - rank(b));
}

/** The memory in GiB that a host needs beside its machines, with `auto`: for itself, and because a guest has less than its nominal size. */
const SPARE_GIB = 4;

/** Returns the smallest size that has these threads, and this memory beside that of the host itself. */
export function smallestSize(
  provider: ProviderName,
  region: string,
  { threads, gib }: Pick<CloudSize, 'threads' | 'gib'>,
): CloudSize | undefined {
  return autoSizes(provider, region).find((size) => size.threads >= threads && size.gib >= gib + SPARE_GIB);
}
