import {
  type CloudProvider,
  lacksCloudInit,
  PROVIDERS,
  type ProviderName,
} from '../../knowledge/cloud-providers.ts';
import {
  autoSizes,
  dateOfRegions,
  knownSize,
  lacksSeries,
  nests,
  seriesOf,
  sizesOf,
  smallestSize,
} from '../../knowledge/cloud-sizes.ts';
import {
  cloudSizeOf,
  gib,
  imagesGib,
  LEAST_OS_GIB,
  machinesTotal,
  NEW_NETWORK,
} from '../../plan/host-capacity.ts';
import { attachmentOf, diskTitle, reachesVm, slotOf } from '../../site/cloud.ts';
import type { Host, Site } from '../../site/model.ts';
import type { CloudVm, HostDisk } from '../../site/model-host.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, safeFix, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { type Cidr, parseCidr } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { nearest } from '../../values/text.ts';
import { error, essential, per, type Report, type Rule, repeats, warning } from '../rule.ts';
import { overlap } from '../support.ts';

/** A cloud VM with its provider, the name of its size if that is known, and the host that it is. */
interface Checked {
  readonly cloud: Draft<CloudVm>;
  readonly name: ProviderName;
  readonly provider: CloudProvider;
  readonly size: string | undefined;
  readonly host: Draft<Host>;
  readonly site: Draft<Site>;
}

/** Returns the check of a rule about the cloud VM of the site, if its provider is known. */
function perCloud(check: (checked: Checked, report: Report) => void): Rule['check'] {
  return (site, report) => {
    const { host } = site;
    const { cloud } = host ?? {};
    const name = cloud?.provider;
    if (!host || !cloud || !name) return;
    check({ cloud, name, provider: PROVIDERS[name], size: cloudSizeOf(site)?.name, host, site }, report);
  };
}

/** Zones that do not exist, although their regions have the letters after them. Source: Google Cloud, "Regions and zones". */
const WITHOUT_A = ['us-east1-a', 'europe-west1-a'];
const KEYS = ['vpc', 'subnet'] as const;

const disksOutsideClouds = ({ host }: Draft<Site>) =>
  host && lacks(host, 'cloud') ? (host.disks ?? []) : [];

