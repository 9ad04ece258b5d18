use std::collections::{BTreeMap, VecDeque};

use cooee_machine::{Action, Entropy, Event, Machine, Now, QuestionId, Resolution};

use super::book::{Book, Wish};
use super::doubt::Doubt;
use super::schedule::Schedule;
use super::survey::{QUESTIONS_MAX, Survey};
use super::{Burst, Conditions, Finding, ProbeCommand, ProbeOutput, ProberConfig};

/// Finds out which domains of a book take calls: in a burst when the user says so, else a few a day, in an order of its own.
///
/// It never learns who the people are, keeps at most [`ProberConfig::in_flight`] questions under way, and asks nobody anything in
/// the background unless [`Conditions::allow_background`].
#[derive(Debug)]
pub struct Prober {
    config: ProberConfig,
    entropy: Entropy,
    conditions: Conditions,
    book: Book,
    doubt: Doubt,
    schedule: Schedule,
    /// Domains of a burst that wait, in a shuffled order.
    waiting: VecDeque<String>,
    burst: Option<Typed>,
    /// Domains at work; the questions of each are numbered from `key * QUESTIONS_MAX`.
    surveys: BTreeMap<u64, Work>,
    next_survey: u64,
    in_flight: usize,
    told_captive: bool,
    outputs: VecDeque<ProbeOutput>,
}

/// A burst under way.
#[derive(Debug)]
struct Typed {
    burst: Burst,
    done: usize,
}

/// A domain at work.
#[derive(Debug)]
struct Work {
    survey: Survey,
    /// How many of its questions have left.
    sent: usize,
    wish: Wish,
    /// How many of these have no answer yet.
    open: usize,
    /// Begun in another network: its answers no longer count.
    is_stale: bool,
}

impl Prober {
    /// A prober with an empty book and nobody to ask.
    #[must_use]
    pub fn new(config: ProberConfig, seed: Entropy) -> Self {
        let schedule = Schedule::new(config.day);
        Self {
            config,
            entropy: seed,
            conditions: Conditions::default(),
            book: Book::default(),
            doubt: Doubt::default(),
            schedule,
            waiting: VecDeque::new(),
            burst: None,
            surveys: BTreeMap::new(),
            next_survey: 0,
            in_flight: 0,
            told_captive: false,
            outputs: VecDeque::new(),
        }
    }

    /// What is known of a domain of the book.
    #[must_use]
    pub fn finding(&self, domain: &str) -> Option<&Finding> {
        self.book.get(domain)?.finding.as_ref()
    }

    fn begin_burst(&mut self, now: Now) {
        if self.burst.is_some() {
            return;
        }
        // Somebody may have agreed to what the network wants; and what spoke for it an hour ago may no longer.
        self.settle();
        self.doubt = Doubt::default();
        self.told_captive = false;
        let mut due: Vec<String> = self.book.due(Wish::Typed, &self.config, now.unix).cloned().collect();
        // What is already at work in the background comes without being asked twice.
        due.retain(|domain| !self.is_at_work(domain));
        shuffle(&mut due, &mut self.entropy);
        let burst = Burst { domains: self.book.len(), asked: due.len(), ..Burst::default() };
        self.waiting = due.into();
        self.burst = Some(Typed { burst, done: 0 });
        if !self.conditions.allow_typed() {
            self.stop_burst();
        }
        self.tell_progress();
    }

    fn stop_burst(&mut self) {
        if let Some(typed) = &mut self.burst {
            typed.burst.is_partial |= !self.waiting.is_empty();
            typed.burst.asked -= self.waiting.len();
            self.waiting.clear();
        }
    }

    /// It is being asked about, or has been and its answer waits for better knowledge.
    fn is_at_work(&self, domain: &str) -> bool {
        self.surveys.values().any(|work| work.survey.domain() == domain && !work.is_stale) || self.doubt.holds(domain)
    }

