import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const test = suite('how a node’s script goes through the disks');

const SECOND = 'mac: 52:54:00:aa:01:02, ';

async function scriptOf(says: string): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(PLANT, [SECOND, SECOND + says])));
  const script = fileText(tree, 'www/ipxe/52-54-00-aa-01-02.ipxe');
  assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
  return script;
}

/** The lines under UEFI, up to the installer, without what people are told. */
async function stepsOf(says: string): Promise<string[]> {
  const script = await scriptOf(says);
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

test('UEFI: any disk with the label, then whether there is one', async () => {
  assert.equal(await stepsOf(''), [ALL, ...PROBE]);
});

test('UEFI, a disk that is said: what it started and what came back is not followed by another disk', async () => {
  assert.equal(await stepsOf('boot: { drive: 0x81 }, '), [
    'sanboot --no-describe --drive 0x81 --label COS_GRUB && goto probe ||',
    ALL,
    ':probe',
    ...PROBE,
  ]);
});

test('install: never goes through the disks as install: once does, with both kinds of firmware', async () => {
  const untilEnd = async (says: string) => {
    const steps = (await scriptOf(says)).split('\n').filter((line) => !/^(?:#|echo )/.test(line));
    return steps.slice(0, steps.indexOf(':no_disk'));
  };
  const once = await untilEnd('');
  assert.ok(once.filter((line) => line.startsWith('sanboot')).length > 1);
  assert.equal(await untilEnd('install: never, '), once);
});

test('install: always: no disk is looked at', async () => {
  const onDisk = /sanboot|sanhook|file:|exit/;
  assert.match(await scriptOf(''), onDisk);
  assert.not.match(await scriptOf('install: always, '), onDisk);
});

test.run();
