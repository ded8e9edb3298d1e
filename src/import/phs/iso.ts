import { isoFile } from '../../knowledge/harvester/iso-file.ts';
import { harvesterMedia } from '../../knowledge/tables/harvester-media.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { isPlainUrl } from '../../values/server-url.ts';
import { parseVersion, type Version } from '../../values/version.ts';
import type { Notes } from '../notes.ts';
import type { Text } from './fields.ts';
import { withV } from './release.ts';

/**
 * Gives the URL of the ISO that a node's configuration must say: undefined where it follows from where media are, as those
 * of phs's example do. Reports an ISO of another version than the kernel.
 */
export function isoOf(
  iso: Text,
  kernel: Text | undefined,
  { media, release }: { readonly media: string | undefined; readonly release: Version },
  notes: Notes,
  report: Report,
): string | undefined {
  const version = isoFile(iso.value).of?.version;
  if (version && kernel && parseVersion(withV(kernel.value)) && withV(kernel.value) !== version)
    report.warning({
      code: 'phs-iso',
      message: `The ISO is of ${version}, and the machine boots the kernel of ${withV(kernel.value)}: an installer with the files of another release.`,
      at: iso.at,
      related: [{ message: 'the kernel is chosen at', at: kernel.at }],
      help: `both are of ${release.text} now`,
    });
  const urlOf = (text: string) => `${media}/${text}/${harvesterMedia(text, 'amd64').iso}`;
  if (version && iso.value === urlOf(version)) {
    if (version !== release.text)
      notes.add(
        'changed',
        'iso_url',
        `it follows from server.media and the release: ${urlOf(release.text)}`,
        iso.at,
      );
    return undefined;
  }
  if (!isPlainUrl(iso.value)) {
    report.error({
      code: 'phs-value',
      message: 'This is no URL that the installer could fetch an ISO from.',
      at: iso.at,
      help: 'write http or https, a host and a path; or leave it out: it follows from where media are',
    });
    return undefined;
  }
  if (!version) {
    notes.add('open', 'iso_url', `its name does not tell the release: let ${release.text} be there`, iso.at);
    return iso.value;
  }
  const moved = iso.value.replaceAll(version, release.text);
  notes.add(
    moved === iso.value ? 'open' : 'changed',
    'iso_url',
    `it is not where the other media are: let ${moved} be there, or remove iso_url, and it follows from server.media`,
    iso.at,
  );
  return moved;
}
