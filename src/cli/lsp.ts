import { readDescriptions } from '../knowledge/schemas.ts';
import { serve } from '../lsp/server.ts';

/**
 * `harvgen lsp`: serves the Language Server Protocol on standard input and output, until the editor ends it. Never returns, because
 * the connection ends the process with the exit code that the protocol defines.
 */
export function lsp(): Promise<number> {
  readDescriptions();
  serve();
  return new Promise(() => {});
}
