"""Our own server, `cooee serve`."""
import subprocess

from lab import ADDRESS, Process, inside, listens, password


class Own:
    name, domain, host, address = "cooee serve", "own.lab", "own", ADDRESS["own"]

    def __init__(self, lab, folder):
        folder.mkdir(parents=True)
        self.lab, self.home = lab, folder / "home"
        pem, key = lab.authority.certificate(self.domain, self.address)
        self.users([name for pair in lab.pairs for name in (pair.anna, pair.ben)])
        serve = ["serve", "--domain", self.domain, "--certificate", pem, "--key", key, "--tls", f"{self.address}:5061",
                 "--lan", self.address, "--host", self.address, "--stun", f"{self.address}:3478"]
        self.process = Process(folder / "log", inside(self.host, [lab.cooee, "--home", self.home, "--json", *serve]))
        listens(self.host, self.address, 5061)

    def users(self, names):
        for name in names:
            add = [self.lab.cooee, "--home", self.home, "user", "add", f"{name}@{self.domain}"]
            done = subprocess.run(inside(self.host, add), input=f"{password(name)}\n", capture_output=True, text=True)
            assert done.returncode == 0, done.stderr

    def stop(self):
        self.process.stop()
