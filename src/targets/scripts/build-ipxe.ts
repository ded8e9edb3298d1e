import type { Site } from '../../site/model.ts';
import { BUILD_IPXE, embedPath } from '../../tree/paths.ts';
import {
  buildOf,
  buildsIpxe,
  builtInOf,
  hasEmbedded,
  imageProgramsOf,
  loadersOf,
  needsCa,
} from '../programs.ts';
import type { Emitted, Render } from '../target.ts';

/** What an iPXE has to be able to, beyond its default configuration. Source: iPXE, src/config/general.h. */
const DEFINES = { signs: 'IMAGE_TRUST_CMD', https: 'DOWNLOAD_PROTO_HTTPS' } as const;

/** Gives the script that builds iPXE for a site's machines, where there is anything to build. */
export function* buildIpxe(site: Site, render: Render): Iterable<Emitted> {
  if (!buildsIpxe(site)) return;
  const { signs, https } = builtInOf(site);
  const images = hasEmbedded(site) ? imageProgramsOf(site).map((program) => imageOf(site, program)) : [];
  const loaders = loadersOf(site)
    .map(buildOf)
    .map((build) => ({ ...build, cross: crossOf(build.program) }));
  const isBios = ({ program }: { readonly program: string }) => program.startsWith('bin/');
  const programs = [...images, ...loaders].map(({ program }) => program);
  const data = {
    site,
    script: hasEmbedded(site) ? embedPath(site) : undefined,
    authority: signs,
    https,
    needsCa: needsCa(site),
    config: configOf(site),
    images,
    loaders,
    trust: [...(signs ? ['authority.crt'] : []), ...(https ? ['ca.pem'] : [])],
    defines: [...(signs ? [DEFINES.signs] : []), ...(https ? [DEFINES.https] : [])],
    known: [...(images.length > 0 ? IMAGES : []), ...(loaders.length > 0 ? ['loaders'] : [])],
    what: images.length > 0 ? IMAGES : ['loaders'],
    bootsBios: images.find((image) => !('efi' in image))?.program,
    bios: [...(images.some(isBios) ? ['iso', 'usb'] : []), ...(loaders.some(isBios) ? ['loaders'] : [])],
    x86: programs.some((program) => crossOf(program) === 'cross_x86'),
    arm64: programs.some((program) => crossOf(program) === 'cross'),
  };
  yield { path: BUILD_IPXE, content: render('scripts/build-ipxe-iso.sh', data), executable: true };
}

const IMAGES = ['iso', 'usb', 'efi'];

/**
 * Gives what a site's own configuration of iPXE is called, in CONFIG= and below config/local. The compiler takes it for words
 * of C: a hyphen would end one, and `linux` is a macro. Two names may come out as one; the script does not touch the other's.
 */
function configOf({ name }: Site): string {
  return `harvgen_${name.replaceAll('-', '_')}`;
}

/**
 * A program that images hold: what make calls it; if UEFI starts it, the name that it goes by on its own, and the one that
 * firmware looks for on a medium (UEFI specification, 3.5.1.1).
 */
function imageOf({ name }: Site, program: string) {
  const build = { program, cross: crossOf(program) };
  if (!program.endsWith('.efi')) return build;
  const isArm = program.includes('arm64');
  return {
    ...build,
    efi: isArm ? `${name}-arm64.efi` : `${name}.efi`,
    boot: isArm ? 'BOOTAA64.EFI' : 'BOOTX64.EFI',
  };
}

/** The variable of the script with the compiler's prefix, which is empty where the machine is one of that kind. */
function crossOf(program: string): string {
  return program.startsWith('bin-arm64') ? 'cross' : 'cross_x86';
}
