"""Did the right speech arrive? Cross-correlation at 8 kHz.

It says nothing of quality; it catches silence, noise, the wrong direction and the wrong rate."""
import wave

import numpy as np

RATE = 8000
RIGHT = 0.7  # speech through a codec; see the check of the check in smoke.py


def load(path):
    """Mono samples at 8 kHz, in [-1, 1]. A header left open by a killed recorder is read to the end of the file."""
    with wave.open(str(path)) as f:
        rate, channels, width = f.getframerate(), f.getnchannels(), f.getsampwidth()
        assert width == 2, f"{path}: {8 * width} bits a sample, 16 expected"
        x = np.frombuffer(f.readframes(1 << 30), "<i2").astype(float) / 32768
    x = x[: len(x) // channels * channels].reshape(-1, channels).mean(axis=1)
    n = int(len(x) * RATE / rate)
    spectrum = np.zeros(n // 2 + 1, complex)
    source = np.fft.rfft(x)
    m = min(len(spectrum), len(source))
    spectrum[:m] = source[:m]
    return np.fft.irfft(spectrum, n) * n / max(len(x), 1)


def arrival(reference, recording):
    """How much of the speech is there, piece by piece, since a jitter buffer may stretch the pauses between pieces.

    The whole is aligned by cross-correlation; then each half second of speech is looked for within 60 ms of its place.
    Answers with the energy-weighted mean of the pieces' correlations, the lag and the seconds recorded."""
    r, d = load(reference), load(recording)
    if len(d) < RATE or np.abs(d).max() < 1e-3:
        return dict(correlation=0.0, lag=0.0, seconds=len(d) / RATE)
    lag = best_lag(r, d)
    size, slack = RATE // 2, RATE * 60 // 1000
    scores, weights = [], []
    for begin in range(0, len(r) - size, size):
        piece, at = r[begin : begin + size], begin + lag
        around = d[max(at - slack, 0) : at + size + slack]
        if at < 0 or len(around) < size:
            continue  # before the recording began, or after it ended
        windows = np.lib.stride_tricks.sliding_window_view(around, size)
        norms = np.linalg.norm(windows, axis=1) * np.linalg.norm(piece) + 1e-9
        scores.append(np.abs(windows @ piece / norms).max())
        weights.append(float(piece @ piece))
    heard = float(np.average(scores, weights=weights)) if scores and sum(weights) > 0 else 0.0
    share = sum(weights) / float(r @ r)  # what the recording does not cover did not arrive
    return dict(correlation=heard * min(share / 0.8, 1.0), lag=lag / RATE, seconds=len(d) / RATE)


def best_lag(r, d):
    """By how many samples the reference begins later in the recording."""
    n = 1 << (len(r) + len(d)).bit_length()
    both = np.fft.irfft(np.fft.rfft(d, n) * np.conj(np.fft.rfft(r, n)), n)
    lag = int(np.argmax(np.abs(both)))
    return lag if lag < n // 2 else lag - n
