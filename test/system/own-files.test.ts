// needs: root nginx curl unshare
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Daemons, startDaemons } from '../../src/rehearse/daemons.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { harvgen } from '../support/cli.ts';
import { PLANT } from '../support/plant.ts';
import { writeFiles } from '../support/scratch.ts';

/** Paths below the document root with special characters for a shell, a URL or nginx, and their expected type. */
const SERVED: Readonly<Record<string, string>> = {
  'plain.txt': 'text/plain',
  'no-ending': 'application/octet-stream',
  'image.img': 'application/octet-stream',
  'a b  c.txt': 'text/plain',
  ' blanks around ': 'application/octet-stream',
  'c#d?e.ipxe': 'text/plain',
  'ä/ß/日本.md': 'text/plain',
  'percent%41%20%2e.sh': 'text/plain',
  'semi;colon{brace}.conf': 'text/plain',
  '"double" \'single\'.yaml': 'text/plain',
  '~^(regular|expression)*.txt': 'text/plain',
  '$uri ${host} $1.txt': 'text/plain',
  dollar$: 'application/octet-stream',
  '= equals': 'application/octet-stream',
  '@named': 'application/octet-stream',
  '[list]&x=1+2.log': 'text/plain',
  '.well-known/thing': 'application/octet-stream',
  'ipxe/by-hand.ipxe': 'text/plain',
  'config/by-hand.yaml': 'text/plain',
  'LOUD.TXT': 'text/plain',
  'deep/er/and/index.html': 'text/html',
};

const test = suite('site files, with the real nginx');
let sandbox: Sandbox;
let daemons: Daemons;

test.before(async () => {
  sandbox = await openSandbox();
  const home = join(sandbox.folder, 'home');
  const files = Object.entries(SERVED).map(([path]) => [`plant/files/www/${path}`, `this is ${path}\n`]);
  writeFiles(home, {
    'plant/site.yaml': PLANT,
    'plant/files/scripts/by-hand.sh': 'true\n',
    'plant/files/www/.git/config': 'password\n',
    ...Object.fromEntries(files),
  });
  const { code, stderr } = harvgen(['build', 'plant'], home);
  if (code !== 0) throw new Error(stderr);
  await sandbox.bind(join(home, 'out/plant'), '/srv/harvgen/plant');
  await sandbox.run(['mkdir', '-p', '/etc/nginx/harvgen']);
  const include = 'echo "set \\$harvgen_plant_fills nothing;" >/etc/nginx/harvgen/plant.secrets.conf';
  await sandbox.run(['sh', '-c', include]);
  await sandbox.run(['ip', 'address', 'add', '192.168.178.7/24', 'dev', 'lo']);
  daemons = await startDaemons(sandbox, { nginx: '/srv/harvgen/plant/nginx/plant.conf' });
});

test.after(async () => {
  await daemons?.stop();
  await sandbox?.close();
});

for (const [path, type] of Object.entries(SERVED)) {
  test(`${path} is served to every client, as ${type}`, async () => {
    const { status, contentType, body } = await get(path);
    assert.equal(
      { status, contentType, body },
      { status: 200, contentType: type, body: `this is ${path}\n` },
    );
  });
}

test('missing files, files outside www and directories are not served', async () => {
  for (const path of ['scripts/by-hand.sh', 'plain.TXT', 'plain.txt/', 'ä', 'deep/er/and/', '.git/config'])
    assert.is((await get(path)).status, 404, path);
  assert.is((await get('../scripts/by-hand.sh')).status, 400);
});

test('the files of a node are still only for that node', async () => {
  assert.is((await get('config/52-54-00-aa-01-01.yaml')).status, 403);
  assert.is((await get('inventory.json')).status, 403);
  assert.is((await get('boot.ipxe')).status, 200);
});

test('nginx logs no warning about its configuration', async () => {
  assert.not.match(await daemons.nginxLog(), /\[(warn|error|emerg)\]/);
});

test.run();

/** Sends a request from an unknown machine. */
async function get(path: string): Promise<{ status: number; contentType: string; body: string }> {
  const url = `http://192.168.178.7/${path.split('/').map(encodeURIComponent).join('/')}`;
  const curl = [
    'curl',
    '--silent',
    '--globoff',
    '--path-as-is',
    '--write-out',
    '\n%{http_code} %{content_type}',
  ];
  const answer = await sandbox.run([...curl, url]);
  const end = answer.lastIndexOf('\n');
  const [status = '', contentType = ''] = answer.slice(end + 1).split(' ');
  return { status: Number(status), contentType, body: answer.slice(0, end) };
}
