import { GRUB_LOADERS, GRUB_MODULES, GRUB_PROGRAMS } from '../../knowledge/boot-programs.ts';
import type { Site } from '../../site/model.ts';
import { PUT_GRUB } from '../../tree/paths.ts';
import { grubProgramsOf } from '../programs.ts';
import type { Emitted, Render } from '../target.ts';

/** How Red Hat's packages call the architectures of GRUB's formats. */
const RPM = { 'x86_64-efi': 'x64', 'arm64-efi': 'aa64' } as const;

/** Gives the script that puts GRUB where firmware loads it, where a machine of the site does. */
export function* putGrub(site: Site, render: Render): Iterable<Emitted> {
  const names = grubProgramsOf(site);
  if (names.length === 0) return;
  const seconds = new Set(Object.values(GRUB_LOADERS).map(({ second }) => second));
  const programs = names.flatMap((name) => {
    const program = GRUB_PROGRAMS[name];
    if (!program) return [];
    const rpm = 'format' in program ? RPM[program.format] : undefined;
    return [{ name, ...program, isSecond: seconds.has(name), rpm }];
  });
  const content = render('scripts/put-grub.sh', { site, programs, modules: GRUB_MODULES });
  yield { path: PUT_GRUB, content, executable: true };
}
