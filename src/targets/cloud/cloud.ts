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
import { type Blocks, type Json, type Main, type Vm, vmOf } from './vm.ts';

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

function mainOf(site: Site, vm: Vm) {
  const {
    source,
    provider,
    data = {},
    locals,
    resource,
    user,
    output,
    ...main
  } = EMITTERS[vm.cloud.provider](vm);
  const [name, from, version] = source;
  const address = `\${${main.address}}`;
  // `server` is the value of SERVER in the commands of the README.
  const outputs = { address, server: `${user}@${address}`, url: urlOf(site, vm, address), ...output };
  return {
    '//': `The cloud VM of the site ${site.name}. Made by harvgen: edit the inventory instead.`,
    // OpenTofu begins at 1.6.
    terraform: { required_version: '>= 1.6', required_providers: { [name]: { source: from, version } } },
    provider: { [name]: provider },
    data: blocksByType(data),
    locals,
    resource: blocksByType(resource),
    output: Object.fromEntries(
      Object.entries(outputs).flatMap(([key, value]) => (value === undefined ? [] : [[key, { value }]])),
    ),
  };
}

function blocksByType(blocks: Blocks) {
  const byType: Record<string, Record<string, Json>> = {};
  for (const [key, block] of Object.entries(blocks)) {
    const [type = '', name = 'host'] = key.split('.');
    if (block !== undefined) byType[type] = { ...byType[type], [name]: block };
  }
  return Object.keys(byType).length > 0 ? byType : undefined;
}

/** Returns the URL of the dashboard: at the host's name or, without one, at a name that sslip.io resolves to the address in it. */
function urlOf({ host }: Site, { name }: Vm, address: string): string | undefined {
  const dashboard = host?.expose.find(({ to, address: on }) => to === 443 && !on?.startsWith('127.'));
  if (!dashboard) return undefined;
  const at =
    host?.address === undefined ? `${name}.${address}.sslip.io` : quoteTerraform(urlHost(host.address));
  return `https://${at}${dashboard.port === 443 ? '' : `:${dashboard.port}`}`;
}
