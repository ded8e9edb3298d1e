import type { Target } from '../target.ts';

/** The files of the site's own, as they are. */
export const files: Target = {
  name: 'files',
  *emit(site) {
    for (const { path, content, executable } of site.files) yield { path, content, executable };
  },
};
