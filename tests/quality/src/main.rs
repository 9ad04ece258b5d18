//! `quality render DIR` writes what was heard as WAV files for PESQ, and the packets as other phones get them; `quality later DIR` what would be
//! heard as late as baresip plays, by the delays found in DIR; `quality report DIR` writes docs/quality.md and its plot from the same and from
//! the scores found in DIR.
#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use cooee_codec::CodecKind;
use cooee_quality::{Heard, Oracle, Row, Scores, Spoken, Trace, play, play_later, plot, processes, table};

const CODECS: [CodecKind; 2] = [CodecKind::Opus, CodecKind::G722];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (verb, folder) = (arguments.next(), arguments.next().map(PathBuf::from));
    match (verb.as_deref(), folder) {
        (Some("render"), Some(folder)) => render(&folder),
        (Some("later"), Some(folder)) => later(&folder),
        (Some("report"), Some(folder)) => report(&folder),
        _ => bail!("quality render|later|report DIR"),
    }
}

/// For each trace and codec.
fn each(mut work: impl FnMut(&Trace, CodecKind, &Spoken, &Heard) -> Result<()>) -> Result<()> {
    for trace in Trace::all() {
        for kind in CODECS {
            let spoken = Spoken::new(&trace, kind)?;
            let heard = play(&trace, kind, &spoken)?;
            work(&trace, kind, &spoken, &heard)?;
        }
    }
    Ok(())
}

fn render(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    each(|trace, kind, spoken, heard| {
        for (at, clip) in spoken.clips.iter().enumerate() {
            wav(&folder.join(format!("said-{at}.wav")), spoken.samples.get(clip.at.clone()).unwrap_or_default())?;
        }
        let name = format!("{}-{kind}", trace.id);
        clips(folder, &format!("{name}-ours"), spoken, heard)?;
        let places: Vec<String> = spoken.clips.iter().map(|clip| format!("{} {}", clip.at.start, clip.at.end)).collect();
        fs::write(folder.join("clips"), places.join("\n"))?;
        fs::write(folder.join(format!("{name}.packets")), packets(trace, spoken))?;
        Ok(())
    })
}

/// What would be heard as late as baresip plays, where that is later than we do.
fn later(folder: &Path) -> Result<()> {
    let delays = fs::read_to_string(folder.join("delays")).unwrap_or_default();
    each(|trace, kind, spoken, heard| {
        let name = format!("{}-{kind}", trace.id);
        let Some(delay) = score(&delays, &name, "delay").filter(|delay| *delay > heard.delay) else { return Ok(()) };
        // A longer delay leaves less to catch up with, so that it takes more than the difference.
        let (mut by, mut found) = (0.0, None);
        for _ in 0..4 {
            by += delay - found.as_ref().unwrap_or(heard).delay;
            found = Some(play_later(trace, kind, spoken, by)?);
        }
        found.map_or(Ok(()), |found| clips(folder, &format!("{name}-later"), spoken, &found))
    })
}

fn clips(folder: &Path, name: &str, spoken: &Spoken, heard: &Heard) -> Result<()> {
    let mut clips = spoken.clips.iter().enumerate();
    clips.try_for_each(|(at, clip)| wav(&folder.join(format!("{name}-{at}.wav")), heard.clip(&clip.at)))
}

/// One line a packet that arrives, in the order of arrival: microseconds, number, octets in hexadecimal.
fn packets(trace: &Trace, spoken: &Spoken) -> String {
    let mut arrivals: Vec<(i64, usize)> = (0..trace.late.len()).filter_map(|packet| Some((trace.arrives(packet)?, packet))).collect();
    arrivals.sort_unstable();
    let mut lines = String::new();
    for (at, packet) in arrivals {
        let octets = spoken.packets.get(packet).map(|octets| {
            octets.iter().fold(String::new(), |mut hex, octet| {
                let _written = write!(hex, "{octet:02x}");
                hex
            })
        });
        let _written = writeln!(lines, "{at} {packet} {}", octets.unwrap_or_default());
    }
    lines
}

fn wav(path: &Path, samples: &[i16]) -> Result<()> {
    let spec = hound::WavSpec { channels: 1, sample_rate: 48_000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec).with_context(|| path.display().to_string())?;
    samples.iter().try_for_each(|sample| writer.write_sample(*sample))?;
    Ok(writer.finalize()?)
}

fn report(folder: &Path) -> Result<()> {
    let read = |name| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let scores = read("scores") + &read("delays");
    let mut rows = Vec::new();
    each(|trace, kind, spoken, heard| {
        let oracle = Oracle::new(trace, kind, spoken);
        let mut row = Row::new(trace.id, trace.title, kind, trace.late.len() as f64 * 20.0, heard, &oracle);
        let name = format!("{}-{kind}", trace.id);
        let found = |who| score(&scores, &name, who);
        row.pesq = Scores {
            ours: found("ours"),
            later: found("later"),
            process: found("process"),
            baresip: found("baresip"),
            baresip_spread: found("baresip-spread"),
            baresip_delay: found("delay"),
        };
        rows.push(row);
        Ok(())
    })?;
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    fs::write(docs.join("quality.svg"), plot(&rows))?;
    let versions = read("versions");
    fs::write(
        docs.join("quality.md"),
        format!("{}\n{}{}\n{}{}", include_str!("intro.md"), table(&rows), processes(&rows), include_str!("outro.md"), versions),
    )?;
    let missed = rows.iter().filter(|row| !row.holds()).count();
    println!("docs/quality.md: {} rows, {missed} miss the goal", rows.len());
    Ok(())
}

/// The line `TRACE-CODEC WHO SCORE`.
fn score(scores: &str, name: &str, who: &str) -> Option<f64> {
    let mut lines = scores.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines.find_map(|line| matches!(line.as_slice(), [n, w, _] if *n == name && *w == who).then(|| line.get(2)?.parse().ok()).flatten())
}
