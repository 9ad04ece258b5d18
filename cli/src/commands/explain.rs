//! `cooee explain`: what a text is understood as, and what calling it would do.

use std::sync::Arc;

use cooee_engine::{Engine, Standing};
use cooee_machine::DnsSecurity;
use cooee_phone::probe::ReachState;
use cooee_phone::{Address, LookAlike, NoXmppServer, Number, Obstacle, Reason, Remark, Route, Understood, Way, XmppServer};

use super::numbering;
use crate::args::{Common, Explain};
use crate::exit::{Exit, Failure};
use crate::line::{self, Line};
use crate::open;
use crate::report::Reporter;
use crate::words;

/// Tells what was understood, what ENUM says, and all routes.
pub async fn run(common: &Common, explain: &Explain, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    open::stored(common, reporter, async |engine| tell(engine, explain, reporter).await).await
}

async fn tell(engine: &Engine, explain: &Explain, reporter: &Reporter) -> anyhow::Result<()> {
    let from = match &explain.from {
        Some(_) => super::call::account(engine, explain.from.as_deref())?,
        None => None,
    };
    let explained = engine.explain(&explain.what, from, !explain.offline).await?;
    let explained = explained
        .map_err(|error| Failure::new(Exit::NotUnderstood, format!("Not understood: {error}. Write it like anna@example.org.")))?;
    reporter.tell(&Line::Understood(understood_line(&explained.understood)));
    // Of what is nobody who calls, nothing was said.
    if let Ok(standing) = engine.standing(&explain.what)
        && standing != Standing::default()
    {
        reporter.tell(&Line::Standing(line::Standing::new(&explain.what, &standing)));
    }
    match &explained.lookup {
        Some(result) if !result.suffixes.is_empty() => numbering::tell(result, reporter),
        None if !explained.suffixes.is_empty() => {
            let places: Vec<String> = explained.suffixes.iter().map(ToString::to_string).collect();
            reporter.tell(&Line::Note { text: format!("a call would look it up in {}", places.join(", then ")) });
        }
        _ => {}
    }
    for (place, route) in explained.routes.iter().enumerate() {
        let xmpp = explained.xmpp.as_ref().filter(|_| route.way == Way::Xmpp);
        reporter.tell(&Line::Route(route_line(place + 1, route, xmpp, engine)));
    }
    Ok(())
}

fn understood_line(understood: &Understood) -> line::Understood {
    let kind = match &understood.address {
        Address::Sip(_) => "sip",
        Address::Xmpp(_) => "xmpp",
        Address::Mailbox(_) => "mailbox",
        Address::Number(Number::International(_)) => "number",
        Address::Number(Number::Emergency(_)) => "emergency-number",
        Address::Number(Number::Short(_)) => "short-number",
        Address::Number(_) => "local-number",
        _ => "user",
    };
    line::Understood {
        kind,
        address: understood.address.written().0,
        name: understood.name.as_ref().map(|name| name.reveal().clone()),
        remarks: understood.remarks.iter().map(remark).collect(),
        or_else: understood.or_else.iter().map(|address| address.canonical().0).collect(),
    }
}

fn remark(remark: &Remark) -> String {
    match remark {
        Remark::AnyProtocol => "no protocol was said: whatever its domain publishes is tried".to_owned(),
        Remark::OwnDomain => "no domain was said: it is looked for in the domain of the address you call from".to_owned(),
        Remark::AsciiDomain(domain) => format!("the DNS is asked for {domain}"),
        Remark::LookAlike(LookAlike::Of(other)) => format!("LOOK TWICE: its letters are foreign and look like {other}"),
        Remark::LookAlike(_) => "LOOK TWICE: letters of several scripts are mixed in one name".to_owned(),
        Remark::PartsLeftOut => "parts that do not say whom to call were left out".to_owned(),
        Remark::NoRegion => "no region is set, so it is left to your server's exchange (cooee numbers --region CH)".to_owned(),
        Remark::NumberOf(region) => format!("read as dialled in {region}"),
        Remark::InternationalPrefix(region) => format!("what is dialled in {region} for calls abroad was taken for a plus sign"),
        Remark::CountryCodeOf(region) => format!("it begins with the country code of {region}, without a plus sign"),
        Remark::TrunkPrefixLeftOut => "the digit that is only dialled inside the country was left out".to_owned(),
        Remark::NoNumberOf(region) => format!("no number of {region} is dialled like this, so it is left to your server's exchange"),
        Remark::NoSuchNumber => "no country has such a number: a digit too few or too many?".to_owned(),
        Remark::Context(context) => format!("it is only meant within {context}"),
        Remark::DialAfterwards(digits) => format!("once somebody answers, send {}", digits.reveal()),
        _ => "more is known of it by a later version".to_owned(),
    }
}

