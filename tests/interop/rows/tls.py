"""TLS with OpenSSL at the other end: our phone at kamailio, and `openssl s_client` at our server."""
import itertools
import subprocess

from cooee import Cooee
from lab import Authority, inside, password
from peers.kamailio import Kamailio
from peers.own import Own
from row import Row

KINDS = ("rsa:2048", "rsa:4096", "ec:P-256", "ec:P-384")
PORTS = itertools.count(6000, 10)  # a server of its own for every row


def trusts(lab, pair, folder, kind, method):
    """Our phone logs in where the certificate is right."""
    certificate = lab.authority.certificate(Kamailio.domain, Kamailio.address, kind, name=f"tls-{folder.name}")
    server = Kamailio(folder / "kamailio", certificate, next(PORTS), method)
    try:
        Cooee(lab, pair.ours, folder / "cooee", pair.anna, server)
    finally:
        server.stop()


def distrusts(lab, pair, folder, word, domain=Kamailio.domain, address=Kamailio.address, expired=False, stranger=False,
              method="TLSv1.2+"):
    """Our phone sends no password where the certificate is wrong, and says what is."""
    authority = Authority(folder / "stranger") if stranger else lab.authority
    certificate = authority.certificate(domain, address, name=f"tls-{folder.name}", expired=expired)
    server = Kamailio(folder / "kamailio", certificate, next(PORTS), method)
    try:
        add = ["account", "add", f"{pair.anna}@{Kamailio.domain}", "--proxy", f"{Kamailio.address}:{server.port + 1}"]
        done = subprocess.run(inside(pair.ours, [lab.cooee, "--home", folder / "cooee", "--json", "--trust", lab.authority.file, *add]),
                              input=f"{password(pair.anna)}\n", capture_output=True, text=True, timeout=60)
        said = done.stdout + done.stderr
        (folder / "cooee.log").write_text(said)
        assert done.returncode == 6, f"exit code {done.returncode}: {said}"
        assert word in said, f"“{word}” is not in: {said}"
        assert "REGISTER" not in server.process.text(), "something was sent"
        return done.stderr.strip().splitlines()[-1]
    finally:
        server.stop()


def is_trusted(lab, pair, folder, kind, version):
    """OpenSSL finds nothing wrong with our server's certificate and handshake."""
    certificate = lab.authority.certificate(Own.domain, Own.address, kind, name=f"tls-{folder.name}")
    server = Own(lab, folder / "own", certificate, next(PORTS))
    try:
        client = ["openssl", "s_client", "-connect", f"{Own.address}:{server.port + 1}", "-servername", Own.domain,
                  "-verify_hostname", Own.domain, "-verify_return_error", "-CAfile", lab.authority.file, f"-{version}", "-brief"]
        done = subprocess.run(inside(pair.theirs, client), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        (folder / "openssl.log").write_text(done.stdout + done.stderr)
        assert "Verification: OK" in done.stderr, done.stderr
        return next(line for line in done.stderr.splitlines() if line.startswith("Ciphersuite"))
    finally:
        server.stop()


def rows():
    found = []

    def add(name, run, *arguments, **options):
        found.append(Row("TLS", name, lambda lab, pair, folder: run(lab, pair, folder, *arguments, **options)))

    for kind in KINDS:
        add(f"our phone at an OpenSSL server with {kind}, which has TLS 1.2 only", trusts, kind, "TLSv1.2")
        add(f"our phone at an OpenSSL server with {kind}, which has TLS 1.2 and 1.3", trusts, kind, "TLSv1.2+")
        add(f"OpenSSL at our server with {kind}, TLS 1.2", is_trusted, kind, "tls1_2")
        add(f"OpenSSL at our server with {kind}, TLS 1.3", is_trusted, kind, "tls1_3")
    add("our phone refuses a certificate of an authority it does not know", distrusts, "signed by nobody", stranger=True)
    add("our phone refuses an expired certificate", distrusts, "not valid at this time", expired=True)
    add("our phone refuses a certificate for another name", distrusts, "another name", domain="other.lab", address="192.0.2.1")
    add("our phone refuses TLS 1.1", distrusts, "TLS before 1.2", method="TLSv1.1")
    return found
