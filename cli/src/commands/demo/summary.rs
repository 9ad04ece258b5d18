//! How it went, in figures.

use std::time::Duration;

use cooee_audio::Speech;
use cooee_call::Milestone;
use cooee_codec::Arrival;

use super::play::{Outcome, Side};
use crate::line::Line;
use crate::report::Reporter;
use crate::tell;
use crate::words;

/// Speech that was spoken scores well above this through any codec, other sound well below.
const GOOD_SCORE: f32 = 0.6;
/// Nearly every piece of the speech must be there.
const GOOD_COMPLETE: f32 = 0.9;

/// What there is to say when the call is over.
pub struct Summary<'a> {
    outcome: &'a Outcome,
    /// What ben heard of anna, and anna of ben.
    arrivals: [(Arrival, &'a Side, &'a Side); 2],
}

impl<'a> Summary<'a> {
    /// Reads both recordings and looks for the speech in them.
    pub fn new(outcome: &'a Outcome) -> anyhow::Result<Self> {
        let (anna, ben) = (&outcome.anna, &outcome.ben);
        let arrival = |speaker: &Side, hearer: &Side| {
            let heard = Speech::open(&hearer.voice.heard)?;
            anyhow::Ok(Arrival::measure(speaker.voice.speech.samples(), heard.samples()))
        };
        let arrivals = [(arrival(anna, ben)?, anna, ben), (arrival(ben, anna)?, ben, anna)];
        Ok(Self { outcome, arrivals })
    }

    /// Both sides heard the other as they spoke.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.arrivals.iter().all(|(arrival, ..)| arrival.score >= GOOD_SCORE && arrival.complete >= GOOD_COMPLETE)
    }

    /// Prints it.
    pub fn tell(&self, reporter: &Reporter) {
        reporter.say(format!("\nThe call, as anna saw it\n{}", self.steps()));
        reporter.say(self.security());
        for side in [&self.outcome.anna, &self.outcome.ben] {
            if reporter.is_json() {
                reporter.tell(&Line::Media(tell::media(tell::number(side.call.id), &side.media)));
            } else {
                reporter.say(sound(side));
            }
        }
        reporter.say("\nWhat arrived");
        for (arrival, from, to) in &self.arrivals {
            reporter.tell(&Line::Arrival {
                from: from.voice.name,
                to: to.voice.name,
                score: arrival.score,
                complete: arrival.complete,
                file: to.voice.heard.display().to_string(),
            });
        }
    }

    fn steps(&self) -> String {
        let timeline = &self.outcome.anna.call.timeline;
        let mut text = format!("  {:<32}{:>6} ms\n", "both phones registered", self.outcome.registered.as_millis());
        let names = [
            (Milestone::Gathered, "own addresses known"),
            (Milestone::Ringing, "rings"),
            (Milestone::Answered, "answered"),
            (Milestone::PathFound, "path found"),
            (Milestone::Secured, "keys agreed and proven"),
            (Milestone::Active, "sound both ways, proven"),
            (Milestone::Ended, "hung up"),
        ];
        for (milestone, name) in names {
            if let Some(step) = timeline.step(milestone) {
                text += &format!("  {name:<32}{:>6} ms\n", step.after.as_millis());
            }
        }
        let answer_to_sound = timeline.between(Milestone::Answered, Milestone::Active).unwrap_or(Duration::ZERO);
        text + &format!("  {:<32}{:>6} ms", "from the answer to sound", answer_to_sound.as_millis())
    }

    fn security(&self) -> String {
        let media = &self.outcome.anna.media;
        let security = media.security.map_or("not known", words::security);
        let path = media.path.map_or_else(String::new, |path| {
            let (local, remote) = (words::candidate(path.local_kind), words::candidate(path.remote_kind));
            format!("\n  path      {} {local} to {} {remote}", path.local, path.remote)
        });
        format!("\nThe sound\n  security  {security}, {}{path}", media.cipher.unwrap_or("no cipher"))
    }
}

fn sound(side: &Side) -> String {
    let media = &side.media;
    let delay = media.delay.map_or_else(|| "?".to_owned(), |delay| delay.as_millis().to_string());
    let cpu = media.cpu.map_or_else(String::new, |cpu| {
        let share = cpu.as_secs_f64() / media.duration.as_secs_f64().max(0.001) * 100.0;
        format!(", {share:.1} % of a core")
    });
    format!(
        "  {:<9} {} sent at {:.1} kbit/s, {:.1} heard; {delay} ms from mouth to ear (estimated), {:.1} % lost, {} ms made up{cpu}",
        side.voice.name,
        media.codec,
        f64::from(media.bitrate_sent) / 1000.0,
        f64::from(media.bitrate_received) / 1000.0,
        media.loss() * 100.0,
        media.concealed.as_millis(),
    )
}