fn route_line(place: usize, route: &Route, xmpp: Option<&Result<Vec<XmppServer>, NoXmppServer>>, engine: &Engine) -> line::Route {
    let way = match route.way {
        Way::Sip => "sip",
        Way::Xmpp => "xmpp",
        Way::Exchange => "exchange",
        Way::OrdinaryDialler => "ordinary-dialler",
    };
    let account =
        route.account.and_then(|id| engine.snapshot().accounts.iter().find(|view| view.id == id).map(|view| view.address.reveal().clone()));
    let obstacle = route.obstacle.map(|obstacle| match obstacle {
        Obstacle::NoAccount => "you have no address to call from".to_owned(),
        Obstacle::OtherNumber => "it leads to another number than the one you dial, which may cost".to_owned(),
        Obstacle::NotSecure => "it is only called over an encrypted account".to_owned(),
        _ => "not yet possible with this version".to_owned(),
    });
    let reach = match route.reach.state() {
        ReachState::Unknown(_) => None,
        state => Some(state.as_str().to_owned()),
    };
    let no_server = xmpp.and_then(|found| found.as_ref().err()).map(|why| match why {
        NoXmppServer::Refused => "its domain says that it takes no XMPP".to_owned(),
        NoXmppServer::NotPublished => "its domain publishes no server for XMPP".to_owned(),
        NoXmppServer::Resolver(failure) => format!("its servers are not known: {}", words::failure(*failure)),
    });
    let reasons = obstacle.into_iter().chain(no_server).chain(route.reasons.iter().map(reason)).chain(reach).collect();
    let servers = xmpp.and_then(|found| found.as_ref().ok()).into_iter().flatten().map(server).collect();
    line::Route { place, way, address: route.address.written().0, account, usable: route.is_usable(), reasons, servers }
}

/// E.g. `_xmpps-server._tcp chat.example:5270 (192.0.2.1), signed`.
fn server(server: &XmppServer) -> String {
    let XmppServer { service, host, port, addresses, security } = server;
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let at = if addresses.is_empty() { "no address".to_owned() } else { addresses.join(", ") };
    let signed = if *security == DnsSecurity::Secure { "signed" } else { "not signed" };
    format!("{} {host}:{port} ({at}), {signed}", service.label())
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Named => "you said from where".to_owned(),
        Reason::ChosenAccount => "you chose this address of yours for them".to_owned(),
        Reason::ChosenAddress => "you chose this way".to_owned(),
        Reason::SameDomain => "of the same domain".to_owned(),
        Reason::TakesNumbers => "its server takes numbers".to_owned(),
        Reason::FirstThatWorks => "no address of yours fits better".to_owned(),
        Reason::Found { suffix, security: DnsSecurity::Secure } => format!("found in {suffix}, signed"),
        Reason::Found { suffix, .. } => format!("found in {suffix}, not signed"),
        Reason::Emergency => "Cooee never carries emergency calls".to_owned(),
        Reason::Short => "short numbers are the telephone network's".to_owned(),
        Reason::LastResort => "the telephone network reaches every number".to_owned(),
        _ => "for a reason that a later version knows".to_owned(),
    }
}
