import type { Report } from '../../../source/diagnostics/report.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import { childOf, childrenOf, type XmlElement, type XmlText } from '../../xml/element.ts';
import type { GatheredMachine, GatheredNic, GatheredVm, Said } from '../gathered.ts';
import { readMac } from '../reservations/mac.ts';
import { memoryText } from './memory.ts';

const ARCHITECTURES: Readonly<Record<string, 'amd64' | 'arm64'>> = { x86_64: 'amd64', aarch64: 'arm64' };

/** What harvgen's own domains have of their own accord, or what is of the host. */
const OF_COURSE = new Set(
  'name uuid memory currentMemory maxMemory vcpu vcpus os devices features cpu clock pm on_poweroff on_reboot on_crash on_lockfailure resource iothreads sysinfo seclabel genid title description launchSecurity'.split(
    ' ',
  ),
);
const DEVICES_OF_COURSE = new Set(
  'emulator disk interface controller console serial channel input graphics video memballoon rng watchdog audio sound panic tpm vsock hub redirdev parallel'.split(
    ' ',
  ),
);

const OWN_DOMAINS =
  "harvgen writes domains of its own, where the site has a host: say what it needs in a template of the site's own";

/** Gives the machine that a domain is. Reports what libvirt would not take, and notes what is left. */
export function machineOfDomain(domain: XmlElement, notes: Notes, report: Report): GatheredMachine {
  const name = saidBy(childOf(domain, 'name')?.text);
  const called = quoteVisibly(name?.value ?? 'the domain');
  const uuid = saidBy(childOf(domain, 'uuid')?.text);
  for (const { name: key, at } of domain.children)
    if (!OF_COURSE.has(key)) notes.add('left', `${quoteVisibly(key)} of ${called}`, OWN_DOMAINS, at);
  for (const { name: key, at } of childOf(domain, 'devices')?.children ?? [])
    if (!DEVICES_OF_COURSE.has(key)) notes.add('left', `${quoteVisibly(key)} of ${called}`, OWN_DOMAINS, at);
  noteDisks(domain, called, notes);
  return {
    at: domain.at,
    name,
    uuid: uuid && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid.value) ? uuid : undefined,
    serial: serialOf(domain),
    arch: archOf(domain, called, notes),
    firmware: firmwareOf(domain),
    vm: vmOf(domain, report),
    nics: nicsOf(domain, called, notes, report),
  };
}

/** A text that says something. */
function saidBy(text: XmlText | undefined): Said<string> | undefined {
  return text === undefined || text.value === '' ? undefined : text;
}

function vmOf(domain: XmlElement, report: Report): GatheredVm {
  const memory = childOf(domain, 'memory');
  const vcpu = childOf(domain, 'vcpu');
  const text = memory && memoryText(memory.text.value, memory.attributes.get('unit')?.value);
  if (memory && text === undefined)
    report.error({
      code: 'import-value',
      message: 'This is no size of memory.',
      at: memory.text.at,
      help: "write it as <memory unit='GiB'>16</memory>; without a unit it is KiB",
    });
  const vcpus = vcpu && Number(vcpu.text.value);
  const secure = childOf(domain, 'os', 'loader')?.attributes.get('secure');
  return {
    memory: memory && text !== undefined ? { value: text, at: memory.text.at } : undefined,
    vcpus: vcpu && vcpus && Number.isInteger(vcpus) ? { value: vcpus, at: vcpu.text.at } : undefined,
    secureBoot: secure?.value === 'yes' ? { value: true, at: secure.at } : undefined,
  };
}

function archOf(domain: XmlElement, called: string, notes: Notes): GatheredMachine['arch'] {
  const arch = childOf(domain, 'os', 'type')?.attributes.get('arch');
  if (!arch) return undefined;
  const value = Object.hasOwn(ARCHITECTURES, arch.value) ? ARCHITECTURES[arch.value] : undefined;
  if (value === undefined)
    notes.add(
      'left',
      `${quoteVisibly(arch.value)} of ${called}`,
      'an architecture that no site has',
      arch.at,
    );
  return value && { value, at: arch.at };
}

/** A domain without a loader, and without firmware to choose one by, starts with BIOS; on ARM none does. */
function firmwareOf(domain: XmlElement): GatheredMachine['firmware'] {
  const os = childOf(domain, 'os');
  if (!os) return undefined;
  const firmware = os.attributes.get('firmware');
  const loader = childOf(os, 'loader');
  if (firmware) return { value: firmware.value === 'efi' ? 'uefi' : 'bios', at: firmware.at };
  if (loader)
    return { value: loader.attributes.get('type')?.value === 'rom' ? 'bios' : 'uefi', at: loader.at };
  const isArm = childOf(os, 'type')?.attributes.get('arch')?.value === 'aarch64';
  return isArm ? undefined : { value: 'bios', at: os.at };
}

function serialOf(domain: XmlElement): Said<string> | undefined {
  const entry = childrenOf(childOf(domain, 'sysinfo', 'system'), 'entry').find(
    ({ attributes }) => attributes.get('name')?.value === 'serial',
  );
  return saidBy(entry?.text);
}

function nicsOf(domain: XmlElement, called: string, notes: Notes, report: Report): GatheredNic[] {
  const interfaces = childrenOf(childOf(domain, 'devices'), 'interface').map((element) => {
    const order = Number(childOf(element, 'boot')?.attributes.get('order')?.value ?? Number.NaN);
    const network = childOf(element, 'source')?.attributes.get('network');
    return { element, order, network, mac: macOf(element, called, notes, report) };
  });
  const orders = interfaces.map(({ order }) => order).filter((order) => !Number.isNaN(order));
  const first = Math.min(...orders);
  return interfaces.flatMap(({ mac, network, order }): GatheredNic[] =>
    mac ? [{ mac, network: saidBy(network), ...(order === first ? { boots: true } : {}) }] : [],
  );
}

function macOf(element: XmlElement, called: string, notes: Notes, report: Report): Said<string> | undefined {
  const address = childOf(element, 'mac')?.attributes.get('address');
  if (!address) {
    notes.add(
      'open',
      called,
      'a NIC of it has no MAC address yet: define it in libvirt, and dump it again',
      element.at,
    );
    return undefined;
  }
  const mac = readMac(address.value);
  if (mac !== undefined) return { value: mac, at: address.at };
  report.error({
    code: 'import-value',
    message: `${quoteVisibly(address.value)} is no MAC address of a NIC.`,
    at: address.at,
    help: 'write it as 52:54:00:aa:01:01',
  });
  return undefined;
}

function noteDisks(domain: XmlElement, called: string, notes: Notes): void {
  for (const disk of childrenOf(childOf(domain, 'devices'), 'disk')) {
    const device = disk.attributes.get('device')?.value ?? 'disk';
    const target = quoteVisibly(childOf(disk, 'target')?.attributes.get('dev')?.value ?? 'a disk');
    if (device === 'disk')
      notes.add(
        'open',
        `${target} of ${called}`,
        'the size of a disk is not in the XML: virsh domblkinfo shows it. Say it in vm.disks, where harvgen is to make the domain',
        disk.at,
      );
    else
      notes.add(
        'left',
        `${target} of ${called}`,
        `a ${quoteVisibly(device)}: machines of a site boot by the network`,
        disk.at,
      );
  }
}
