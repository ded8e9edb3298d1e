// needs: root ip qemu-system-x86_64 unshare /usr/lib/ipxe/qemu/pxe-virtio.rom
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPlant } from '../../src/rehearse/plant.ts';

/* The plant's own test. boot.test.ts tests that every firmware reaches the stand-in in its own way, and that the plant sees which. */

const test = suite('plant');

test('a machine that does not reach the expected text reports the reason', async () => {
  const plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  try {
    const mac = '52:54:00:00:00:05';
    const machine = await plant.boot({ name: 'five', macs: [mac], unplugged: [mac], firmware: 'bios-ipxe' });
    const waiting = machine.waitFor('STAND-IN', 8_000);
    const message = await waiting.then(String, (error: Error) => error.message);
    assert.match(message, 'five ran out of time before its console showed STAND-IN');
    assert.match(message, `Configuring (net0 ${mac})`);
  } finally {
    await plant.close();
  }
});

test.run();
