// needs: root awk bash dbus-daemon firewalld ip iptables libvirtd nft nginx qemu-img qemu-system-x86_64 rsync socat ufw unshare virsh
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type HostBox, type Outcome, openHostBox } from './host-box.ts';
import { addNeighbour } from './neighbours.ts';
import { until } from './until.ts';

/*
 * The real firewalld and the real ufw of a host, with real machines of libvirt or real packets. No step of host-setup.sh cuts
 * machines off, and machines reach what the inventory allows.
 */

const SETUP = '/srv/harvgen/plant/scripts/host-setup.sh';

function inventory({ forward = 'nat', airGapped = false }): string {
  return `site: plant
air_gapped: ${airGapped}
server: { url: http://192.168.150.1 }
host: { address: lab.example.org, domain_type: qemu }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    libvirt: { forward: ${forward} }
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250 }
defaults: { boot: { os: local }, firmware: bios }
silence: { vm-too-small: nothing is installed here }
nodes:
  a-1: { mac: 52:54:00:0c:01:01, ip: 192.168.150.41, vm: { memory: 64Mi, vcpus: 1, disks: [{ size: 1Mi }] } }
`;
}

const test = suite<{ box: HostBox }>('the real firewalls of a host');

test.before.each(async (context) => {
  context.box = await openHostBox();
});

test.after.each(async ({ box }) => box?.close());

async function up(box: HostBox, parts: Parameters<typeof inventory>[0]): Promise<Outcome> {
  await box.deploy(inventory(parts));
  const outcome = await box.script(SETUP);
  assert.is(outcome.status, 0, outcome.text);
  return outcome;
}

/** Starts a message bus and firewalld, then libvirt again, which connects to firewalld. */
async function startFirewalld({ sandbox, sh }: HostBox): Promise<void> {
  await sh(
    'rm -rf /run/dbus; mkdir -p /run/dbus; dbus-daemon --system --fork; touch /run/stand-in/active/firewalld.service',
  );
  sandbox.spawn(['firewalld', '--nofork', '--nopid'], { stdio: 'ignore' });
  await until(async () => (await sh('firewall-cmd --state')) === 'running\n');
  await sh('kill $(cat /run/libvirtd.pid); while [ -e /run/libvirtd.pid ]; do sleep 0.1; done');
  sandbox.spawn(['libvirtd'], { stdio: 'ignore' });
  await until(async () => (await sh('virsh uri')).includes('qemu'));
}

const rules = async ({ sh }: HostBox) =>
  (
    await sh(`for what in interfaces ports; do firewall-cmd --zone=libvirt --list-$what; done
      firewall-cmd --policy=libvirt-to-host --list-ports`)
  ).trimEnd();

test('firewalld: machines keep their rules and their clock until their network restarts', async ({ box }) => {
  await startFirewalld(box);
  const clock = () => box.sh('ls /etc/chrony/conf.d');
  await up(box, { airGapped: true, forward: 'open' });
  assert.is(await rules(box), 'virbr-mgmt\n80/tcp 123/udp');

  for (const time of ['once', 'again']) {
    const { text } = await up(box, {});
    assert.match(text, 'plant is up; the changes named above wait until machines are off.\n', time);
    assert.is(await rules(box), 'virbr-mgmt\n80/tcp 123/udp');
    assert.match(await clock(), 'harvgen-plant.conf');
  }

  await box.sh('virsh destroy a-1');
  assert.match((await up(box, {})).text, 'plant is up.\n');
  // The bridge is now in this zone by libvirt, which does not keep it there.
  assert.is(await rules(box), 'virbr-mgmt\n80/tcp');
  assert.not.match(await box.sh('firewall-cmd --permanent --zone=libvirt --list-interfaces'), 'virbr');
  assert.not.match(await clock(), 'harvgen');
  assert.match((await up(box, {})).text, 'plant is up; there was nothing to do.\n');
});

/** The rules of libvirt 11 for a network with NAT, by its nftables backend. */
const LIBVIRT_RULES = `table ip libvirt_network {
  chain forward { type filter hook forward priority filter; policy accept; jump guest_input; jump guest_output; }
  chain guest_output { iif virbr-mgmt ip saddr 192.168.150.0/24 counter accept; iif virbr-mgmt counter reject; }
  chain guest_input { oif virbr-mgmt ip daddr 192.168.150.0/24 ct state established,related counter accept; oif virbr-mgmt counter reject; }
  chain guest_nat { type nat hook postrouting priority srcnat; policy accept; ip saddr 192.168.150.0/24 ip daddr != 192.168.150.0/24 counter masquerade; }
}`;

test('ufw: machines reach other networks, with the nftables backend of libvirt', async ({ box }) => {
  const machine = await addNeighbour(box.sandbox, 'machine', {
    at: 'virbr-mgmt',
    host: ['192.168.150.1/24'],
    addresses: ['192.168.150.41/24'],
    gateways: ['192.168.150.1'],
  });
  const internet = await addNeighbour(box.sandbox, 'internet', {
    at: 'uplink',
    host: ['203.0.113.1/24'],
    addresses: ['203.0.113.80/24'],
    gateways: ['203.0.113.1'],
  });
  await internet.answer('internet', 80);
  await box.sh(`sysctl -qw net.ipv4.ip_forward=1; ufw --force enable; nft -f - <<'END'
${LIBVIRT_RULES}
END`);
  const reaches = () => machine.ask('203.0.113.80', 80).catch(() => '');
  assert.is(await reaches(), '');
  await box.deploy(inventory({}));
  await box.sh(`sed -i '/^steps=($/,/^)$/c steps=(access unused)' ${SETUP}`);
  const { status, text } = await box.script(SETUP);
  assert.is(status, 0, text);
  assert.is(await reaches(), 'internet 80 for 203.0.113.1', text);
  assert.match((await box.script(SETUP)).text, ' access … unchanged\n');
  await box.deploy(inventory({ airGapped: true }));
  await box.sh(`sed -i '/^steps=($/,/^)$/c steps=(access unused)' ${SETUP}`);
  assert.is((await box.script(SETUP)).status, 0);
  assert.is(await reaches(), '');
  assert.not.match(await box.sh('ufw show added'), 'route');
});

test.run();
