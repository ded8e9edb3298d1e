import type { Node } from '../../site/model.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import {
  BOOT_SCRIPT,
  configPath,
  OCI_SCRIPT,
  phsConfigPath,
  phsScriptPath,
  scriptPath,
  WWW,
} from '../../tree/paths.ts';
import type { File } from '../../tree/tree.ts';
import type { Emitted, Target } from '../target.ts';
import { phsList } from './phs-list.ts';

/** What a phs lists all of its nodes as, below the document root. */
const PHS_LIST = 'all';

/**
 * Leads from oci-harvester's URL to the first script, from wherever machines have been told that the server is: iPXE resolves
 * the path against the script's own URL.
 */
const TO_BOOT_SCRIPT = `#!ipxe
# What oci-harvester had a program for is a file: iPXE runs it as it is, so the web server must run no PHP here.
:start
chain --replace --autofree ../${BOOT_SCRIPT} || sleep 10
goto start
`;

/**
 * What older boot servers answered, as files for web servers that know nothing but files: the same bytes by another name.
 * nginx needs none of them but the list.
 */
export const compat: Target = {
  name: 'compat',
  *emit(site, _, made) {
    if (site.server.compat.includes('phs')) {
      const files = new Map(made.map((file) => [file.path, file]));
      for (const node of site.nodes) if (node.bootNic.mac) yield* phsFiles(node, files);
    }
    if (site.server.compat.includes('phs-all'))
      yield { path: `${WWW}/${PHS_LIST}`, content: `${JSON.stringify(phsList(site))}\n` };
    if (site.server.compat.includes('oci')) yield { path: `${WWW}/${OCI_SCRIPT}`, content: TO_BOOT_SCRIPT };
  },
};

function* phsFiles(node: Node, made: ReadonlyMap<string, Emitted>): Iterable<Emitted> {
  for (const [from, to] of [
    [scriptPath(node), phsScriptPath(node)],
    [configPath(node), phsConfigPath(node)],
  ]) {
    const file = made.get(`${WWW}/${from}`);
    if (file) yield new LazyFile(`${WWW}/${to}`, contentOf, file);
  }
}

function contentOf({ content }: Emitted): File['content'] {
  return content;
}
