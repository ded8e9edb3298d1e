import { isServed, pathOnServer } from '../../plan/medium.ts';
import { manifestRequests } from '../../plan/requests.ts';
import {
  CLAIM_TEMPLATES,
  claimTemplates,
  lacksIn,
  locationIn,
  manifestsOf,
  mapsIn,
  qualified,
  textIn,
  valueIn,
} from '../../site/manifests.ts';
import type { Site } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import type { Draft } from '../../values/draft.ts';
import { parseMac } from '../../values/identifiers.ts';
import { sshKeyError } from '../../values/secrets.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, repeats, warning } from '../rule.ts';
import { type ManifestDraft, perManifest } from './manifests.ts';

/** Source of these rules: pkg/webhook/resources of harvester/harvester, and the admission webhook of KubeVirt. */

const SPEC: Path = ['spec', 'template', 'spec'];
const DEVICES: Path = [...SPEC, 'domain', 'devices'];

/** From this release on, the class of an image's volumes contains the UID of the image (harvester/harvester#11586). */
const UID_CLASS_SINCE = 'v1.8.0';

/** The label by which Harvester finds equal names of images; its webhook adds it from v1.8.0 on. */
const NAME_LABEL = ['metadata', 'labels', 'harvesterhci.io/imageDisplayName'] as const;
const DEFAULT = ['metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class'] as const;

/** A schedule that runs at most once an hour. */
const HOURLY = /^(@(hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-5]?\d( +[\d*/,a-zA-Z?-]+){4})$/;

