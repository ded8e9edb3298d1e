import { type Arch, harvesterMedia } from '../../knowledge/harvester.ts';
import type { Site } from '../../site/model.ts';

/** What machines, or the boot server for them, fetch or ask by one URL. */
export interface Medium {
  /** As a machine asks for it. Of one that only notifies or configures, nothing but the server. Without passwords. */
  readonly url: string;
  readonly kind: MediumKind;
  /** In bytes; undefined where it is not known, or is another one once the boot server has filled secrets in. */
  readonly size?: number;
  /** Of what is in the tree, and of what is pinned; undefined where the boot server fills secrets in. */
  readonly sha512?: string;
  /** Where a mirror, or the boot server, gets it from; undefined for what is in the tree, and for what is not had by URL. */
  readonly from?: Source;
  /** The release that it is of. */
  readonly release?: { readonly version: string; readonly arch: Arch };
  /** Whether the boot server itself hands it out. */
  readonly served: boolean;
  /** The names of the nodes that need it, in the order of the inventory; none where that cannot be told. */
  readonly nodes: readonly string[];
}

/** Where something is had from. */
export type Source =
  | { readonly url: string }
  /** A Debian package, or else what is to be built in iPXE's sources. */
  | { readonly package: string }
  | { readonly build: string };

/** What a medium is for, in the order of the boot; the order of the list. */
export const MEDIUM_KINDS = [
  'program',
  'script',
  'signature',
  'kernel',
  'initrd',
  'rootfs',
  'configuration',
  'iso',
  'checksums',
  'file',
  'ssh-keys',
  'command',
  'webhook',
  'setting',
  'other',
] as const;

export type MediumKind = (typeof MEDIUM_KINDS)[number];

/** The list of a site. */
export interface SiteMedia {
  readonly site: Site;
  /** The site's folder, as it was named. */
  readonly folder: string;
  readonly media: readonly Medium[];
}

/** Gives the folder and the name of a release's file below a mirror: what stands behind the place of all releases. */
export function mediaPath({ url, release }: Medium): string | undefined {
  return release && `${release.version}/${url.replace(/^.*\//, '')}`;
}

/** Gives the files of releases that can be pinned, by folder and name, each once; another ISO than the whole one cannot. */
export function pinnable(media: readonly Medium[]): Map<string, Medium> {
  return new Map(
    media.flatMap((medium) => {
      const { release, kind, url } = medium;
      if (!release || kind === 'checksums') return [];
      const files: string[] = Object.values(harvesterMedia(release.version, release.arch));
      const isKnown = files.some((name) => url.endsWith(`/${name}`));
      return isKnown ? [[mediaPath(medium) ?? '', medium] as const] : [];
    }),
  );
}
