// needs: root awk bash ip libvirtd nft nginx rsync unshare virsh /usr/lib/ipxe/undionly.kpxe
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type HostBox, type Outcome, openHostBox } from './host-box.ts';

/*
 * Access rules in a host's own guards: scripts/host-setup.sh adds them, and scripts/down.sh removes them. The guards are
 * stand-ins: each keeps its rules in a file, answers from it, and rejects what the real one rejects.
 */

/** Edits `$here/$1`: adds or deletes the line `$2`. */
const KEEPER = `#!/bin/bash
here=/run/stand-in
add() { grep -qxF -e "$2" "$here/$1" 2>/dev/null && exit 11; echo "$2" >>"$here/$1"; }
drop() { grep -qxF -e "$2" "$here/$1" || exit 12; grep -vxF -e "$2" "$here/$1" >"$here/$1.new"; mv "$here/$1.new" "$here/$1"; }
`;

const GUARDS = {
  'firewall-cmd': `${KEEPER}
file=firewalld-now
while [ $# -gt 0 ]; do
  case $1 in
  -q) ;;
  --permanent) file=firewalld-kept ;;
  --get-policies) echo allow-host-ipv6 libvirt-to-host; exit ;;
  --get-default-zone) echo public; exit ;;
  --get-zone-of-interface=br0) echo internal; exit ;;
  --get-zone-of-interface=*) echo 'no zone' >&2; exit 2 ;;
  --zone=* | --policy=*) place=$1 ;;
  --query-*) grep -qxF -e "$place \${1#--query-}" "$here/$file"; exit ;;
  --change-interface=*) add $file "$place interface=\${1#*=}" ;;
  --add-*) add $file "$place \${1#--add-}" ;;
  --remove-*) drop $file "$place \${1#--remove-}" ;;
  *) exit 2 ;;
  esac
  shift
done
`,
  ufw: `${KEEPER}
case "$*" in
status) if [ -e $here/ufw-on ]; then echo 'Status: active'; else echo 'Status: inactive'; fi ;;
'show added') echo 'Added user rules (see "ufw status" for running firewall):'; cat $here/ufw ;;
'delete allow '*) shift; drop ufw "ufw $*" ;;
'route delete allow '*) shift 2; drop ufw "ufw route $*" ;;
'allow '* | 'route allow '*) add ufw "ufw $*" ;;
*) exit 1 ;;
esac
`,
  semanage: `${KEEPER}
case "$*" in
'fcontext --list --locallist --noheading') sed 's/ / all files system_u:object_r:/' $here/labels ;;
'fcontext --add --type '*) add labels "$5 $4" ;;
'fcontext --delete '*) drop labels "$(grep -F -e "$3 " $here/labels)" ;;
*) exit 2 ;;
esac
`,
  selinuxenabled: `#!/bin/bash\n[ -e /run/stand-in/selinux-on ]\n`,
  restorecon: '#!/bin/bash\n',
  'aa-enabled': '#!/bin/bash\n[ -e /run/stand-in/apparmor-on ]\n',
  apparmor_parser: `#!/bin/bash
[ "$*" = '--replace /etc/apparmor.d/usr.sbin.dnsmasq' ] || exit 1
cp /etc/apparmor.d/local/usr.sbin.dnsmasq /run/stand-in/apparmor-loaded 2>/dev/null || : >/run/stand-in/apparmor-loaded
`,
};

const SITES = { plant: 150, other: 160 } as const;

interface Parts {
  readonly ports?: readonly string[];
  readonly tftp?: string;
}

function inventory(name: keyof typeof SITES, { ports = ['443'], tftp = '/srv/harvgen/tftp' }: Parts = {}) {
  const net = `192.168.${SITES[name]}`;
  return `site: ${name}
harvester: { version: v1.8.1 }
server: { url: "http://${net}.1", media: "http://mirror.example.org", tftp: ${tftp} }
host: { address: lab.example.org, domain_type: qemu, expose: [${ports.map((port) => `{ port: ${port} }`)}, { port: 8443, to: 443, address: 127.0.0.1 }] }
networks:
  ${name}:
    subnet: ${net}.0/24
    gateway: ${net}.1
    dns: [${net}.1]
    dhcp: { server: libvirt, pool: ${net}.200-${net}.250 }
  trunk-${name}: { subnet: 10.${SITES[name]}.0.0/24, libvirt: { forward: isolated } }
  lan: { subnet: 10.9.0.0/24, gateway: 10.9.0.1, interface: br0, dhcp: { server: dnsmasq } }
cluster: { vip: ${net}.40, token: "\${secret:cluster_token}" }
defaults: { config: { os: { ntp_servers: [ntp.example.org], password: "\${secret:node_password}" } } }
nodes:
  ${name}-1:
    mode: create
    nics:
      - { mac: 52:54:00:0c:${SITES[name] - 100}:01, ip: ${net}.41 }
      - { mac: 52:54:00:0c:${SITES[name] - 100}:02, network: trunk-${name} }
      - { mac: 52:54:00:0c:${SITES[name] - 100}:03, network: lan }
    vm: { preset: small, disks: [{ size: 250Gi }] }
`;
}