export const manifestVmRules = [
  error('vm-memory', {
    what: 'A VM must have memory.',
    why: 'Harvester rejects it, before v1.7.0 KubeVirt.',
  }).check(perManifest('VirtualMachine'), (vm, report) => {
    const keys = ['memory.guest', 'memory.hugepages', 'resources.limits.memory', 'resources.requests.memory'];
    if (!lacksIn(vm, 'spec', 'instancetype')) return;
    if (!keys.every((key) => lacksIn(vm, ...SPEC, 'domain', ...key.split('.')))) return;
    report(locationIn(vm, ...SPEC, 'domain'), {
      message: `The VM ${vm.name} has no memory: the cluster rejects it.`,
      help: 'set `resources: {limits: {memory: 4Gi}}` in the domain',
    });
  }),
  error('vm-devices', {
    what: 'Each disk of a VM must have a volume of its name, and each interface a network, and the other way round.',
    why: 'KubeVirt rejects the VM.',
  }).check(perManifest('VirtualMachine'), (vm, report) => {
    const pairs = [
      ['disks', 'volumes', 'disk', 'volume'],
      ['interfaces', 'networks', 'interface', 'network'],
    ] as const;
    for (const [device, source, what, other] of pairs) {
      const namesIn = (...path: Path) => mapsIn(vm, ...path).map(({ name }) => name);
      const [devices, sources] = [namesIn(...DEVICES, device), namesIn(...SPEC, source)];
      const filesystems = device === 'disks' ? namesIn(...DEVICES, 'filesystems') : [];
      // A missing name has been reported.
      if (![...devices, ...filesystems, ...sources].every((name) => typeof name === 'string')) continue;
      const sides = [
        { path: [...DEVICES, device], part: what, names: devices, missing: other, others: sources },
        {
          path: [...SPEC, source],
          part: other,
          names: sources,
          missing: what,
          others: [...devices, ...filesystems],
        },
      ];
      for (const { path, part, names, missing, others } of sides)
        for (const [index, name] of names.entries())
          if (!others.includes(name))
            report(locationIn(vm, ...path, index, 'name'), {
              message: `The ${part} ${name} of the VM ${vm.name} has no ${missing} of this name: the cluster rejects the VM.`,
              help: `add the ${missing}, or make the names agree`,
            });
    }
  }),
  error('vm-mac-twice', {
    what: 'The MAC address of a VM must be that of no other VM and of no node.',
    why: 'Harvester rejects the second VM on a cluster network; with the address of a node, both lose their connection.',
  }).check(({ manifests, nodes = [] }, report) => {
    const all = manifestsOf('VirtualMachine')({ manifests }).flatMap((vm) =>
      mapsIn(vm, ...DEVICES, 'interfaces').map(({ macAddress }, index) => ({
        what: `the VM ${vm.name}`,
        mac: typeof macAddress === 'string' ? parseMac(macAddress) : undefined,
        at: locationIn(vm, ...DEVICES, 'interfaces', index, 'macAddress'),
      })),
    );
    const ofNodes = nodes.flatMap((node) =>
      (node?.nics ?? []).flatMap((nic) =>
        node && nic?.mac ? { what: `the node ${node.name}`, mac: nic.mac as string, at: undefined } : [],
      ),
    );
    for (const { later, first } of repeats([...ofNodes, ...all], ({ mac }) => mac))
      if (later.at !== undefined)
        report(later.at, {
          message: `The MAC address ${later.mac} of ${later.what} is also that of ${first.what}: one of them loses its connection.`,
          ...(first.at && { related: [{ message: 'the other is at', at: first.at }] }),
          help: 'choose another address; those that begin with 02: are free for your use',
        });
  }),
  error('vm-volume-twice', {
    what: 'A volume must be used by one VM.',
    why: 'Harvester rejects the second VM.',
  }).check(({ manifests }, report) => {
    const all = manifestsOf('VirtualMachine')({ manifests }).flatMap((vm) =>
      mapsIn(vm, ...SPEC, 'volumes').flatMap((_, index) => {
        const path = [...SPEC, 'volumes', index, 'persistentVolumeClaim', 'claimName'];
        const claim = textIn(vm, ...path);
        return claim === undefined
          ? []
          : [{ vm, claim, id: `${vm.cluster?.name} ${qualified(claim, vm)}`, at: locationIn(vm, ...path) }];
      }),
    );
    for (const { later, first } of repeats(all, ({ id }) => id))
      report(later.at, {
        message: `The volume ${later.claim} is used by the VMs ${first.vm.name} and ${later.vm.name}: Harvester rejects the second one.`,
        related: [{ message: 'the other is at', at: first.at }],
        help: 'create a volume for each VM',
      });
  }),
  error('vm-claim-templates', {
    what: 'The annotation with the volumes of a VM must be a list in JSON.',
    why: 'Harvester rejects the VM, or creates none of its volumes.',
  }).check(perManifest('VirtualMachine'), (vm, report) => {
    if (claimTemplates(vm)) return;
    report(locationIn(vm, ...CLAIM_TEMPLATES), {
      message:
        'The annotation harvesterhci.io/volumeClaimTemplates is not a list in JSON: Harvester creates no volume.',
      help: 'correct it: `[{"metadata": {"name": …}, "spec": {…}}]`',
    });
  }),
  error('vm-image-class', {
    what: 'A VM with a disk from an image must name the storage class of the image; from v1.8.0 on, the image needs `backend: cdi`.',
    why: 'From v1.8.0 on, the class of an image contains its UID, which is known only after the import: the volume of the VM would stay pending (harvester/harvester#11586).',
  }).check(perManifest('VirtualMachine'), (vm, report, { manifests }) => {
    for (const { image, storageClass } of claimTemplates(vm) ?? []) {
      if (image === undefined) continue;
      const defined = imageOf({ manifests }, vm, image);
      const target = defined && textIn(defined, 'spec', 'targetStorageClassName');
      const isCdi = defined && textIn(defined, 'spec', 'backend') === 'cdi';
      const version = isCdi ? undefined : vm.cluster?.version;
      const hasUid = version && isAtLeast(version, UID_CLASS_SINCE);
      const name = image.replace(/^.*\//, '');
      const usual = `longhorn-${name}`;
      const at = locationIn(vm, ...CLAIM_TEMPLATES);
      if (isCdi && target !== undefined && storageClass !== target)
        report(at, {
          message: `The volume from the image ${name} has the storage class ${storageClass}, but the image is in ${target}: it stays pending.`,
          help: `write \`"storageClassName": "${target}"\``,
        });
      else if (hasUid && (storageClass === undefined || storageClass === usual))
        report(at, {
          message: `In ${version.text}, the storage class of the image ${name} is not ${usual}: the volume stays pending.`,
          help: 'set `backend: cdi` and `targetStorageClassName: harvester-longhorn` in the image, and this class in the VM',
        });
      else if (version && !hasUid && defined && storageClass !== usual)
        report(at, {
          message: `The volume from the image ${name} has another storage class than the image: it stays pending.`,
          help: `write \`"storageClassName": "${usual}"\``,
        });
    }
  }),
  error('vm-image', {
    what: 'A VM image must have an http URL to download, a SHA-512 checksum if any, and a display name of its own in its namespace.',
    why: 'Harvester rejects it, or the import fails.',
  }).check(({ manifests }, report) => {
    const all = manifestsOf('VirtualMachineImage')({ manifests });
    const nameOf = (one: ManifestDraft) => textIn(one, 'spec', 'displayName');
    for (const image of all) {
      const [type, url, checksum] = ['sourceType', 'url', 'checksum'].map((key) =>
        textIn(image, 'spec', key),
      );
      const at = (key: string) => locationIn(image, 'spec', key);
      const isWrong = url === undefined ? lacksIn(image, 'spec', 'url') : !/^https?:\/\/\S+$/.test(url);
      if (type === 'download' && isWrong)
        report(at('url'), {
          message: `The image ${image.name} has no http URL to download: Harvester rejects it.`,
          help: 'set `url: https://…`',
        });
      if (type === 'upload')
        report(at('sourceType'), {
          message: `A manifest cannot upload the image ${image.name}: its import never ends.`,
          help: 'serve the file, and write `sourceType: download` with its URL',
        });
      if (type !== undefined && type !== 'download' && url)
        report(at('url'), {
          message: `The image ${image.name} has a URL, but is not downloaded: Harvester rejects it.`,
          help: 'write `sourceType: download`, or remove url',
        });
      if (checksum && !/^[0-9a-f]{128}$/i.test(checksum))
        report(at('checksum'), {
          message: `The checksum of ${image.name} is not SHA-512: the import fails.`,
          help: 'write the 128 digits that `sha512sum` prints',
        });
      const label = textIn(image, ...NAME_LABEL);
      const name = nameOf(image);
      // Harvester adds a missing label.
      if (name !== undefined && label !== undefined && label !== name)
        report(locationIn(image, ...NAME_LABEL), {
          message: `The label harvesterhci.io/imageDisplayName of the image ${image.name} is ${label}, but its displayName is ${name}: Harvester looks for images by this label.`,
          help: `write ${name}, or remove the label: Harvester adds it`,
        });
    }
    const keyOf = (one: ManifestDraft) =>
      nameOf(one) && [one.cluster?.name, one.namespace, nameOf(one)].join(' ');
    for (const { later, first } of repeats(all, keyOf))
      report(locationIn(later, 'spec', 'displayName'), {
        message: `The images ${first.name} and ${later.name} have the same display name ${nameOf(later)}: Harvester rejects the second one.`,
        related: [{ message: 'the other is at', at: locationIn(first, 'spec', 'displayName') }],
        help: 'choose another display name',
      });
  }),
  warning('vm-image-not-served', {
    what: 'An image or ISO of this boot server should be a file that it serves.',
    why: 'The download fails: `harvgen media` lists the files that the server needs.',
  }).check((site, report) => {
    for (const { url, at } of manifestRequests(site)) {
      const path = pathOnServer(site, url);
      if (path !== undefined && !isServed(site, url))
        report(at(), {
          message: `The boot server does not serve ${path}: the download fails.`,
          help: `write a URL below ${site.server?.images?.url ?? `${site.server?.url}/images`}, or add files/www/${path}`,
        });
    }
  }),
  error('key-pair', {
    what: 'A key pair must have an SSH public key in OpenSSH form.',
    why: 'Harvester rejects it.',
  }).check(perManifest('KeyPair'), (object, report) => {
    const key = textIn(object, 'spec', 'publicKey');
    const problem = key === undefined || key.includes('${secret:') ? undefined : sshKeyError(key.trim());
    if (problem)
      report(locationIn(object, 'spec', 'publicKey'), {
        message: `The key pair ${object.name} has no SSH public key: ${problem}.`,
        help: 'copy the line of the .pub file that `ssh-keygen` wrote',
      });
  }),
  error('storage-class', {
    what: 'A cluster must have one default storage class, and no class of Longhorn must require local data.',
    why: 'Harvester rejects the class.',
  }).check(({ manifests }, report) => {
    const all = manifestsOf('StorageClass')({ manifests });
    for (const one of all)
      if (textIn(one, 'parameters', 'dataLocality') === 'strict-local')
        report(locationIn(one, 'parameters', 'dataLocality'), {
          message: `The storage class ${one.name} has dataLocality strict-local: its VMs could not migrate, and Harvester rejects it.`,
          help: 'write best-effort or disabled',
        });
    const keyOf = (one: ManifestDraft) =>
      textIn(one, ...DEFAULT) === 'true' ? one.cluster?.name : undefined;
    for (const { later, first } of repeats(all, keyOf))
      report(locationIn(later, ...DEFAULT), {
        message: `${first.name} and ${later.name} are both the default storage class: Harvester rejects the second one.`,
        related: [{ message: 'the other is at', at: locationIn(first, ...DEFAULT) }],
        help: 'write "false" in one of them',
      });
  }),
  error('scheduled-backup', {
    what: 'A schedule of backups must run at most once an hour, allow fewer failures than it keeps backups, and be the only one of its VM.',
    why: 'Harvester rejects the schedule.',
  }).check(({ manifests }, report) => {
    const all = manifestsOf('ScheduleVMBackup')({ manifests });
    const source = ['spec', 'vmbackup', 'source', 'name'];
    const vmOf = (schedule: ManifestDraft) => textIn(schedule, ...source);
    for (const one of all) {
      const cron = textIn(one, 'spec', 'cron');
      if (cron !== undefined && !HOURLY.test(cron.trim()))
        report(locationIn(one, 'spec', 'cron'), {
          message: `The schedule \`${cron}\` does not run once in an hour or less often: Harvester rejects it.`,
          help: 'write one minute, then hours, days, months and weekdays, such as `"30 2 * * *"`',
        });
      const [retain, most] = ['retain', 'maxFailure'].map((key) => valueIn(one, ['spec', key]));
      if (typeof retain === 'number' && typeof most === 'number' && most >= retain)
        report(locationIn(one, 'spec', 'maxFailure'), {
          message: `maxFailure ${most} is not less than retain ${retain}: Harvester rejects the schedule.`,
          help: `write a number below ${retain}`,
        });
    }
    const keyOf = (one: ManifestDraft) =>
      vmOf(one) && [one.cluster?.name, one.namespace, vmOf(one)].join(' ');
    for (const { later, first } of repeats(all, keyOf))
      report(locationIn(later, ...source), {
        message: `The VM ${vmOf(later)} has two schedules: Harvester rejects the second one.`,
        related: [{ message: 'the other is at', at: locationIn(first, ...source) }],
        help: 'keep one of them',
      });
  }),
];

function imageOf(site: Pick<Draft<Site>, 'manifests'>, vm: ManifestDraft, image: string) {
  return manifestsOf('VirtualMachineImage')(site).find(
    (one) => one.cluster === vm.cluster && `${one.namespace}/${one.name}` === image,
  );
}
