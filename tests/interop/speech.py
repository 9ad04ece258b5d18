"""What is spoken, and whether the right of it arrived."""
import wave

import numpy as np

from audio import RIGHT, arrival


def at_48_khz(source, target):
    """baresip's file source wants the rate it was told; a whole factor by linear interpolation is enough here.

    baresip hangs up at the end of the file: half a minute of silence follows."""
    with wave.open(str(source)) as f:
        rate, samples = f.getframerate(), np.frombuffer(f.readframes(1 << 30), "<i2").astype(float)
    n = len(samples) * 48000 // rate
    out = np.interp(np.arange(n) * rate / 48000, np.arange(len(samples)), samples)
    with wave.open(str(target), "wb") as f:
        f.setnchannels(1), f.setsampwidth(2), f.setframerate(48000)
        f.writeframes(out.astype("<i2").tobytes() + bytes(30 * 2 * 48000))


def twice(source, target):
    """The same speech again: a hold may cut the first, and the second is whole."""
    with wave.open(str(source)) as f:
        parameters, samples = f.getparams(), f.readframes(1 << 30)
    with wave.open(str(target), "wb") as f:
        f.setparams(parameters)
        f.writeframes(samples * 2)


def arrived(said, heard, other=None):
    """The speech `said` is in the recording `heard`, and `other` is not: a check that cannot fail would check nothing."""
    found = arrival(said, heard)["correlation"]
    assert found >= RIGHT, f"the speech did not arrive in {heard.name}: {found:.2f}"
    if other:
        crossed = arrival(other, heard)["correlation"]
        assert crossed < RIGHT - 0.2, f"{heard.name}: the check cannot tell one voice from another: {crossed:.2f}"
    return found


def both_ways(lab, theirs, ours):
    """Our speech in `theirs`, their recording, and theirs in `ours`; in a few words."""
    there, here = arrived(lab.ours, theirs, lab.theirs), arrived(lab.theirs, ours, lab.ours)
    return f"speech {there:.2f} / {here:.2f}"
