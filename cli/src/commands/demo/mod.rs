//! `cooee demo`: a server and two phones on this machine, one call, a voice each way. Nothing is faked: the server is
//! `cooee serve`'s, the phones are `cooee phone`'s, the sockets are real.

mod play;
mod summary;
mod voice;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use cooee_call::{CallState, EndReason};
use cooee_machine::{Entropy, Record, SrvRecord, Transport};
use cooee_net::{Certificate, Overrides};
use cooee_server::throwaway::Throwaway;
use cooee_server::{ServeConfig, Service, Storage};
use tokio::sync::oneshot;

use super::serve::{People, address};
use crate::args::{Common, Demo};
use crate::exit::{Exit, Failure};
use crate::home;
use crate::report::Reporter;
use play::Play;
use summary::Summary;
use voice::Voice;

/// A name that cannot be anybody's (RFC 6761).
const DOMAIN: &str = "cooee.test";
/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(15);

/// Plays the demonstration and judges it.
pub async fn run(common: &Common, demo: &Demo, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let folder = home::recordings(common.home.as_deref())?;
    let mut entropy = cooee_net::seed().context("The system lends no randomness")?;
    let lab = Lab::start(&mut entropy)?;
    reporter.say(format!("A server for {DOMAIN} runs at {}; it proves itself by a certificate made for this occasion.", lab.server));
    let anna = Voice::anna(demo.speech.as_deref(), &folder)?;
    let ben = Voice::ben(&folder)?;
    let play = Play::prepare(&lab, anna, ben, demo.play, reporter).await?;
    let outcome = play.perform(reporter).await;
    lab.end().await;
    let outcome = outcome?;
    let summary = Summary::new(&outcome)?;
    summary.tell(reporter);
    if summary.is_good() {
        Ok(())
    } else {
        Err(Failure::new(Exit::NoSound, "The speech did not arrive as it was spoken. The recordings show what did.").into())
    }
}

/// The server under the play, and what phones need to find and trust it.
pub struct Lab {
    people: Vec<(String, cooee_machine::Secret)>,
    authority: String,
    server: SocketAddr,
    stun: SocketAddr,
    stop: oneshot::Sender<()>,
    running: tokio::task::JoinHandle<()>,
}

impl Lab {
    fn start(entropy: &mut Entropy) -> anyhow::Result<Self> {
        let people = People::new(DOMAIN, &["anna", "ben"], entropy)?;
        let throwaway = Throwaway::new(DOMAIN, &[])?;
        let anywhere = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        let mut config = ServeConfig::new(DOMAIN, Storage::Memory(Box::new(people.store)));
        config.certificate = Some(Certificate::from_pem(throwaway.chain.as_bytes(), throwaway.key.as_bytes())?);
        (config.tls, config.stun) = (vec![anywhere], vec![anywhere]);
        let service = Service::start(config)?;
        let server = address(&service, Transport::Tls).context("the server has no address")?;
        let stun = address(&service, Transport::Udp).context("the server has no address for STUN")?;
        let (stop, stopped) = oneshot::channel();
        let until = async move {
            let _ = stopped.await; // an error means that the other end is gone: time to stop as well
        };
        let running = tokio::spawn(service.run(until, |_| {}));
        Ok(Self { people: people.passwords, authority: throwaway.authority, server, stun, stop, running })
    }

    /// DNS as the owner of the domain would publish it: phones find the server the usual way.
    fn names(&self) -> Overrides {
        let host = format!("sip.{DOMAIN}");
        let srv = |port| Record::Srv(SrvRecord { priority: 0, weight: 0, port, target: host.clone() });
        Overrides::new()
            .with_record(&format!("_sips._tcp.{DOMAIN}"), srv(self.server.port()))
            .with_record(&format!("_stun._udp.{DOMAIN}"), srv(self.stun.port()))
            .with_address(&host, self.server.ip())
    }

    async fn end(self) {
        let _ = self.stop.send(()); // if it has ended by itself there is nothing to stop
        let _ = tokio::time::timeout(PATIENCE, self.running).await;
    }
}

/// Whether a call is up, or over before it was.
fn is_up(state: &CallState) -> Result<bool, EndReason> {
    match state {
        CallState::Active => Ok(true),
        CallState::Ended(reason) => Err(reason.clone()),
        _ => Ok(false),
    }
}