const setup = (name: string) => `/srv/harvgen/${name}/scripts/host-setup.sh`;
const down = (name: string) => `/srv/harvgen/${name}/scripts/down.sh`;

const test = suite<{ box: HostBox }>('access rules in the guards of a host');

test.before(async (context) => {
  const box = await openHostBox();
  context.box = box;
  for (const [name, text] of Object.entries(GUARDS))
    await writeFile(join(box.sandbox.folder, 'bin', name), text, { mode: 0o755 });
  await box.sh(`ip link add br0 type bridge
    rm -rf /etc/apparmor.d; mkdir -p /etc/apparmor.d/local`);
});

test.after(async ({ box }) => box?.close());

/** Deploys a site's tree and runs its host-setup.sh with only the step under test. Returns the outcome. */
async function up(box: HostBox, name: keyof typeof SITES, parts?: Parts): Promise<Outcome> {
  await box.deploy(inventory(name, parts));
  await box.sh(`sed -i '/^steps=($/,/^)$/c steps=(access unused)' ${setup(name)}
    sed -i 's/^steps=(.*)$/steps=(access)/' ${down(name)}`);
  const outcome = await box.script(setup(name));
  assert.is(outcome.status, 0, outcome.text);
  return outcome;
}

async function takeDown(box: HostBox, name: string): Promise<void> {
  const { status, text } = await box.script(`${down(name)}`);
  assert.is(status, 0, text);
}

/** For each guard: the files with its rules, how to enable it, a rule of the host's owner, and the rules that sites add. */
const CASES = {
  firewalld: {
    files: ['firewalld-kept', 'firewalld-now'],
    on: 'touch active/firewalld.service',
    off: 'rm active/firewalld.service',
    owners: '--zone=libvirt port=80/tcp',
    added: ['--zone=internal port=67/udp', '--zone=internal port=69/udp', '--zone=public port=443/tcp'],
    port: (port: string) => `--zone=public port=${port}/tcp`,
  },
  ufw: {
    files: ['ufw'],
    on: 'touch ufw-on',
    off: 'rm ufw-on',
    owners: 'ufw allow in on virbr-plant to any port 80 proto tcp',
    added: [
      'ufw allow 443/tcp',
      'ufw allow in on br0 to any port 67 proto udp',
      'ufw allow in on br0 to any port 69 proto udp',
      'ufw route allow in on virbr-plant',
      ...['53 proto tcp', '53 proto udp', '67 proto udp', '69 proto udp'].map(
        (what) => `ufw allow in on virbr-plant to any port ${what}`,
      ),
    ],
    port: (port: string) => `ufw allow ${port}/tcp`,
  },
};

for (const [guard, { files, on, off, owners, added, port }] of Object.entries(CASES)) {
  test(`${guard}: adds only the required rules; the owner's rules stay, and the last site removes the others`, async ({
    box,
  }) => {
    const rules = async (file: string) => (await box.sh(`sort /run/stand-in/${file}`)).trim().split('\n');
    const all = async (...expected: string[]) => {
      for (const file of files) assert.equal(await rules(file), [...expected].sort(), file);
    };
    await box.sh(`cd /run/stand-in; ${on}; for file in ${files.join(' ')}; do echo '${owners}' >$file; done`);
    await up(box, 'plant');
    await all(owners, ...added);
    assert.match((await up(box, 'plant')).text, / access … unchanged\n/);
    // A missing rule is added again.
    await box.sh(`cd /run/stand-in; for file in ${files.join(' ')}; do sed -i '\\|443/tcp|d' $file; done`);
    await up(box, 'plant');
    await all(owners, ...added);
    // Another tree, with another port.
    await up(box, 'plant', { ports: ['444'] });
    await all(owners, ...added.filter((rule) => rule !== port('443')), port('444'));
    await up(box, 'plant');
    await all(owners, ...added);
    // A second site needs some of the same rules.
    await up(box, 'other');
    await takeDown(box, 'plant');
    const shared = await rules(files[0] ?? '');
    for (const rule of [owners, port('443')]) assert.ok(shared.includes(rule), rule);
    assert.not(shared.some((rule) => rule.includes('virbr-plant') && rule !== owners));
    // The script does not remove a rule that the owner has removed already.
    await box.sh(`cd /run/stand-in; for file in ${files.join(' ')}; do sed -i '\\|443/tcp|d' $file; done`);
    await takeDown(box, 'other');
    await all(owners);
    await box.sh(`cd /run/stand-in; ${off}`);
  });
}

