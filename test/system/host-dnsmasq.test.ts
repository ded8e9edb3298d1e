// needs: root busybox dnsmasq ip nsenter setpriv systemctl unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox } from '../../src/rehearse/sandbox.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { plugIn } from './dhcp-client.ts';
import { startSystemd } from './systemd-box.ts';

const UNIT = 'harvgen-plant-dnsmasq.service';

const test = suite("the site's own dnsmasq on a bridge of the host, with the real systemd");

test('leases each node its IP address, and stores the leases', async () => {
  const { tree } = await compile(
    makeSite(
      edited(
        NESTED,
        ['{ server: libvirt,', '{ server: dnsmasq,'],
        ['    gateway: 192.168.150.1\n', '    gateway: 192.168.150.1\n    interface: br0\n'],
      ),
    ),
  );
  assert.ok(tree);
  const sandbox = await openSandbox();
  try {
    await sandbox.run(['ip', 'link', 'add', 'br0', 'type', 'bridge']);
    await sandbox.run(['ip', 'address', 'add', '192.168.150.1/24', 'dev', 'br0']);
    await sandbox.run(['ip', 'link', 'set', 'br0', 'up']);
    const systemd = await startSystemd(sandbox);
    try {
      await systemd.run(['mkdir', '-p', '/srv/harvgen/tftp', '/var/lib/harvgen/plant']);
      const config = 'dnsmasq/plant.conf';
      await systemd.put(`/srv/harvgen/plant/${config}`, fileText(tree, config) ?? '');
      await systemd.put(`/etc/systemd/system/${UNIT}`, fileText(tree, `systemd/${UNIT}`) ?? '');
      await systemd.run(['systemctl', 'start', UNIT]);
      const client = await plugIn(sandbox, 'br0', 'node');
      const answer = await client.ask({ mac: '52:54:00:0c:01:02', userClass: 'iPXE' });
      assert.is(answer?.ip, '192.168.150.42', await systemd.journal(UNIT));
      assert.is(answer?.boot_file, 'http://192.168.150.1/boot.ipxe');
      assert.match(await systemd.run(['cat', '/var/lib/harvgen/plant/dnsmasq.leases']), '192.168.150.42');
      assert.is(await systemd.show(UNIT, 'NRestarts'), '0');
    } finally {
      await systemd.close();
    }
  } finally {
    await sandbox.close();
  }
});

test.run();
