use cooee_machine::Now;

use super::answer::refusal;
use super::best::Best;
use super::branch::{Branch, Cancel};
use super::context::{ContextId, Goal};
use super::gate::GateRefusal;
use super::machine::Proxy;
use super::request::ELSEWHERE;
use crate::transaction::{ResponseMatch, TransactionId};
use crate::{Framing, Message, forward_response, sip_reason};

/// Servers of another domain that one request is sent to, one after another.
const SERVERS_MAX: usize = 3;

impl Proxy {
    /// Takes a response (RFC 3261 16.7). One that answers nothing of ours is dropped (RFC 6026 8.9).
    pub fn handle_response(&mut self, response: &Message<'_>, now: Now) {
        let matched = self.transactions.receive_response(response, now);
        if let (ResponseMatch::Pass(client), Some(status)) = (matched, response.status())
            && let Some((id, place)) = self.clients.get(&client).copied()
        {
            match status {
                ..200 => self.provisional(id, place, status, response, now),
                200..300 => self.success(id, place, status, response, now),
                300.. => self.failure(id, place, status, response, now),
            }
        }
        self.settle(now);
    }

    pub(super) fn branch_mut(&mut self, id: ContextId, place: usize) -> Option<&mut Branch> {
        self.contexts.get_mut(&id)?.branches.get_mut(place)
    }

    fn provisional(&mut self, id: ContextId, place: usize, status: u16, response: &Message<'_>, now: Now) {
        let Some(branch) = self.branch_mut(id, place) else { return };
        branch.is_proceeding = true;
        match branch.cancel {
            Cancel::Wanted(_) => self.send_cancel(id, place, now),
            Cancel::No if status > 100 => self.set_deadline(id, place, self.config.timer_c, now),
            Cancel::No | Cancel::Sent => {}
        }
        if status > 100
            && let Some(forwarded) = onward(response)
        {
            self.pass(id, status, forwarded, now);
        }
    }

    /// Every 2xx goes through at once; the other branches are too late. One that has lost the way back, without a `Via` below ours,
    /// is the failure of whoever sent it.
    fn success(&mut self, id: ContextId, place: usize, status: u16, response: &Message<'_>, now: Now) {
        let Some(forwarded) = onward(response) else { return self.finish_branch(id, place, 502, now) };
        self.close_branch(id, place);
        self.pass(id, status, forwarded, now);
        let Some(context) = self.contexts.get_mut(&id) else { return };
        context.has_succeeded = true;
        context.answered();
        self.account(id);
        self.cancel_all(id, Some(place), Some(ELSEWHERE), now);
        self.tidy(id);
    }

    fn failure(&mut self, id: ContextId, place: usize, status: u16, response: &Message<'_>, now: Now) {
        self.close_branch(id, place);
        if let Some(forwarded) = onward(response)
            && let Some(context) = self.contexts.get_mut(&id)
            && !context.is_answered
        {
            context.best.consider(status, response, forwarded);
            self.account(id);
        }
        if status >= 600 {
            self.cancel_all(id, Some(place), Some(&sip_reason(status, "")), now);
        }
        self.conclude(id, now);
    }

    /// The branch came to an end without a response.
    pub(super) fn branch_failed(&mut self, client: TransactionId, status: u16, now: Now) {
        if let Some((id, place)) = self.clients.get(&client).copied() {
            self.finish_branch(id, place, status, now);
        }
    }

    pub(super) fn finish_branch(&mut self, id: ContextId, place: usize, status: u16, now: Now) {
        let was_final = self.branch_mut(id, place).is_none_or(|branch| branch.is_final);
        if was_final {
            return;
        }
        self.close_branch(id, place);
        if let Some(context) = self.contexts.get_mut(&id) {
            // 430 is for proxies on the way to us (RFC 5626 11.1); to the caller the device is just not there.
            context.best.consider_own(if status == 430 { 480 } else { status });
        }
        self.conclude(id, now);
    }

    fn close_branch(&mut self, id: ContextId, place: usize) {
        if let Some(branch) = self.branch_mut(id, place) {
            branch.is_final = true;
            if let Some(at) = branch.deadline.take() {
                self.deadlines.remove(&(at, id, place));
            }
        }
    }

    /// Answers with the best, once every branch has its end.
    pub(super) fn conclude(&mut self, id: ContextId, now: Now) {
        let Some(context) = self.contexts.get_mut(&id).filter(|context| context.is_complete() && !context.is_answered) else {
            return self.tidy(id);
        };
        if let (Goal::Domain(domain), Some(failed)) = (&context.goal, context.went_to.take())
            && context.best.is_of_one_server()
            && context.branches.len() < SERVERS_MAX
            && context.branches.iter().all(|branch| branch.cancel == Cancel::No)
        {
            let domain = domain.clone();
            context.best = Best::default();
            return self.reach(id, domain, Some(failed), now);
        }
        let best = context.best.take().unwrap_or((408, None));
        match best {
            (status, Some(response)) => self.finish(id, status, response, now),
            // RFC 4320 4.2: a late 408 to a non-INVITE only adds to the storm.
            (408, None) if !context.is_invite => {
                context.answered();
                if let Some(server) = context.server {
                    self.transactions.drop_transaction(server);
                }
            }
            (status, None) => self.answer(id, &GateRefusal::new(status, ""), now),
        }
    }

