import { isUtf8 } from 'node:buffer';
import { Document } from 'yaml';
import { quoteShell } from '../../values/quoting/shell.ts';
import { AS_IS, block, isBlock, quoted } from '../yaml-scalars.ts';

/** A file that cloud-init writes. */
export interface WrittenFile {
  /** Where, from the root of the machine on. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/** What is run once all files are there, what it is called, and where its output is kept beside the console. */
export interface Setup {
  readonly name: string;
  readonly program: string;
  readonly log: string;
}

/**
 * Renders user-data for cloud-init: files to write, sorted by path, one of them what is run then. Text stands there as it is, a
 * line each, so that a change of it can be read, and marks are what they are in the file; what no block of YAML can hold
 * is in base64. `intro` is what a reader is told. Source: cloud-init's modules write_files, which is long done when
 * scripts_per_boot runs; without `owner` a file is root's.
 */
export function renderUserData(
  intro: readonly string[],
  files: readonly WrittenFile[],
  setup: Setup,
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
function bootScript({ name, program, log }: Setup): WrittenFile {
  const lines = [
    '#!/bin/bash',
    '# Sets this machine up, at each boot until that has ended well: with 0, or with 3, where only secrets are missing.',
    'set -o pipefail',
    `${quoteShell(program)} 2>&1 | tee -a ${quoteShell(log)}`,
    'status=$?',
    'case $status in 0 | 3) rm -f "$0" ;; esac',
    'exit "$status"',
  ];
  return {
    path: `/var/lib/cloud/scripts/per-boot/${name}`,
    content: `${lines.join('\n')}\n`,
    mode: 0o755,
  };
}

function entryOf({ path, content, mode }: WrittenFile): object {
  const permissions = quoted(`0${mode.toString(8)}`);
  const text = textOf(content);
  if (text !== undefined && isBlock(text)) return { path, permissions, content: block(text) };
  return { path, permissions, encoding: 'b64', content: Buffer.from(content).toString('base64') };
}

function textOf(content: string | Uint8Array): string | undefined {
  if (typeof content === 'string') return content;
  // Unlike a TextDecoder, it keeps a byte order mark.
  return isUtf8(content) ? Buffer.from(content).toString('utf8') : undefined;
}
