import {
  autoSizes,
  DATE_OF_REGIONS,
  knownSize,
  lacksSeries,
  nests,
  SIZES,
  smallestSize,
} from '../../knowledge/cloud-sizes.ts';
import { machinesTotal } from '../../site/cloud.ts';
import { locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { nearest } from '../../values/text.ts';
import { error, essential, type Report, type Rule, warning } from '../rule.ts';
import { type Checked, perCloud } from './cloud.ts';

const WITHOUT_KVM =
  'Without nested virtualization, the VM has no /dev/kvm and starts no machine. The provider bills it all the same.';

/** The edits per letter of a name that is probably a typo of another: names of sizes are similar. */
const TYPO = 0.15;

export const cloudSizeRules: readonly Rule[] = [
  essential('cloud-size', {
    what: 'The cloud VM must have a size with nested virtualization that holds all virtual machines.',
    why: WITHOUT_KVM,
    check: perCloud(({ cloud, name, provider, size, host, site }, report) => {
      const { title } = provider;
      const total = machinesTotal(site);
      const arm = site.nodes?.find((node) => node?.domain && node.arch === 'arm64');
      if (host.domainType !== 'kvm' || cloud.region === undefined) return;
      if (size === undefined && cloud.size === 'auto' && total)
        report(selfLocation(cloud), {
          message: `The machines need ${total.threads} threads and ${Math.ceil(total.gib)} GiB, and no size of ${title} with nested virtualization has both: the largest is ${autoSizes(name, cloud.region).at(-1)?.name}.`,
          help: 'use fewer or smaller machines, or a physical host',
        });
      else if (size !== undefined && nests(name, size) === false)
        report(locationOf(cloud, 'size'), {
          message: `The size ${size} of ${title} has no nested virtualization: KVM cannot run there.`,
          fix: suggestedFix(removeKey(cloud, 'size')),
          help: `remove size, or use one of a series with it: ${SIZES[name].auto.join(', ')}`,
        });
      else if (arm)
        report(selfLocation(cloud), {
          message: `${arm.name} is an arm64 machine, but ${title} has nested virtualization on Intel only: KVM cannot run it.`,
          help: 'use amd64 machines, or a physical host',
        });
    }),
  }),
  error('cloud-size-name', {
    what: 'The size of the cloud VM must be one that its provider has.',
    why: 'The provider rejects the VM, after it has created the network and the disks.',
    check: perUnknownSize(({ cloud, provider, size, series, isPossible, instead }, report) => {
      if (isPossible) return;
      report(locationOf(cloud, 'size'), {
        message: series
          ? `The series ${series} of ${provider.title} has no size ${size}.`
          : `${size} is not the name of a size of ${provider.title}.`,
        help: instead,
      });
    }),
  }),
  warning('cloud-size-unknown', {
    what: 'The size of the cloud VM must be known to have nested virtualization.',
    why: WITHOUT_KVM,
    check: perUnknownSize(({ cloud, name, provider, size, host, isPossible, instead }, report) => {
      if (host.domainType !== 'kvm' || nests(name, size) !== undefined || !isPossible) return;
      report(locationOf(cloud, 'size'), {
        message: `harvgen does not know the size ${size} of ${provider.title}: KVM may not run there.`,
        help: `${instead}; or, if KVM runs there, add silence: {cloud-size-unknown: "the reason"}`,
      });
    }),
  }),
  warning('cloud-size-region', {
    what: 'The region of the cloud VM must have its size.',
    why: 'The provider rejects the VM, after it has created the network and the disks.',
    check: perCloud(({ cloud, name, provider, size = '' }, report) => {
      const { region } = cloud;
      const { series } = knownSize(name, size) ?? {};
      if (region === undefined || series === undefined || !lacksSeries(name, region, series)) return;
      const other = SIZES[name].auto.find((one) => !lacksSeries(name, region, one));
      report(locationOf(cloud, 'region'), {
        message: `The region ${region} of ${provider.title} had no ${series} in ${DATE_OF_REGIONS}: the VM cannot be created there.`,
        help: `use ${other ? `a size of ${other}` : `another region, such as ${provider.aRegion}`}; or, if the region has it now, add silence: {cloud-size-region: "the reason"}`,
      });
    }),
  }),
  warning('cloud-spot-nested', {
    what: 'A spot instance of AWS must have a bare-metal size.',
    why: 'EC2 has refused the CPU option nested_virtualization for spot instances: `apply` then ends before the VM.',
    check: perCloud(({ cloud, name, size }, report) => {
      if (!cloud.spot || name !== 'aws' || size === undefined || size.includes('.metal')) return;
      report(locationOf(cloud, 'spot'), {
        message: `${size} needs nested virtualization, which AWS may refuse for a spot instance.`,
        help: 'remove spot, or use a bare-metal size; or, if it works for you, add silence: {cloud-spot-nested: "the reason"}',
      });
    }),
  }),
];

/** A cloud VM whose size the table does not contain, with a size to use instead. */
interface Unknown extends Checked {
  readonly size: string;
  /** The series, if the table has all of its sizes. */
  readonly series: string | undefined;
  /** Whether the provider can have a size of this name. */
  readonly isPossible: boolean;
  readonly instead: string;
}

function perUnknownSize(check: (unknown: Unknown, report: Report) => void): Rule['check'] {
  return perCloud((checked, report) => {
    const { cloud, name, size, site } = checked;
    if (size === undefined || cloud.region === undefined || knownSize(name, size)) return;
    const { form, seriesOf, table } = SIZES[name];
    const series = table.filter((one) => one.series === seriesOf(size));
    const total = machinesTotal(site) ?? { threads: 0, gib: 0 };
    const fits = series.find(({ threads, gib }) => threads >= total.threads && gib >= total.gib);
    const names = table.map((one) => one.name);
    const likely = fits?.name ?? nearest(size, names, TYPO);
    const auto = smallestSize(name, cloud.region, total)?.name;
    const instead = likely ? `use ${likely}` : `remove size, or use ${auto}`;
    const isPossible = series.length === 0 && form.test(size);
    check({ ...checked, size, series: series[0]?.series, isPossible, instead }, report);
  });
}
