/** What git needs to keep an empty folder, and what desktops leave behind. */
const LEFT_BEHIND: ReadonlySet<string> = new Set(['.gitkeep', '.DS_Store', 'Thumbs.db']);

/** Vim's swap files, with which it also tries a folder out (4913), Emacs' locks and unsaved texts, and backups of both. */
const EDITORS = /^(\.(.*\.)?sw[a-p]|4913|\.#.*|#.*#|.*~)$/s;

/**
 * Says whether a file or folder is litter, by its name alone, without the folders around it: what editors, desktops and
 * git put beside the files that somebody means. It is no part of a site, and nothing happens when it comes or goes.
 */
export function isLitter(name: string): boolean {
  return LEFT_BEHIND.has(name) || EDITORS.test(name);
}
