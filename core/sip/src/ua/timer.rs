//! Session timers: RFC 4028. A call whose far end is gone ends, for whoever refreshes it in time hears so.

use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use crate::header::HeaderName;
use crate::message::Message;

/// The least interval, in seconds (RFC 4028 5); shorter ones are refused.
pub(super) const MIN_SE: u32 = 90;
/// What we ask for (RFC 4028 4).
const WANTED: u32 = 1800;
/// A server that wants an interval beyond a day gets no more than that.
const LONGEST: u32 = 86_400;
/// What hangs up leaves time for, if the interval is long enough (RFC 4028 10).
const MARGIN: u32 = 32;
/// With less time than this before the end, a refresh that failed is not tried again.
const TOO_LATE: Duration = Duration::from_secs(10);

/// Headers of a request or response.
pub(super) type Lines = Vec<(HeaderName<'static>, String)>;

/// The timer of one session, as both sides last agreed on it.
#[derive(Default)]
pub(super) struct SessionTimer {
    /// The largest `Min-SE` heard.
    min_se: Option<u32>,
    running: Option<Running>,
}

struct Running {
    /// In seconds.
    interval: u32,
    we_refresh: bool,
    /// When to refresh next; `None` while that is under way.
    refresh: Option<Wake>,
    /// When the session counts as dead.
    end: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Refresher {
    Uac,
    Uas,
}

struct SessionExpires {
    seconds: u32,
    refresher: Option<Refresher>,
}

impl SessionExpires {
    fn of(message: &Message<'_>) -> Option<Self> {
        let seconds = message.seconds(HeaderName::SessionExpires)?;
        let params = message.header_text(HeaderName::SessionExpires)?.split(';').skip(1);
        let refresher = params.filter_map(|param| param.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("refresher"));
        let refresher = match refresher.map(|(_, value)| value.trim()) {
            Some(value) if value.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(value) if value.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            _ => None,
        };
        Some(Self { seconds, refresher })
    }
}

/// Whether a request asks for an interval that a 422 is due for. Who does not know timers could make nothing of it.
pub(super) fn is_too_small(request: &Message<'_>) -> bool {
    knows_timers(request) && SessionExpires::of(request).is_some_and(|asked| asked.seconds < MIN_SE)
}

fn knows_timers(request: &Message<'_>) -> bool {
    request.has_token(HeaderName::Supported, "timer") || request.has_token(HeaderName::Require, "timer")
}

impl SessionTimer {
    /// What the first INVITE says.
    pub(super) fn first_request(&self) -> Lines {
        self.lines(WANTED.max(self.min_se.unwrap_or(MIN_SE)).to_string())
    }

    /// What a re-INVITE or UPDATE says: the interval and the refresher as they are; nothing to a peer without timers.
    pub(super) fn request(&self) -> Lines {
        let Some(running) = &self.running else { return Lines::new() };
        let refresher = if running.we_refresh { "uac" } else { "uas" };
        self.lines(format!("{};refresher={refresher}", running.interval.max(self.min_se.unwrap_or(MIN_SE))))
    }

    fn lines(&self, session_expires: String) -> Lines {
        let min_se = self.min_se.map(|seconds| (HeaderName::MinSe, seconds.to_string()));
        [(HeaderName::SessionExpires, session_expires)].into_iter().chain(min_se).collect()
    }

    /// A 2xx to our request: what it says holds from now on.
    pub(super) fn answered(&mut self, response: &Message<'_>, now: Now) {
        let agreed = SessionExpires::of(response);
        self.running = agreed.map(|agreed| Running::new(agreed.seconds, agreed.refresher != Some(Refresher::Uas), now));
    }

    /// We say 2xx to the peer's request: what that says of the timer (RFC 4028 9, table 2).
    pub(super) fn accept(&mut self, request: &Message<'_>, now: Now) -> Lines {
        self.learn(request);
        self.running = None;
        let Some(asked) = SessionExpires::of(request).filter(|asked| asked.seconds >= MIN_SE) else { return Lines::new() };
        let knows = knows_timers(request);
        let we_refresh = !knows || asked.refresher == Some(Refresher::Uas);
        self.running = Some(Running::new(asked.seconds, we_refresh, now));
        let refresher = if we_refresh { "uas" } else { "uac" };
        let mut lines = vec![(HeaderName::SessionExpires, format!("{};refresher={refresher}", asked.seconds))];
        if knows {
            lines.push((HeaderName::Require, "timer".to_owned()));
        }
        lines
    }

    /// A 422 came: whether it asks for more than we did, so that it is worth asking again.
    pub(super) fn refused(&mut self, response: &Message<'_>) -> bool {
        let asked = self.running.as_ref().map_or(WANTED, |running| running.interval).max(self.min_se.unwrap_or(MIN_SE));
        let wish = response.seconds(HeaderName::MinSe).unwrap_or_default();
        self.learn(response);
        wish > asked && wish <= LONGEST
    }

    fn learn(&mut self, message: &Message<'_>) {
        if let Some(wish) = message.seconds(HeaderName::MinSe) {
            self.min_se = Some(wish.clamp(self.min_se.unwrap_or(MIN_SE), LONGEST));
        }
    }

    /// Whether it is time for a refresh of ours; then it is taken for under way.
    pub(super) fn take_due(&mut self, now: Now) -> bool {
        let due = |running: &mut Running| running.refresh.take_if(|wake| wake.is_due(now)).is_some();
        self.running.as_mut().is_some_and(due)
    }

    /// The refresh came to nothing, and is to be tried again after this time.
    pub(super) fn again_in(&mut self, wait: Duration, now: Now) {
        if let Some(running) = self.running.as_mut().filter(|running| running.we_refresh) {
            running.refresh = Some(Wake::at(now.instant + wait, "session refresh"));
        }
    }

    /// The refresh was refused: once more after half the time that is left.
    pub(super) fn again_later(&mut self, now: Now) {
        let Some(left) = self.running.as_ref().map(|running| running.end.saturating_duration_since(now.instant)) else { return };
        if left > TOO_LATE {
            self.again_in(left / 2, now);
        }
    }

    /// Whether nobody has refreshed it in time.
    pub(super) fn is_over(&self, now: Now) -> bool {
        self.running.as_ref().is_some_and(|running| running.end <= now.instant)
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        let running = self.running.as_ref()?;
        Wake::earlier(running.refresh, Some(Wake::at(running.end, "session expiration")))
    }
}

impl Running {
    fn new(interval: u32, we_refresh: bool, now: Now) -> Self {
        // A peer that says less makes us no faster.
        let interval = interval.clamp(MIN_SE, LONGEST);
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        let end = now.instant + seconds(interval - MARGIN.min(interval / 3));
        let refresh = Wake::at(now.instant + seconds(interval / 2), "session refresh").with_slack(seconds(interval / 20));
        Self { interval, we_refresh, refresh: we_refresh.then_some(refresh), end }
    }
}
