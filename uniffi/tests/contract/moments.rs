use cooee_uniffi::{Event, Refused};

use crate::support::{Scene, wait};

#[test]
fn there_is_one_consumer_and_one_that_stops_waiting_loses_nothing_and_makes_room() {
    let scene = Scene::new();
    wait(async {
        let first = scene.phone.next_event();
        tokio::pin!(first);
        tokio::select! { biased;
            _ = &mut first => panic!("nothing has happened"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(scene.phone.next_event().await.err(), Some(Refused::AnotherListens));
    });
    let (account, _server) = scene.add_anna();
    assert_eq!(scene.event(|event| if let Event::AccountAdded { account } = event { Some(*account) } else { None }), account);
}

#[test]
fn a_stream_is_ended_by_its_reader_and_the_phone_goes_on() {
    let scene = Scene::new();
    let (status, calls, people) = (scene.phone.status(), scene.phone.calls(), scene.phone.people());
    wait(async {
        assert!(status.next().await.is_some() && calls.next().await.is_some() && people.next().await.is_some());
        status.end();
        calls.end();
        people.end();
        assert!(status.next().await.is_none() && calls.next().await.is_none() && people.next().await.is_none());
    });
    scene.until_status(|status| status.accounts.is_empty());
}

#[test]
fn ten_thousand_moments_that_nobody_fetches_become_one_that_says_how_many_are_gone() {
    let scene = Scene::new();
    let (_, _server) = scene.add_anna();
    scene.event(|event| matches!(event, Event::AccountAdded { .. }).then_some(()));
    let last = scene.dial_nobody(10_000);
    let refused = |event: &Event| if let Event::DialRefused { call, .. } = event { Some(*call) } else { None };
    let (mut dropped, mut told) = (0, 0_u64);
    let mut newest = None;
    while newest != Some(last) {
        let (lost, call) = scene.event(|event| match event {
            Event::Overflow { dropped } => Some((*dropped, None)),
            other => refused(other).map(|call| (0, Some(call))),
        });
        dropped += lost;
        told += u64::from(call.is_some());
        newest = call.or(newest);
    }
    // What the streams show may be lost besides, and counts.
    assert!(dropped + told >= 10_000, "{dropped} dropped, {told} told");
    assert!(dropped > 0, "none was dropped: the test is too slow to mean anything");
}
