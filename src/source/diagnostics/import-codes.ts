import {
  asError,
  asWarning,
  type Code,
  codes,
  FILE_CODES,
  OUTPUT_CODES,
  OWN_CODES,
  REFERENCE_CODES,
  SHAPE_CODES,
} from './codes.ts';

/** Files of other systems that `harvgen import` reads. */
export const IMPORT_CODES: readonly Code[] = codes({
  'import-kind': asError(
    'An imported file must have the format that it is imported as.',
    'Its content would be misread or ignored.',
  ),
  'import-value': asError(
    'A value of an imported file must have the type that its format defines.',
    'The intended value is unknown.',
  ),
  'import-syntax': asError(
    "An imported file must have the syntax of its format: of dnsmasq, of ISC's dhcpd, XML, a table.",
    'Machines after the error would be missing from the site.',
  ),
  'import-nothing': asError(
    'At least one of the joined files must contain a machine.',
    'A site needs at least one machine.',
  ),
  'import-conflict': asWarning(
    'Joined files must not contradict each other.',
    'Only one value can be right: the first one takes precedence.',
  ),
  'tfvars-syntax': asError(
    'A `terraform.tfvars` must consist of `name = value` in HCL syntax, or be a JSON object.',
    'Only the first error of a file is reported: later ones may be consequences of it.',
  ),
  'tfvars-expression': asError(
    'A value in a `terraform.tfvars` must be literal.',
    'Terraform allows no variables or functions there, and harvgen evaluates none.',
  ),
  'tfvars-value': asError(
    'The value of a variable must be valid for harvester-cloud.',
    'Terraform would have rejected it: the intended value is unknown.',
  ),
  'not-harvester-cloud': asError(
    'A `terraform.tfvars` must set variables of harvester-cloud.',
    'Variables of another project have other meanings: the site would get wrong values.',
  ),
  'not-phs': asError(
    'A data file of phs must have a `maclist`.',
    'The `maclist` identifies the machines: without it, the site has no nodes.',
  ),
  'phs-value': asError(
    'A value in a data file of phs must be valid for phs or the installer.',
    'Values that phs cannot read are ignored: it starts without them, or serves them to a machine unchanged.',
  ),
  'phs-server': asError(
    "The machines' download server must be known.",
    'Every script contains its URL. The first generation of phs has it built in; the next appends its own port to it.',
  ),
  'phs-address': asError(
    'The machines of a cluster must have unique IP addresses in one network, and a gateway in it.',
    'The kernel command line contains them unchanged: the installer has no other network.',
  ),
  'phs-vip': asError(
    'A cluster must have a VIP: a free IP address in the network of its nodes.',
    'Harvester cannot be installed without a VIP.',
  ),
  'phs-key': asWarning(
    'Keys of a data file of phs must not be misspelled.',
    'Unknown keys are silently ignored by phs.',
  ),
  'phs-duplicate-mac': asWarning(
    'A MAC address must be unique in `maclist`, in any spelling.',
    'Only the last entry in the spelling that iPXE requests applies: phs never finds the others.',
  ),
  'phs-merge': asWarning(
    'A key next to `<<` in a machine must repeat everything that it replaces.',
    'YAML merges only the outermost keys: with `os: {hostname: …}` next to it, the password and the SSH key are lost.',
  ),
  'phs-network': asWarning(
    'The machines of a cluster must have one netmask and one gateway, the same during and after installation.',
    'The machines are on one network. The site uses the values of the first machine.',
  ),
  'phs-interface': asWarning(
    'A machine must boot from the NIC that its configuration names.',
    'The installed system would have its IP address on another NIC.',
  ),
  'phs-join': asWarning(
    'Nodes must join at the VIP of their cluster.',
    'Nodes could join only while one particular node is up. The site makes them join at the VIP.',
  ),
  'phs-iso': asWarning(
    'The ISO must have the version of the kernel.',
    'The installer would consist of two releases. The site has one version for both.',
  ),
  'phs-version': asWarning(
    'The machines of a cluster must boot one release, which must exist.',
    'A cluster runs one release: some machines would be reinstalled with another release than before.',
  ),
  'phs-mode': asWarning(
    'The `type` of a machine must be its `install.mode`.',
    'The installer uses `install.mode`, and phs ignores `type`.',
  ),
  'phs-cluster': asWarning(
    'At most one machine must create a cluster, and all must have its token.',
    'Two creators make two clusters with one VIP; a node with another token is rejected.',
  ),
  'not-oci-harvester': asError(
    'A file must be what the command line calls it: the table `nodes` with the columns `ip` and `install`, or a `launch.sh`.',
    'Files of another program have other meanings: the site would get wrong nodes.',
  ),
  'oci-no-node': asError(
    'A row of the table must represent a machine.',
    'The table comes with two rows, `0.0.0.0` and `127.0.0.1`, that represent no machine.',
  ),
  'oci-subnet': asError(
    'The machines of the table must be in one subnet.',
    'Their mask and gateway are derived from it. The table contains only IP addresses.',
  ),
  'oci-address': asWarning(
    'A row of the table must have an IP address that a machine can have.',
    'Only a client with exactly this IP address matches the row: it would never apply.',
  ),
  'oci-stranger': asWarning(
    'A row of the table must represent a machine in the subnet.',
    'Every client that requests boot.php gets a row, including crawlers. The site gets no node for this row.',
  ),
  'oci-install': asWarning('`install` must be 0 or 1.', 'Any other value is read as 0 or 1 by boot.php.'),
  'oci-reinstall': asWarning(
    'No row may still have `install` set to 1.',
    'The machine would be wiped at every boot. The site never does so by default: set it there again if intended.',
  ),
  'oci-duplicate': asWarning(
    'The rows of an IP address must agree on `install`.',
    'The table allows several rows for one IP address; boot.php answers with the script of each, and the first applies.',
  ),
  'oci-launch': asWarning(
    'A variable of launch.sh must be literal and valid for the OCI CLI.',
    'The OCI CLI would reject the launch. The site requires the value instead.',
  ),
});

/** Every diagnostic that no rule reports. */
export const CODES: readonly Code[] = [
  ...FILE_CODES,
  ...SHAPE_CODES,
  ...REFERENCE_CODES,
  ...OWN_CODES,
  ...OUTPUT_CODES,
  ...IMPORT_CODES,
];
