/** An inventory of instances of Oracle Cloud Infrastructure: small, complete, and without errors. Its lines do not move. */
export const OCI_PLANT = `site: plant
harvester:
  version: v1.8.1
server:
  url: http://10.0.10.5
networks:
  vcn:
    subnet: 10.0.10.0/24
    gateway: 10.0.10.1
    dns: [169.254.169.254]
    dhcp: { server: external }
cluster:
  vip: 10.0.10.10
  token: \${secret:cluster_token}
defaults:
  config:
    os: { ntp_servers: [169.254.169.254],
      ssh_authorized_keys: ["github:your_username"] }
    install:
      device: /dev/disk/by-path/pci-0000:41:00.0-nvme-1
  oci:
    compartment: ocid1.compartment.oc1..aaaacompartment
    subnet: ocid1.subnet.oc1.phx.aaaasubnet
    image: ocid1.image.oc1.phx.aaaaimage
    shape: BM.DenseIO.E4.128
    availability_domain: "Uocm:PHX-AD-1"
nodes:
  oci-1: { ip: 10.0.10.11, mode: create }
  oci-2: { ip: 10.0.10.12 }
  oci-3: { ip: 10.0.10.13 }
`;
