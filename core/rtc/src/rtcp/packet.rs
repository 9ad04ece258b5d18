use crate::RateLimit;

/// What a report says of one source (RFC 3550 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReportBlock {
    pub(crate) ssrc: u32,
    /// Since the last report, in 1/256.
    pub(crate) fraction_lost: u8,
    /// In all; 24 bits, negative with duplicates.
    pub(crate) lost: i32,
    pub(crate) highest: u32,
    /// At the codec's clock.
    pub(crate) jitter: u32,
    pub(crate) last_sender_report: u32,
    /// In 1/65536 s.
    pub(crate) delay: u32,
}

/// What a sender report says of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderInfo {
    pub(crate) ntp: u64,
    pub(crate) rtp: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// One compound packet of ours: SR or RR, SDES with CNAME, what is asked for and kept to, and BYE at the end.
#[derive(Clone, Debug)]
pub(crate) struct Compound<'a> {
    pub(crate) ssrc: u32,
    pub(crate) sender: Option<SenderInfo>,
    pub(crate) block: Option<ReportBlock>,
    pub(crate) cname: &'a str,
    pub(crate) rate_request: Option<RateEntry>,
    pub(crate) rate_notice: Option<Vec<RateEntry>>,
    pub(crate) bye: bool,
}

/// What a peer's compound packet tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    Sender {
        ssrc: u32,
        info: SenderInfo,
    },
    Block(ReportBlock),
    Bye(u32),
    /// TMMBR: one entry of it.
    RateRequest {
        from: u32,
        entry: RateEntry,
    },
    /// TMMBN: one owner of what its sender keeps to, or that it keeps to nothing.
    RateNotice {
        owner: Option<u32>,
    },
}

/// An entry of TMMBR, about this sender, or of TMMBN, of this owner (RFC 5104 4.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateEntry {
    pub(crate) ssrc: u32,
    pub(crate) limit: RateLimit,
}

const VERSION_2: u8 = 0x80;
const SR: u8 = 200;
const RR: u8 = 201;
const SDES: u8 = 202;
const BYE: u8 = 203;
const RTPFB: u8 = 205;
const TMMBR: u8 = 3;
const TMMBN: u8 = 4;
const CNAME: u8 = 1;
/// A phone has one source; a mixer has few. More are not read.
const MAX_REPORTS: usize = 64;

impl Compound<'_> {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(128);
        let blocks = u8::from(self.block.is_some());
        let length = 1 + if self.sender.is_some() { 5 } else { 0 } + 6 * u16::from(blocks);
        header(&mut octets, blocks, if self.sender.is_some() { SR } else { RR }, length);
        word(&mut octets, self.ssrc);
        if let Some(info) = self.sender {
            octets.extend_from_slice(&info.ntp.to_be_bytes());
            word(&mut octets, info.rtp);
            word(&mut octets, info.packets);
            word(&mut octets, info.octets);
        }
        if let Some(block) = self.block {
            word(&mut octets, block.ssrc);
            let lost = block.lost.clamp(-0x80_0000, 0x7f_ffff).cast_unsigned() & 0xff_ffff;
            word(&mut octets, (u32::from(block.fraction_lost) << 24) | lost);
            for value in [block.highest, block.jitter, block.last_sender_report, block.delay] {
                word(&mut octets, value);
            }
        }
        self.describe(&mut octets);
        if let Some(entry) = self.rate_request {
            feedback(&mut octets, TMMBR, self.ssrc, &[entry]);
        }
        if let Some(entries) = &self.rate_notice {
            feedback(&mut octets, TMMBN, self.ssrc, entries);
        }
        if self.bye {
            header(&mut octets, 1, BYE, 1);
            word(&mut octets, self.ssrc);
        }
        octets
    }

    /// One chunk with the CNAME item, ended by at least one zero octet, padded to a word (RFC 3550 6.5).
    fn describe(&self, octets: &mut Vec<u8>) {
        let mut cname = self.cname;
        while cname.len() > 255 {
            cname = cname.get(..cname.len() - 1).unwrap_or_default();
        }
        let items = (2 + cname.len() + 1).next_multiple_of(4);
        header(octets, 1, SDES, u16::try_from(1 + items / 4).unwrap_or(u16::MAX));
        word(octets, self.ssrc);
        octets.extend_from_slice(&[CNAME, u8::try_from(cname.len()).unwrap_or(0)]);
        octets.extend_from_slice(cname.as_bytes());
        octets.resize(octets.len() + items - 2 - cname.len(), 0);
    }
}

fn header(octets: &mut Vec<u8>, count: u8, kind: u8, words_after: u16) {
    octets.extend_from_slice(&[VERSION_2 | count, kind]);
    octets.extend_from_slice(&words_after.to_be_bytes());
}

