/** What SMD takes for each property of a component, as it lists it at `/hsm/v2/service/values`. Source: Cray-HPE/hms-base, hmstypes.go. */
export const SMD_VALUES: Readonly<Record<string, readonly string[]>> = {
  Arch: ['X86', 'ARM', 'UNKNOWN', 'Other'],
  Class: ['River', 'Mountain', 'Hill'],
  Flag: ['Unknown', 'OK', 'Warning', 'Alert', 'Locked'],
  NetType: ['Sling', 'Infiniband', 'Ethernet', 'OEM', 'None'],
  Role: ['Compute', 'Service', 'System', 'Application', 'Storage', 'Management'],
  SubRole: ['Master', 'Worker', 'Storage'],
  State: ['Unknown', 'Empty', 'Populated', 'Off', 'On', 'Standby', 'Halt', 'Ready'],
  // Of its many types those that a tree has.
  Type: ['Node', 'NodeBMC'],
};