    /// Sends what may be sent: first what remains of domains at work, then further domains.
    fn pump(&mut self, now: Now) {
        self.schedule_background(now);
        let keys: Vec<u64> = self.surveys.keys().copied().collect();
        for key in keys {
            self.send(key);
        }
        while self.in_flight < self.config.in_flight {
            let Some(domain) = self.waiting.pop_front() else { break };
            self.begin(domain, Wish::Typed);
        }
        self.end_burst();
    }

    /// When a domain's turn has come in the background, it is any of those that are due, not the next of the book.
    fn schedule_background(&mut self, now: Now) {
        let allowed = self.conditions.allow_background() && !self.doubt.is_captive() && self.burst.is_none();
        if !allowed {
            return self.schedule.pause();
        }
        let left = self.config.domains_a_day.saturating_sub(self.book.spent(now.unix, self.config.day));
        let due: Vec<String> =
            self.book.due(Wish::Background, &self.config, now.unix).filter(|domain| !self.is_at_work(domain)).cloned().collect();
        let later = self.book.next_due(Wish::Background, &self.config).map(|at| at.saturating_sub(now.unix));
        if !self.schedule.is_due(due.len(), left, later, now, &mut self.entropy) {
            return;
        }
        let choice = usize::try_from(self.entropy.below(due.len() as u64)).unwrap_or_default();
        if let Some(domain) = due.into_iter().nth(choice) {
            self.begin(domain, Wish::Background);
        }
    }

    fn begin(&mut self, domain: String, wish: Wish) {
        let key = self.next_survey;
        self.next_survey += 1;
        self.surveys.insert(key, Work { survey: Survey::new(domain), sent: 0, open: 0, wish, is_stale: false });
        self.send(key);
    }

    fn send(&mut self, key: u64) {
        let Some(work) = self.surveys.get_mut(&key) else { return };
        while self.in_flight < self.config.in_flight && !work.is_stale {
            let Some(question) = work.survey.question(work.sent) else { break };
            let id = QuestionId(key * QUESTIONS_MAX as u64 + work.sent as u64);
            self.outputs.push_back(ProbeOutput::Io(Action::Resolve { id, question: question.clone() }));
            work.sent += 1;
            work.open += 1;
            self.in_flight += 1;
            if let Some(typed) = &mut self.burst {
                typed.burst.questions += 1;
                typed.burst.most_in_flight = typed.burst.most_in_flight.max(self.in_flight);
            }
        }
    }

