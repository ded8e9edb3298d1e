/**
 * What harvgen knows of Harvester's releases as a whole. Source: the tags of harvester/harvester and
 * harvester/harvester-installer.
 */

/** The oldest release whose configuration has the present layout (`scheme_version`, `management_interface`). */
export const OLDEST_RELEASE = 'v1.1.0';

/** The newest release whose rules are known. A newer one is treated like it, with a warning. */
export const NEWEST_RELEASE = 'v1.9.0';

/** The first release that is published for arm64. */
export const FIRST_ARM64_RELEASE = 'v1.3.0';

/** The first release in which a host name with dots does not break the cluster (harvester/harvester#7312). */
export const FIRST_RELEASE_WITH_FQDN = 'v1.6.0';
