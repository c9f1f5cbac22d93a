"""How a wire gets to its server: addresses, and a TLS that trusts whom it should."""

import datetime
import ipaddress
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.telegram import wire as wires
from bot.channels.telegram.wire import Wire
from tests.channels.telegram.wireserver import AGENT, Visit, call, wired


async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    wire = Wire.to(f"http://127.0.0.1:{port}", AGENT, 1)
    assert wire is not None
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await call(wire)
    await wire.close()


async def test_a_name_leads_to_each_of_its_addresses() -> None:
    async with wired(name="localhost") as (_, wire):
        assert await call(wire) == 1


async def test_ipv6() -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("no IPv6 here")
    async with wired(address="::1") as (_, wire):
        assert await call(wire) == 1


class Authority:
    """Somebody who vouches for a server of this machine."""

    def __init__(self, folder: Path) -> None:
        key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.OID_COMMON_NAME, "us")])
        now = datetime.datetime.now(datetime.UTC)
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        self.path = folder / "certificate.pem"
        self.path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private = folder / "key.pem"
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.path, private)


async def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    for name in ("", "localhost"):
        async with wired(context=authority.context, name=name) as (server, wire):
            for words in ("x", "漏水" * 100_000, "y"):
                assert await call(wire, words) == words
            assert len(server.visits) == 1
            server.visits[0].writer.close()
            await server.visits[0].over.wait()
            assert await call(wire, "next") == "next"


async def test_tls_with_a_server_nobody_vouches_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    async with wired(context=authority.context) as (_, wire):
        with pytest.raises(ssl.SSLCertVerificationError):
            await call(wire)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    async with wired(context=authority.context, name="127.0.0.2", address="127.0.0.2") as (_, wire):
        with pytest.raises(ssl.SSLCertVerificationError):
            await call(wire)


@pytest.mark.parametrize("limit", ["of connecting", "of the call"])
async def test_a_handshake_nobody_answers(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    async def play(visit: Visit) -> None:
        while await visit.reader.read(1 << 16):
            pass

    if limit == "of connecting":
        monkeypatch.setattr(wires, "CONNECT_SECONDS", 0.05)
    async with wired(play) as (server, _):
        wire = Wire.to(server.origin.replace("http", "https"), AGENT, 1)
        assert wire is not None
        with pytest.raises(TimeoutError):
            await call(wire, wait=20 if limit == "of connecting" else 0.05)
        assert wire._taken == 0
        await wire.close()
        await (await server.visited(0)).over.wait()
