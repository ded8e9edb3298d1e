import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const test = suite('what the first script looks for');

/** An address is given by somebody else's DHCP server, so that no node need have a MAC. */
const EXTERNAL: Edit = ['      pool: 192.168.178.200-192.168.178.250', '      server: external'];
const [FIRST, SECOND, THIRD] = ['01', '02', '03'].map((end) => `mac: 52:54:00:aa:01:${end}, `) as [
  string,
  string,
  string,
];

async function triedOf(...edits: readonly Edit[]): Promise<string[]> {
  const { tree, diagnostics } = await compile(makeSite(edited(PLANT, EXTERNAL, ...edits)));
  const script = fileText(tree, 'www/boot.ipxe');
  assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
  return Array.from(
    script.matchAll(/^isset \$\{(\S+)\} && chain --replace --autofree (\S+) \|\|$/gm),
    ([, a, b]) => `${a} ${b}`,
  );
}

const BY_MAC = ['netX', 'net0', 'net1', 'net2', 'net3'].map(
  (nic) => `${nic}/mac ipxe/\${${nic}/mac:hexhyp}.ipxe`,
);
const BY_IP = 'ip ipxe/${ip}.ipxe';
const BY_UUID = 'uuid ipxe/${uuid}.ipxe';
const BY_SERIAL = 'serial ipxe/serial/${serial:uristring}.ipxe';
const UUID = 'uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, ';

test('MACs alone where all nodes have them', async () => {
  assert.equal(await triedOf(), BY_MAC);
});

test('then the address, the UUID and the serial number, where a node can be found so', async () => {
  assert.equal(await triedOf([FIRST, '']), [...BY_MAC, BY_IP]);
  assert.equal(await triedOf([FIRST, FIRST + UUID]), [...BY_MAC, BY_UUID]);
  assert.equal(await triedOf([FIRST, UUID], [SECOND, 'serial: B5W7M32, ']), [
    ...BY_MAC,
    BY_IP,
    BY_UUID,
    BY_SERIAL,
  ]);
});

test('no MAC where no node has one', async () => {
  assert.equal(await triedOf([FIRST, ''], [SECOND, ''], [THIRD, '']), [BY_IP]);
});

test.run();
