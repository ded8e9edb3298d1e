/** The table of oci-harvester, as its own programs and users write it. */
export interface TableRow {
  readonly ip: string;
  readonly install: 0 | 1;
}

/** The same rows in several formats, by name. */
export const DIALECTS: Readonly<Record<string, (rows: readonly TableRow[]) => string>> = {
  'mysql --batch': (rows) => `ip\tinstall\n${rows.map(({ ip, install }) => `${ip}\t${install}\n`).join('')}`,
  'mysql --batch --skip-column-names, of all columns': (rows) =>
    rows.map(({ ip, install }, index) => `${index + 1}\t${ip}\t${install}\n`).join(''),
  'CSV of a spreadsheet': (rows) =>
    `\ufeff"id","install","ip","note"\r\n${rows.map(({ ip, install }, index) => `${index},"${install}","${ip}","said ""no"", twice"\r\n`).join('')}`,
  'CSV with semicolons, no head': (rows) => rows.map(({ ip, install }) => `${install};${ip}`).join('\n'),
};

/** A table as a web server has it after a year: rows of other machines, duplicates, errors, and one with 1. */
export const OCI_TABLE = `id\tip\tinstall
1\t0.0.0.0\t1
2\t127.0.0.1\t0
3\t10.0.10.7\t0
4\t10.0.10.8\t0
5\t10.0.10.8\t0
6\t10.0.10.9\t1
7\t203.0.113.77\t0
8\t10.0.10.5\t0
9\t10.0.10.x\t0
10\t10.0.10.9\t0
11\t::ffff:10.0.10.12\t0
12\t2001:db8::7\t0
13\t10.0.10.11\t-1
`;

/** Its launch.sh, with all values except the image. */
export const LAUNCH_SH = `#!/bin/sh
export COMPARTMENT_UUID="ocid1.compartment.oc1..aaaaexample"
export SUBNET_UUID='ocid1.subnet.oc1.phx.aaaaexample' # ours
export IMAGE_UUID="ocid1.image.oc1.phx.update"
export SHAPE=BM.DenseIO.E4.128
export AD="Uocm:PHX-AD-1"
export SSH_KEY_FILE="\${HOME}/.oci/ssh.pub" # public key for console
export OCI_CLI_AUTH="Hazel-by-the-gate-7"
INSTANCE_ID=$(oci compute instance launch --subnet-id \${SUBNET_UUID})
`;
