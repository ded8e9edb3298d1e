import type { Site } from '../../site/model.ts';
import { marksIn } from '../../source/marks.ts';
import { BUILD_IPXE, HOST_SETUP, isFilledPath, USER_DATA } from '../../tree/paths.ts';
import { plainPath } from '../../values/plain-path.ts';
import type { Emitted, Target } from '../target.ts';
import { renderUserData, type WrittenFile } from './render-user-data.ts';

/**
 * The user-data of a fresh machine, by which cloud-init makes it the site's libvirt host: the files of the tree, and the
 * script that sets the host up. Comes last, since it holds what the other targets have made.
 */
export const userData: Target = {
  name: 'user-data',
  *emit(site, _, made) {
    if (!site.host) return;
    const root = plainPath(site.server.root);
    const files = made.filter(({ path }) => isForHost(path)).map((file) => written(file, site, root));
    const isFilled = files.some(({ mode }) => mode === SECRET);
    const name = `harvgen-${site.name}`;
    const setup = { name, program: `${root}/${HOST_SETUP}`, log: `/var/log/${name}.log` };
    yield { path: USER_DATA, content: renderUserData(intro(site, isFilled), files, setup) };
  },
};

const [PLAIN, PROGRAM, SECRET] = [0o644, 0o755, 0o640];

/** Whether the host has a use for a file of the tree: the README is for people, and iPXE is built elsewhere. */
function isForHost(path: string): boolean {
  return !['README.md', USER_DATA, BUILD_IPXE].includes(path) && !path.startsWith('embed/');
}

function written({ path, content, executable }: Emitted, { server }: Site, root: string): WrittenFile {
  const holdsMarks = isFilledPath(path) && typeof content === 'string' && marksIn(content).length > 0;
  // Where nginx does not fill them in, values stand in place of the marks.
  const isSecret = holdsMarks && server.secrets === undefined;
  const mode = isSecret ? SECRET : executable ? PROGRAM : PLAIN;
  return { path: `${root}/${path}`, content, mode };
}

function intro({ name }: Site, isFilled: boolean): string[] {
  return [
    `Makes a fresh machine the libvirt host of ${name}: cloud-init writes the tree there, and has it set the host up.`,
    'Made by harvgen: edit the inventory instead.',
    ...(isFilled
      ? ['It holds the values of secrets: the provider keeps it, and hands it to whoever is on that machine.']
      : []),
  ];
}
