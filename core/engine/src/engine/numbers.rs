use cooee_machine::Resolution;
use cooee_net::now;
use cooee_phone::{
    AccountId, Address, Caller, Command, DialPlan, E164, EnumLookup, EnumOutput, EnumResult, EnumSuffix, NoAddress, Number, Numbering,
    Readiness, Route, Understood,
};
use tokio::sync::mpsc;

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
}

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

    /// What calling this would do, in the same words as [`Engine::dial`] takes. With `ask`, numbers are looked up as for a call; without,
    /// nobody is asked anything.
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
        Ok(Ok(Explained { understood, suffixes, lookup, routes }))
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
