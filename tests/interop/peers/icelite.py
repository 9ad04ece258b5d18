"""The media of a peer with ICE-lite (RFC 8445 2.5): it answers checks, makes none, and sends back the sound that it hears.

usage: icelite.py ADDRESS"""
import binascii
import hashlib
import hmac
import socket
import struct
import sys

PORT, UFRAG, PASSWORD, MAGIC = 6100, "lite", "icelitepasswordofthelab", 0x2112A442
REQUEST, SUCCESS, XOR_MAPPED, INTEGRITY, FINGERPRINT = 0x0001, 0x0101, 0x0020, 0x0008, 0x8028


def description(sdp):
    """The same with ICE-lite; [local_ip] is filled in by sipp."""
    session, media = sdp.replace("[media_port]", str(PORT)).split("m=", 1)
    return (f"{session}a=ice-lite\nm={media}a=rtcp-mux\na=ice-ufrag:{UFRAG}\na=ice-pwd:{PASSWORD}\n"
            f"a=candidate:1 1 UDP 2130706431 [local_ip] {PORT} typ host\n")


def message(transaction, attributes, length):
    return struct.pack("!HHI", SUCCESS, length, MAGIC) + transaction + attributes


def answer(transaction, sender):
    """A success response (RFC 8489 5 and 14)."""
    address = struct.unpack("!I", socket.inet_aton(sender[0]))[0]
    attributes = struct.pack("!HHBBHI", XOR_MAPPED, 8, 0, 1, sender[1] ^ MAGIC >> 16, address ^ MAGIC)
    signed = message(transaction, attributes, len(attributes) + 24)
    attributes += struct.pack("!HH", INTEGRITY, 20) + hmac.new(PASSWORD.encode(), signed, hashlib.sha1).digest()
    whole = message(transaction, attributes, len(attributes) + 8)
    return whole + struct.pack("!HHI", FINGERPRINT, 4, binascii.crc32(whole) ^ 0x5354554E)


def main():
    media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    media.bind((sys.argv[1], PORT))
    print("ready", flush=True)
    while True:
        packet, sender = media.recvfrom(2048)
        if packet[0] >= 128:
            media.sendto(packet, sender)
        elif packet[:2] == struct.pack("!H", REQUEST):
            print("checked", b"\x00\x25\x00\x00" in packet and "with USE-CANDIDATE", flush=True)
            media.sendto(answer(packet[8:20], sender), sender)


if __name__ == "__main__":
    main()