fn feedback(octets: &mut Vec<u8>, format: u8, from: u32, entries: &[RateEntry]) {
    header(octets, format, RTPFB, u16::try_from(2 + 2 * entries.len()).unwrap_or(u16::MAX));
    word(octets, from);
    // The sender that is meant stands in the entry.
    word(octets, 0);
    for RateEntry { ssrc, limit } in entries {
        word(octets, *ssrc);
        // 17 bits of mantissa; what does not fit is rounded down.
        let exponent = limit.total.checked_ilog2().unwrap_or(0).saturating_sub(16);
        word(octets, exponent << 26 | (limit.total >> exponent) << 9 | u32::from(limit.overhead.min(0x1ff)));
    }
}

fn word(octets: &mut Vec<u8>, value: u32) {
    octets.extend_from_slice(&value.to_be_bytes());
}

/// What a compound packet tells, or `None` if it is none (RFC 3550 A.2; reduced-size packets, RFC 5506, are accepted). Packets of other
/// types are skipped.
pub(crate) fn parse(mut compound: &[u8]) -> Option<Vec<Report>> {
    let mut reports = Vec::new();
    while !compound.is_empty() {
        let ([first, kind, high, low], rest) = compound.split_first_chunk::<4>()?;
        let (body, rest) = rest.split_at_checked(4 * usize::from(u16::from_be_bytes([*high, *low])))?;
        if first & 0xc0 != VERSION_2 || (first & 0x20 != 0 && !rest.is_empty()) {
            return None;
        }
        let count = usize::from(first & 0x1f);
        match *kind {
            SR => {
                let ssrc = at(body, 0)?;
                let ntp = (u64::from(at(body, 1)?) << 32) | u64::from(at(body, 2)?);
                let info = SenderInfo { ntp, rtp: at(body, 3)?, packets: at(body, 4)?, octets: at(body, 5)? };
                reports.push(Report::Sender { ssrc, info });
                blocks(body.get(24..)?, count, &mut reports)?;
            }
            RR => blocks(body.get(4..)?, count, &mut reports)?,
            BYE => (0..count).try_for_each(|i| at(body, i).map(|ssrc| reports.push(Report::Bye(ssrc))))?,
            RTPFB if matches!(first & 0x1f, TMMBR | TMMBN) => rates(body, first & 0x1f, &mut reports)?,
            _ => {}
        }
        if reports.len() > MAX_REPORTS {
            return None;
        }
        compound = rest;
    }
    Some(reports)
}

fn blocks(body: &[u8], count: usize, reports: &mut Vec<Report>) -> Option<()> {
    for i in 0..count {
        let block = body.get(24 * i..24 * (i + 1))?;
        let [fraction_lost, l0, l1, l2] = at(block, 1)?.to_be_bytes();
        reports.push(Report::Block(ReportBlock {
            ssrc: at(block, 0)?,
            fraction_lost,
            // The shift brings the sign along.
            lost: i32::from_be_bytes([l0, l1, l2, 0]) >> 8,
            highest: at(block, 2)?,
            jitter: at(block, 3)?,
            last_sender_report: at(block, 4)?,
            delay: at(block, 5)?,
        }));
    }
    Some(())
}

fn rates(body: &[u8], format: u8, reports: &mut Vec<Report>) -> Option<()> {
    let from = at(body, 0)?;
    let (entries, rest) = body.get(8..)?.as_chunks::<8>();
    if !rest.is_empty() || entries.is_empty() && format == TMMBR {
        return None;
    }
    if entries.is_empty() {
        reports.push(Report::RateNotice { owner: None });
    }
    for entry in entries {
        let (ssrc, value) = (at(entry, 0)?, at(entry, 1)?);
        let (exponent, mantissa) = (value >> 26, value >> 9 & 0x1_ffff);
        // More than 4 Gbit/s is no bound.
        let total = u32::try_from(u128::from(mantissa) << exponent).unwrap_or(u32::MAX);
        let limit = RateLimit { total, overhead: u16::try_from(value & 0x1ff).unwrap_or(0) };
        reports.push(match format {
            TMMBR => Report::RateRequest { from, entry: RateEntry { ssrc, limit } },
            _ => Report::RateNotice { owner: Some(ssrc) },
        });
    }
    Some(())
}

fn at(body: &[u8], index: usize) -> Option<u32> {
    body.get(4 * index..).and_then(|rest| rest.first_chunk::<4>()).map(|octets| u32::from_be_bytes(*octets))
}

#[cfg(test)]
mod tests {
    use rtc_rtcp::goodbye::Goodbye;
    use rtc_rtcp::receiver_report::ReceiverReport;
    use rtc_rtcp::sender_report::SenderReport;
    use rtc_rtcp::source_description::SourceDescription;

    use super::*;

    const BLOCK: ReportBlock =
        ReportBlock { ssrc: 9, fraction_lost: 77, lost: -3, highest: 70_000, jitter: 12, last_sender_report: 0xabcd, delay: 65_536 };
    const INFO: SenderInfo = SenderInfo { ntp: 0x1122_3344_5566_7788, rtp: 5, packets: 6, octets: 7 };

