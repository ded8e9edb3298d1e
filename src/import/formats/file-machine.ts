import { basename } from 'node:path';
import type { Place, Source } from '../../source/source.ts';
import { ipv4Text } from '../../values/addresses.ts';
import type { GatheredBoot, GatheredMachine } from '../joined/gathered.ts';
import { readMac } from './file-reader.ts';

/** Whom a file is for, by what it is called; `all` for any machine that has no file of its own. */
export interface FileFor {
  readonly by: 'mac' | 'uuid' | 'ip' | 'name' | 'all';
  readonly value: string;
}

/** Names of scripts that are for any machine, or for none in particular. */
const GENERIC =
  /^(?:boot|default|menu|autoexec|index|install|script|embed|start|ipxe|linux|local|undionly|snponly|netboot|netboot\.xyz)$/i;

const HOST_NAME = /^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i;

/**
 * Gives whom a script of iPXE is for: `node01.ipxe` as BMI calls them, `52-54-00-aa-bb-cc.ipxe` as others do; undefined where its
 * name tells nobody.
 */
export function scriptFor({ file }: Source): FileFor | undefined {
  return file === '-' ? undefined : scriptCalled(basename(file).replace(/\.(?:ipxe|gpxe|txt|cfg)$/i, ''));
}

/** The same of the name alone, without its ending. */
export function scriptCalled(stem: string): FileFor | undefined {
  if (GENERIC.test(stem)) return { by: 'all', value: '' };
  const mac = readMac(stem.replace(/^(?:mac[-_:])?(?:01-(?=.{17}$))?/i, ''));
  if (mac !== undefined) return { by: 'mac', value: mac };
  return HOST_NAME.test(stem) ? { by: 'name', value: stem } : undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Gives whom a file of pxelinux.cfg is for: a machine by its UUID, its hardware address with that of the kind of its network
 * before it, its address in hexadecimal; or any. Fewer digits of an address are those of a subnet, and tell nobody.
 * Source: Syslinux, doc/pxelinux.txt.
 */
export function menuFor({ file }: Source): FileFor | undefined {
  const name = file === '-' ? '' : basename(file);
  if (name.toLowerCase() === 'default') return { by: 'all', value: '' };
  if (UUID.test(name)) return { by: 'uuid', value: name.toLowerCase() };
  const [, hardware = ''] = /^01-((?:[0-9a-f]{2}-){5}[0-9a-f]{2})$/i.exec(name) ?? [];
  const mac = readMac(hardware);
  if (mac !== undefined) return { by: 'mac', value: mac };
  return /^[0-9A-F]{8}$/i.test(name) ? { by: 'ip', value: ipv4Text(Number.parseInt(name, 16)) } : undefined;
}

/** Gives the machine that a file is for; undefined for a file that is for any. */
export function machineFor({ by, value }: FileFor, at: Place): GatheredMachine | undefined {
  const said = { value, at };
  if (by === 'all') return undefined;
  if (by === 'mac') return { at, nics: [{ mac: said, boots: true }] };
  return by === 'ip' ? { at, nics: [{ ips: [said] }] } : { at, [by]: said };
}

/** Gives whom an entry is for of what a file boots. */
export function bootFor({ by, value }: FileFor, at: Place): Partial<GatheredBoot> {
  const said = { value, at };
  if (by === 'all') return { hosts: [{ value: 'Default', at }] };
  return { [by === 'name' ? 'hosts' : `${by}s`]: [said] };
}
