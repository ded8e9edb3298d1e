import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { kernelArgs } from '../linux/kernel-args.ts';
import { scriptPath, urlOf } from '../paths.ts';

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
    initrds: initrds.map((url, index) => ({ name: initrdName(initrds, index), url })),
    words: kernelArgs(site, node).flatMap((arg) => arg.split(' ')),
    self: urlOf(site, scriptPath(node)),
  };
}

function initrdName({ length }: readonly string[], index: number): string {
  return length === 1 ? 'initrd' : `initrd${index}`;
}
