const UNITS: Readonly<Record<string, number>> = {
  Mi: 2 ** 20,
  MiB: 2 ** 20,
  Gi: 2 ** 30,
  GiB: 2 ** 30,
  Ti: 2 ** 40,
  TiB: 2 ** 40,
  M: 1e6,
  MB: 1e6,
  G: 1e9,
  GB: 1e9,
  T: 1e12,
  TB: 1e12,
};

/** Reads a size such as 480GB (10⁹ bytes each) or 512Gi (2³⁰ bytes each) to bytes; returns undefined for other texts. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  return number === undefined || factor === undefined ? undefined : Math.floor(Number(number) * factor);
}

/**
 * Reads a size of memory to bytes. Memory comes in powers of two, and 64GB on a data sheet means 64 GiB: this function
 * alone treats decimal units as binary.
 */
export function parseMemory(text: string): number | undefined {
  return parseSize(text.replace(/([MGT])B?$/, '$1i'));
}

/** Reads a size of memory to whole MiB, the unit of libvirt. */
export function memoryMib(text: string): number | undefined {
  const bytes = parseMemory(text);
  return bytes === undefined ? undefined : Math.floor(bytes / 2 ** 20);
}

/** Formats MiB as GiB, rounded to two decimals. */
export function gibText(mebibytes: number): string {
  return String(Math.round((mebibytes / 1024) * 100) / 100);
}

/** Returns the number of whole GiB in a number of bytes. Harvester's installer computes disk sizes this way. */
export function wholeGib(bytes: number): number {
  return Math.floor(bytes / 2 ** 30);
}

/** Reads a link speed such as 10G or 2.5G to Mbit/s; returns undefined for other texts. */
export function parseLinkSpeed(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([MG])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (unit === 'G' ? 1000 : 1);
}
