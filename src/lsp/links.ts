import { dirname, join, resolve } from 'node:path';
import type { DocumentLink } from 'vscode-languageserver/node';
import { type Document, isMap, isScalar, isSeq, type Scalar, visit } from 'yaml';
import { isFile } from '../inventory/disk.ts';
import type { Capability } from './capability.ts';
import type { OpenFile } from './open-file.ts';

/** Links from includes to the files, and from URLs and paths of the boot server to the site files that it serves there. */
export const links: Capability = (connection, workspace) => {
  connection.onDocumentLinks(({ textDocument }) =>
    workspace.answer(textDocument, (file) => [
      ...includesOf(file),
      ...file.documents.flatMap((document) => servedIn(file, document)),
    ]),
  );
  return { documentLinkProvider: {} };

  function linkOf(file: OpenFile, { range }: Scalar, path: string): DocumentLink {
    return { range: file.range(range?.[0] ?? 0, range?.[1] ?? 0), target: workspace.uriOf(path) };
  }

  function includesOf(file: OpenFile): DocumentLink[] {
    const include = file.isInventory && isMap(file.root) ? file.root.get('include') : undefined;
    return (isSeq(include) ? include.items : []).flatMap((item) => {
      if (!isScalar(item) || typeof item.value !== 'string') return [];
      const path = resolve(dirname(file.path), item.value);
      return isFile(path) ? [linkOf(file, item, path)] : [];
    });
  }

  function servedIn(file: OpenFile, document: Document.Parsed): DocumentLink[] {
    const served = new Map(
      file.sites.flatMap(({ folder, compilation }) => {
        const www = join(folder, 'files', 'www');
        const below = compilation?.draft?.server?.url ?? '';
        return (compilation?.files ?? [])
          .filter((path) => path.startsWith(`${www}/`))
          .flatMap((path) => {
            const rest = path.slice(www.length + 1);
            return [rest, `/${rest}`, `${below}/${rest}`].map((text) => [text, path] as const);
          });
      }),
    );
    const found: DocumentLink[] = [];
    if (served.size > 0)
      visit(document, {
        Scalar: (_, node) => {
          const path = typeof node.value === 'string' ? served.get(node.value) : undefined;
          if (path !== undefined && isFile(path)) found.push(linkOf(file, node, path));
        },
      });
    return found;
  }
};
