use cooee_sip::ua::{EndKind, Ended, EndedBy};

use super::{EndReason, LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, Side};

/// What is known of a call when its SIP leg ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// We called.
    pub(crate) is_outgoing: bool,
    /// It rang at the far end.
    pub(crate) has_rung: bool,
    /// It was answered.
    pub(crate) is_answered: bool,
}

/// The reason phrase by which a Cooee says which part of an offer it cannot take, beside 488.
pub(crate) const NO_COMMON_CODEC: &str = "No Common Codec";
/// As [`NO_COMMON_CODEC`], for media security.
pub(crate) const SECURITY_REFUSED: &str = "No Common Media Security";
/// By these it says, beside 488, what became of the media: no path, no keys, or another trouble.
pub(crate) const NO_MEDIA_PATH: &str = "No Media Path";
/// As [`NO_MEDIA_PATH`].
pub(crate) const NO_MEDIA_KEYS: &str = "No Media Keys";
/// As [`NO_MEDIA_PATH`].
pub(crate) const NO_MEDIA: &str = "No Media";

impl EndReason {
    /// What the end of a call of ours means that nobody has answered.
    #[must_use]
    pub fn of_unanswered(ended: &Ended) -> Self {
        reason_of(ended, Progress { is_outgoing: true, has_rung: false, is_answered: false })
    }
}

/// What the end of a SIP leg means.
pub(crate) fn reason_of(ended: &Ended, progress: Progress) -> EndReason {
    let caller = if progress.is_outgoing { Side::Us } else { Side::Peer };
    match ended.kind {
        EndKind::HungUp => hung_up(ended),
        EndKind::Cancelled => cancelled(ended, caller),
        EndKind::AnsweredElsewhere => EndReason::AnsweredElsewhere,
        EndKind::Rejected if !progress.is_outgoing => rejected_by_us(ended),
        EndKind::Rejected => rejected(ended, progress),
        EndKind::Redirected => EndReason::Redirected(RedirectTrouble::Nowhere),
        EndKind::PasswordWithheld => EndReason::Login(LoginTrouble::Withheld),
        EndKind::WrongPassword => EndReason::Login(LoginTrouble::WrongPassword),
        // The other phone knows of no such call any more: its BYE is lost, or on the way.
        EndKind::Timeout if progress.is_answered && ended.status == Some(481) => EndReason::HungUp(Side::Peer),
        EndKind::Timeout if progress.is_answered => EndReason::PeerSilent,
        EndKind::Timeout => EndReason::Unreachable(NetworkTrouble::Silent),
        EndKind::Transport => EndReason::ServerGone,
        EndKind::NoAck => EndReason::PeerSilent,
        EndKind::SessionExpired => EndReason::SessionExpired,
        EndKind::BadTarget => EndReason::BadAddress,
        EndKind::Overload => EndReason::Overload,
        _ => EndReason::PeerError { status: ended.status.unwrap_or(0), text: text(ended) },
    }
}

/// A BYE may say that it is no ordinary good-bye (RFC 3326).
fn hung_up(ended: &Ended) -> EndReason {
    match (&ended.cause, ended.by) {
        (Some((protocol, status @ 400..=699)), EndedBy::Peer | EndedBy::Server) if protocol.eq_ignore_ascii_case("SIP") => {
            let shared = if *status == 488 { by_words(ended) } else { None };
            shared.unwrap_or_else(|| EndReason::PeerError { status: *status, text: text(ended) })
        }
        (_, EndedBy::Us) => EndReason::HungUp(Side::Us),
        _ => EndReason::HungUp(Side::Peer),
    }
}

fn cancelled(ended: &Ended, caller: Side) -> EndReason {
    match &ended.cause {
        Some((protocol, 200)) if protocol.eq_ignore_ascii_case("SIP") => EndReason::AnsweredElsewhere,
        Some((protocol, 600 | 603)) if protocol.eq_ignore_ascii_case("SIP") => EndReason::DeclinedElsewhere,
        _ => EndReason::Cancelled(caller),
    }
}