    /// Sends a response of a branch on.
    fn pass(&mut self, id: ContextId, status: u16, forwarded: Vec<u8>, now: Now) {
        let Some(context) = self.contexts.get(&id) else { return };
        if let Some(server) = context.server.filter(|_| status >= 200 || !context.is_answered) {
            self.transactions.respond(server, status, forwarded, now);
        }
    }

    /// A final response of our own.
    pub(super) fn answer(&mut self, id: ContextId, why: &GateRefusal, now: Now) {
        let Some(context) = self.contexts.get(&id).filter(|context| !context.is_answered) else { return };
        let Ok(request) = Message::parse(&context.request, Framing::Datagram) else { return };
        let response = refusal(&request, &context.flow, why, self.seal.to_tag(&request).as_str());
        self.finish(id, why.status, response, now);
    }

    fn finish(&mut self, id: ContextId, status: u16, response: Vec<u8>, now: Now) {
        let Some(context) = self.contexts.get_mut(&id) else { return };
        context.answered();
        if let Some(server) = context.server {
            self.transactions.respond(server, status, response, now);
        }
        self.account(id);
        self.tidy(id);
    }

    /// Cancels every branch that has no final response, but for one.
    pub(super) fn cancel_all(&mut self, id: ContextId, but: Option<usize>, reason: Option<&str>, now: Now) {
        let count = self.contexts.get(&id).filter(|context| context.is_invite).map_or(0, |context| context.branches.len());
        for place in (0..count).filter(|place| Some(*place) != but) {
            let untouched = |branch: &&mut Branch| !branch.is_final && branch.cancel == Cancel::No;
            let Some(branch) = self.branch_mut(id, place).filter(untouched) else { continue };
            branch.cancel = Cancel::Wanted(reason.map(str::to_owned));
            if branch.is_proceeding {
                self.send_cancel(id, place, now);
            }
        }
    }

    /// Sends the CANCEL that is wanted, or tries again soon if there is no room for it. Its answer is of no interest: the
    /// INVITE's is.
    fn send_cancel(&mut self, id: ContextId, place: usize, now: Now) {
        let Some(branch) = self.contexts.get_mut(&id).and_then(|context| context.branches.get_mut(place)) else { return };
        let (Some(client), Cancel::Wanted(reason)) = (branch.client, &branch.cancel) else { return };
        let wait = if self.transactions.cancel(client, reason.as_deref(), now).is_some() {
            branch.cancel = Cancel::Sent;
            self.config.timers.patience()
        } else {
            self.config.timers.t2
        };
        self.set_deadline(id, place, wait, now);
    }

    fn set_deadline(&mut self, id: ContextId, place: usize, wait: std::time::Duration, now: Now) {
        let at = now.instant + wait;
        let Some(branch) = self.branch_mut(id, place).filter(|branch| branch.deadline.is_some()) else { return };
        if let Some(old) = branch.deadline.replace(at) {
            self.deadlines.remove(&(old, id, place));
        }
        self.deadlines.insert((at, id, place));
    }

    /// Timer C, or a CANCEL that had no effect (RFC 3261 16.8, 9.1).
    pub(super) fn deadline(&mut self, id: ContextId, place: usize, now: Now) {
        let Some(branch) = self.branch_mut(id, place) else { return };
        let client = branch.client;
        if branch.is_proceeding && branch.cancel == Cancel::No {
            branch.cancel = Cancel::Wanted(None);
        }
        if branch.is_proceeding && matches!(branch.cancel, Cancel::Wanted(_)) {
            // Still armed, so that what is to be waited for next replaces it.
            branch.deadline = Some(now.instant);
            return self.send_cancel(id, place, now);
        }
        branch.deadline = None;
        let status = if branch.cancel == Cancel::No { 408 } else { 487 };
        self.finish_branch(id, place, status, now);
        if let Some(client) = client {
            self.transactions.drop_transaction(client);
        }
    }

    /// The caller is gone: nobody can be answered.
    pub(super) fn abandon(&mut self, id: ContextId, now: Now) {
        self.cancel_all(id, None, None, now);
        let Some(context) = self.contexts.get_mut(&id) else { return };
        context.answered();
        if let Some(server) = context.server {
            self.transactions.drop_transaction(server);
        }
    }
}

/// The response without our `Via`, if there is one below it.
fn onward(response: &Message<'_>) -> Option<Vec<u8>> {
    let mut forwarded = Vec::new();
    forward_response(response, &mut forwarded).ok().map(|()| forwarded)
}
