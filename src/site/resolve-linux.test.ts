import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';

const SITE = `site: plant
server: { url: http://10.1.0.1 }
networks:
  mgmt: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, dns: [10.1.0.1], dhcp: {} }
groups:
  compute: { description: Compute nodes }
profiles:
  compute:
    groups: [compute]
    boot:
      os: linux
      kernel: rocky9/vmlinuz-\${node:arch}
      initrd: [microcode.img, "http://10.1.0.9/initramfs.img"]
      root: { squashfs: rocky9/root.squashfs }
      args: [ip=dhcp, "hostname=\${node:name}"]
nodes:
  cg01: { mac: 52:54:00:7c:52:01, ip: 10.1.0.11, nid: 1, xname: x1000c1s7b0n0, profiles: [compute] }
`;

const test = suite('what boots Linux');

const of = async (text: string) => {
  const { site, diagnostics } = await compile(makeSite(text));
  return { node: site?.nodes[0], said: diagnostics.map(({ message }) => message) };
};

test('URLs and arguments are whole, with the values of the node', async () => {
  const { node, said } = await of(SITE);
  assert.equal(said, []);
  assert.equal(node?.linux, {
    kernel: 'http://10.1.0.1/images/rocky9/vmlinuz-amd64',
    initrds: ['http://10.1.0.1/images/microcode.img', 'http://10.1.0.9/initramfs.img'],
    squashfs: 'http://10.1.0.1/images/rocky9/root.squashfs',
    args: [
      'root=live:http://10.1.0.1/images/rocky9/root.squashfs',
      'rd.live.image',
      'rd.live.overlay.overlayfs=1',
      'ip=dhcp',
      'hostname=cg01',
    ],
  });
  assert.equal([node?.xname, node?.nid, node?.groups[0]?.name], ['x1000c1s7b0n0', 1, 'compute']);
});

test('images of another server, and a root that is no image', async () => {
  const { node } = await of(
    SITE.replace('10.1.0.1 }\nnet', '10.1.0.1, images: "http://10.1.0.9:9000/boot-images/" }\nnet').replace(
      '{ squashfs: rocky9/root.squashfs }',
      '/dev/nfs',
    ),
  );
  assert.is(node?.linux?.kernel, 'http://10.1.0.9:9000/boot-images/rocky9/vmlinuz-amd64');
  assert.is(node?.linux?.squashfs, undefined);
  assert.equal(node?.linux?.args.slice(0, 2), ['root=/dev/nfs', 'ip=dhcp']);
});

test('values that there are not', async () => {
  const { said } = await of(
    SITE.replace('hostname=${node:name}', 'a=${node:nmae} b=${node:serial} c=${node:nid}').replace(
      'nid: 1, ',
      '',
    ),
  );
  assert.equal(said, [
    '${node:nmae} is no value of a node: did you mean ${node:name}?',
    'cg01 has no nid, which ${node:nid} stands for.',
    'cg01 has no serial, which ${node:serial} stands for.',
  ]);
});

test('the URL of the boot server, where that is at fault itself', async () => {
  const { said } = await of(
    SITE.replace('http://10.1.0.1', '10.1.0.1').replace('${node:name}', '${node:server}'),
  );
  assert.is(said.length, 1);
  assert.match(said[0] ?? '', '`10.1.0.1` is not an http or https URL');
});

test('a group that there is not, one that is listed twice, and a cluster without a release', async () => {
  const { said } = await of(SITE.replace('groups: [compute]', 'groups: [compte]'));
  assert.equal(said, ['There is no group compte.']);
  const twice = SITE.replace('groups: [compute]', 'groups: [compute, compute]');
  assert.equal((await of(twice)).said, ['The group compute is listed twice.']);
  const cluster = 'cluster: { vip: 10.1.0.9, token: "${secret:t}" }\nnodes:';
  assert.equal((await of(SITE.replace('nodes:', cluster))).said, [
    'It is not said which release of Harvester the cluster plant is to run.',
  ]);
});

test.run();
