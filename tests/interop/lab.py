"""The network of the tests: who lives where, and programs that run there (tests/netlab/flat.sh)."""
import os
import pathlib
import re
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PAIRS = 5  # rows that run at the same time, each with two phones of its own
NET = "192.168.77"  # private, since our server speaks UDP on one's own network only
ADDRESS = dict(sip=f"{NET}.10", own=f"{NET}.11", pbx=f"{NET}.12", nobody=f"{NET}.250")
for _number in range(1, PAIRS + 1):
    ADDRESS[f"ca{_number}"] = f"{NET}.{20 + _number}"
    ADDRESS[f"cb{_number}"] = f"{NET}.{120 + _number}"


# Where the lab may lend priority (tests/netlab/lab.sh), phones and servers come before the arithmetic of the tests.
PRIORITY = ["chrt", "--rr", "2"] if os.sched_getscheduler(0) == os.SCHED_RR else []


class Pair:
    """Two phones' places and names: Anna, who uses Cooee, and Ben, who uses something else; Carl has a phone where Anna has hers."""

    def __init__(self, number):
        self.ours, self.theirs = f"ca{number}", f"cb{number}"
        self.anna, self.ben, self.carl = f"anna{number}", f"ben{number}", f"carl{number}"


def password(name):
    return f"{name}-pw"


def inside(host, command):
    return [*PRIORITY, "ip", "netns", "exec", host, *map(str, command)]


def render(source, target, **values):
    """Copies a template, every @NAME@ in it filled in."""
    text = source.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    left = re.findall(r"@[A-Z]+@", text)
    assert not left, f"{source}: nothing given for {left}"
    target.write_text(text)


def until(what, condition, seconds):
    """Waits for `condition` and answers with what it answered; says what did not happen."""
    end = time.monotonic() + seconds
    while True:
        is_over = time.monotonic() >= end  # if the machine stood still meanwhile, it is asked once more
        answer = condition()
        if answer:
            return answer
        if is_over:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


def listens(host, address, port, seconds=20):
    """Waits until somebody takes TCP connections there."""
    probe = inside(host, ["bash", "-c", f"exec 3<>/dev/tcp/{address}/{port}"])
    until(f"{address}:{port} listens", lambda: subprocess.run(probe, capture_output=True).returncode == 0, seconds)


class Process:
    """A program that runs beside the test, its output in a file."""

    def __init__(self, log, command, **options):
        self.log = pathlib.Path(log)
        self.file = open(log, "wb")
        self.process = subprocess.Popen([str(word) for word in command], stdout=self.file, stderr=subprocess.STDOUT, **options)

    def stop(self, seconds=10):
        """Asks it to end, then ends it; answers with its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.file.close()
        return self.process.returncode

    def text(self):
        return self.log.read_text(errors="replace")


CONFIGURATION = """
[ca]
default_ca = lab
[lab]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
"""


class Authority:
    """The lab's certificate authority, and the certificates it makes."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.file, self.lock = folder / "ca.pem", threading.Lock()
        (folder / "index.txt").write_text("")
        (folder / "ca.conf").write_text(CONFIGURATION)
        self._openssl("req", "-x509", *self._key("ec:P-256", "ca"), "-days", "30", "-out", "ca.pem", "-subj", "/CN=Lab CA",
                      "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def certificate(self, domain, address, kind="ec:P-256", name=None, expired=False, also=()):
        """A certificate for `domain`, `also` others, and `address`; `kind` is e.g. ec:P-384 or rsa:2048. Answers with its two files."""
        name = name or domain
        ext = self.folder / f"{name}.ext"
        names = ",".join(f"DNS:{name}" for name in (domain, *also))
        ext.write_text(f"subjectAltName={names},IP:{address}\nextendedKeyUsage=serverAuth,clientAuth\n")
        self._openssl("req", *self._key(kind, name), "-out", f"{name}.csr", "-subj", f"/CN={domain}")
        dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if expired else ["-days", "30"]
        with self.lock:  # it keeps a database
            self._openssl("ca", "-batch", "-config", "ca.conf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-extfile", ext.name, *dates)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    @staticmethod
    def _key(kind, name):
        algorithm, size = kind.split(":")
        new = ["-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{size}"] if algorithm == "ec" else ["-newkey", kind]
        return [*new, "-nodes", "-keyout", f"{name}.key"]

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
