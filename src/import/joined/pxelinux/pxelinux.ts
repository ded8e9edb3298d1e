import { basename } from 'node:path';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import { concealLikely } from '../../secrets.ts';
import { type FileFor, menuFor, scriptCalled } from '../file-machine.ts';
import type { GatheredBoot, GatheredMachine, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { type Booted, bareDefault, bootedBy, chosenEntry } from './booted.ts';
import { readMenu } from './read-menu.ts';

/** A file of pxelinux.cfg: BMI's `01-<mac>`, which leads to the node's script, and others. */
export const pxelinux: JoinedKind = {
  name: 'pxelinux',
  what: "a file of pxelinux.cfg, called 01-<mac> or as pxelinux asks for it otherwise: BMI's menus, and any that boot Linux or the disk",
  isLike: ({ text }) =>
    /^[ \t]*(?:label[ \t]+\S|ontimeout[ \t]+\S|localboot[ \t]+-?\d|default[ \t]+\S)/im.test(text) &&
    !/[{}<>]|^#!/m.test(text.slice(0, BEGINNING)),
  read(source, report) {
    concealLikely(source);
    const whole = { source, start: 0, end: 0 };
    const menu = readMenu(source);
    const notes = new Notes();
    const entry = chosenEntry(menu) ?? bareDefault(menu);
    if (!entry) {
      if (source.text.trim() === '') return { machines: [], notes: notes.sorted() };
      report.error({
        code: 'import-kind',
        message: 'This is no file of pxelinux.cfg: it has no LABEL, and no DEFAULT that boots anything.',
        at: whole,
        help: 'give a file that pxelinux loads, such as pxelinux.cfg/01-52-54-00-aa-01-01',
      });
      return undefined;
    }
    for (const { label } of menu.entries)
      if (label !== entry.label)
        notes.add('left', quoteVisibly(label.text), 'a further entry of the menu: a node boots one thing', {
          source,
          start: label.start,
          end: label.end,
        });
    for (const { keyword, value, start, end } of [...menu.globals, ...entry.directives])
      if (keyword === 'include' || (keyword === 'menu' && /^include\b/i.test(value.text)))
        notes.add(
          'open',
          quoteVisibly(value.text),
          'a further file of the menu, which harvgen does not open: see whether the node boots what that says',
          { source, start, end },
        );
    const booted = bootedBy(entry, menu, source, notes);
    if (!booted) return { machines: [], notes: notes.sorted() };
    const whose =
      menuFor(source) ?? (booted.of === 'ipxe' && booted.script ? nameOfScript(booted.script) : undefined);
    if (!whose) {
      report.error({
        code: 'import-value',
        message: `Nothing says which machine the file is for: ${source.file === '-' ? 'standard input has no name' : `${quoteVisibly(basename(source.file))} is what no one machine asks for`}.`,
        at: whole,
        help: 'call it as pxelinux asks for it: 01-52-54-00-aa-01-01, C0A80001 (the address in hexadecimal, as a whole), a UUID, or default',
      });
      return undefined;
    }
    return { ...saidOf(booted, whose, notes), notes: notes.sorted() };
  },
};

/** How much of a file tells what it is. */
const BEGINNING = 4096;

function nameOfScript({ value }: Said<string>): FileFor | undefined {
  return scriptCalled(value.replace(/^.*[/:]/, '').replace(/\.[gi]pxe$/i, ''));
}

function saidOf(
  booted: Booted,
  whose: FileFor,
  notes: Notes,
): { readonly machines: readonly GatheredMachine[]; readonly boots?: readonly GatheredBoot[] } {
  const { at } = booted;
  const machine = machineOf(whose, at);
  if (booted.of === 'linux') {
    const { kernel, initrd, params } = booted;
    const boot = { at, kernel, initrd, params, ...namesOf(whose, at) };
    return { machines: machine ? [machine] : [], boots: [boot] };
  }
  if (!machine) {
    notes.add(
      'left',
      'default',
      booted.of === 'disk'
        ? 'machines that have no file of their own boot their disk: a site leaves strangers to their firmware'
        : 'a script for machines that have no file of their own: import it as ipxe, if it is for nodes',
      at,
    );
    return { machines: [] };
  }
  if (booted.of === 'disk') return { machines: [{ ...machine, disk: { at } }] };
  const { script, label } = booted;
  const named = script && nameOfScript(script);
  if (!named || !('name' in named)) {
    notes.add(
      'open',
      quoteVisibly(script?.value ?? label.value),
      'the script of iPXE that it leads to does not say the node: join it by --join ipxe:FILE',
      at,
    );
    return { machines: [{ ...machine, ...byPxelinux(at) }] };
  }
  notes.add(
    'left',
    quoteVisibly(label.value),
    'what BMI called the disk of the node: a site calls disks by node and image',
    label.at,
  );
  return {
    machines: [{ ...machine, name: { value: named.name, at: script.at }, ...byPxelinux(at) }],
  };
}

/** Firmware runs neither pxelinux.0 nor ipxe.lkrn but as a BIOS. */
function byPxelinux(at: Said<string>['at']): Pick<GatheredMachine, 'loader' | 'firmware'> {
  return { loader: { value: 'pxelinux', at }, firmware: { value: 'bios', at } };
}

function machineOf(whose: FileFor, at: Said<string>['at']): GatheredMachine | undefined {
  if ('mac' in whose) return { at, nics: [{ mac: { value: whose.mac, at }, boots: true }] };
  if ('uuid' in whose) return { at, uuid: { value: whose.uuid, at } };
  if ('ip' in whose) return { at, nics: [{ ips: [{ value: whose.ip, at }] }] };
  return 'name' in whose ? { at, name: { value: whose.name, at } } : undefined;
}

/** Whom an entry of what is booted is for. */
function namesOf(whose: FileFor, at: Said<string>['at']): Partial<GatheredBoot> {
  if ('mac' in whose) return { macs: [{ value: whose.mac, at }] };
  if ('uuid' in whose) return { uuids: [{ value: whose.uuid, at }] };
  if ('ip' in whose) return { ips: [{ value: whose.ip, at }] };
  return { hosts: [{ value: 'name' in whose ? whose.name : 'Default', at }] };
}
