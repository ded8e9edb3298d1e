import type { Arch } from '../../knowledge/harvester.ts';
import { SUSE_IMAGE } from '../../knowledge/hosts.ts';
import type { Target } from '../target.ts';
import { archsOf, familiesOf } from './host.ts';

const IMAGE = 'host/image';

/** The description of an image for the libvirt host, for KIWI: the packages of the host, and cloud-init, which runs its user data. */
export const appliance: Target = {
  name: 'appliance',
  *emit(site, render) {
    if (!site.host) return;
    const archs = archsOf(site);
    const suse = familiesOf(site, site.host).find(({ name }) => name === SUSE_IMAGE.family);
    if (!suse) return;
    // KVM runs machines of the host's own architecture.
    const arch: Arch = archs.includes('amd64') ? 'amd64' : 'arm64';
    const needed = [...suse.packages, ...suse.optional, suse.selinuxPackage];
    const packages = [...new Set([...SUSE_IMAGE.packages, ...SUSE_IMAGE.packagesOf[arch], ...needed])].sort();
    const { release, bootstrap, consoles, units } = SUSE_IMAGE;
    const data = { site, release, packages, bootstrap, console: consoles[arch] };
    yield { path: `${IMAGE}/appliance.kiwi`, content: render('host/appliance.xml', data) };
    const script = render('host/image-config.sh', { site, units });
    yield { path: `${IMAGE}/config.sh`, content: script, executable: true };
  },
};
