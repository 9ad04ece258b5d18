//! RTCP (RFC 3550 6): compound packets and when to send them.
mod packet;
mod schedule;

pub(crate) use packet::{Compound, RateEntry, Report, ReportBlock, SenderInfo, parse};
pub(crate) use schedule::Schedule;
