import type { Arch } from '../../knowledge/harvester.ts';
import { HOST_FAMILIES, type HostFamily } from '../../knowledge/hosts.ts';
import type { Site } from '../../site/model.ts';
import { grubProgramsOf, hasPxelinux, loadersOf, needsOwnIpxe } from '../programs.ts';

/** A family of distributions, with what one site needs of it. */
export interface FamilyOfHost
  extends Pick<HostFamily, 'name' | 'ids' | 'selinuxPackage' | 'chrony' | 'nginxGroup'> {
  readonly packages: readonly string[];
  /** What has iPXE's programs. */
  readonly ipxe: readonly string[];
  /** What GRUB's are made of. */
  readonly grub: readonly string[];
  /** What has PXELINUX. */
  readonly pxelinux: readonly string[];
  /** iPXE's programs that firmware loads; `source` is empty where the family has none that will do. */
  readonly loaders: readonly { readonly loader: string; readonly source: string }[];
}

/** Gives the families of distributions that a site's host may have, each with what the site needs of it. */
export function familiesOf(site: Site, archs: readonly Arch[]): FamilyOfHost[] {
  const loaders = loadersOf(site);
  const hasGrub = grubProgramsOf(site).length > 0;
  const withPxelinux = hasPxelinux(site);
  const hasXfs = site.host?.disks.some(({ filesystem }) => filesystem === 'xfs');
  const unneeded = site.host?.expose.length === 0 ? ['socat'] : [];
  return HOST_FAMILIES.map((family) => {
    const { name, ids, selinuxPackage, chrony, nginxGroup } = family;
    const sources = loaders.map((loader) => ({
      loader,
      source: (!needsOwnIpxe(site) && family.programs[loader]) || '',
    }));
    const packages = [
      ...family.packages,
      ...archs.flatMap((arch) => family.packagesOf[arch]),
      ...(hasXfs ? [family.xfsPackage] : []),
      ...(site.airGapped ? ['chrony'] : []),
    ];
    const packaged = sources.some(({ source }) => source !== '');
    return {
      name,
      ids,
      selinuxPackage,
      chrony,
      nginxGroup,
      packages: [...new Set(packages)].filter((one) => !unneeded.includes(one)).sort(),
      ipxe: packaged ? [...new Set(archs.flatMap((arch) => family.ipxePackages[arch]))] : [],
      grub: hasGrub ? [...new Set(archs.flatMap((arch) => family.grubPackages[arch]))] : [],
      pxelinux: withPxelinux ? family.pxelinuxPackages : [],
      loaders: sources,
    };
  });
}
