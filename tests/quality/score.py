#!/usr/bin/env python3
"""Rates what was heard by PESQ-WB (ITU-T P.862.2): score.py DIR writes DIR/scores, a line for each NAME-WHO: the mean over its clips."""
import concurrent.futures, pathlib, re, sys, wave

import numpy
from pesq import NoUtterancesError, pesq

# 48 kHz to 16 kHz: a windowed sinc, flat to 7 kHz.
TAPS = numpy.sinc((numpy.arange(383) - 191) * 15200 / 48000) * numpy.kaiser(383, 6)
TAPS /= TAPS.sum()


def wide(path):
    with wave.open(str(path)) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    return numpy.convolve(samples, TAPS, "same")[::3].round().astype("int16")


def rate(job):
    name, who, heard, said = job
    try:
        return name, who, pesq(16000, wide(said), wide(heard), "wb")
    except NoUtterancesError:
        return name, who, 1.0  # nothing of it arrived


def main():
    folder = pathlib.Path(sys.argv[1])
    jobs = []
    for path in sorted(folder.glob("*-*-*-*.wav")):
        name, who, number = re.fullmatch(r"(.+)-(ours|later|process|baresip)-(\d+)", path.stem).groups()
        jobs.append((name, who, path, folder / f"said-{number}.wav"))
    scores = {}
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for name, who, score in pool.map(rate, jobs):
            scores.setdefault((name, who), []).append(score)
    lines = (f"{name} {who} {numpy.mean(found):.3f}\n" for (name, who), found in sorted(scores.items()))
    (folder / "scores").write_text("".join(lines))


main()
