/** The table of oci-harvester, as its own programs and people write it. */
export interface TableRow {
  readonly ip: string;
  readonly install: 0 | 1;
}

const CREATE = `DROP TABLE IF EXISTS \`nodes\`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE \`nodes\` (
  \`id\` int NOT NULL AUTO_INCREMENT COMMENT 'its number (it''s; "own")',
  \`ip\` text CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL COMMENT 'mac address',
  \`install\` tinyint(1) NOT NULL DEFAULT '1' COMMENT 'run installer? t/f',
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
`;

const HEAD = `-- MySQL dump 10.13  Distrib 8.0.30, for Linux (x86_64)
--
-- Host: localhost    Database: harvester
-- ------------------------------------------------------
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40103 SET TIME_ZONE='+00:00' */;

`;

const END = `/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
-- Dump completed on 2023-04-20 15:43:49
`;

/** Tables of other programs, in the same dump: with the words of ours in their rows. */
const OTHERS = `CREATE TABLE \`users\` (
  \`id\` int NOT NULL,
  \`note\` text
);
INSERT INTO \`users\` VALUES (1,'INSERT INTO \`nodes\` VALUES (9,\\'10.9.9.9\\',1);'),(2,'a; -- b /* c');
DELIMITER ;;
CREATE PROCEDURE again() BEGIN
  UPDATE nodes SET install = 1; INSERT INTO nodes VALUES (8,'10.8.8.8',1);
END ;;
DELIMITER ;
`;

const tuples = (
  rows: readonly TableRow[],
  write = ({ ip, install }: TableRow, id: number) => `(${id},'${ip}',${install})`,
) => rows.map((row, index) => write(row, index + 1));

const oneEach = (rows: readonly string[], head: string) => rows.map((row) => `${head} ${row};\n`).join('');

const frame = (rows: readonly TableRow[]) => {
  const width = Math.max(2, ...rows.map(({ ip }) => ip.length));
  const border = `+${'-'.repeat(width + 2)}+---------+\n`;
  const lines = rows.map(({ ip, install }) => `| ${ip.padEnd(width)} | ${String(install).padStart(7)} |\n`);
  return `${border}| ${'ip'.padEnd(width)} | install |\n${border}${lines.join('')}${border}${rows.length} rows in set (0.00 sec)\n`;
};

