use std::time::{Duration, Instant};

use cooee_machine::{Action, Event, Machine, Wake};
use tokio::sync::mpsc;

use crate::alarm::Alarm;
use crate::{Driver, now};

/// What reaches a machine besides the network's events.
#[derive(Debug)]
pub enum Feed<C, I> {
    /// Its owner asks something of it.
    Command(C),
    /// Something else lent to it answers, e.g. storage or the media thread.
    Input(I),
}

/// What the owner makes of one output: it keeps what is its own and hands back the rest.
#[derive(Debug)]
pub enum Step {
    /// For the driver to perform.
    Io(Action),
    /// The last output of a round: when to call again, `None` for never.
    Wake(Option<Wake>),
    /// The owner took it.
    Taken,
    /// The machine has nothing left to do: [`drive`] returns.
    Stop,
}

/// After so many inputs the loop gives the runtime's other tasks a turn.
const BATCH: usize = 64;
/// A machine that wants to be called at once, again and again, gets this much rest between calls.
const REST: Duration = Duration::from_millis(1);

/// The one loop: lends `machine` time, packets and DNS until it says [`Step::Stop`] or the other end of `feed` is gone.
///
/// Outputs are drained completely after each input. A wake-up comes at `at` if the loop is awake anyway, else at
/// `at + slack`, so that neighbouring timers share one. Dropping the future stops everything at once.
pub async fn drive<M>(
    machine: &mut M,
    driver: &mut Driver,
    feed: &mut mpsc::Receiver<Feed<M::Command, M::Input<'static>>>,
    mut on_output: impl FnMut(M::Output) -> Step,
) where
    M: Machine,
    for<'a> M::Input<'a>: From<Event<'a>>,
{
    let mut round = Round { wake: None, stop: false };
    let mut alarm = Alarm::new();
    let mut set_for: Option<Instant> = None;
    round.drain(machine, driver, &mut on_output);
    while !round.stop {
        if round.wake.is_some_and(|wake| wake.is_due(now())) {
            machine.handle_input(Event::Timeout.into(), now());
            round.drain(machine, driver, &mut on_output);
            round.rest();
            continue;
        }
        let deadline = round.wake.map(|wake| wake.at + wake.slack);
        if deadline != set_for {
            set_for = deadline;
            alarm.set(deadline);
        }
        let first = tokio::select! {
            fed = feed.recv() => match fed {
                Some(fed) => Some(Got::Fed(fed)),
                None => return,
            },
            incoming = driver.next() => Some(Got::Incoming(incoming)),
            () = alarm.due() => {
                set_for = None;
                None
            }
        };
        let mut left = BATCH;
        let mut got = first;
        while let Some(one) = got {
            match one {
                Got::Fed(Feed::Command(command)) => machine.handle_command(command, now()),
                Got::Fed(Feed::Input(input)) => machine.handle_input(input, now()),
                Got::Incoming(incoming) => machine.handle_input(incoming.event().into(), now()),
            }
            round.drain(machine, driver, &mut on_output);
            left = left.saturating_sub(1);
            if round.stop || left == 0 {
                break;
            }
            got = feed.try_recv().ok().map(Got::Fed).or_else(|| driver.try_next().map(Got::Incoming));
        }
    }
}

enum Got<C, I> {
    Fed(Feed<C, I>),
    Incoming(crate::Incoming),
}

struct Round {
    wake: Option<Wake>,
    stop: bool,
}

impl Round {
    fn drain<M: Machine>(&mut self, machine: &mut M, driver: &mut Driver, on_output: &mut impl FnMut(M::Output) -> Step) {
        loop {
            match on_output(machine.poll_output()) {
                Step::Io(action) => driver.perform(action),
                Step::Taken => {}
                Step::Wake(wake) => {
                    self.wake = wake;
                    return;
                }
                Step::Stop => {
                    self.stop = true;
                    return;
                }
            }
        }
    }

    /// Right after a timeout: a wake-up that is still due would spin.
    fn rest(&mut self) {
        if let Some(wake) = &mut self.wake
            && wake.is_due(now())
        {
            wake.at = now().instant + REST;
        }
    }
}
