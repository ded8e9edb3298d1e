import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { kernelWords, setsParameter } from '../../values/kernel-words.ts';
import { plainXname } from '../../values/xname.ts';
import { kernelArgs } from '../linux/kernel-args.ts';

/** What a node that boots Linux boots, as BSS tells its parts. */
export interface BssBoot {
  readonly kernel: string;
  readonly initrds: readonly { readonly name: string; readonly url: string }[];
  /** What the kernel is told: what the inventory says. */
  readonly said: readonly string[];
  /** The same whole, in BSS' order. */
  readonly params: readonly string[];
}

/**
 * Gives what a node boots in BSS' order: the names of the initrds, what the inventory says, `xname=`, `nid=`, and what is added
 * for the NIC and for cloud-init, each unless it is said already. BSS cuts `initrd` out of what is said, wherever it stands in a
 * word; that is left in. Source: OpenCHAMI/bss, cmd/boot-script-service/default_api.go (buildParams).
 */
export function bssBoot(site: Pick<Site, 'server'>, node: Node, linux: LinuxBoot): BssBoot {
  const initrds = linux.initrds.map((url, index) => ({ name: initrdName(index), url }));
  const said = linux.args.flatMap(kernelWords);
  const added = kernelArgs(site, node).slice(said.length);
  const facts = { xname: node.xname && plainXname(node.xname), nid: node.nid };
  return {
    kernel: linux.kernel,
    initrds,
    said,
    params: [
      ...initrds.map(({ name }) => `initrd=${name}`),
      ...said,
      ...Object.entries(facts).flatMap(([name, value]) =>
        value === undefined || said.some((word) => setsParameter(word, name)) ? [] : [`${name}=${value}`],
      ),
      ...added,
    ],
  };
}

/** BSS has one, by this name. */
function initrdName(index: number): string {
  return index === 0 ? 'initrd' : `initrd${index + 1}`;
}
