/** The units of libvirt in bytes. Source: libvirt, virScaleInteger; https://libvirt.org/formatdomain.html#memory-allocation */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1e3,
  k: 2 ** 10,
  kib: 2 ** 10,
  mb: 1e6,
  m: 2 ** 20,
  mib: 2 ** 20,
  gb: 1e9,
  g: 2 ** 30,
  gib: 2 ** 30,
  tb: 1e12,
  t: 2 ** 40,
  tib: 2 ** 40,
};

/** What libvirt takes a number for that has no unit. */
const UNIT = 'KiB';

/** Gives memory as inventories write it, from libvirt's number and unit; undefined where these are none. */
export function memoryText(number: string, unit = UNIT): string | undefined {
  const size = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  if (size === undefined || !/^[1-9]\d{0,14}$/.test(number)) return undefined;
  const mebibytes = Math.floor((Number(number) * size) / 2 ** 20);
  if (mebibytes < 1) return undefined;
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}
