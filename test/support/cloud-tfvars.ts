/**
 * Files of values for rancher/harvester-cloud as users keep them, one for each provider: the comments and the settings of its
 * examples, with null or an empty text for unset values.
 */
const COMMON = `
## -- How many more disks each machine gets.
data_disk_count = 1

## -- Their size, in GB.
data_disk_size = 350

## -- Who may reach port 22.
public_ip_source_addresses = []

## -- A script of our own.
startup_script = null

## -- Harvester itself.
harvester_version          = "v1.7.1"
harvester_node_count       = 1
harvester_first_node_token = "a-token-of-our-own-0123456789"
harvester_password         = "Quite-a-password-77"
harvester_airgapped        = false
harvester_witness_node     = false
harvester_cluster_size     = "small"

## -- Rancher.
rancher_api_url    = ""
rancher_access_key = ""
rancher_secret_key = ""
rancher_insecure   = false
`;

const KEYS = `
## -- The login to the machine.
create_ssh_key_pair  = true
ssh_private_key_path = null
ssh_public_key_path  = null
`;

/** The file for each provider; the values of its secrets are those below. */
export const CLOUD_TFVARS = {
  aws: `## -- What all names begin with.
prefix = "lab"

## -- Where.
region = "eu-central-1"
${KEYS}
ip_cidr_range = "10.10.0.0"
spot_instance = true
os_disk_size  = 50
${COMMON}`,
  azure: `## -- What all names begin with.
prefix = "lab"

subscription_id = "11111111-2222-3333-4444-555555555555"
region          = "northeurope"
${KEYS}
ip_cidr_range  = "10.10.0.0/24"
create_vnet    = "true"
spot_instance  = true
os_disk_type   = "Premium_LRS"
os_disk_size   = 50
data_disk_type = "Premium_LRS"
${COMMON}`,
  digitalocean: `## -- What all names begin with.
prefix = "lab"

do_token = "dop_v1_00112233445566778899"
region   = "ams3"
${KEYS}
instance_type = "g-16vcpu-64gb"
${COMMON}`,
  google: `## -- What all names begin with.
prefix = "lab"

project_id = "our-project"
region     = "europe-west1"
${KEYS}
ip_cidr_range   = "10.10.0.0/24"
create_vpc      = true
vpc             = null
subnet          = null
create_firewall = true
spot_instance   = true
os_disk_type    = "hyperdisk-balanced"
os_disk_size    = 50
data_disk_type  = "hyperdisk-balanced"
${COMMON}`,
} as const;

/** The secret values in these files. */
export const CLOUD_SECRETS: Readonly<Record<string, string>> = {
  harvester_first_node_token: 'a-token-of-our-own-0123456789',
  harvester_password: 'Quite-a-password-77',
  subscription_id: '11111111-2222-3333-4444-555555555555',
  do_token: 'dop_v1_00112233445566778899',
};

/** Returns such a file with other values for variables, in HCL syntax: undefined removes a line. */
export function cloudTfvars(
  provider: keyof typeof CLOUD_TFVARS,
  edits: Readonly<Record<string, string | undefined>> = {},
): string {
  let text: string = CLOUD_TFVARS[provider];
  for (const [name, value] of Object.entries(edits)) {
    const line = new RegExp(`^${name} *= .*\n`, 'm');
    const written = value === undefined ? '' : `${name} = ${value}\n`;
    text = line.test(text) ? text.replace(line, () => written) : text + written;
  }
  return text;
}
