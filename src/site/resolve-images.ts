import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { brokenKeys, inherit, isBroken, keyPlaceOf, lacks, markBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/nearest.ts';
import { build, saidOr } from './build.ts';
import type { Image, Node, Server, Tenant } from './model.ts';
import { markUnknownTenant, tenantOf } from './resolve-tenants.ts';

/** Makes the images of an inventory, in its order; reports tenants, parents and nodes that there are not. */
export function resolveImages(
  inventory: Draft<SiteInventory>,
  server: Draft<Server> | undefined,
  tenants: readonly Draft<Tenant>[],
  report: Report,
): Draft<Image>[] {
  const { images: said = {}, nodes = {} } = inventory;
  const isComplete = !isBroken(inventory, 'images') && brokenKeys(said).length === 0;
  const isEveryNodeKnown = !isBroken(inventory, 'nodes') && brokenKeys(nodes).length === 0;
  const images = new Map<string, Draft<Image>>();
  for (const [name, image] of Object.entries(said)) {
    if (!image) continue;
    const { source, snapshot_of: snapshotOf } = image;
    images.set(
      name,
      build<Draft<Image>>(
        {
          name,
          stored: `${server?.iscsi?.store?.prefix}image.${name}`,
          source,
          snapshotOf,
          parent: undefined,
          tenant: tenantOf(image, tenants, inventory, report),
          public: saidOr(image, 'public', false),
        },
        image,
        { snapshotOf: 'snapshot_of' },
        keyPlaceOf(said, name),
      ),
    );
    markUnknownTenant(images.get(name) as Draft<Image>, image);
    if (snapshotOf !== undefined && !Object.hasOwn(nodes, snapshotOf) && isEveryNodeKnown)
      report.error({
        code: 'unknown-node',
        message: `${name} is to be made of the disk of ${snapshotOf}, and there is no such node.`,
        at: placeOf(image, 'snapshot_of'),
        help: 'name a node that boots by iSCSI; an image whose node has gone says no snapshot_of, and stays in the store as it is',
      });
  }
  for (const [name, image] of images) {
    const parent = said[name]?.parent;
    if (parent === undefined) continue;
    const found = images.get(parent);
    // The images know each other, so that they are tied together once all are there.
    if (found) Object.assign(image, { parent: found });
    else markBroken(image, 'parent');
    if (!found && isComplete)
      reportUnknownImage(parent, [...images.keys()], placeOf(image, 'parent'), report);
  }
  return [...images.values()];
}

/**
 * Lets an image that is made of a node's disk have the parent that it does not say: what that node boots. It knows none where
 * the node boots it itself by now, or what is made of it.
 */
export function deriveParents(
  images: readonly Draft<Image>[],
  nodes: readonly Pick<Draft<Node>, 'name' | 'iscsi'>[],
): void {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const image of images) {
    const booted = image.snapshotOf === undefined ? undefined : byName.get(image.snapshotOf)?.iscsi?.image;
    if (!booted || !lacks(image, 'parent') || linesOf(booted).includes(image)) continue;
    Object.assign(image, { parent: booted });
    inherit(image, 'parent', image, 'snapshotOf');
  }
}

/** Gives an image and what it was made from, in turn; of those that go round in a circle, each once. */
export function linesOf(image: Draft<Image>): Draft<Image>[] {
  const seen = new Set<Draft<Image>>();
  for (let one: Draft<Image> | undefined = image; one && !seen.has(one); one = one.parent) seen.add(one);
  return [...seen];
}

/** Reports the name of an image that there is not, at the place that names it. */
export function reportUnknownImage(
  name: string,
  known: readonly string[],
  at: ReturnType<typeof placeOf>,
  report: Report,
): void {
  const meant = nearest(name, known);
  report.error({
    code: 'unknown-image',
    message: `There is no image ${name}${meant ? `: did you mean ${meant}?` : '.'}`,
    at,
    help: `known images: ${known.join(', ') || `none: define it, \`images: {${name}: {source: ${name}.qcow2}}\``}`,
  });
}
