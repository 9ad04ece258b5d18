use std::time::Duration;

use cooee_dns_lab::{BadNetwork, Weather};
use cooee_machine::{RecordType, Resolution, ResolveFailure};

use crate::{LAB, ask};

/// How many of the burst's services were found, and how many questions a server failed for.
async fn burst(network: &BadNetwork, patience: Duration) -> (usize, usize, usize) {
    let resolver = LAB.resolver(&network.address().to_string()).unwrap().with_patience(patience);
    let mut all = tokio::task::JoinSet::new();
    for number in (0..300).step_by(3) {
        let resolver = resolver.clone();
        all.spawn(async move { ask(&resolver, &format!("_sips._tcp.d{number}.many.lab"), RecordType::Srv).await });
    }
    let mut counts = (0, 0, 0);
    while let Some(done) = all.join_next().await {
        match done.unwrap() {
            Resolution::Records { .. } => counts.0 += 1,
            Resolution::Failed(ResolveFailure::ServerFailure) => counts.1 += 1,
            Resolution::Failed(ResolveFailure::Timeout) => counts.2 += 1,
            other => panic!("{other:?}"),
        }
    }
    counts
}

#[tokio::test]
async fn what_is_lost_is_asked_again_until_it_is_found() {
    let lossy = Weather { loss: 300, failing: 0, slow_share: 0, median: Duration::ZERO, ..Weather::bad() };
    let network = BadNetwork::start(LAB.plain(), lossy, 1).unwrap();
    // Of three datagrams all are lost in 0.3³ of the cases.
    let (found, failed, silent) = burst(&network, Duration::from_secs(6)).await;
    assert!(found >= 85 && failed == 0, "{found} {failed} {silent}");
    assert!(network.lost() > 0 && network.datagrams() > 100);
}

#[tokio::test]
async fn a_server_that_fails_is_told_from_one_that_is_silent() {
    let failing = Weather { loss: 0, failing: 500, failing_after: Duration::from_millis(50), slow_share: 0, ..Weather::bad() };
    let network = BadNetwork::start(LAB.plain(), failing, 2).unwrap();
    let (found, failed, silent) = burst(&network, Duration::from_secs(60)).await;
    assert!(found > 20 && failed > 20 && silent == 0 && found + failed == 100, "{found} {failed} {silent}");
    let silent = Weather { loss: 2000, ..Weather::bad() };
    let network = BadNetwork::start(LAB.plain(), silent, 3).unwrap();
    assert_eq!(burst(&network, Duration::from_millis(300)).await, (0, 0, 100));
}

#[tokio::test]
async fn the_same_seed_fails_the_same_questions() {
    let failing = Weather { loss: 0, failing: 200, failing_after: Duration::ZERO, slow_share: 0, median: Duration::ZERO, ..Weather::bad() };
    let mut counts = Vec::new();
    for seed in [7, 7, 8, 9] {
        let network = BadNetwork::start(LAB.plain(), failing, seed).unwrap();
        counts.push(burst(&network, Duration::from_secs(60)).await);
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[1] != counts[2] || counts[2] != counts[3], "{counts:?}");
}
