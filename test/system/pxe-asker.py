# Sends one DHCPDISCOVER as firmware or iPXE does, from a NIC without an IP address, and prints each offer: yiaddr, file, option 60.
# With "own address,server,its MAC", asks port 4011 of that proxy with the leased address instead, as UEFI does then.
import socket
import struct
import sys
import time

nic, arch, user_class, vendor = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), sys.argv[4].encode()
own, server, server_mac = sys.argv[5].split(',') if len(sys.argv) > 5 else ('0.0.0.0', '255.255.255.255', 'ff:ff:ff:ff:ff:ff')
port, kind, flags = (4011, 3, 0) if len(sys.argv) > 5 else (67, 1, 0x8000)
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x800))
raw.bind((nic, 0))
mac = raw.getsockname()[4]
options = bytes([53, 1, kind]) + b'\x5d\x02' + struct.pack('>H', arch) + b'\x5e\x03\x01\x03\x10' + b'\x61\x11\x00' + bytes(range(16))
options += bytes([60, len(vendor)]) + vendor + bytes([55, 4]) + bytes([43, 60, 66, 67])
if user_class:
    options += bytes([77, len(user_class)]) + user_class
bootp = struct.pack('>BBBBIHH', 1, 1, 6, 0, 0x1234, 0, flags) + socket.inet_aton(own) + bytes(12) + mac + bytes(10 + 64 + 128) + b'\x63\x82\x53\x63' + options + b'\xff'
bootp = bootp.ljust(300, b'\0')
udp = struct.pack('>HHHH', 68, port, 8 + len(bootp), 0) + bootp
ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, socket.inet_aton(own), socket.inet_aton(server))
total = sum(struct.unpack('>10H', ip))
total = (total & 0xFFFF) + (total >> 16)
ip = ip[:10] + struct.pack('>H', ~total & 0xFFFF) + ip[12:]
raw.send(bytes.fromhex(server_mac.replace(':', '')) + mac + b'\x08\x00' + ip + udp)
end = time.time() + 2
while time.time() < end:
    raw.settimeout(max(0.01, end - time.time()))
    try:
        frame = raw.recv(4096)
    except TimeoutError:
        break
    if frame[23] != 17 or frame[34:38] != struct.pack('>HH', port, 68):
        continue
    data = frame[42:]
    found, at = {}, 240
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        found[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    file = data[108:236].split(b'\0')[0] or found.get(67, b'').split(b'\0')[0]
    menu = found.get(43, b'')
    print('|'.join([socket.inet_ntoa(data[16:20]), file.decode(), found.get(60, b'').decode(), 'menu' if b'iPXE' in menu else '']), flush=True)
