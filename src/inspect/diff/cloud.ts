import { isValueMap } from '../../source/origin.ts';
import { CLOUD_MAIN } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { orUndefined } from '../../values/or-undefined.ts';

/**
 * Returns the resources of a tree's cloud VM that Terraform must not destroy, by their address: the VM and its data disks.
 * Undefined without such a VM.
 */
export function keptResources(tree: Tree): string[] | undefined {
  const file = tree.get(CLOUD_MAIN);
  const main = file && orUndefined((): unknown => JSON.parse(textOf(file)));
  if (!isValueMap(main)) return undefined;
  const isKept = (block: unknown) =>
    isValueMap(block) && isValueMap(block.lifecycle) && block.lifecycle.prevent_destroy === true;
  return entriesOf(main.resource).flatMap(([type, blocks]) =>
    entriesOf(blocks).flatMap(([name, block]) => (isKept(block) ? [`${type}.${name}`] : [])),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return isValueMap(value) ? Object.entries(value) : [];
}