    #[test]
    fn a_compound_packet_is_read_again_by_us_and_by_another_implementation() {
        let ours = Compound {
            ssrc: 1,
            sender: Some(INFO),
            block: Some(BLOCK),
            cname: "abcdefg",
            rate_request: None,
            rate_notice: None,
            bye: true,
        };
        let octets = ours.to_bytes();
        assert_eq!(parse(&octets).unwrap(), [Report::Sender { ssrc: 1, info: INFO }, Report::Block(BLOCK), Report::Bye(1)]);
        let others = rtc_rtcp::packet::unmarshal(&mut &octets[..]).unwrap();
        let sr = others[0].as_any().downcast_ref::<SenderReport>().unwrap();
        assert_eq!((sr.ssrc, sr.ntp_time, sr.packet_count, sr.reports[0].jitter, sr.reports[0].fraction_lost), (1, INFO.ntp, 6, 12, 77));
        let sdes = others[1].as_any().downcast_ref::<SourceDescription>().unwrap();
        assert_eq!(&sdes.chunks[0].items[0].text[..], b"abcdefg");
        assert!(others[2].as_any().downcast_ref::<Goodbye>().is_some());
    }

    #[test]
    fn a_receiver_report_without_blocks_is_short_and_every_length_of_name_fits() {
        for length in [0, 1, 2, 3, 4, 5, 254, 255, 400] {
            let cname = "n".repeat(length);
            let octets = Compound { ssrc: 1, sender: None, block: None, cname: &cname, rate_request: None, rate_notice: None, bye: false }
                .to_bytes();
            assert_eq!(octets.len() % 4, 0);
            assert_eq!(parse(&octets), Some(vec![]));
            let others = rtc_rtcp::packet::unmarshal(&mut &octets[..]).unwrap();
            assert!(others[0].as_any().downcast_ref::<ReceiverReport>().is_some_and(|rr| rr.reports.is_empty()));
        }
    }

    #[test]
    fn lengths_that_do_not_add_up_and_foreign_versions_are_refused() {
        let octets =
            Compound { ssrc: 1, sender: Some(INFO), block: Some(BLOCK), cname: "x", rate_request: None, rate_notice: None, bye: false }
                .to_bytes();
        for cut in 1..octets.len() {
            let whole_packets = cut == 52;
            assert_eq!(parse(&octets[..cut]).is_some(), whole_packets, "{cut}");
        }
        let mut wrong = octets.clone();
        wrong[0] = 0x41;
        assert_eq!(parse(&wrong), None);
        let mut lying = octets;
        lying[0] = 0x9f;
        assert_eq!(parse(&lying), None);
    }

    #[test]
    fn a_rate_request_and_its_notice_are_read_again_and_follow_the_reports() {
        let entry = |ssrc, total| RateEntry { ssrc, limit: RateLimit { total, overhead: 50 } };
        let mut ours = Compound { ssrc: 1, sender: None, block: None, cname: "x", rate_request: None, rate_notice: None, bye: false };
        (ours.rate_request, ours.rate_notice) = (Some(entry(9, 20_000)), Some(vec![entry(8, 64_000)]));
        let octets = ours.to_bytes();
        // RFC 5104 4.2.1.1, by hand: 20000 bit/s at 50 octets, asked by 1 of 9.
        let request = [0x83, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0x9c, 0x40, 50];
        assert!(octets.windows(request.len()).any(|window| window == request), "{octets:02x?}");
        let read = [Report::RateRequest { from: 1, entry: entry(9, 20_000) }, Report::RateNotice { owner: Some(8) }];
        assert_eq!(parse(&octets).unwrap(), read);
        (ours.rate_request, ours.rate_notice) = (Some(entry(9, 100_000_000)), Some(vec![]));
        let read = parse(&ours.to_bytes()).unwrap();
        let Report::RateRequest { entry, .. } = read[0] else { panic!("{read:?}") };
        assert!((99_999_000..=100_000_000).contains(&entry.limit.total), "{entry:?}");
        assert_eq!(read[1], Report::RateNotice { owner: None });
    }

    #[test]
    fn a_rate_request_without_an_entry_or_with_half_of_one_is_refused_and_the_largest_does_no_harm() {
        let rr = [0x80, 201, 0, 1, 0, 0, 0, 1];
        let with = |rest: &[u8]| parse(&[&rr[..], rest].concat());
        assert_eq!(with(&[0x83, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0]), None);
        assert_eq!(with(&[0x83, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]), None);
        assert_eq!(with(&[0x83, 205, 0, 1, 0, 0, 0, 1]), None);
        let largest = with(&[0x83, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff]).unwrap();
        let limit = RateLimit { total: u32::MAX, overhead: 511 };
        assert_eq!(largest, [Report::RateRequest { from: 1, entry: RateEntry { ssrc: 9, limit } }]);
    }
}
