import { Document } from 'yaml';
import type { Site } from '../../site/model.ts';
import { marksIn } from '../../source/marks.ts';
import { BUILD_IPXE, HOST_SETUP, isFilledPath, USER_DATA } from '../../tree/paths.ts';
import { quoteShell } from '../../values/quoting.ts';
import { plainPath } from '../../values/text.ts';
import { AS_IS, isBlock, scalarOf, utf8In } from '../render-yaml.ts';
import type { Emitted, Target } from '../target.ts';

/**
 * The user-data of a fresh machine, by which cloud-init makes it the site's libvirt host: the files of the tree, and the
 * script that sets the host up. Comes last, since it holds what the other targets have made.
 */
export const userData: Target = {
  name: 'user-data',
  *emit(site, _, made) {
    if (!site.host) return;
    const root = plainPath(site.server.root);
    // The README is for people, and iPXE is built elsewhere.
    const others = ['README.md', USER_DATA, BUILD_IPXE];
    const isForHost = ({ path }: Emitted) => !others.includes(path) && !path.startsWith('embed/');
    const files = made.filter(isForHost).map((file) => written(file, site, root));
    const intro = [
      `Makes a fresh machine the libvirt host of ${site.name}: cloud-init writes the tree there, and has it set the host up.`,
      'Made by harvgen: edit the inventory instead.',
    ];
    if (files.some(({ mode }) => mode === SECRET))
      intro.push(
        'It holds the values of secrets: the provider keeps it, and hands it to whoever is on that machine.',
      );
    const name = `harvgen-${site.name}`;
    const setup = { name, program: `${root}/${HOST_SETUP}`, log: `/var/log/${name}.log` };
    yield { path: USER_DATA, content: renderUserData(intro, files, setup) };
  },
};

const [PLAIN, PROGRAM, SECRET] = [0o644, 0o755, 0o640];

function written({ path, content, executable }: Emitted, { server }: Site, root: string): WrittenFile {
  const holdsMarks = isFilledPath(path) && typeof content === 'string' && marksIn(content).length > 0;
  // Where nginx does not fill them in, values stand in place of the marks.
  const isSecret = holdsMarks && server.secrets === undefined;
  const mode = isSecret ? SECRET : executable ? PROGRAM : PLAIN;
  return { path: `${root}/${path}`, content, mode };
}

/** A file that cloud-init writes. */
export interface WrittenFile {
  /** Where, from the root of the machine on. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/**
 * Renders user-data for cloud-init: files to write, sorted by path, one of them what is run then. Text stands there as it is, a
 * line each, so that a change of it can be read, and marks are what they are in the file; what no block of YAML can hold
 * is in base64. `intro` is what a reader is told; `setup` is what is run then, what it is called, and where its output is kept beside
 * the console. Source: cloud-init's modules write_files, which is long done when
 * scripts_per_boot runs; without `owner` a file is root's.
 */
export function renderUserData(
  intro: readonly string[],
  files: readonly WrittenFile[],
  setup: { readonly name: string; readonly program: string; readonly log: string },
): string {
  const sorted = [...files, bootScript(setup)].sort((a, b) => (a.path < b.path ? -1 : 1));
  const document = new Document({ write_files: sorted.map(entryOf) }, AS_IS);
  document.commentBefore = intro.map((line) => ` ${line}`).join('\n');
  return `#cloud-config\n${document.toString(AS_IS)}`;
}

/**
 * Gives the script that sets the machine up. `runcmd` would be run at the first boot alone, and a machine that restarts
 * in the middle would stay half made: this one is run at each boot, until it is done. What it says is on the console, too,
 * and its status in `cloud-init status`.
 */
function bootScript({ name, program, log }: Parameters<typeof renderUserData>[2]): WrittenFile {
  const lines = [
    '#!/bin/bash',
    '# Sets this machine up, at each boot until that has ended well: with 0, or with 3, where only secrets are missing.',
    'set -o pipefail',
    `${quoteShell(program)} 2>&1 | tee -a ${quoteShell(log)}`,
    'status=$?',
    'case $status in 0 | 3) rm -f "$0" ;; esac',
    'exit "$status"',
  ];
  const path = `/var/lib/cloud/scripts/per-boot/${name}`;
  return { path, content: `${lines.join('\n')}\n`, mode: PROGRAM };
}

function entryOf({ path, content, mode }: WrittenFile): object {
  const permissions = scalarOf(`0${mode.toString(8)}`, 'QUOTE_DOUBLE');
  const text = utf8In(content);
  if (text !== undefined && isBlock(text))
    return { path, permissions, content: scalarOf(text, 'BLOCK_LITERAL') };
  return { path, permissions, encoding: 'b64', content: Buffer.from(content).toString('base64') };
}
