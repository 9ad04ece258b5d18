"""Did the right speech arrive? Best alignment by cross-correlation at 8 kHz.

It says nothing of quality; it catches silence, noise, the wrong direction and the wrong rate."""
import wave

import numpy as np

RATE = 8000
RIGHT = 0.6  # speech through a codec; another clip stays below 0.2


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
    """The correlation of the best alignment, its lag in seconds, and the seconds recorded."""
    r, d = load(reference), load(recording)
    if len(d) < RATE or np.abs(d).max() < 1e-3:
        return dict(correlation=0.0, lag=0.0, seconds=len(d) / RATE)
    r = r[: len(d)]
    n = 1 << (len(r) + len(d)).bit_length()
    both = np.fft.irfft(np.fft.rfft(d, n) * np.conj(np.fft.rfft(r, n)), n)
    best = (0.0, 0)
    for lag in np.argsort(-np.abs(both))[:20]:
        shift = int(lag) if lag < n // 2 else int(lag) - n
        a, b = (r, d[shift:]) if shift >= 0 else (r[-shift:], d)
        m = min(len(a), len(b))
        if m >= RATE // 2:
            k = float(np.dot(a[:m], b[:m]) / (np.linalg.norm(a[:m]) * np.linalg.norm(b[:m]) + 1e-12))
            best = max(best, (abs(k), shift))
    return dict(correlation=best[0], lag=best[1] / RATE, seconds=len(d) / RATE)