export const cloudRules = [
  error('cloud-region', {
    what: 'The region and the zone must have the form of the provider, and accept new VMs.',
    why: 'The provider rejects the first resource, or creates some before it rejects the VM.',
  }).check(perCloud, ({ cloud, name, provider }, report) => {
    const { region, zone } = cloud;
    const { title, aRegion } = provider;
    if (region === undefined) return;
    const isForm = provider.region.test(region);
    if (!isForm || provider.closed.includes(region))
      report(locationOf(cloud, 'region'), {
        message: isForm
          ? `${title} creates no new VMs in its region ${region}.`
          : `${region} is not a region of ${title}.`,
        help: `use another region, such as ${aRegion}`,
      });
    else if (zone && !provider.without.zone && (!zone.startsWith(region) || WITHOUT_A.includes(zone)))
      report(locationOf(cloud, 'zone'), {
        message: `The region ${region} has no zone ${zone}.`,
        help: `remove zone, or use one of the region, such as ${region}${name === 'aws' ? '' : '-'}b`,
      });
  }),
  error('cloud-disk-type', {
    what: 'Disks must have a type that the provider has for the size of the VM, and settings that the type allows.',
    why: 'The provider rejects the disk, after it has created other resources.',
  }).check(perCloud, ({ cloud, provider, size, host }, report) => {
    if (size === undefined) return;
    const types = provider.diskTypes(size);
    const { osDisk } = cloud;
    const check = (what: string, holder: object, type: string | undefined, allowed: readonly string[]) => {
      if (type === undefined || allowed.includes(type)) return true;
      report(locationOf(holder as { type: string }, 'type'), {
        message: `The ${what} has the type ${type}, which ${provider.title} does not have for ${size}.`,
        fix: allowed[0] === undefined ? undefined : suggestedFix(setKey(holder, 'type', allowed[0])),
        help: allowed.length > 0 ? `use ${allowed.join(', ')}` : 'remove type: there is one type only',
      });
      return false;
    };
    if (osDisk) check('OS disk', osDisk, osDisk.type, types.os);
    if (osDisk?.size !== undefined && types.os.length === 0)
      report(locationOf(osDisk, 'size'), {
        message: `The size of the VM sets the size of its OS disk at ${provider.title}.`,
        fix: safeFix(removeKey(osDisk, 'size')),
        help: 'remove size',
      });
    for (const disk of host.disks ?? []) {
      if (!disk || !check(`disk ${disk.name}`, disk, disk.type, types.data)) continue;
      const type = disk.type ?? types.data[0] ?? '';
      if (provider.provisioned.includes(type)) continue;
      for (const key of ['iops', 'throughput'] as const)
        if (disk[key] !== undefined)
          report(locationOf(disk, key), {
            message: `The disk ${disk.name} sets ${key}, which ${provider.title} does not let you choose${type ? ` for ${type}` : ''}.`,
            fix: suggestedFix(removeKey(disk, key)),
            help: `remove ${key}${provider.provisioned.length > 0 ? `, or use the type ${provider.provisioned[0]}` : ''}`,
          });
    }
  }),
  essential('cloud-disk', {
    what: 'Data disks of a cloud VM must have a size, a device name of the provider, and different names and numbers there.',
    why: 'The provider creates each disk, and the host finds it by the name that the provider has for it.',
  }).check(perCloud, ({ name, provider, size, host, site }, report) => {
    const { disks = [] } = host;
    for (const disk of disks) {
      if (!disk) continue;
      if (lacks(disk, 'size'))
        report(selfLocation(disk), {
          message: `The disk ${disk.name} has no size, but the cloud VM needs a disk of some size.`,
          help: 'add size, such as `size: 350Gi`',
        });
      if (disk.device !== undefined && attachmentOf({ provider: name }, disk) === undefined)
        report(locationOf(disk, 'device'), {
          message: `The device ${disk.device} of ${disk.name} is not one that ${provider.title} has for a disk of the VM.`,
          fix: suggestedFix(removeKey(disk, 'device')),
          help: `remove device, or use the form ${provider.device(name === 'azure' ? '1' : 'data1', size ?? '')}`,
        });
    }
    const titleOf = (disk: Draft<HostDisk>) =>
      disk.name === undefined || site.name === undefined ? undefined : diskTitle(site.name, disk.name);
    // On AWS the name is a tag only, and on DigitalOcean it is part of the device: host-disk-twice reports it.
    if (name === 'google' || name === 'azure')
      for (const { later, first } of repeats(disks, titleOf))
        report(selfLocation(later), {
          message: `The disks ${later.name} and ${first.name} have the same name at ${provider.title}, ${titleOf(later)}.`,
          related: [{ message: `${first.name} is at`, at: selfLocation(first) }],
          help: 'use names that differ in more than - and _',
        });
    if (name !== 'aws' && name !== 'azure') return;
    const numberOf = (disk: Draft<HostDisk>) =>
      name === 'azure' ? attachmentOf({ provider: name }, disk) : slotOf(disk.name ?? '');
    for (const { later, first } of repeats(disks, numberOf))
      report(selfLocation(later), {
        message: `The disks ${later.name} and ${first.name} have the same number at ${provider.title}, ${numberOf(later)}.`,
        related: [{ message: `${first.name} is at`, at: selfLocation(first) }],
        help: 'end the names of disks with different numbers below 32, such as data1 and data2',
      });
  }),
  error('cloud-os-disk', {
    what: 'The OS disk of a cloud VM must hold the system and the images that are on no data disk. At DigitalOcean, all images must be on data disks.',
    why: 'On a full OS disk, the services of the host fail, and QEMU pauses every machine that writes.',
  }).check(perCloud, ({ cloud, name, provider, site }, report) => {
    const { nodes = [] } = site;
    const { size } = cloud.osDisk ?? {};
    const images = nodes.flatMap((node) =>
      (node?.domain?.disks ?? []).flatMap((disk) => (disk && lacks(disk, 'on') ? { node, disk } : [])),
    );
    const [first] = images;
    if (name === 'digitalocean' && first)
      return report(selfLocation(first.disk), {
        message: `An image of ${first.node?.name} is on the OS disk, but the size of the VM sets that at ${provider.title}: it can be too small.`,
        help: 'set `on` to a disk of host.disks',
      });
    if (!cloud.osDisk || size === undefined) return;
    const needed = LEAST_OS_GIB + imagesGib(images.map(({ disk }) => disk));
    if (gib(size) >= needed) return;
    report(locationOf(cloud.osDisk, 'size'), {
      message: `The OS disk of ${size} is too small: the system${first ? ' and the images on it need' : ' needs'} ${needed} GiB.`,
      fix: suggestedFix(setKey(cloud.osDisk, 'size', `${needed}Gi`)),
      help: `remove size, or set at least ${needed}Gi${first ? '; or set `on` of the images to a disk of host.disks' : ''}`,
    });
  }),
  essential('host-disk-without-device', {
    what: 'Data disks of a host must have a device name, unless the site describes its cloud VM.',
    why: 'The script cannot know which disk to format and mount.',
  }).check(per.item(disksOutsideClouds), (disk, report) => {
    if (!lacks(disk, 'device')) return;
    report(selfLocation(disk), {
      message: `The host's disk ${disk.name} has no device: it cannot be found.`,
      help: 'name the disk: `device: /dev/disk/by-id/…`',
    });
  }),
  error('cloud-keys-without-cloud', {
    tag: 'unnecessary',
    what: 'Types, IOPS and throughput of data disks must be set for a cloud VM only.',
    why: 'Nothing reads them without `host.cloud`: the disk has what it has.',
  }).check(per.item(disksOutsideClouds), (disk, report) => {
    const key = (['type', 'iops', 'throughput'] as const).find((name) => disk[name] !== undefined);
    if (key === undefined) return;
    report(locationOf(disk, key), {
      message: `The disk ${disk.name} sets ${key}, but the site has no host.cloud: it has no effect.`,
      help: `remove ${key}, or add host.cloud`,
    });
  }),
  error('cloud-image', {
    what: 'The image of the cloud VM must exist at the provider, and contain cloud-init.',
    why: 'Without cloud-init, nothing reads the user data: the VM stays as its image is.',
  }).check(perCloud, ({ cloud, name, provider }, report) => {
    const { image } = cloud;
    if (image === undefined) return;
    const help = `remove image, or use ${Object.keys(provider.images)
      .filter((one) => !lacksCloudInit(name, provider.images[one] ?? ''))
      .join(', ')}`;
    const isKnown = Object.values(provider.images).includes(image) || provider.image.test(image);
    const message = isKnown
      ? `The image ${image} of ${provider.title} has no cloud-init: nothing reads the user data.`
      : `The image ${image} is not one of ${provider.title}.`;
    if (!isKnown || lacksCloudInit(name, image)) report(locationOf(cloud, 'image'), { message, help });
  }),
  essential('cloud-network', {
    what: 'The network of a cloud VM must be a new one that overlaps no network of the site, or one that the provider can find.',
    why: 'The host sends packets for an overlapping subnet to its own bridge: it loses its gateway or its machines.',
  }).check(perCloud, ({ cloud, name, provider, site }, report) => {
    const { network } = cloud;
    if (!network) return;
    const [set, needed] = [KEYS.filter((key) => network[key] !== undefined), provider.network];
    if (set.length > 0 && (network.cidr !== undefined || set.join() !== needed.join()))
      return report(selfLocation(network), {
        message: `The network sets ${[...(network.cidr === undefined ? [] : ['cidr']), ...set].join(' and ')}, but an existing one of ${provider.title} needs ${needed.join(' and ')}.`,
        help: `set ${needed.join(' and ')} only, or remove network for a new one`,
      });
    // DigitalOcean has a network of its own, whose subnet it chooses.
    const text = network.cidr ?? (name === 'digitalocean' ? undefined : NEW_NETWORK);
    const cidr = set.length === 0 && text !== undefined ? parseCidr(text) : undefined;
    if (name === 'aws' && cidr && (cidr.prefix < 16 || cidr.prefix > 28))
      report(locationOf(network, 'cidr'), {
        message: `The subnet of the cloud VM, ${cidr.text}, is /${cidr.prefix}, but AWS has /16 to /28 only.`,
        help: 'set a subnet of such a size: `network: {cidr: 172.30.0.0/24}`',
      });
    const other = (site.networks ?? []).find(
      (one) => one?.subnet && cidr && overlap(one.subnet as Cidr, cidr),
    );
    if (!cidr || !other?.subnet) return;
    report(network.cidr === undefined ? selfLocation(cloud) : locationOf(network, 'cidr'), {
      message: `The subnet of the cloud VM, ${cidr.text}, overlaps ${other.subnet.text} of the network ${other.name}.`,
      related: [{ message: `${other.name} sets it at`, at: locationOf(other, 'subnet') }],
      help: 'set another subnet: `network: {cidr: 172.30.0.0/24}`',
    });
  }),
  error('cloud-key', {
    what: 'The keys of a cloud VM must be some that its provider has.',
    why: 'Nothing can be requested from the provider: the key has no effect.',
  }).check(perCloud, ({ cloud, provider }, report) => {
    for (const [key, what] of Object.entries(provider.without)) {
      const message = `${provider.title} has no ${what}.`;
      if (cloud[key as 'project'])
        report(locationOf(cloud, key as 'project'), { message, help: `remove ${key}` });
    }
  }),
];

