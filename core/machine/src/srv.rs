//! SRV records (RFC 2782) in the order to try them, for whatever service.

use crate::{Entropy, Record, SrvRecord};

/// The targets of SRV records in the order to try them (RFC 2782): by priority, and within one by weighted chance. At most
/// `limit`. A target of `.` and port 0 are no targets.
#[must_use]
pub fn in_order<'a>(records: &'a [Record], limit: usize, entropy: &mut Entropy) -> Vec<&'a SrvRecord> {
    let mut waiting: Vec<&SrvRecord> = records.iter().filter_map(target).collect();
    // Stable order of equals first, so that the draw depends on the seed and not on the name server's rotation.
    waiting.sort_by(|a, b| (a.priority, a.weight != 0, &a.target, a.port).cmp(&(b.priority, b.weight != 0, &b.target, b.port)));
    let mut ordered = Vec::with_capacity(waiting.len().min(limit));
    while let (Some(first), true) = (waiting.first(), ordered.len() < limit) {
        let peers = waiting.iter().take_while(|record| record.priority == first.priority).count();
        let chosen = draw(waiting.get(..peers).unwrap_or_default(), entropy);
        ordered.push(waiting.remove(chosen));
    }
    ordered
}

/// Whether the records say "decidedly not available" and nothing else.
#[must_use]
pub fn denies(records: &[Record]) -> bool {
    records.iter().any(|record| matches!(record, Record::Srv(srv) if srv.target.is_empty())) && !records.iter().any(|r| target(r).is_some())
}

/// Whether there is a target at all.
#[must_use]
pub fn offers(records: &[Record]) -> bool {
    records.iter().any(|record| target(record).is_some())
}

fn target(record: &Record) -> Option<&SrvRecord> {
    match record {
        Record::Srv(srv) if !srv.target.is_empty() && srv.port != 0 => Some(srv),
        _ => None,
    }
}

/// Index of the drawn record: the first whose running sum of weights reaches a number in `0..=total`.
fn draw(peers: &[&SrvRecord], entropy: &mut Entropy) -> usize {
    let total: u64 = peers.iter().map(|record| u64::from(record.weight)).sum();
    let mark = entropy.below(total + 1);
    let mut sum = 0;
    peers
        .iter()
        .position(|record| {
            sum += u64::from(record.weight);
            sum >= mark
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv(priority: u16, weight: u16, target: &str) -> Record {
        Record::Srv(SrvRecord { priority, weight, port: 5061, target: target.into() })
    }

    #[test]
    fn priority_decides_before_weight() {
        let records = [srv(20, 100, "c"), srv(10, 0, "a"), srv(10, 50, "b")];
        for seed in 0..50 {
            let order = in_order(&records, 9, &mut Entropy::for_test(seed));
            assert_eq!(order.last().unwrap().target, "c");
        }
    }

    #[test]
    fn weights_share_the_load_and_zero_is_seldom_first() {
        let records = [srv(1, 75, "big"), srv(1, 25, "small"), srv(1, 0, "zero")];
        let mut entropy = Entropy::for_test(1);
        let mut first = [0; 3];
        for _ in 0..10_000 {
            let name = in_order(&records, 9, &mut entropy).first().unwrap().target.clone();
            first[["big", "small", "zero"].iter().position(|known| *known == name).unwrap()] += 1;
        }
        assert!((7_200..7_700).contains(&first[0]), "{first:?}");
        assert!((2_200..2_700).contains(&first[1]), "{first:?}");
        assert!((1..300).contains(&first[2]), "{first:?}");
    }

    #[test]
    fn the_list_is_bounded_and_dots_and_port_zero_are_left_out() {
        let mut records: Vec<Record> = (0..500).map(|n| srv(n, 1, "host")).collect();
        assert_eq!(in_order(&records, 8, &mut Entropy::for_test(1)).len(), 8);
        records = vec![srv(0, 0, ""), Record::Srv(SrvRecord { priority: 0, weight: 0, port: 0, target: "x".into() })];
        assert!(in_order(&records, 8, &mut Entropy::for_test(1)).is_empty());
        assert!(denies(&records));
    }
}