fn rejected_by_us(ended: &Ended) -> EndReason {
    match ended.status {
        Some(486 | 600) => EndReason::Busy(Side::Us),
        Some(408 | 480) => EndReason::NoAnswer(Side::Us),
        Some(603) | None => EndReason::Declined(Side::Us),
        Some(status) => EndReason::PeerError { status, text: text(ended) },
    }
}

/// A final response to our INVITE.
fn rejected(ended: &Ended, progress: Progress) -> EndReason {
    let status = ended.status.unwrap_or(0);
    match status {
        401 | 407 => EndReason::Login(LoginTrouble::WrongPassword),
        403 => EndReason::Forbidden { text: text(ended) },
        404 | 410 | 604 => EndReason::NotFound,
        408 | 480 | 487 if progress.has_rung => EndReason::NoAnswer(Side::Peer),
        408 | 430 | 480 => EndReason::Unavailable,
        416 | 484 | 485 => EndReason::BadAddress,
        486 | 600 => EndReason::Busy(Side::Peer),
        415 | 488 | 606 => not_acceptable(ended),
        487 => EndReason::Cancelled(Side::Us),
        603 | 607 | 608 => EndReason::Declined(Side::Peer),
        500..=599 => EndReason::ServerError { status, text: text(ended) },
        _ => EndReason::PeerError { status, text: text(ended) },
    }
}

fn not_acceptable(ended: &Ended) -> EndReason {
    by_words(ended).unwrap_or_else(|| EndReason::NotAcceptable { text: text(ended) })
}

/// What a Cooee means by its words: a trouble of both sides, so both call it the same.
fn by_words(ended: &Ended) -> Option<EndReason> {
    Some(match ended.reason.as_deref()? {
        NO_COMMON_CODEC => EndReason::NoCommonCodec,
        SECURITY_REFUSED => EndReason::SecurityRefused,
        NO_MEDIA_PATH => EndReason::Media(MediaTrouble::NoPath),
        NO_MEDIA_KEYS => EndReason::Media(MediaTrouble::Handshake),
        NO_MEDIA => EndReason::Media(MediaTrouble::Timeout),
        _ => return None,
    })
}