export const cloudAccessRules = [
  warning('cloud-port-open', {
    what: 'Ports of a cloud VM must be open to the clients that need them only.',
    why: "Everyone's scanners find the VM within minutes. Until you choose the dashboard's password, any client can.",
  }).check(perCloud, ({ cloud, host }, report) => {
    if (isEmpty(cloud, 'allow'))
      report(selfLocation(cloud), {
        message: 'Port 22 of the cloud VM is open to every client: its log fills with attempts to log in.',
        help: 'add your addresses: `allow: [203.0.113.10]`',
      });
    for (const exposed of host.expose ?? [])
      if (exposed?.port && !mayBeLocal(exposed) && isEmpty(exposed, 'allow'))
        report(locationOf(exposed, 'port'), {
          message: `Port ${exposed.port} of the cloud VM is open to every client.`,
          help: 'add the clients: `allow: [203.0.113.0/24]`',
        });
  }),
  error('cloud-port-shut', {
    what: 'An exposed port of a cloud VM must have clients with IPv4 addresses.',
    why: "The VM has no IPv6 address, so the provider's firewall opens the port to none of them.",
  }).check(perCloud, ({ host }, report) => {
    for (const exposed of host.expose ?? []) {
      if (!exposed?.port || mayBeLocal(exposed) || isBroken(exposed, 'allow')) continue;
      const { allow = [] } = exposed;
      if (allow.length === 0 || !allow.every((from) => from?.includes(':'))) continue;
      report(locationOf(exposed, 'port'), {
        message: `Port ${exposed.port} of the cloud VM is for IPv6 clients only, but the VM has no IPv6 address: no client can connect.`,
        help: 'add the IPv4 addresses or subnets of the clients to allow',
      });
    }
  }),
  warning('cloud-ssh-shut', {
    what: 'The cloud VM must have operators who can log in by SSH.',
    why: 'Loopback addresses are those of the VM itself: nobody can install the secrets, and the machines wait for these.',
  }).check(perCloud, ({ cloud }, report) => {
    const { allow = [] } = cloud;
    if (allow.length === 0 || isBroken(cloud, 'allow') || allow.some((from) => !from || reachesVm(from)))
      return;
    report(locationOf(cloud, 'allow'), {
      message: `No client can log in to the cloud VM: allow lists ${allow.join(', ')} only.`,
      help: 'add your addresses: `allow: [203.0.113.10]`',
    });
  }),
  warning('cloud-without-key', {
    what: 'The cloud VM must have a public SSH key of an operator.',
    why: 'Operators cannot log in to install the secrets, and the machines wait for these. Azure rejects a VM with neither a key nor a password, after other resources have been created.',
  }).check(perCloud, ({ cloud, name }, report) => {
    if (!isEmpty(cloud, 'sshKeys')) return;
    report(selfLocation(cloud), {
      message: `The cloud VM has no SSH key: ${name === 'azure' ? 'Azure does not create it' : 'its operators cannot log in'}.`,
      help: 'add the content of your .pub file to ssh_keys',
    });
  }),
];

