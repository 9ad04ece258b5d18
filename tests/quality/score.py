#!/usr/bin/env python3
"""Rates what was heard by PESQ-WB (ITU-T P.862.2): score.py DIR writes DIR/scores, a line for each NAME-WHO: the mean over its clips.
Who was heard several times has the mean of these means, and a line NAME WHO-spread: how far the best and the worst are apart."""
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
    name, who, time, heard, said = job
    try:
        return name, who, time, pesq(16000, wide(said), wide(heard), "wb")
    except NoUtterancesError:
        return name, who, time, 1.0  # nothing of it arrived


def main():
    folder = pathlib.Path(sys.argv[1])
    jobs = []
    for path in sorted(folder.glob("*-*-*-*.wav")):
        name, who, time, number = re.fullmatch(r"(.+)-(ours|later|process|baresip)(?:-(\d+))?-(\d+)", path.stem).groups()
        jobs.append((name, who, time, path, folder / f"said-{number}.wav"))
    scores = {}
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for name, who, time, score in pool.map(rate, jobs):
            scores.setdefault((name, who), {}).setdefault(time, []).append(score)
    lines = []
    for (name, who), times in sorted(scores.items()):
        means = [numpy.mean(found) for found in times.values()]
        lines.append(f"{name} {who} {numpy.mean(means):.3f}\n")
        if len(means) > 1:
            lines.append(f"{name} {who}-spread {max(means) - min(means):.3f}\n")
    (folder / "scores").write_text("".join(lines))


main()
