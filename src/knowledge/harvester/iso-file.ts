import type { Arch } from '../tables/harvester-media.ts';

/** What the name of an ISO says of it. */
export interface IsoFile {
  /** Whether it is the small one, without container images. */
  readonly netInstall: boolean;
  /** The release and the architecture; undefined where it is not named as Harvester names its own. */
  readonly of?: { readonly version: string; readonly arch: Arch };
}

const NAME = /^harvester-(v\d+\.\d+\.\d+(?:-[0-9a-z.-]+?)?)-(amd64|arm64)(?:-net-install)?\.iso$/;

/** Reads the name of the ISO that a URL leads to. */
export function isoFile(url: string): IsoFile {
  const file = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  const [, version, arch] = NAME.exec(file) ?? [];
  const netInstall = file.endsWith('net-install.iso');
  return version ? { netInstall, of: { version, arch: arch as Arch } } : { netInstall };
}