/** Whether an exposed port is one of the host only, or has an invalid address. */
function mayBeLocal(exposed: { readonly address?: string | undefined }) {
  return isBroken(exposed, 'address') || exposed.address?.startsWith('127.');
}

/** Whether a list has no entries, and no invalid ones either. */
function isEmpty<K extends string>(holder: { readonly [Key in K]?: readonly unknown[] | undefined }, key: K) {
  return holder[key]?.length === 0 && !isBroken(holder, key);
}

const WITHOUT_KVM =
  'Without nested virtualization, the VM has no /dev/kvm and starts no machine. The provider bills it all the same.';

/** The edits per letter of a name that is probably a typo of another: names of sizes are similar. */
const TYPO = 0.15;

export const cloudSizeRules = [
  essential('cloud-size', {
    what: 'The cloud VM must have a size with nested virtualization that holds all virtual machines.',
    why: WITHOUT_KVM,
  }).check(perCloud, ({ cloud, name, provider, size, host, site }, report) => {
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
        help: `remove size, or use one of a series with it: ${sizesOf(name).auto.join(', ')}`,
      });
    else if (arm)
      report(selfLocation(cloud), {
        message: `${arm.name} is an arm64 machine, but ${title} has nested virtualization on Intel only: KVM cannot run it.`,
        help: 'use amd64 machines, or a physical host',
      });
  }),
  error('cloud-size-name', {
    what: 'The size of the cloud VM must be one that its provider has.',
    why: 'The provider rejects the VM, after it has created the network and the disks.',
  }).check(perUnknownSize, ({ cloud, provider, size, series, isPossible, instead }, report) => {
    if (isPossible) return;
    report(locationOf(cloud, 'size'), {
      message: series
        ? `The series ${series} of ${provider.title} has no size ${size}.`
        : `${size} is not the name of a size of ${provider.title}.`,
      help: instead,
    });
  }),
  warning('cloud-size-unknown', {
    what: 'The size of the cloud VM must be known to have nested virtualization.',
    why: WITHOUT_KVM,
  }).check(perUnknownSize, ({ cloud, name, provider, size, host, isPossible, instead }, report) => {
    if (host.domainType !== 'kvm' || nests(name, size) !== undefined || !isPossible) return;
    report(locationOf(cloud, 'size'), {
      message: `harvgen does not know the size ${size} of ${provider.title}: KVM may not run there.`,
      help: `${instead}; or, if KVM runs there, add silence: {cloud-size-unknown: "the reason"}`,
    });
  }),
  warning('cloud-size-region', {
    what: 'The region of the cloud VM must have its size.',
    why: 'The provider rejects the VM, after it has created the network and the disks.',
  }).check(perCloud, ({ cloud, name, provider, size = '' }, report) => {
    const { region } = cloud;
    const { series } = knownSize(name, size) ?? {};
    if (region === undefined || series === undefined || !lacksSeries(name, region, series)) return;
    const other = sizesOf(name).auto.find((one) => !lacksSeries(name, region, one));
    report(locationOf(cloud, 'region'), {
      message: `The region ${region} of ${provider.title} had no ${series} in ${dateOfRegions()}: the VM cannot be created there.`,
      help: `use ${other ? `a size of ${other}` : `another region, such as ${provider.aRegion}`}; or, if the region has it now, add silence: {cloud-size-region: "the reason"}`,
    });
  }),
  warning('cloud-spot-nested', {
    what: 'A spot instance of AWS must have a bare-metal size.',
    why: 'EC2 has refused the CPU option nested_virtualization for spot instances: `apply` then ends before the VM.',
  }).check(perCloud, ({ cloud, name, size }, report) => {
    if (!cloud.spot || name !== 'aws' || size === undefined || size.includes('.metal')) return;
    report(locationOf(cloud, 'spot'), {
      message: `${size} needs nested virtualization, which AWS may refuse for a spot instance.`,
      help: 'remove spot, or use a bare-metal size; or, if it works for you, add silence: {cloud-spot-nested: "the reason"}',
    });
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
    const { form, table } = sizesOf(name);
    const series = table.filter((one) => one.series === seriesOf(name, size));
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
