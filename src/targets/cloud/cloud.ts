import type { ProviderName } from '../../knowledge/cloud-providers.ts';
import type { Site } from '../../site/model.ts';
import { CLOUD_MAIN } from '../../tree/paths.ts';
import { urlHost } from '../../values/addresses.ts';
import { quoteTerraform } from '../../values/quoting.ts';
import type { Target } from '../target.ts';
import { aws } from './aws.ts';
import { azure } from './azure.ts';
import { digitalocean } from './digitalocean.ts';
import { google } from './google.ts';
import { type Json, type Main, type Vm, vmOf } from './vm.ts';

const EMITTERS: Readonly<Record<ProviderName, (vm: Vm) => Main>> = { aws, azure, digitalocean, google };

/** The programs' own files, which neither git nor the boot server needs: the state names all resources of the provider. */
const IGNORED = '.terraform/\n.terraform.lock.hcl\n*.tfstate\n*.tfstate.*\n';

/**
 * The cloud VM of the site's host, for OpenTofu and Terraform. A tree with the values of secrets has no VM: its user data would put
 * them into the state.
 */
export const cloud: Target = {
  name: 'cloud',
  *emit(site) {
    const { host, server } = site;
    if (!host?.cloud || server.secrets === undefined) return;
    const main = mainOf(site, vmOf(site, { ...host, cloud: host.cloud }));
    yield { path: CLOUD_MAIN, content: `${JSON.stringify(main, null, 2)}\n` };
    yield { path: 'cloud/.gitignore', content: IGNORED };
  },
};

function mainOf(site: Site, vm: Vm): Json {
  const {
    source,
    provider,
    data = {},
    locals = {},
    resource,
    address,
    user,
    output = {},
  } = EMITTERS[vm.cloud.provider](vm);
  const [name, from, version] = source;
  const url = urlOf(site, vm, `\${${address}}`);
  return {
    '//': `The cloud VM of the site ${site.name}. Made by harvgen: edit the inventory instead.`,
    // OpenTofu begins at 1.6.
    terraform: { required_version: '>= 1.6', required_providers: { [name]: { source: from, version } } },
    provider: { [name]: provider },
    ...(Object.keys(data).length > 0 && { data }),
    ...(Object.keys(locals).length > 0 && { locals }),
    resource,
    output: {
      address: { value: `\${${address}}` },
      // The value of SERVER in the commands of the README.
      server: { value: `${user}@\${${address}}` },
      ...(url !== undefined && { url: { value: url } }),
      ...Object.fromEntries(Object.entries(output).map(([key, value]) => [key, { value }])),
    },
  };
}

/** Returns the URL of the dashboard: at the host's name or, without one, at a name that sslip.io resolves to the address in it. */
function urlOf({ host }: Site, { name }: Vm, address: string): string | undefined {
  const dashboard = host?.expose.find(({ to, address: on }) => to === 443 && !on?.startsWith('127.'));
  if (!dashboard) return undefined;
  const at =
    host?.address === undefined ? `${name}.${address}.sslip.io` : quoteTerraform(urlHost(host.address));
  return `https://${at}${dashboard.port === 443 ? '' : `:${dashboard.port}`}`;
}
