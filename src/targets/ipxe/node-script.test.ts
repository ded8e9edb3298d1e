import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const test = suite('the order in which a node’s script tries disks');

const SECOND = 'mac: 52:54:00:aa:01:02, ';

async function scriptOf(keys: string): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(PLANT, [SECOND, SECOND + keys])));
  const script = fileText(tree, 'www/ipxe/52-54-00-aa-01-02.ipxe');
  assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
  return script;
}

/** Returns the commands under UEFI, up to the installer, without comments and console messages. */
async function stepsOf(keys: string): Promise<string[]> {
  const script = await scriptOf(keys);
  const [, steps = ''] = /\n:disk_uefi\n([\s\S]*?)\n:no_disk\n/.exec(script) ?? [];
  return steps.split('\n').filter((line) => line !== '' && !/^(?:#|echo )/.test(line));
}

const ALL = 'sanboot --no-describe --drive 0 --label COS_GRUB ||';
const PROBE = [
  'imgfetch --name installed file://COS_GRUB/EFI/BOOT/BOOTX64.EFI && goto installed ||',
  'goto no_disk',
  ':installed',
  'imgfree installed',
  'exit 1',
];

test('UEFI: boots any disk with the label, then checks whether there is one', async () => {
  assert.equal(await stepsOf(''), [ALL, ...PROBE]);
});

test('UEFI with boot.drive: boots no other disk after a system that started and returned', async () => {
  assert.equal(await stepsOf('boot: { drive: 0x81 }, '), [
    'sanboot --no-describe --drive 0x81 --label COS_GRUB && goto probe ||',
    ALL,
    ':probe',
    ...PROBE,
  ]);
});

test('install: never tries the same disks as install: once, with both kinds of firmware', async () => {
  const untilEnd = async (keys: string) => {
    const steps = (await scriptOf(keys)).split('\n').filter((line) => !/^(?:#|echo )/.test(line));
    return steps.slice(0, steps.indexOf(':no_disk'));
  };
  const once = await untilEnd('');
  assert.ok(once.filter((line) => line.startsWith('sanboot')).length > 1);
  assert.equal(await untilEnd('install: never, '), once);
});

test('install: always accesses no disk', async () => {
  const onDisk = /sanboot|sanhook|file:|exit/;
  assert.match(await scriptOf(''), onDisk);
  assert.not.match(await scriptOf('install: always, '), onDisk);
});

test.run();
