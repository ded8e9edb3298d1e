import { marksOf } from '../../secrets/marks-of.ts';
import type { Site } from '../../site/model.ts';
import type { Mark } from '../../source/marks.ts';
import { fillStamp } from './fill-stamp.ts';

/** Gives the marks that nginx fills in as it serves a site: none where the tree itself holds the values. */
export function nginxFills(site: Site): readonly Mark[] {
  return site.server.secrets === undefined ? [] : marksOf(site);
}

/** Gives the path, in the tree, of the file that says which marks nginx has to fill in to serve the tree. */
export function fillsPath(marks: readonly Mark[]): string {
  return `nginx/fills-${fillStamp(marks)}`;
}

/** Gives the text of that file: for people, since nginx looks no further than to its name. */
export function fillsText(site: Site, marks: readonly Mark[]): string {
  const names = [...new Set(marks.map(({ name }) => name))].sort();
  return [
    `# Here as long as nginx is to fill in what follows as it serves the configurations of ${site.name}; nginx looks for its name.`,
    ...(names.length > 0 ? names : ['# Nothing.']),
    '',
  ].join('\n');
}
