"""AES as the platform's own page describes it ("消息加解密说明"), written apart from what the desk uses."""

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # bytes: PKCS#7 over 32, though AES has blocks of 16


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(text: str, aes_key: str, receiver: str) -> str:
    """Return random(16) + length(4) + text + receiver, padded, in AES-256-CBC with the key's first half as IV."""
    data = text.encode()
    whole = secrets.token_bytes(16) + struct.pack(">I", len(data)) + data + receiver.encode()
    padding = BLOCK - len(whole) % BLOCK
    key = base64.b64decode(aes_key + "=")
    writer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(writer.update(whole + bytes([padding]) * padding) + writer.finalize()).decode()


def decrypt(encrypted: str, aes_key: str) -> tuple[str, str]:
    """Return text and receiver."""
    key = base64.b64decode(aes_key + "=")
    reader = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    whole = reader.update(base64.b64decode(encrypted, validate=True)) + reader.finalize()
    padding = whole[-1]
    assert 1 <= padding <= BLOCK, "no padding"
    assert whole[-padding:] == bytes([padding]) * padding, "a wrong padding"
    content = whole[16:-padding]
    (length,) = struct.unpack(">I", content[:4])
    return content[4 : 4 + length].decode(), content[4 + length :].decode()
