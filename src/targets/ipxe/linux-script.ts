import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { scriptPath, urlOf } from '../../tree/paths.ts';
import { kernelArgs } from '../linux/kernel-args.ts';

/**
 * Gives what the script of a node says that boots Linux. Initrds have names of their own: two URLs may end alike, and the
 * kernel asks for each by its name. An argument with a blank in quotes is two words to iPXE, which puts one blank between
 * words.
 */
export function linuxScript(site: Site, node: Node, { kernel, initrds }: LinuxBoot) {
  return {
    site,
    node,
    kernel,
    initrds: initrds.map((url, index) => ({ name: initrdName(initrds.length, index), url })),
    words: kernelArgs(site, node).flatMap((arg) => arg.split(' ')),
    self: urlOf(site, scriptPath(node)),
  };
}

/** Gives what iPXE calls an initrd, by its place among so many. */
export function initrdName(count: number, index: number): string {
  return count === 1 ? 'initrd' : `initrd${index}`;
}
