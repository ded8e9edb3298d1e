import { type Alias, isAlias, type Node, visit } from 'yaml';
import { type Path, pathText } from '../source/leaf.ts';
import type { Place } from '../source/origin.ts';
import { rangeOf } from './items.ts';
import { isCollection, mergedPair, type Trail } from './locate.ts';
import { EditRefusal } from './refusal.ts';
import type { YamlText } from './yaml-text.ts';

/**
 * Refuses an edit that would change what others have by anchors and aliases, or hide what the map has by a merge key.
 * Takes the trail of the path. Throws EditRefusal.
 */
export function refuseShared(text: YamlText, path: Path, trail: Trail): void {
  const { steps, value, rest } = trail;
  for (const [index, { container }] of steps.entries()) refuseAnchor(text, container, path.slice(0, index));
  if (rest.length === 0) {
    if (value) refuseAnchorsWithin(text, value, path);
    return;
  }
  const there = path.slice(0, path.length - rest.length);
  if (value) refuseAnchor(text, value, there);
  if (isAlias(value)) {
    throw new EditRefusal(
      `${pathText(there)} is *${value.source}, which is not its own: write out in its place what shall hold here`,
      placeOf(text, value),
    );
  }
  const [key] = rest;
  const merged = rest.length > 1 && key !== undefined && isCollection(value) && mergedPair(text, value, key);
  if (merged) {
    throw new EditRefusal(
      `${pathText([...there, key])} comes by the merge key <<, which takes a map whole or not at all: beside a ` +
        `${key} of its own, ${pathText(there)} would have nothing of what stands here. Write it out there by hand`,
      { source: text.source, start: merged.start, end: merged.end },
    );
  }
}

/** Refuses where others refer to a node. */
function refuseAnchor(text: YamlText, node: Node, path: Path): void {
  const [alias] = text.aliases.get(node) ?? [];
  if (alias) refuseAlias(text, alias, path);
}

/** Refuses where others, outside of a node, refer to it or to something in it. */
function refuseAnchorsWithin(text: YamlText, node: Node, path: Path): void {
  const [start, end] = rangeOf(node);
  const isOutside = (alias: Alias) => rangeOf(alias)[0] < start || rangeOf(alias)[0] >= end;
  visit(node, {
    Node: (_, inner) => {
      const alias = text.aliases.get(inner)?.find(isOutside);
      if (alias) refuseAlias(text, alias, path);
    },
  });
}

function refuseAlias(text: YamlText, alias: Alias, path: Path): never {
  throw new EditRefusal(
    `what ${pathText(path)} has is used here, too, as *${alias.source}: an edit of it would reach further than it says. ` +
      'Write it out here, or edit both by hand',
    placeOf(text, alias),
  );
}

function placeOf({ source }: YamlText, node: Node): Place {
  const [start, end] = rangeOf(node);
  return { source, start, end };
}
