use cooee_call::CallSnapshot;
use cooee_engine::{CallLevels, Levels};
use tokio::sync::watch;

use crate::words;

/// Quieter is shown as nothing, in dBFS.
const FLOOR: f32 = -60.0;
/// The longest bar.
const BAR: usize = 20;

/// How loud both sides are, as a line that changes.
pub(super) struct Meters(watch::Receiver<Levels>);

/// Waits for news, for ever without meters or when there will be none any more.
pub(super) async fn changed(meters: &mut Option<Meters>) {
    if let Some(meters) = meters
        && meters.0.changed().await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

impl Meters {
    pub(super) fn new(levels: watch::Receiver<Levels>) -> Self {
        Self(levels)
    }

    /// The line for a call, at most `width` wide; `None` while the call has no sound.
    pub(super) fn line(&mut self, call: &CallSnapshot, number: usize, width: usize) -> Option<String> {
        let levels = self.0.borrow_and_update().iter().find(|levels| levels.call == call.id).copied()?;
        Some(line(&levels, number, &details(call), width))
    }
}

/// What is worth a glance, the most important first.
fn details(call: &CallSnapshot) -> Vec<String> {
    let security = call.security.map(|security| words::security(security).to_owned());
    let muted = call.muted.then(|| "muted".to_owned());
    let codec = call.codec.as_ref().map(|codec| codec.name.clone());
    let statistics = call.statistics.as_ref();
    let loss = statistics.map(|statistics| {
        let expected = statistics.packets_received + statistics.packets_lost;
        let lost = if expected == 0 { 0.0 } else { statistics.packets_lost as f64 / expected as f64 };
        format!("{:.1} % lost", lost * 100.0)
    });
    let delay = statistics.map(|statistics| {
        let delay = statistics.rtt.unwrap_or_default() / 2 + statistics.playout_delay;
        format!("{} ms", delay.as_millis())
    });
    [muted, security, loss, delay, codec].into_iter().flatten().collect()
}

/// As many details as fit beside both bars; on a narrow terminal the bars shrink before they go.
fn line(levels: &CallLevels, number: usize, details: &[String], width: usize) -> String {
    let fixed = format!("{number} you  they ").chars().count();
    let bar = (width.saturating_sub(fixed) / 2).min(BAR);
    let mut line = format!("{number} you {} they {}", bar_of(levels.sent.rms, bar), bar_of(levels.heard.rms, bar));
    for detail in details {
        if line.chars().count() + detail.chars().count() + 3 <= width {
            line += " · ";
            line += detail;
        }
    }
    line.chars().take(width).collect()
}

fn bar_of(level: f32, width: usize) -> String {
    let share = ((level - FLOOR) / -FLOOR).clamp(0.0, 1.0);
    let full = (share * width as f32).round() as usize;
    format!("{}{}", "#".repeat(full.min(width)), "-".repeat(width.saturating_sub(full)))
}

#[cfg(test)]
mod tests {
    use cooee_call::CallId;
    use cooee_codec::Level;

    use super::*;

    fn levels(sent: f32, heard: f32) -> CallLevels {
        let level = |rms| Level { peak: rms, rms };
        CallLevels { call: CallId(1), sent: level(sent), heard: level(heard) }
    }

    #[test]
    fn both_sides_are_shown_with_what_fits_beside_them() {
        let details = ["encrypted end to end".to_owned(), "0.5 % lost".to_owned()];
        let wide = line(&levels(-30.0, -60.0), 1, &details, 100);
        assert_eq!(wide, "1 you ##########---------- they -------------------- · encrypted end to end · 0.5 % lost");
        assert_eq!(line(&levels(0.0, -90.0), 2, &details, 66), "2 you #################### they -------------------- · 0.5 % lost");
    }

    #[test]
    fn no_terminal_is_too_narrow() {
        for width in 0..120 {
            let shown = line(&levels(-10.0, f32::NEG_INFINITY), 1, &["encrypted end to end".to_owned()], width);
            assert!(shown.chars().count() <= width, "{width}: {shown}");
        }
    }
}
