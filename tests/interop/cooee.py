"""Cooee as the tests use it: its command line and its JSON events."""
import json
import subprocess

from lab import Process, inside, password, until


class Cooee:
    """One person's phone: a home folder with one account at `server`, which it finds itself if it is told a `domain`.

    `dns`: the address of the name server."""

    def __init__(self, lab, host, home, name, server, add=(), transport="tls", dns=None, domain=None):
        self.lab, self.host, self.home, self.name, self.server = lab, host, home, name, server
        self.dns = ["--dns", dns] if dns else []
        port = getattr(server, "port", 5060) + (transport == "tls")
        where = [] if domain else ["--proxy", f"{server.address}:{port}", *(["--transport", transport] if transport != "tls" else [])]
        self.run("account", "add", f"{name}@{domain or server.domain}", *where, *add, input=f"{password(name)}\n")

    def command(self, *arguments):
        return inside(self.host, [self.lab.cooee, "--home", self.home, "--json", "--trust", self.lab.authority.file, *self.dns, *arguments])

    def run(self, *arguments, code=0, **options):
        """Runs a command to its end and answers with its events."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=90, **options)
        with open(f"{self.home}.log", "a") as log:
            log.write(done.stdout + done.stderr)
        assert done.returncode == code, f"exit code {done.returncode}, {code} expected: {last(done.stdout, done.stderr)}"
        return Events(done.stdout)

    def call(self, who, *arguments, **options):
        return self.run("call", who if "@" in who else f"{who}@{self.server.domain}", *arguments, **options)

    def caller(self, who, *arguments):
        """`cooee call` that goes on while the test does something."""
        return Phone(f"{self.home}.log", self.command("call", who, *arguments))

    def phone(self, *arguments):
        """`cooee phone`, registered."""
        phone = Phone(f"{self.home}.log", self.command("phone", *arguments))
        phone.wait(f"{self.name} registers", event="account", state="registered")
        return phone


class Phone(Process):
    """A running Cooee, told what to do by lines of JSON."""

    def __init__(self, log, command):
        super().__init__(log, command, stdin=subprocess.PIPE)

    def events(self):
        return Events(self.text())

    def wait(self, what="", seconds=20, **fields):
        """The first event with these fields, once it is there."""
        return until(what or str(fields), lambda: self.events().first(**fields), seconds)

    def ended(self, seconds=20):
        """Its events, once the call is over."""
        self.wait("the call ends", seconds, event="ended")
        return self.events()

    def say(self, **command):
        """One JSON command on its standard input."""
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()


class Events(list):
    """JSON events of one process, in order."""

    def __init__(self, text):
        super().__init__(parsed for line in text.splitlines() if line.startswith("{") for parsed in [parse(line)] if parsed)

    def all(self, **fields):
        return [event for event in self if all(event.get(name) == value for name, value in fields.items())]

    def first(self, **fields):
        return next(iter(self.all(**fields)), None)

    def values(self, event, field):
        return [found.get(field) for found in self.all(event=event)]


def parse(line):
    try:
        return json.loads(line)
    except ValueError:
        return None  # the last line, not written to its end yet


def last(out, error):
    said = [event.get("text") for event in Events(out) if event.get("text")]
    return " / ".join(filter(None, [*said[-2:], *error.strip().splitlines()[-2:]]))