fn text(ended: &Ended) -> String {
    ended.reason.clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALLED: Progress = Progress { is_outgoing: true, has_rung: false, is_answered: false };
    const RUNG: Progress = Progress { has_rung: true, ..DIALLED };
    const TALKING: Progress = Progress { is_answered: true, ..RUNG };
    const CALLED: Progress = Progress { is_outgoing: false, has_rung: true, is_answered: false };

    fn ended(kind: EndKind, status: Option<u16>) -> Ended {
        Ended { by: EndedBy::Peer, kind, status, reason: Some("words".into()), cause: None, contacts: Vec::new() }
    }

    fn status(status: u16, progress: Progress) -> String {
        reason_of(&ended(EndKind::Rejected, Some(status)), progress).id().to_owned()
    }

    #[test]
    fn each_final_status_means_what_a_person_would_say() {
        let table: [(u16, &str); 30] = [
            (400, "peer-error"),
            (401, "login.wrong-password"),
            (403, "forbidden"),
            (404, "not-found"),
            (405, "peer-error"),
            (407, "login.wrong-password"),
            (408, "unavailable"),
            (410, "not-found"),
            (415, "not-acceptable"),
            (416, "bad-address"),
            (420, "peer-error"),
            (430, "unavailable"),
            (480, "unavailable"),
            (481, "peer-error"),
            (484, "bad-address"),
            (485, "bad-address"),
            (486, "busy.peer"),
            (487, "cancelled.us"),
            (488, "not-acceptable"),
            (500, "server-error"),
            (502, "server-error"),
            (503, "server-error"),
            (504, "server-error"),
            (513, "server-error"),
            (600, "busy.peer"),
            (603, "declined.peer"),
            (604, "not-found"),
            (606, "not-acceptable"),
            (607, "declined.peer"),
            (608, "declined.peer"),
        ];
        for (given, id) in table {
            assert_eq!(status(given, DIALLED), id, "{given}");
        }
        assert_eq!([408, 480, 487].map(|given| status(given, RUNG)), ["no-answer.peer"; 3]);
    }

    #[test]
    fn a_cooee_says_by_its_words_what_it_cannot_take() {
        let with = |words: &str| Ended { reason: Some(words.into()), ..ended(EndKind::Rejected, Some(488)) };
        assert_eq!(reason_of(&with(NO_COMMON_CODEC), DIALLED), EndReason::NoCommonCodec);
        assert_eq!(reason_of(&with(SECURITY_REFUSED), DIALLED), EndReason::SecurityRefused);
    }

    #[test]
    fn the_end_of_a_call_says_who_ended_it() {
        let by = |by| reason_of(&Ended { by, ..ended(EndKind::HungUp, None) }, TALKING);
        assert_eq!(by(EndedBy::Us), EndReason::HungUp(Side::Us));
        assert_eq!(by(EndedBy::Peer), EndReason::HungUp(Side::Peer));
        let because = |cause: u16| Ended { cause: Some(("SIP".into(), cause)), ..ended(EndKind::HungUp, None) };
        assert_eq!(reason_of(&because(503), TALKING).id(), "peer-error");
        assert_eq!(reason_of(&because(200), TALKING), EndReason::HungUp(Side::Peer));
    }

    #[test]
    fn media_that_fails_over_there_is_no_error_of_the_peer() {
        let because = |words: &str, cause: u16| {
            let ended = Ended { reason: Some(words.into()), cause: Some(("SIP".into(), cause)), ..ended(EndKind::HungUp, None) };
            reason_of(&ended, TALKING).id()
        };
        assert_eq!(
            [NO_MEDIA_PATH, NO_MEDIA_KEYS, NO_MEDIA].map(|words| because(words, 488)),
            ["media.no-path", "media.handshake", "media.timeout"]
        );
        assert_eq!(because(NO_COMMON_CODEC, 488), "no-common-codec");
        assert_eq!((because(NO_MEDIA, 503), because("Not Acceptable Here", 488)), ("peer-error", "peer-error"));
    }

    #[test]
    fn a_caller_who_gives_up_and_a_sibling_who_answers_are_told_apart() {
        let cancel = |cause: Option<u16>| Ended { cause: cause.map(|cause| ("SIP".into(), cause)), ..ended(EndKind::Cancelled, None) };
        assert_eq!(reason_of(&cancel(None), CALLED), EndReason::Cancelled(Side::Peer));
        assert_eq!(reason_of(&cancel(Some(200)), CALLED), EndReason::AnsweredElsewhere);
        assert_eq!(reason_of(&cancel(Some(603)), CALLED), EndReason::DeclinedElsewhere);
        assert_eq!(reason_of(&ended(EndKind::AnsweredElsewhere, None), CALLED), EndReason::AnsweredElsewhere);
        assert_eq!(reason_of(&cancel(None), DIALLED), EndReason::Cancelled(Side::Us));
    }

    #[test]
    fn silence_is_the_servers_before_an_answer_and_the_peers_after_it() {
        assert_eq!(reason_of(&ended(EndKind::Timeout, None), DIALLED).id(), "unreachable.silent");
        assert_eq!(reason_of(&ended(EndKind::Timeout, None), TALKING), EndReason::PeerSilent);
        assert_eq!(reason_of(&ended(EndKind::Timeout, Some(408)), TALKING), EndReason::PeerSilent);
        assert_eq!(reason_of(&ended(EndKind::Timeout, Some(481)), TALKING), EndReason::HungUp(Side::Peer));
        assert_eq!(reason_of(&ended(EndKind::NoAck, None), CALLED), EndReason::PeerSilent);
        assert_eq!(reason_of(&ended(EndKind::Transport, None), DIALLED), EndReason::ServerGone);
        assert_eq!(reason_of(&ended(EndKind::WrongPassword, Some(401)), DIALLED).id(), "login.wrong-password");
        assert_eq!(reason_of(&ended(EndKind::BadTarget, None), DIALLED), EndReason::BadAddress);
        assert_eq!(reason_of(&ended(EndKind::Rejected, Some(486)), CALLED), EndReason::Busy(Side::Us));
    }
}
