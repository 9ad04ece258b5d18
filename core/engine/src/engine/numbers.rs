use std::time::Duration;

use cooee_machine::{Resolution, ResolveFailure};
use cooee_net::{now, seed};
use cooee_phone::{
    AccountId, Address, Caller, Command, DialPlan, E164, EnumLookup, EnumOutput, EnumResult, EnumSuffix, NoAddress, NoXmppServer, Number,
    Numbering, Readiness, Route, Understood, Way, XmppLocation, XmppLocationOutput, XmppServer,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Engine;
use crate::desk::Job;
use crate::{AccountView, Refused, StoreError};

/// What a text was understood as, and what calling it would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// How it was understood.
    pub understood: Understood,
    /// Where the number is looked up, in order; empty for all else.
    pub suffixes: Vec<EnumSuffix>,
    /// What came of that, if it was done.
    pub lookup: Option<EnumResult>,
    /// All ways to call it, the best first.
    pub routes: Vec<Route>,
    /// Where its domain takes XMPP, if one of the ways is that and it was asked.
    pub xmpp: Option<Result<Vec<XmppServer>, NoXmppServer>>,
}

/// An explanation waits no longer for XMPP's servers: nothing is called there yet.
const PATIENCE: Duration = Duration::from_secs(2);

/// Numbers, and what calling would do.
impl Engine {
    /// From now on, numbers are understood and looked up like this. Kept, and also works offline.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_numbering(&self, numbering: Numbering) -> Result<(), Refused> {
        self.change_rules(|snapshot| {
            snapshot.numbering.clone_from(&numbering);
            Ok((Job::SetNumbering(Box::new(numbering.clone())), Command::SetNumbering(Box::new(numbering))))
        })
    }

    /// What calling this would do, in the same words as [`Engine::dial`] takes. With `ask`, numbers are looked up as for a call, and the
    /// servers of a domain that may be called by XMPP; without, nobody is asked anything.
    ///
    /// # Errors
    /// The accounts cannot be read; inside, why it is no address.
    pub async fn explain(&self, target: &str, named: Option<AccountId>, ask: bool) -> Result<Result<Explained, NoAddress>, StoreError> {
        let numbering = self.snapshot().numbering.clone();
        let mut understood = match numbering.understand(target) {
            Ok(understood) => understood,
            Err(error) => return Ok(Err(error)),
        };
        let mut plan = DialPlan { callers: self.callers().await?, named, ..DialPlan::default() };
        understood.address = numbering.help_within(&plan, understood.address);
        plan.choice = self.remembered(Some(&understood.address), std::slice::from_ref(&understood.address)).await?.choice;
        let suffixes = numbering.lookup(&plan, &understood.address);
        let lookup = match &understood.address {
            Address::Number(Number::International(number)) if ask => Some(self.look_up(number.clone(), suffixes.clone()).await),
            _ => None,
        };
        let found = lookup.as_ref().map(|lookup| lookup.answers.clone()).unwrap_or_default();
        let found = &numbering.found_within(&plan, found);
        // What is known of where they lead decides their order.
        let addresses: Vec<Address> = plan.routes(&understood.address, found, now().unix).into_iter().map(|route| route.address).collect();
        let known = self.remembered(Some(&understood.address), &addresses).await?;
        plan.choice = known.choice;
        plan.reach = addresses.iter().map(Address::canonical).zip(known.reach).collect();
        let routes = plan.routes(&understood.address, found, now().unix);
        let by_xmpp = routes.iter().find(|route| ask && route.way == Way::Xmpp).and_then(|route| route.address.domain());
        let xmpp = match by_xmpp {
            Some(domain) => Some(self.locate_xmpp(domain).await),
            None => None,
        };
        Ok(Ok(Explained { understood, suffixes, lookup, routes, xmpp }))
    }

    /// Where a number is looked up when it is called.
    ///
    /// # Errors
    /// The accounts cannot be read.
    pub async fn suffixes(&self, number: &E164) -> Result<Vec<EnumSuffix>, StoreError> {
        let plan = DialPlan { callers: self.callers().await?, ..DialPlan::default() };
        Ok(self.snapshot().numbering.lookup(&plan, &Address::Number(Number::International(number.clone()))))
    }

    /// Looks a number up in ENUM, as for a call.
    pub async fn look_up(&self, number: E164, suffixes: Vec<EnumSuffix>) -> EnumResult {
        let (answers_in, mut answers) = mpsc::unbounded_channel();
        let mut lookup = EnumLookup::new(number, suffixes, cooee_machine::QuestionId(0), now());
        loop {
            while let Some(output) = lookup.poll_output() {
                match output {
                    EnumOutput::Done(result) => return result,
                    EnumOutput::Resolve { id, question } => {
                        let (resolver, answers) = (self.resolver.clone(), answers_in.clone());
                        // Whoever asked may be done before the answer comes.
                        tokio::spawn(async move { drop(answers.send((id, resolver.resolve(question).await))) });
                    }
                }
            }
            let wait = lookup.next_wake().map_or_else(Default::default, |wake| wake.at.saturating_duration_since(now().instant));
            let answer: Option<(_, Resolution)> = tokio::time::timeout(wait, answers.recv()).await.ok().flatten();
            match answer {
                Some((id, resolution)) => drop(lookup.handle_resolved(id, resolution, now())),
                None => lookup.handle_timeout(now()),
            }
        }
    }

    /// Finds the servers of a domain for what other XMPP servers bring.
    async fn locate_xmpp(&self, domain: &str) -> Result<Vec<XmppServer>, NoXmppServer> {
        const SILENCE: NoXmppServer = NoXmppServer::Resolver(ResolveFailure::Timeout);
        let Ok(entropy) = seed() else { return Err(SILENCE) };
        let (mut location, mut questions) = (XmppLocation::new(domain, entropy), JoinSet::new());
        let search = async {
            loop {
                while let Some(output) = location.poll_output() {
                    match output {
                        XmppLocationOutput::Done(result) => return result,
                        XmppLocationOutput::Resolve { id, question } => {
                            let resolver = self.resolver.clone();
                            questions.spawn(async move { (id, resolver.resolve(question).await) });
                        }
                    }
                }
                let Some(Ok((id, resolution))) = questions.join_next().await else { return Err(SILENCE) };
                location.handle_resolved(id, resolution);
            }
        };
        tokio::time::timeout(PATIENCE, search).await.unwrap_or(Err(SILENCE))
    }

    async fn callers(&self) -> Result<Vec<Caller>, StoreError> {
        let accounts = self.stored_accounts().await?;
        let snapshot = self.snapshot();
        let caller = |account: crate::StoredAccount| {
            let (options, address) = (&account.options, account.address.reveal());
            let caller = Caller::stored(account.id, address, options.proxy.as_deref(), options.transport, options.numbers)?;
            Some(Caller { readiness: snapshot.account(account.id).map_or(Readiness::Connecting, readiness), ..caller })
        };
        Ok(accounts.into_iter().filter_map(caller).collect())
    }
}

fn readiness(account: &AccountView) -> Readiness {
    account.state.as_ref().map_or(Readiness::Connecting, Readiness::from)
}
