//! `cooee enum` and `cooee numbers`: what ENUM says of a number, and how numbers are dialled from here.

use std::sync::Arc;

use cooee_machine::DnsSecurity;
use cooee_phone::{Address, AskedSuffix, EnumResult, EnumService, Number, Numbering, SuffixState};

use crate::args::{Common, Numbers, YesNo};
use crate::exit::{Exit, Failure};
use crate::line::{self, Line};
use crate::open;
use crate::report::Reporter;

/// Looks a number up as a call would, and tells what each suffix said.
pub async fn look_up(common: &Common, number: &str, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let result = open::stored(common, reporter, async |engine| {
        let refused = |text| Err(Failure::new(Exit::NotUnderstood, text).into());
        match engine.snapshot().numbering.understand(number).map(|understood| understood.address) {
            Ok(Address::Number(Number::International(number))) => {
                let suffixes = engine.suffixes(&number).await?;
                reporter.tell(&Line::Note { text: format!("looking up {}", number.dialled()) });
                Ok(engine.look_up(number, suffixes).await)
            }
            Ok(Address::Number(Number::Emergency(_) | Number::Short(_))) => refused("Emergency and short numbers are never looked up."),
            _ => refused("Only whole numbers are looked up. Write it like +41 44 668 18 00, or say where you are: --region CH"),
        }
    });
    tell(&result.await?, reporter);
    Ok(())
}

/// Each suffix, then each answer.
pub fn tell(result: &EnumResult, reporter: &Reporter) {
    for suffix in &result.suffixes {
        reporter.tell(&Line::Suffix(suffix_line(suffix)));
    }
    for (place, answer) in result.answers.iter().enumerate() {
        reporter.tell(&Line::EnumAnswer(line::EnumAnswer {
            place: place + 1,
            suffix: answer.suffix.to_string(),
            service: match answer.service {
                EnumService::Sip => "sip",
                EnumService::Xmpp => "xmpp",
                EnumService::Tel => "tel",
            },
            address: answer.address.canonical().0,
            secure: answer.security == DnsSecurity::Secure,
            order: answer.order,
            preference: answer.preference,
        }));
    }
    match (result.suffixes.is_empty(), result.answers.is_empty()) {
        (true, _) => reporter.say("There is nowhere to look numbers up. Name a place: cooee numbers --suffix DOMAIN, or --arpa yes"),
        (false, true) => reporter.say("No way over the Internet to this number is known."),
        (false, false) => {}
    }
}

fn suffix_line(asked: &AskedSuffix) -> line::Suffix {
    let signed = |security: DnsSecurity| if security == DnsSecurity::Secure { "signed" } else { "not signed" };
    let (state, security, text) = match asked.state {
        SuffixState::NotAsked => ("not-asked", None, "not asked: it did not learn the number".to_owned()),
        SuffixState::Unanswered => ("unanswered", None, "no answer in time".to_owned()),
        SuffixState::NoSuchNumber(security) => {
            ("no-such-number", Some(security), format!("does not have the number ({})", signed(security)))
        }
        SuffixState::Known(security) => ("known", Some(security), format!("has the number ({})", signed(security))),
        SuffixState::Failed(cooee_machine::ResolveFailure::Bogus) => ("failed", None, "its signatures are wrong: not used".to_owned()),
        SuffixState::Failed(failure) => ("failed", None, format!("could not be asked ({failure:?})")),
        _ => ("failed", None, "could not be asked".to_owned()),
    };
    let faults = asked.faults.iter().map(ToString::to_string).collect();
    line::Suffix { suffix: asked.suffix.to_string(), state, secure: security.map(|it| it == DnsSecurity::Secure), text, faults }
}

/// Changes how numbers are dialled, if anything was said, and shows how it is.
pub async fn set(common: &Common, said: &Numbers, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let stored = Common { region: None, ..common.clone() };
    let after = open::changed(&stored, reporter, |engine| {
        let before = engine.snapshot().numbering.clone();
        let after = changed(before.clone(), common, said);
        if after != before {
            engine.set_numbering(after.clone()).map_err(|refused| Failure::new(Exit::Local, format!("Not kept: {refused}.")))?;
        }
        Ok(after)
    });
    let after = after.await?;
    let suffixes = after.suffixes.iter().map(ToString::to_string).collect();
    let region = after.region.map(|region| region.to_string());
    reporter.tell(&Line::Numbers(line::Numbers { region, own_zone: after.own_zone, suffixes, arpa: after.arpa }));
    Ok(())
}

fn changed(before: Numbering, common: &Common, said: &Numbers) -> Numbering {
    let switch = |said: Option<YesNo>, before: bool| said.map_or(before, |said| said == YesNo::Yes);
    Numbering {
        region: common.region.or(before.region).filter(|_| !said.no_region),
        own_zone: switch(said.own_zone, before.own_zone),
        arpa: switch(said.arpa, before.arpa),
        suffixes: if said.suffix.is_empty() && !said.no_suffixes { before.suffixes } else { said.suffix.clone() },
        emergency: before.emergency,
    }
}