/** How the same rows are written, by a name for it. */
export const DIALECTS: Readonly<Record<string, (rows: readonly TableRow[]) => string>> = {
  mysqldump: (rows) =>
    `${HEAD}${CREATE}LOCK TABLES \`nodes\` WRITE;\n/*!40000 ALTER TABLE \`nodes\` DISABLE KEYS */;\nINSERT INTO \`nodes\` VALUES ${tuples(rows).join(',')};\n/*!40000 ALTER TABLE \`nodes\` ENABLE KEYS */;\nUNLOCK TABLES;\n${END}`,
  'mysqldump --skip-extended-insert': (rows) =>
    `${HEAD}${CREATE}${oneEach(tuples(rows), 'INSERT INTO `nodes` VALUES')}${END}`,
  'mysqldump --complete-insert --no-create-info --compact': (rows) =>
    `INSERT INTO \`nodes\` (\`id\`, \`ip\`, \`install\`) VALUES ${tuples(rows).join(',')};\n`,
  'mysqldump --databases, of a whole server': (rows) =>
    `${HEAD}CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`shop\`;\nUSE \`shop\`;\nCREATE TABLE \`nodes\` (\`title\` text, \`parent\` int);\nINSERT INTO \`nodes\` VALUES ('ip, install',7);\n${OTHERS}USE \`harvester\`;\n${CREATE}INSERT INTO \`nodes\` VALUES ${tuples(rows).join(',\n')};\n${OTHERS}${END}`,
  'mysqldump --hex-blob, of columns of bytes': (rows) =>
    `INSERT  IGNORE INTO \`harvester\`.\`nodes\` VALUES ${tuples(rows, ({ ip, install }, id) => `(${id},0x${Buffer.from(ip).toString('hex').toUpperCase()},0x0${install})`).join(',')};\n`,
  'mysqldump --replace --quote-names=0': (rows) =>
    `mysqldump: [Warning] Using a password on the command line interface can be insecure.\n${oneEach(tuples(rows), 'REPLACE INTO nodes VALUES')}`,
  'mariadb-dump': (rows) =>
    `/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.4.2-MariaDB, for debian-linux-gnu (x86_64)\n/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;\nCREATE TABLE \`nodes\` (\n  \`install\` tinyint(1) NOT NULL DEFAULT 1,\n  \`ip\` text NOT NULL,\n  \`id\` int(11) NOT NULL AUTO_INCREMENT,\n  UNIQUE KEY \`one\` (\`id\`,\`ip\`(40))\n);\nset autocommit=0;\nINSERT INTO \`nodes\` VALUES\n${tuples(rows, ({ ip, install }, id) => `(${install},'${ip}',${id})`).join(',\n')};\ncommit;\n-- Dump completed\n`,
  'ANSI quotes, other columns': (rows) =>
    `INSERT INTO "nodes" ("ip", "seen", "install") VALUES ${tuples(rows, ({ ip, install }) => `(_utf8mb4'${ip}', now(3), b'${install}')`).join(', ')};`,
  'mysql --batch': (rows) => `ip\tinstall\n${rows.map(({ ip, install }) => `${ip}\t${install}\n`).join('')}`,
  'mysql --batch --skip-column-names, of all columns': (rows) =>
    rows.map(({ ip, install }, index) => `${index + 1}\t${ip}\t${install}\n`).join(''),
  'mysql on a terminal': (rows) =>
    `mysql> select ip, install\n    -> from nodes;\n${frame(rows)}\nmysql> Bye\n`,
  'mysql -e': frame,
  'CSV of a spreadsheet': (rows) =>
    `\ufeff"id","install","ip","note"\r\n${rows.map(({ ip, install }, index) => `${index},"${install}","${ip}","said ""no"", twice"\r\n`).join('')}`,
  'CSV with semicolons, no head': (rows) => rows.map(({ ip, install }) => `${install};${ip}`).join('\n'),
  'copied out of a terminal': (rows) => rows.map(({ ip, install }) => `  ${ip}    ${install}\n`).join(''),
};

/** A dump as a web server has it after a year: rows that are no machines', doubled, wrong, and one at 1. */
export const OCI_DUMP = `${HEAD}${CREATE}INSERT INTO \`nodes\` VALUES
(1,'0.0.0.0',1),
(2,'127.0.0.1',0),
(3,'10.0.10.7',0),
(4,'10.0.10.8',0),
(5,'10.0.10.8',0),
(6,'10.0.10.9',1),
(7,'203.0.113.77',0),
(8,'10.0.10.5',0),
(9,'10.0.10.x',0),
(10,'10.0.10.9',0),
(11,'::ffff:10.0.10.12',0),
(12,'2001:db8::7',0),
(13,'10.0.10.11',-1);
${END}`;

/** Its boot.php, with a release of boot() that was forgotten, and a password. */
export const BOOT_PHP = `#!ipxe

<?php
function install() {
	echo "set base_url http://10.0.10.5/harvester
set build_version v1.2.1
set cmdline initrd=\\\${initrd_file} ip=dhcp net.ifnames=1 rd.cos.disable rd.noverifyssl console=ttyS0 root=live:\\\${rootfs_url} harvester.install.password=Rowan-tree-hides-9
boot\\n";
}

function boot() {
	echo "set base_url http://10.0.10.5/harvester
set build_version v1.1.2
set cmdline initrd=\\\${initrd_file} console=tty1 root=LABEL=COS_ACTIVE cos-img/filename=/cOS/active.img panic=0 audit_backlog_limt=8192 iommu=pt mitigations=off
boot\\n";
}

$mysqli = new mysqli('localhost', "root", "Bramble-and-thorn-3", "harvester");
$result = $mysqli->query("SELECT * from nodes where ip='$clientip'");
?>
`;

export const BOOT_PHP_SECRETS = ['Rowan-tree-hides-9', 'Bramble-and-thorn-3'];

/** Its launch.sh: filled in but for the image. */
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
