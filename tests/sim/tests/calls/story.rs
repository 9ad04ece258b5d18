//! What a phone tells of its calls: what was tried, in order, whose side it is on, and what can be done.

use cooee_call::{Advice, Fact, LinkWeakness, LogEntry, Story, StorySide, Stream};
use cooee_machine::{Secret, Transport};
use cooee_phone::{Command, PhoneEvent};
use cooee_sim::{HostId, Loss, Quality};

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, seconds};

fn last(stage: &Stage, host: HostId) -> LogEntry {
    stage.phone(host).log.last().expect("a call in the log").clone()
}

fn ids(story: &Story) -> Vec<&'static str> {
    story.steps().iter().map(|step| step.fact.id()).collect()
}

/// What an account has told last of its way to the server.
fn log_in(stage: &Stage, host: HostId) -> Story {
    let told = |event: &PhoneEvent| if let PhoneEvent::AccountTold { story, .. } = event { Some(story.clone()) } else { None };
    stage.phone(host).events.iter().rev().find_map(|(_, event)| told(event)).expect("a story of the account")
}

#[test]
fn a_call_tells_each_step_on_both_sides_and_that_nothing_is_wrong() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(1);
    let call = stage.dial(anna, "ben@example.org");
    stage.reach_active(&[anna, ben], seconds(4));
    stage.assert_sound(&[anna, ben], seconds(10), 0.99);
    stage.command(anna, Command::Hold(call));
    stage.world.run_for(seconds(2));
    stage.command(anna, Command::Resume(call));
    stage.world.run_for(seconds(2));
    stage.hang_up(anna);
    stage.reach_end(&[anna, ben], seconds(2));
    let (hers, his) = (last(&stage, anna).story, last(&stage, ben).story);
    let expected = ["dialled", "server-ready", "gathered", "invited", "server-took", "rang-there", "answered"];
    assert_eq!(ids(&hers)[..7], expected, "{hers:#?}");
    for (story, holds) in [(&hers, "us"), (&his, "peer")] {
        for id in ["path-found", "secured", "sound-came", "both-ways", "sound-arrived", "held", "resumed", "ended"] {
            assert_eq!(ids(story).iter().filter(|known| **known == id).count(), 1, "{id} in {story:#?}");
        }
        let held = story.steps().iter().find(|step| step.fact.id() == "held").unwrap();
        assert_eq!(held.fact.arguments()[0].1.to_text(), holds);
        assert!(story.steps().is_sorted_by_key(|step| step.after));
        let verdict = story.verdict().unwrap();
        assert_eq!((verdict.side, verdict.advice), (None, Advice::Nothing), "{story:#?}");
    }
    assert_eq!(ids(&his)[..2], ["called", "rang-here"]);
}

#[test]
fn a_missed_call_says_that_it_rang_and_who_gave_up() {
    let mut stage = Stage::new(2);
    let (anna, ben) = (stage.add_phone("anna", "198.51.100.1", Manners::Ring), stage.add_phone("ben", "203.0.113.1", Manners::Ring));
    stage.register_all();
    stage.dial(anna, "ben");
    stage.world.run_for(seconds(9));
    stage.hang_up(anna);
    stage.reach_end(&[anna, ben], seconds(3));
    let missed = last(&stage, ben);
    assert!(missed.missed);
    assert_eq!(ids(&missed.story), ["called", "rang-here", "gathered", "ended"]);
    assert_eq!(missed.story.verdict().unwrap().advice, Advice::CallBack);
    stage.command(ben, Command::SetDoNotDisturb(true));
    stage.dial(anna, "ben");
    stage.reach_end(&[anna], seconds(3));
    assert_eq!(ids(&last(&stage, ben).story), ["called", "ended"], "it did not ring, and why is the end");
    assert_eq!(last(&stage, ben).story.verdict().unwrap().advice, Advice::AllowCaller);
    let hers = last(&stage, anna).story;
    assert!(!ids(&hers).contains(&"rang-there"));
}

#[test]
fn an_account_tells_why_it_does_not_log_in_and_so_does_a_call_over_it() {
    let mut stage = Stage::new(3);
    let internet = stage.world.internet();
    let host = stage.world.add_host("anna", internet, "198.51.100.1", &Quality::millis(10));
    let mut account = stage.account("anna", 0);
    account.password = Secret::new("wrong");
    stage.boot_phone(host, account, Manners::Ring);
    stage.world.run_for(seconds(5));
    let story = log_in(&stage, host);
    assert_eq!(ids(&story), ["looking-up", "servers-found", "connecting", "connected", "server-failed"], "{story:#?}");
    let verdict = story.verdict().unwrap();
    assert_eq!((verdict.side, verdict.advice), (Some(StorySide::Yours), Advice::AddAccountAgain));
    stage.dial(host, "ben");
    stage.reach_end(&[host], seconds(5));
    let call = last(&stage, host).story;
    assert_eq!(ids(&call)[..2], ["dialled", "looking-up"], "what it knows of the account comes first: {call:#?}");
    assert_eq!(call.verdict().unwrap().advice, Advice::AddAccountAgain);
}

#[test]
fn a_server_that_is_not_there_is_told_place_by_place() {
    let (mut stage, anna, _) = Stage::with_anna_and_ben(4);
    assert_eq!(ids(&log_in(&stage, anna)), ["looking-up", "servers-found", "connecting", "connected", "logged-in"]);
    let server = stage.server;
    stage.world.link_mut(server).set(&Quality::millis(5).with_loss(Loss::Random(1.0)));
    stage.reach("the connection is given up", seconds(600), |stage| !stage.phone(anna).is_registered());
    stage.dial(anna, "ben");
    stage.reach_end(&[anna], seconds(60));
    let story = last(&stage, anna).story;
    assert!(ids(&story).contains(&"ended") && !ids(&story).contains(&"server-took"), "{story:#?}");
    assert_ne!(story.verdict().unwrap().side, Some(StorySide::Theirs), "{story:#?}");
}

#[test]
fn a_link_that_loses_packets_is_called_weak_with_its_cause_on_both_sides() {
    let mut stage = Stage::new(5);
    stage.transport = Transport::Udp;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(10));
    stage.world.run_for(seconds(10));
    // Both ways through ben's link.
    stage.world.link_mut(ben).set(&Quality::millis(10).with_loss(Loss::Random(0.12)));
    stage.world.run_for(seconds(40));
    for host in [anna, ben] {
        let link = stage.phone(host).snapshot().unwrap().link;
        assert_eq!((link.theirs, link.ours), (Some(LinkWeakness::Loss), Some(LinkWeakness::Loss)));
    }
    stage.world.link_mut(ben).set(&Quality::millis(10));
    stage.world.run_for(seconds(40));
    stage.hang_up(anna);
    stage.reach_end(&[anna, ben], seconds(10));
    for host in [anna, ben] {
        let story = last(&stage, host).story;
        for stream in [Stream::Theirs, Stream::Ours] {
            let of = |fact: &Fact| matches!(fact, Fact::Weak { stream: of, .. } | Fact::Strong { stream: of } if *of == stream);
            assert_eq!(story.steps().iter().filter(|step| of(&step.fact)).count(), 2, "weak once, strong once: {story:#?}");
        }
        assert_eq!(story.verdict().unwrap().advice, Advice::TryAnotherNetwork);
    }
}