const RULES = '/etc/apparmor.d/local/usr.sbin.dnsmasq';

for (const [what, before] of [
  ['a file of the distribution', '# Site-specific additions'],
  ['no file', ''],
] as const) {
  test(`AppArmor: dnsmasq may read the iPXE binaries, if there is ${what}`, async ({ box }) => {
    const loaded = () => box.sh('cat /run/stand-in/apparmor-loaded');
    await box.sh(`touch /run/stand-in/apparmor-on /etc/apparmor.d/usr.sbin.dnsmasq
      rm -f ${RULES}; ${before && `printf '${before}' >${RULES}`}`);
    const rules = (...more: string[]) => `${[...(before ? [before] : []), ...more].join('\n')}\n`;
    const tftp = (folder: string) => [`${folder}/ r,`, `${folder}/** r,`];
    const own = (name: string) => [
      `/srv/harvgen/${name}/dnsmasq/* r,`,
      `/var/lib/harvgen/${name}/dnsmasq.leases rw,`,
    ];
    const shared = tftp('/srv/harvgen/tftp');
    await up(box, 'plant');
    assert.is(await loaded(), rules(...shared, ...own('plant')));
    assert.match((await up(box, 'plant')).text, / access … unchanged\n/);
    await up(box, 'other');
    assert.is(await loaded(), rules(...shared, ...own('plant'), ...own('other')));
    await up(box, 'plant', { tftp: '/srv/harvgen/tftp2' });
    assert.is(
      await loaded(),
      rules(...shared, ...own('plant'), ...own('other'), ...tftp('/srv/harvgen/tftp2')),
    );
    await takeDown(box, 'plant');
    assert.is(await loaded(), rules(...shared, ...own('other')));
    await takeDown(box, 'other');
    assert.is(await loaded(), before && rules());
    await box.sh(`${before ? `grep -qx '${before}' ${RULES}` : `test ! -e ${RULES}`}
      rm -f /run/stand-in/apparmor-on /etc/apparmor.d/usr.sbin.dnsmasq`);
  });
}

test('SELinux: the labels of the site are removed, and those of the owner stay', async ({ box }) => {
  const labels = async () => (await box.sh('sort /run/stand-in/labels')).trim().split('\n');
  const owners = '/srv/harvgen/tftp(/.*)? public_content_t';
  await box.sh(`echo '${owners}' >/run/stand-in/labels; touch /run/stand-in/selinux-on`);
  await up(box, 'plant');
  assert.equal(await labels(), [
    '/srv/harvgen/plant/dnsmasq(/.*)? dnsmasq_etc_t',
    '/srv/harvgen/plant/host(/.*)? etc_t',
    '/srv/harvgen/plant/nginx(/.*)? httpd_config_t',
    '/srv/harvgen/plant/scripts(/.*)? bin_t',
    '/srv/harvgen/plant/www(/.*)? httpd_sys_content_t',
    owners,
  ]);
  assert.match((await up(box, 'plant')).text, / access … unchanged\n/);
  await takeDown(box, 'plant');
  assert.equal(await labels(), [owners]);
  await box.sh('rm /run/stand-in/selinux-on');
});

test('a host that drops incoming packets, without firewalld and ufw, prints the ports to allow', async ({
  box,
}) => {
  await box.sh(
    `nft 'add table inet own; add chain inet own in { type filter hook input priority 0; policy drop; }'`,
  );
  const { text } = await up(box, 'plant');
  assert.match(
    text,
    /neither firewalld nor ufw runs. Allow:\n {4}80\/tcp, 53\/tcp, 53\/udp, 67\/udp, 69\/udp on virbr-plant\n/,
  );
  assert.match(text, '    67/udp, 69/udp on br0\n    443/tcp from outside\n');
  await box.sh('nft delete table inet own');
  assert.not.match((await up(box, 'plant')).text, 'Allow:');
  await takeDown(box, 'plant');
});

test.run();
