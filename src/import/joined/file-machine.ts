import { basename } from 'node:path';
import type { Source } from '../../source/origin.ts';
import { ipv4Text } from '../../values/ipv4.ts';
import { readMac } from './reservations/mac.ts';

/** Whom a file is for, by what it is called: undefined where that tells nobody. */
export type FileFor =
  | { readonly mac: string }
  | { readonly uuid: string }
  | { readonly ip: string }
  | { readonly name: string }
  /** Any machine that has no file of its own. */
  | { readonly all: true };

/** Names of scripts that are for any machine, or for none in particular. */
const GENERIC =
  /^(?:boot|default|menu|autoexec|index|install|script|embed|start|ipxe|linux|local|undionly|snponly|netboot|netboot\.xyz)$/i;

const HOST_NAME = /^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i;

/** Gives whom a script of iPXE is for: `node01.ipxe` as BMI calls them, `52-54-00-aa-bb-cc.ipxe` as others do. */
export function scriptFor({ file }: Source): FileFor | undefined {
  if (file === '-') return undefined;
  const stem = basename(file).replace(/\.(?:ipxe|gpxe|txt|cfg)$/i, '');
  return scriptCalled(stem);
}

/** The same of the name alone, without its ending. */
export function scriptCalled(stem: string): FileFor | undefined {
  if (GENERIC.test(stem)) return { all: true };
  const mac = readMac(stem.replace(/^(?:mac[-_:])?(?:01-(?=.{17}$))?/i, ''));
  if (mac !== undefined) return { mac };
  return HOST_NAME.test(stem) ? { name: stem } : undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Gives whom a file of pxelinux.cfg is for: a machine by its UUID, its hardware address with that of the kind of its network
 * before it, its address in hexadecimal; or any. Fewer digits of an address are those of a subnet, and tell nobody.
 * Source: Syslinux, doc/pxelinux.txt.
 */
export function menuFor({ file }: Source): FileFor | undefined {
  const name = file === '-' ? '' : basename(file);
  if (name.toLowerCase() === 'default') return { all: true };
  if (UUID.test(name)) return { uuid: name.toLowerCase() };
  const [, hardware] = /^01-((?:[0-9a-f]{2}-){5}[0-9a-f]{2})$/i.exec(name) ?? [];
  const mac = hardware === undefined ? undefined : readMac(hardware);
  if (mac !== undefined) return { mac };
  return /^[0-9A-F]{8}$/i.test(name) ? { ip: ipv4Text(Number.parseInt(name, 16)) } : undefined;
}
