import { locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { parseLinkSpeed, parseMemory } from '../values/size.ts';
import type { Facts } from './model.ts';

/** A number that a machine declares, in its original form, with its source location. */
export interface Declared {
  readonly value: number;
  readonly text: string;
  readonly at: SourceLocation;
}

/** Returns the CPU threads that a machine declares; for a virtual machine, its virtual CPUs. */
export function threadsOf({ vm, hardware }: Draft<Facts>): Declared | undefined {
  if (vm?.vcpus !== undefined) return declared(vm.vcpus, vm.vcpus, locationOf(vm, 'vcpus'));
  const threads = hardware?.threads;
  return hardware && threads !== undefined
    ? declared(threads, threads, locationOf(hardware, 'threads'))
    : undefined;
}

/** Returns the memory that a machine declares, in GiB. */
export function memoryOf({ vm, hardware }: Draft<Facts>): Declared | undefined {
  const holder = vm?.memory === undefined ? hardware : vm;
  const text = holder?.memory;
  if (!holder || text === undefined) return undefined;
  const bytes = parseMemory(text);
  return bytes === undefined ? undefined : declared(bytes / 2 ** 30, text, locationOf(holder, 'memory'));
}

/** Returns the link speed that a machine declares for its management NICs, in Mbit/s. */
export function linkSpeedOf({ hardware }: Draft<Facts>): Declared | undefined {
  const text = hardware?.link_speed;
  const speed = text === undefined ? undefined : parseLinkSpeed(text);
  if (!hardware || text === undefined || speed === undefined) return undefined;
  return declared(speed, text, locationOf(hardware, 'link_speed'));
}

function declared(value: number, text: string | number, at: SourceLocation): Declared {
  return { value, text: String(text), at };
}
