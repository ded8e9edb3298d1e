import { isBroken, locationOf, selfLocation } from '../../source/origin.ts';
import { error, type Rule, warning } from '../rule.ts';
import { perCloud } from './cloud.ts';

export const cloudAccessRules: readonly Rule[] = [
  warning('cloud-port-open', {
    what: 'Ports of a cloud VM must be open to the clients that need them only.',
    why: "Everyone's scanners find the VM within minutes. Until you choose the dashboard's password, any client can.",
    check: perCloud(({ cloud, host }, report) => {
      if (isEmpty(cloud, 'allow'))
        report(selfLocation(cloud), {
          message: 'Port 22 of the cloud VM is open to every client: its log fills with attempts to log in.',
          help: 'add your addresses: `allow: [203.0.113.10]`',
        });
      for (const exposed of host.expose ?? []) {
        if (!exposed || exposed.address?.startsWith('127.') || !isEmpty(exposed, 'allow')) continue;
        report(locationOf(exposed, 'port'), {
          message: `Port ${exposed.port} of the cloud VM is open to every client.`,
          help: 'add the clients: `allow: [203.0.113.0/24]`',
        });
      }
    }),
  }),
  error('cloud-port-shut', {
    what: 'An exposed port of a cloud VM must have clients with IPv4 addresses.',
    why: "The VM has no IPv6 address, so the provider's firewall opens the port to none of them.",
    check: perCloud(({ host }, report) => {
      for (const exposed of host.expose ?? []) {
        if (!exposed || exposed.address?.startsWith('127.') || isBroken(exposed, 'allow')) continue;
        const { allow = [] } = exposed;
        if (allow.length === 0 || !allow.every((from) => from?.includes(':'))) continue;
        report(locationOf(exposed, 'port'), {
          message: `Port ${exposed.port} of the cloud VM is for IPv6 clients only, but the VM has no IPv6 address: no client can connect.`,
          help: 'add the IPv4 addresses or subnets of the clients to allow',
        });
      }
    }),
  }),
  warning('cloud-without-key', {
    what: 'The cloud VM must have a public SSH key of an operator.',
    why: 'Operators cannot log in to install the secrets, and the machines wait for these. Azure rejects a VM with neither a key nor a password, after other resources have been created.',
    check: perCloud(({ cloud, name }, report) => {
      if (!isEmpty(cloud, 'sshKeys')) return;
      const isAzure = name === 'azure';
      report(selfLocation(cloud), {
        message: `The cloud VM has no SSH key: ${isAzure ? 'Azure does not create it' : 'its operators cannot log in'}.`,
        help: 'add the content of your .pub file to ssh_keys',
      });
    }),
  }),
];

/** Whether a list has no entries, and no invalid ones either. */
function isEmpty<K extends string>(
  holder: { readonly [Key in K]?: readonly unknown[] | undefined },
  key: K,
): boolean {
  return holder[key]?.length === 0 && !isBroken(holder, key);
}
