"""Our own server, `cooee serve`."""
import subprocess

from lab import ADDRESS, Process, inside, listens, password


class Own:
    name, domain, host, address = "cooee serve", "own.lab", "own", ADDRESS["own"]

    def __init__(self, lab, folder, certificate=None, port=5060, lan=True):
        """TLS is on the port above `port`, STUN on the one above that; `certificate`: its two files; `lan`: UDP and TCP too."""
        folder.mkdir(parents=True)
        self.lab, self.home, self.port = lab, folder / "home", port
        at = f"[{self.address}]" if ":" in self.address else self.address
        pem, key = certificate or lab.authority.certificate(self.domain, self.address)
        self.users([name for pair in lab.pairs for name in (pair.anna, pair.ben, pair.carl)])
        serve = ["serve", "--domain", self.domain, "--certificate", pem, "--key", key, "--host", self.address,
                 "--tls", f"{at}:{port + 1}", "--stun", f"{at}:{port + 2}",
                 *(["--lan", f"{at}:{port}"] if lan else [])]
        self.process = Process(folder / "log", inside(self.host, [lab.cooee, "--home", self.home, "--json", *serve]))
        listens(self.host, self.address, port + 1)

    def users(self, names):
        for name in names:
            add = [self.lab.cooee, "--home", self.home, "user", "add", f"{name}@{self.domain}"]
            done = subprocess.run(inside(self.host, add), input=f"{password(name)}\n", capture_output=True, text=True)
            assert done.returncode == 0, done.stderr

    def stop(self):
        self.process.stop()
