import type { Notes } from '../notes.ts';
import { calledAs, type Machine } from './machine.ts';

/** What the firmware of a machine has to load; undefined for what it loads anyway. Firmware with Secure Boot runs no iPXE. */
export function loaderOf({ vm, firmware }: Machine): 'grub' | undefined {
  return vm?.secureBoot?.value && firmware?.value !== 'bios' ? 'grub' : undefined;
}

/** Notes machines that boot otherwise than the rest, and why. */
export function noteLoaders(machines: readonly Machine[], notes: Notes): void {
  for (const machine of machines)
    if (loaderOf(machine))
      notes.add(
        'changed',
        calledAs(machine),
        'its firmware has Secure Boot, and runs only what is signed: it loads GRUB by shim, boot.loader: grub, since nobody has signed iPXE',
        machine.vm?.secureBoot?.at,
      );
}
