import { Document, type Scalar, visit } from 'yaml';
import { isMap, type JsonMap } from './random-fields.ts';
import type { SitePlan } from './random-plan.ts';

/** The files of a site by their paths, next to and below its directory `plant`. */
export type Files<Content> = Readonly<Record<string, Content>>;

const ROOT = 'plant/site.yaml';
const PARTS = ['server', 'networks', 'cluster', 'clusters', 'defaults', 'profiles', 'nodes'];

/** Distributes an inventory over files: its own files, some of which contain half of a map, and included files. */
export function spread(inventory: JsonMap, { files, chain }: SitePlan['style']): Files<JsonMap> {
  const root = { ...inventory };
  const others: Record<string, JsonMap> = {};
  const includes: string[] = [];
  for (const [index, key] of PARTS.entries()) {
    const part = inventory[key];
    const where = files[index % files.length];
    if (!isMap(part) || !where || where === 1) continue;
    const entries = Object.entries(part);
    if (where === 2) {
      delete root[key];
      others[`plant/${key}.yaml`] = { [key]: part };
    } else if (where === 3) {
      delete root[key];
      includes.push(`${key}.yaml`);
      others[`_shared/${key}.yaml`] = { [key]: part };
    } else if (entries.length > 1) {
      root[key] = Object.fromEntries(entries.slice(0, 1));
      others[`plant/parts/${key}.yaml`] = { [key]: Object.fromEntries(entries.slice(1)) };
    }
  }
  const [first, ...rest] = includes;
  if (!first) return { [ROOT]: root, ...others };
  const included = others[`_shared/${first}`];
  if (chain && rest.length > 0) others[`_shared/${first}`] = { include: rest, ...included };
  const wanted = (chain ? [first] : includes).map((name) => `../_shared/${name}`);
  return { [ROOT]: { ...root, include: wanted }, ...others };
}

/** Returns files as YAML texts. Texts with blanks that harvgen rejects outside of quotes are in quotes. */
export function written(files: Files<unknown>, { flow, crlf }: SitePlan['style']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => {
      const document = new Document(content, { aliasDuplicateObjects: true });
      const quote = (scalar: Scalar) => {
        if (/[^\S \t\r\n]|\u200b/.test(String(scalar.value))) scalar.type = 'QUOTE_DOUBLE';
      };
      visit(document, { Scalar: (_, scalar) => quote(scalar) });
      const text = document.toString({ lineWidth: 0, collectionStyle: flow ? 'flow' : 'any' });
      return [path, crlf ? text.replaceAll('\n', '\r\n') : text];
    }),
  );
}
