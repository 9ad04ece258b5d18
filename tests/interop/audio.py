"""Did the right speech arrive? Cross-correlation at 8 kHz.

It says nothing of quality; it catches silence, noise, the wrong direction and the wrong rate."""
import wave

import numpy as np

RATE = 8000
RIGHT = 0.7  # speech through a codec; another voice has less than 0.3


def load(path):
    """Mono samples at 8 kHz, in [-1, 1]. A header left open by a killed recorder is read to the end of the file."""
    with wave.open(str(path)) as f:
        rate, channels, width = f.getframerate(), f.getnchannels(), f.getsampwidth()
        assert width == 2, f"{path}: {8 * width} bits a sample, 16 expected"
        x = np.frombuffer(f.readframes(1 << 30), "<i2").astype(float) / 32768
    x = x[: len(x) // channels * channels].reshape(-1, channels).mean(axis=1)
    n = int(len(x) * RATE / rate)
    if n == 0:
        return np.zeros(0)
    spectrum = np.zeros(n // 2 + 1, complex)
    source = np.fft.rfft(x)
    m = min(len(spectrum), len(source))
    spectrum[:m] = source[:m]
    return np.fft.irfft(spectrum, n) * n / len(x)


def arrival(reference, recording):
    """How much of the speech is there, piece by piece, since a jitter buffer stretches and shortens the pauses between pieces.

    The whole is aligned by cross-correlation, wherever that is high (the speech may be there more than once); then each half second
    of speech is looked for near the place where the one before it was found. Answers with the energy-weighted mean of the pieces'
    correlations, the lag and the seconds recorded."""
    r, d = load(reference), load(recording)
    if len(d) < RATE or np.abs(d).max() < 1e-3:
        return dict(correlation=0.0, lag=0.0, seconds=len(d) / RATE)
    correlation, lag = max((heard_at(r, d, lag), lag) for lag in best_lags(r, d))
    return dict(correlation=correlation, lag=lag / RATE, seconds=len(d) / RATE)


def heard_at(r, d, lag):
    """What of the reference the recording has, if it begins about there."""
    size, slack, moved = RATE // 2, RATE // 2, 0
    scores, weights = [], []
    for begin in range(0, len(r) - size, size):
        piece, at = r[begin : begin + size], begin + lag + moved
        around = d[max(at - slack, 0) : at + size + slack]
        if at < 0 or len(around) < size:
            continue  # before the recording began, or after it ended
        score, found = best_place(piece, around)
        if score >= RIGHT:
            moved += found - min(at, slack)
        scores.append(score)
        weights.append(float(piece @ piece))
    heard = float(np.average(scores, weights=weights)) if scores and sum(weights) > 0 else 0.0
    share = sum(weights) / float(r @ r)  # what the recording does not cover did not arrive
    return heard * min(share / 0.8, 1.0)


def best_place(piece, around):
    """The highest correlation of the piece with what is around, and where."""
    energy = np.concatenate(([0.0], np.cumsum(around * around)))
    norms = np.sqrt(np.maximum(energy[len(piece) :] - energy[: -len(piece)], 0)) * np.linalg.norm(piece) + 1e-9
    scores = np.abs(correlation(around, piece)[: len(norms)]) / norms
    return float(scores.max()), int(scores.argmax())


def best_lags(r, d):
    """By how many samples the reference begins later in the recording: the three best guesses, half a second or more apart."""
    both = np.abs(correlation(d, r))
    n, lags, apart = len(both), [], RATE // 2
    for _ in range(3):
        lag = int(np.argmax(both))
        lags.append(lag if lag < n // 2 else lag - n)
        both[np.arange(lag - apart, lag + apart) % n] = 0
    return lags


def correlation(x, y):
    """Of y with x from each place in x on; places before x are at the end."""
    n = 1 << (len(x) + len(y)).bit_length()
    return np.fft.irfft(np.fft.rfft(x, n) * np.conj(np.fft.rfft(y, n)), n)
