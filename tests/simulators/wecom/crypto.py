"""The platform's side of the encryption (path/90968), with AES from `cryptography` and nothing else."""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class Crypto:
    """Encrypts what goes to the app and opens what it answers."""

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        self._token = token
        self._key = base64.b64decode(f"{aes_key}=")
        self._corp_id = corp_id.encode()

    def encrypt(self, document: str) -> str:
        """Return the value of Encrypt."""
        body = document.encode()
        plain = os.urandom(16) + struct.pack(">I", len(body)) + body + self._corp_id
        fill = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()).decode()

    def decrypt(self, secret: str) -> str:
        """Return the document in Encrypt. Raises AssertionError where it is not meant for us."""
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(base64.b64decode(secret)) + decryptor.finalize()
        plain = plain[: -plain[-1]]
        (size,) = struct.unpack(">I", plain[16:20])
        assert plain[20 + size :] == self._corp_id
        return plain[20 : 20 + size].decode()

    def sign(self, timestamp: str, nonce: str, secret: str) -> str:
        """Return msg_signature."""
        return hashlib.sha1("".join(sorted((self._token, timestamp, nonce, secret))).encode()).hexdigest()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