    fn handle_resolved(&mut self, id: QuestionId, resolution: Resolution, now: Now) {
        let (key, number) = (id.0 / QUESTIONS_MAX as u64, usize::try_from(id.0 % QUESTIONS_MAX as u64).unwrap_or_default());
        let Some(work) = self.surveys.get_mut(&key).filter(|work| number < work.sent) else { return };
        if !work.survey.handle_resolved(number, resolution) {
            return;
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        work.open -= 1;
        let is_over = if work.is_stale { work.open == 0 } else { work.survey.is_over() };
        if !is_over {
            return;
        }
        let Some(work) = self.surveys.remove(&key) else { return };
        self.finish(&work, now);
    }

    fn finish(&mut self, work: &Work, now: Now) {
        let domain = work.survey.domain();
        if work.is_stale {
            return self.ask_again(work);
        }
        let (finding, look) = work.survey.finding(now.unix);
        let before = self.finding(domain).map(|finding| finding.published.clone());
        let kept = self.doubt.weigh(domain.to_owned(), finding, look, before.as_ref());
        self.schedule.hold(self.doubt.holds_any(), now);
        kept.into_iter().for_each(|(domain, finding)| self.keep(domain, finding));
        if work.wish == Wish::Typed
            && let Some(typed) = &mut self.burst
        {
            typed.done += 1;
            self.tell_progress();
        }
        if self.doubt.is_captive() {
            self.stop_burst();
            if !std::mem::replace(&mut self.told_captive, true) {
                self.outputs.push_back(ProbeOutput::Captive);
            }
        }
    }

    /// What was asked in another network: only if somebody still waits for it.
    fn ask_again(&mut self, work: &Work) {
        if work.wish == Wish::Typed && self.burst.is_some() && self.book.get(work.survey.domain()).is_some() {
            self.waiting.push_back(work.survey.domain().to_owned());
        }
    }

    fn keep(&mut self, domain: String, finding: Finding) {
        if self.book.keep(&domain, &finding) {
            self.outputs.push_back(ProbeOutput::Found { domain, finding });
        }
    }

    fn settle(&mut self) {
        let held = self.doubt.settle();
        held.into_iter().for_each(|(domain, finding)| self.keep(domain, finding));
    }

    fn end_burst(&mut self) {
        let at_work = self.surveys.values().any(|work| work.wish == Wish::Typed);
        if at_work || !self.waiting.is_empty() {
            return;
        }
        let Some(typed) = self.burst.take() else { return };
        self.settle();
        let burst = Burst { is_captive: self.doubt.is_captive(), ..typed.burst };
        self.outputs.push_back(ProbeOutput::Done(burst));
    }

    fn tell_progress(&mut self) {
        if let Some(typed) = &self.burst {
            self.outputs.push_back(ProbeOutput::Progress { done: typed.done, total: typed.burst.asked });
        }
    }
}

impl Prober {
    /// What was under way was asked in another network.
    fn change_network(&mut self) {
        self.doubt = Doubt::default();
        self.told_captive = false;
        self.schedule.change_network();
        self.book.forgive();
        self.surveys.values_mut().for_each(|work| work.is_stale = true);
        let idle: Vec<u64> = self.surveys.iter().filter(|(_, work)| work.open == 0).map(|(key, _)| *key).collect();
        let idle: Vec<Work> = idle.into_iter().filter_map(|key| self.surveys.remove(&key)).collect();
        idle.iter().for_each(|work| self.ask_again(work));
    }

    fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
        if !conditions.allow_typed() {
            self.stop_burst();
        }
    }
}

impl Machine for Prober {
    type Command = ProbeCommand;
    type Input<'a> = Event<'a>;
    type Output = ProbeOutput;

    fn handle_command(&mut self, command: ProbeCommand, now: Now) {
        match command {
            ProbeCommand::SetBook(domains) => {
                let known = self.book.set(domains);
                self.schedule.change_book();
                self.waiting.retain(|domain| self.book.get(domain).is_some());
                self.outputs.extend(known.into_iter().map(|(domain, finding)| ProbeOutput::Found { domain, finding }));
            }
            ProbeCommand::Recall(known) => known.into_iter().for_each(|(domain, finding)| self.book.recall(&domain, finding)),
            ProbeCommand::SetConditions(conditions) => self.set_conditions(conditions),
            ProbeCommand::Probe => self.begin_burst(now),
            ProbeCommand::Stop => self.stop_burst(),
        }
        self.pump(now);
    }

    fn handle_input(&mut self, input: Event<'_>, now: Now) {
        match input {
            Event::Resolved { id, resolution } => self.handle_resolved(id, resolution, now),
            Event::NetworkChanged(_) => self.change_network(),
            Event::Timeout if self.schedule.is_held_enough(now) => {
                self.settle();
                self.schedule.hold(false, now);
            }
            _ => {}
        }
        self.pump(now);
    }

    fn poll_output(&mut self) -> ProbeOutput {
        self.outputs.pop_front().unwrap_or_else(|| ProbeOutput::Wake(self.schedule.wake()))
    }
}

/// Fisher and Yates.
fn shuffle<T>(list: &mut [T], entropy: &mut Entropy) {
    for last in (1..list.len()).rev() {
        let other = usize::try_from(entropy.below(last as u64 + 1)).unwrap_or_default();
        list.swap(last, other);
    }
}
