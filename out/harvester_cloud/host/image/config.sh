#!/bin/bash
# Runs in the image of the libvirt host of harvester_cloud when KIWI builds it. At the first boot, cloud-init runs the user data.
set -euo pipefail

for unit in NetworkManager sshd cloud-init-local cloud-init cloud-config cloud-final; do
  systemctl enable "$unit.service"
done
