//! The loop that drives a machine.

use std::collections::VecDeque;
use std::time::Duration;

use crate::support::*;
use cooee_machine::{Action, Event, Machine, Now, SocketId, Wake};
use cooee_net::{Feed, Limits, Step, Trust, drive, now};
use tokio::sync::mpsc;

/// Notes what reaches it; answers with what it was told to.
#[derive(Default)]
struct Notebook {
    outputs: VecDeque<Output>,
    wake: Option<Wake>,
    timeouts: Vec<Now>,
    wake_again_at_once: bool,
}

enum Command {
    Put(Vec<Output>),
    WakeAt(Wake),
}

enum Input<'a> {
    Io(Event<'a>),
    Lent(u32),
}

impl<'a> From<Event<'a>> for Input<'a> {
    fn from(event: Event<'a>) -> Self {
        Self::Io(event)
    }
}

enum Output {
    Io(Action),
    Note(String),
    Stop,
    Wake(Option<Wake>),
}

impl Machine for Notebook {
    type Command = Command;
    type Input<'a> = Input<'a>;
    type Output = Output;

    fn handle_command(&mut self, command: Command, _now: Now) {
        match command {
            Command::Put(outputs) => self.outputs.extend(outputs),
            Command::WakeAt(wake) => self.wake = Some(wake),
        }
    }

    fn handle_input(&mut self, input: Input<'_>, now: Now) {
        match input {
            Input::Io(Event::Timeout) => {
                self.timeouts.push(now);
                self.outputs.push_back(Output::Note("timeout".to_owned()));
                self.wake = self.wake_again_at_once.then(|| Wake::at(now.instant, "again"));
                if self.timeouts.len() >= 5 || self.wake.is_none() {
                    self.outputs.push_back(Output::Stop);
                }
            }
            Input::Io(Event::Bound { local, .. }) => {
                let local = local.unwrap();
                self.outputs.push_back(Output::Io(Action::Send { socket: SocketId(1), remote: local, payload: b"me".to_vec() }));
            }
            Input::Io(Event::Datagram { payload, .. }) => {
                self.outputs.push_back(Output::Note(String::from_utf8(payload.to_vec()).unwrap()));
                self.outputs.push_back(Output::Stop);
            }
            Input::Io(_) => {}
            Input::Lent(number) => self.outputs.push_back(Output::Note(number.to_string())),
        }
    }

    fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Wake(self.wake))
    }
}

type Sender = mpsc::Sender<Feed<Command, Input<'static>>>;

/// Drives `machine` until it stops; what it noted.
async fn run(machine: &mut Notebook, feed: impl AsyncFnOnce(Sender)) -> Vec<String> {
    let (sender, mut receiver) = mpsc::channel(100);
    feed(sender).await;
    let mut notes = Vec::new();
    let mut driver = phone(Trust::nobody(), Limits::default());
    let done = drive(machine, &mut driver, &mut receiver, |output| match output {
        Output::Io(action) => Step::Io(action),
        Output::Note(note) => {
            notes.push(note);
            Step::Taken
        }
        Output::Stop => Step::Stop,
        Output::Wake(wake) => Step::Wake(wake),
    });
    tokio::time::timeout(FOREVER, done).await.unwrap();
    notes
}

#[tokio::test]
async fn commands_and_lent_answers_come_in_order_and_all_outputs_go_out() {
    let mut machine = Notebook::default();
    let notes = run(&mut machine, async |sender| {
        let many = (0..1000).map(|n| Output::Note(format!("note {n}"))).collect();
        sender.send(Feed::Command(Command::Put(many))).await.unwrap();
        sender.send(Feed::Input(Input::Lent(7))).await.unwrap();
        sender.send(Feed::Command(Command::Put(vec![Output::Stop]))).await.unwrap();
    })
    .await;
    assert_eq!((notes.len(), notes[999].as_str(), notes[1000].as_str()), (1001, "note 999", "7"));
}

#[tokio::test]
async fn actions_are_performed_and_their_events_come_back() {
    let mut machine = Notebook::default();
    let notes = run(&mut machine, async |sender| {
        let bind = Output::Io(Action::Bind { socket: SocketId(1), local: loopback() });
        sender.send(Feed::Command(Command::Put(vec![bind]))).await.unwrap();
        std::mem::forget(sender);
    })
    .await;
    assert_eq!(notes, ["me"]);
}

#[tokio::test]
async fn a_wake_up_never_comes_early() {
    let mut machine = Notebook::default();
    let at = now().instant + Duration::from_millis(50);
    run(&mut machine, async |sender| {
        sender.send(Feed::Command(Command::WakeAt(Wake::at(at, "test")))).await.unwrap();
        std::mem::forget(sender);
    })
    .await;
    assert_eq!(machine.timeouts.len(), 1);
    assert!(machine.timeouts[0].instant >= at);
}

#[tokio::test]
async fn a_due_wake_up_within_its_slack_rides_on_another_event() {
    let mut machine = Notebook::default();
    let notes = run(&mut machine, async |sender| {
        // Due now, but it may wait for a day: only the next input brings it.
        let wake = Wake::at(now().instant + Duration::from_millis(20), "test").with_slack(Duration::from_secs(86_400));
        sender.send(Feed::Command(Command::WakeAt(wake))).await.unwrap();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(60)).await;
            sender.send(Feed::Input(Input::Lent(1))).await.unwrap();
            std::future::pending::<()>().await;
        });
    })
    .await;
    assert_eq!(notes, ["1", "timeout"]);
}

#[tokio::test]
async fn a_machine_that_always_wants_to_wake_does_not_spin() {
    let mut machine = Notebook { wake_again_at_once: true, ..Notebook::default() };
    let begun = now().instant;
    run(&mut machine, async |sender| {
        sender.send(Feed::Command(Command::WakeAt(Wake::at(begun, "test")))).await.unwrap();
        std::mem::forget(sender);
    })
    .await;
    let gaps: Vec<_> = machine.timeouts.windows(2).map(|pair| pair[1].instant - pair[0].instant).collect();
    assert!(gaps.iter().all(|gap| *gap >= Duration::from_millis(1)), "{gaps:?}");
}

#[tokio::test]
async fn the_loop_ends_when_its_owner_is_gone() {
    let notes = run(&mut Notebook::default(), async |_| {}).await;
    assert!(notes.is_empty());
}
