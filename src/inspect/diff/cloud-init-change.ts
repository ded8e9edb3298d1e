import { listed } from '../../source/diagnostics/listed.ts';
import { CLOUD_INIT_FILES } from '../../tree/paths.ts';
import type { NodeChange } from './change.ts';
import type { NodeFacts } from './facts.ts';

/** The line of meta-data by which cloud-init tells machines apart. */
const INSTANCE_ID = /^instance-id: .*$/m;

/** Says that cloud-init finds other data on a node; nothing where it found none before, or finds none now: another system tells. */
export function cloudInitChange(
  { cloudInit: before }: NodeFacts,
  { cloudInit: after }: NodeFacts,
): NodeChange[] {
  if (!before || !after) return [];
  const others = CLOUD_INIT_FILES.filter((file) => before[file] !== after[file]);
  if (others.length === 0) return [];
  const [old, now] = [before, after].map((files) => INSTANCE_ID.exec(files['meta-data'] ?? '')?.[0]);
  const anew = old === now ? '' : ', and takes it for a new machine: its instance-id is another one';
  const text = `cloud-init finds other ${listed(others)} at the next boot${anew}`;
  return [{ what: 'cloud_init', effect: 'boot', text }];
}
