"""A first call with baresip each way through kamailio, speech checked both ways. Run by run.sh inside the lab.

usage: smoke.py COOEE RUN_FOLDER"""
import json
import pathlib
import subprocess
import sys
import time
import wave

from audio import RIGHT, arrival
from peers import ADDRESS, DOMAIN, HERE, Baresip, Process, certificates, inside, kamailio, until

COOEE, RUN = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
SPEECH = HERE.parent / "fixtures/speech"
CODECS = {"opus": "opus/48000/1", "pcma": "PCMA/8000/1"}
SECONDS = 8


def cooee(home, *arguments):
    return inside("ca", [COOEE, "--home", home, "--json", "--trust", RUN / "certs/ca.pem", *arguments])


def account(home):
    add = cooee(home, "account", "add", f"anna@{DOMAIN}", "--proxy", f"{ADDRESS['srv']}:5061")
    subprocess.run(add, input=b"anna-pw\n", check=True, capture_output=True)


def at_48_khz(source, target):
    """baresip's file source wants the rate it was told; a whole factor by linear interpolation is enough here."""
    import numpy as np
    with wave.open(str(source)) as f:
        rate, samples = f.getframerate(), np.frombuffer(f.readframes(1 << 30), "<i2").astype(float)
    n = len(samples) * 48000 // rate
    out = np.interp(np.arange(n) * rate / 48000, np.arange(len(samples)), samples)
    with wave.open(str(target), "wb") as f:
        f.setnchannels(1), f.setsampwidth(2), f.setframerate(48000)
        f.writeframes(out.astype("<i2").tobytes())


def events(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def check(name, sent, back, log):
    """Both directions, and the security that the phone reports."""
    there, here = arrival(*sent), arrival(*back)
    security = [e.get("security") for e in events(log) if e.get("event") == "secured"]
    crossed = arrival(sent[0], back[1])  # the wrong speech: the check itself must be able to fail
    assert crossed["correlation"] < RIGHT - 0.2, f"the check cannot tell one voice from another: {crossed}"
    right = there["correlation"] >= RIGHT and here["correlation"] >= RIGHT and security == ["encrypted end to end"]
    print(f"{'PASS' if right else 'FAIL'} {name}: to baresip {there['correlation']:.2f}, from baresip {here['correlation']:.2f}, {security}", flush=True)
    if not right:
        print(log, file=sys.stderr)
    return right


def outgoing(codec, ours, theirs):
    home = RUN / f"home-out-{codec}"
    account(home)
    ben = Baresip(RUN / f"baresip-out-{codec}", RUN, "cb", "ben", CODECS[codec], theirs)
    try:
        heard = RUN / f"out-{codec}.wav"
        call = subprocess.run(cooee(home, "call", f"ben@{DOMAIN}", "--speak", ours, "--record", heard, "--codec", codec, "--for", SECONDS),
                              capture_output=True, text=True, timeout=60)
        assert call.returncode == 0, call.stdout + call.stderr
        time.sleep(1)
        return check(f"cooee calls baresip, {codec}", (ours, ben.heard()), (theirs, heard), call.stdout)
    finally:
        ben.stop()


def incoming(codec, ours, theirs):
    home = RUN / f"home-in-{codec}"
    account(home)
    heard = RUN / f"in-{codec}.wav"
    phone = Process(RUN / f"phone-{codec}.log", cooee(home, "phone", "--answer", "--speak", ours, "--record", heard, "--codec", codec))
    ben = None
    try:
        until("cooee registers", lambda: '"registered"' in phone.text(), 15)
        ben = Baresip(RUN / f"baresip-in-{codec}", RUN, "cb", "ben", CODECS[codec], theirs)
        ben.command("dial", f"sip:anna@{DOMAIN}")
        until("the call is active", lambda: '"active"' in phone.text(), 20)
        time.sleep(SECONDS)
        ben.command("hangup")
        until("the call ends", lambda: '"ended"' in phone.text(), 10)
        phone.stop()
        return check(f"baresip calls cooee, {codec}", (ours, ben.heard()), (theirs, heard), phone.text())
    finally:
        phone.stop()
        if ben:
            ben.stop()


def attempt(test, *arguments):
    try:
        return test(*arguments)
    except Exception as error:  # a row that breaks is a row that fails; the others still run
        print(f"FAIL {test.__name__} {arguments[0]}: {type(error).__name__} {error}", flush=True)
        return False


def main():
    certificates(RUN)
    clips = sorted(SPEECH.glob("*.wav"))
    ours, theirs = clips[0], RUN / "theirs.wav"
    at_48_khz(clips[1], theirs)
    server = kamailio(RUN)
    try:
        done = [attempt(test, codec, ours, theirs) for codec in CODECS for test in (outgoing, incoming)]
    finally:
        server.stop()
    print(f"{sum(done)} passed, {len(done) - sum(done)} failed")
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
