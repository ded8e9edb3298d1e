// needs: root powermand conmand ipmipower unshare setpriv jq curl

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { PATIENCE } from '../../src/rehearse/machine.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { textOf } from '../../src/tree/tree.ts';
import { makeSite, writeFiles } from '../support/scratch.ts';

/* The real powermand and conmand accept their files, and contact the BMCs in them. */

const SITE = `site: plant
server: { url: http://10.1.0.1 }
networks:
  mgmt: { subnet: 10.1.0.0/16, gateway: 10.1.0.1, dns: [10.1.0.1], dhcp: {} }
defaults: { boot: { os: linux, kernel: vmlinuz } }
nodes:
  cg[001-070]:
    mac: 52:54:00:7c:52:[01-46]
    ip: 10.1.0.[11-80]
    bmc: { address: "127.0.1.[1-70]", protocol: ipmi }
  rf[1-2]:
    mac: 52:54:00:7c:53:[01-02]
    ip: 10.1.1.[1-2]
    bmc: { address: "127.0.2.[1-2]", protocol: redfish }
`;

/** Replaces FreeIPMI's ipmipower: its prompt, its answers, and a log of its commands. */
const IPMIPOWER = `#!/bin/bash
while [ $# -gt 0 ]; do if [ "$1" = -h ]; then IFS=, read -ra hosts <<<"$2"; fi; shift; done
printf 'ipmipower> '
while read -r line; do
  echo "$line" >>/srv/ipmipower.log
  case $line in
    stat) for host in "\${hosts[@]}"; do case $host in *.1.7) echo "$host: on" ;; *.1.9) echo "$host: connection timeout" ;; *) echo "$host: off" ;; esac; done ;;
    quit) exit ;;
    *) for host in "\${hosts[@]}"; do echo "$host: ok"; done ;;
  esac
  printf 'ipmipower> '
done
`;

/** Replaces curl, with two machines behind their BMCs: one on, one off. */
const CURL = `#!/bin/bash
cat >>/srv/curl.log
for word in "$@"; do case $last in --output) body=$word ;; --dump-header) headers=$word ;; --request) method=$word ;; esac; last=$word; done
: >"$headers"
printf '%s %s\\n' "$method" "$last" >>/srv/curl.log
state=Off; case $last in *127.0.2.1*) state=On ;; esac
case $last in
  */Systems) printf '{"Members":[{"@odata.id":"/redfish/v1/Systems/1"}]}' >"$body" ;;
  *) printf '{"PowerState":"%s","Boot":{}}' "$state" >"$body" ;;
esac
printf 200
`;

const test = suite<{ sandbox: Sandbox }>('power and consoles, with the real daemons');

test.before(async (context) => {
  const { tree, diagnostics } = await compile(makeSite(SITE));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  context.sandbox = await openSandbox();
  const { sandbox } = context;
  await sandbox.run(['ip', 'link', 'set', 'lo', 'up']);
  const folder = join(sandbox.folder, 'tree');
  mkdirSync(folder);
  writeFiles(folder, Object.fromEntries([...tree].map(([path, file]) => [path, textOf(file)])));
  chmodSync(join(folder, 'scripts/redfish-boot.sh'), 0o755);
  await sandbox.bind(folder, '/srv/harvgen/plant');
  for (const [name, text] of Object.entries({ ipmipower: IPMIPOWER, curl: CURL })) {
    writeFileSync(join(sandbox.folder, name), text, { mode: 0o755 });
  }
  await sandbox.bind(join(sandbox.folder, 'ipmipower'), '/usr/sbin/ipmipower');
  await sandbox.bind(join(sandbox.folder, 'curl'), '/usr/bin/curl');
});

test.after(({ sandbox }) => sandbox.close());

/** Retries an operation until its result is right: a daemon takes a moment. */
async function eventually(
  attempt: () => Promise<string>,
  isRight: (text: string) => boolean,
): Promise<string> {
  let last = '';
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(300)) {
    last = await attempt().catch((error: Error) => error.message);
    if (isRight(last)) return last;
  }
  return last;
}

test('powermand queries the BMC of each node, by IPMI and by Redfish', async ({ sandbox }) => {
  const daemon = sandbox.spawn(
    [
      'env',
      'REDFISH_USER=root',
      'REDFISH_PASSWORD=p"w',
      'powermand',
      '-f',
      '-c',
      '/srv/harvgen/plant/ops/powerman.conf',
    ],
    { stdio: 'ignore' },
  );
  const query = () => sandbox.run(['powerman', '--query-all']);
  const states = await eventually(query, (text) => /^unknown: *cg009$/m.test(text));
  assert.is(states.replace(/ +/g, ' '), 'on: cg007,rf1\noff: cg[001-006,008,010-070],rf2\nunknown: cg009\n');
  assert.match(await sandbox.run(['powerman', '--on', 'cg[002-003],rf2']), 'Command completed successfully');
  assert.match(await sandbox.run(['cat', '/srv/ipmipower.log']), /^on 127\.0\.1\.\[?2-3\]?$/m);
  const requests = await sandbox.run(['cat', '/srv/curl.log']);
  assert.match(requests, 'user = "root:p\\"w"');
  assert.match(requests, 'POST https://127.0.2.2:443/redfish/v1/Systems/1/Actions/ComputerSystem.Reset');
  await sandbox.stop(daemon);
});

test('conmand has a console for each node', async ({ sandbox }) => {
  const log = join(sandbox.folder, 'conman.log');
  writeFileSync(log, '');
  const credentials = 'GLOBAL ipmiopts="U:admin,P:secret"\n';
  const conf = readFileSync(join(sandbox.folder, 'tree/ops/conman.conf'), 'utf8');
  writeFileSync(join(sandbox.folder, 'conman.conf'), credentials + conf);
  await sandbox.bind(join(sandbox.folder, 'conman.conf'), '/etc/conman.conf');
  const daemon = sandbox.spawn(['conmand', '-F', '-v'], { stdio: 'ignore' });
  const listed = await eventually(
    () => sandbox.run(['conman', '-q']),
    (text) => text.includes('rf2'),
  );
  const names = listed.trim().split('\n').sort();
  assert.is(names.length, 72);
  assert.equal([names[0], names[69], names[71]], ['cg001', 'cg070', 'rf2']);
  await sandbox.stop(daemon);
});

test.run();
