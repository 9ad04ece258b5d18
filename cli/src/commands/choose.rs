//! `cooee choose`: from where and at which address somebody is called.

use std::sync::Arc;

use cooee_engine::{Engine, Refused};

use crate::args::{Choose, Common};
use crate::exit::{Exit, Failure};
use crate::open;
use crate::report::Reporter;

/// Keeps or forgets what was chosen.
pub async fn run(common: &Common, choose: &Choose, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    if choose.forget {
        return open::stored(common, reporter, async |engine| forget(engine, choose, reporter).await).await;
    }
    open::changed(common, reporter, |engine| keep(engine, choose)).await?;
    reporter.say(format!("Chosen. How {} is called from now on: cooee explain {}", choose.whom, choose.whom));
    Ok(())
}

fn keep(engine: &Engine, choose: &Choose) -> anyhow::Result<()> {
    let from = match &choose.from {
        Some(_) => super::call::account(engine, choose.from.as_deref())?,
        None => None,
    };
    Ok(engine.choose(&choose.whom, from, choose.by.as_deref()).map_err(|refused| not_chosen(&refused))?)
}

async fn forget(engine: &Engine, choose: &Choose, reporter: &Reporter) -> anyhow::Result<()> {
    let was_there = engine.forget_choice(&choose.whom).await?.map_err(|_| not_chosen(&Refused::BadAddress))?;
    reporter.say(if was_there { "Forgotten." } else { "Nothing was chosen." });
    Ok(())
}

fn not_chosen(refused: &Refused) -> Failure {
    let text = match refused {
        Refused::BadAddress => {
            "Not chosen: that is nobody in particular. Write addresses in full, like anna@example.org or +41446681800.".to_owned()
        }
        other => format!("Not chosen: {other}."),
    };
    Failure::new(Exit::NotUnderstood, text)
}
