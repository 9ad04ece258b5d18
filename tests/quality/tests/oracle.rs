//! The jitter buffer against somebody who knows the network beforehand.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use cooee_codec::CodecKind;
use cooee_quality::{Oracle, Row, Spoken, Trace, play};

fn rows(kind: CodecKind) -> Vec<Row> {
    let row = |trace: Trace| {
        let spoken = Spoken::new(&trace, kind).unwrap();
        let heard = play(&trace, kind, &spoken).unwrap();
        let length = trace.late.len() as f64 * 20.0;
        let row = Row::new(trace.id, trace.title, kind, length, &heard, &Oracle::new(&trace, kind, &spoken));
        println!(
            "{:10} {kind} delay {:5.1} missing {:6.0} ms, dropped {:4.0}, recovered {:5.0}; oracle {:6.0}, changing {:6.0} {}",
            row.id,
            row.delay,
            row.missing,
            heard.dropped,
            heard.recovered,
            row.oracle,
            row.changing,
            if row.holds() { "" } else { "MISSED" }
        );
        row
    };
    Trace::all().into_iter().map(row).collect()
}

#[test]
fn at_equal_delay_no_more_is_missing_than_one_and_a_half_times_what_an_oracle_misses() {
    for kind in [CodecKind::Opus, CodecKind::G722] {
        let missed: Vec<_> = rows(kind).iter().filter(|row| !row.holds()).map(|row| row.id).collect();
        assert_eq!(missed, [] as [&str; 0], "{kind}");
    }
}
