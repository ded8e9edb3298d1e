import { BIN } from './cli.ts';
import { startWorker } from './worker.ts';

/**
 * Returns a program in place of npx that runs the built command line in one process for all runs of a test file. A start takes more time
 * than most commands. A command with an input, which that process cannot read, has its own process.
 */
export function npxStandIn(): string {
  const { requests } = startWorker('npx-worker.mjs').paths;
  return `#!/bin/bash
if [ ! /dev/stdin -ef /dev/null ]; then shift; exec ${process.execPath} ${BIN} "$@"; fi
answer=${requests}.$$
# Opening a pipe for both never waits: the process may have ended.
mkfifo $answer && exec 3<>$answer && echo $$ 1<>${requests} && read -r -t 60 code <&3 || exit 125
cat $answer.stdout
cat $answer.stderr >&2
exit $code
`;
}
