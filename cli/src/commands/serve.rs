//! `cooee serve` and `cooee localserve`: a server for a domain.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use cooee_machine::{Entropy, Secret, Transport};
use cooee_net::{Certificate, ResolverConfig, Trust};
use cooee_server::throwaway::Throwaway;
use cooee_server::{CertificateFiles, MemoryStore, OtherDomains, ServeConfig, ServerEvent, Service, Storage, UserName};

use crate::args::{Common, Localserve, Serve};
use crate::exit::{Exit, Failure};
use crate::home;
use crate::line::Line;
use crate::lines::Lines;
use crate::report::Reporter;
use crate::stop;

/// Serves a domain until told to stop.
pub async fn run(common: &Common, serve: &Serve, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let storage = Storage::Directory(super::user::folder(common)?);
    let mut config = ServeConfig::new(&serve.domain, storage);
    config.host.clone_from(&serve.host);
    config.certificate_files = Some(CertificateFiles { chain: serve.certificate.clone(), key: serve.key.clone() });
    if !serve.tls.is_empty() {
        config.tls.clone_from(&serve.tls);
    }
    if !serve.stun.is_empty() {
        config.stun.clone_from(&serve.stun);
    }
    if let Some(lan) = serve.lan {
        config.udp = vec![lan];
        config.tcp = vec![lan];
    }
    if !serve.alone {
        config.other_domains = Some(other_domains(common, serve)?);
    }
    listen(Service::start(config)?, &serve.domain, None, reporter).await
}

/// Found by the chosen resolver, believed by the system's authorities and the named ones.
fn other_domains(common: &Common, serve: &Serve) -> anyhow::Result<OtherDomains> {
    let trust = common.trust.iter().try_fold(Trust::system(), |trust, file| trust.with_file(file))?;
    let resolver = ResolverConfig { servers: common.dns.clone().unwrap_or_default(), trust: trust.clone(), ..ResolverConfig::default() };
    Ok(OtherDomains { trust, resolver, private_addresses: serve.private_domains })
}

/// A server for trying things out: a fresh authority, two accounts, nothing kept.
pub async fn local(common: &Common, local: &Localserve, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let mut entropy = cooee_net::seed().context("The system lends no randomness")?;
    let people = People::new(&local.domain, &local.people, &mut entropy)?;
    let tls = SocketAddr::new(local.address, local.port);
    // With 0 each takes a port that is free.
    let plain = SocketAddr::new(local.address, local.port.saturating_sub(1));
    let throwaway = Throwaway::new(&local.domain, &[local.address])?;
    let authority = home::folder(common.home.as_deref())?.join("localserve-ca.pem");
    std::fs::write(&authority, &throwaway.authority).with_context(|| format!("{} cannot be written", authority.display()))?;

    let mut config = ServeConfig::new(&local.domain, Storage::Memory(Box::new(people.store)));
    // Nobody finds the domain in DNS, and softphones follow the route of a call by the host it names.
    config.host = Some(local.address.to_string());
    config.certificate = Some(Certificate::from_pem(throwaway.chain.as_bytes(), throwaway.key.as_bytes())?);
    (config.tls, config.stun) = (vec![tls], Vec::new());
    (config.udp, config.tcp) = (vec![plain], vec![plain]);
    let service = Service::start(config)?;
    let [tls, udp, tcp] = [Transport::Tls, Transport::Udp, Transport::Tcp].map(|transport| address(&service, transport).unwrap_or(tls));
    for (name, password) in &people.passwords {
        let (address, password) = (format!("{name}@{}", local.domain), Some(password.reveal().to_owned()));
        reporter.tell(&Line::User { address, state: "present", password });
    }
    let path = authority.display().to_string();
    let first = people.passwords.first().map_or("anna", |(name, _)| name);
    reporter.say(format!(
        "\nWith Cooee (--home makes it a phone of its own):\n  cooee --home FOLDER --trust {path} account add {first}@{} --proxy {tls}\n\
         With another softphone: an account above, outbound proxy {tls} over TLS, and the authority to trust;\n\
         or {udp} over UDP, {tcp} over TCP, not encrypted. Ctrl-C ends it.\n",
        local.domain
    ));
    listen(service, &local.domain, Some(path), reporter).await
}

/// The address of a running service for a transport.
#[must_use]
pub fn address(service: &Service, transport: Transport) -> Option<SocketAddr> {
    service.addresses().iter().find(|(found, _)| *found == transport).map(|(_, address)| *address)
}

async fn listen(service: Service, domain: &str, authority: Option<String>, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let listening = service.addresses().iter().map(|(transport, address)| format!("{} {address}", transport.as_str())).collect();
    reporter.tell(&Line::Serving { domain: domain.to_owned(), listening, authority });
    let log = Lines::new({
        let reporter = Arc::clone(reporter);
        move |line| reporter.tell(line)
    })
    .context("The system has no room for another thread")?;
    let done = stop::politely(async |asked| {
        // Asked by a word or by silence, it stops.
        let asked = async { drop(asked.await) };
        service.run(asked, |event| line_of(&event).into_iter().for_each(|line| log.put(line))).await;
    });
    let done = done.await;
    log.close();
    done
}

/// What the operator of a family server wants to see; connections that come and go are in the debug log.
fn line_of(event: &ServerEvent) -> Option<Line> {
    let text = match event {
        ServerEvent::Registered { user, devices: 0 } => format!("{} has left", user.reveal()),
        ServerEvent::Registered { user, devices } => format!("{} is reachable on {devices} device(s)", user.reveal()),
        ServerEvent::LoginFailed { user, remote } => format!("login refused: {} from {}", user.reveal(), remote.reveal().ip()),
        ServerEvent::LoginDelayed { user, remote, wait } => {
            format!("too many wrong passwords: {} from {} must wait {} s", user.reveal(), remote.reveal().ip(), wait.as_secs())
        }
        ServerEvent::NotListening { reason } => format!("a door could not be opened: {reason}"),
        ServerEvent::StorageFailed(failure) => format!("the database does not work: {failure}"),
        _ => return None,
    };
    Some(Line::Server { text })
}

/// People of a server that lives for an afternoon.
pub struct People {
    /// For the server.
    pub store: MemoryStore,
    /// For the phones.
    pub passwords: Vec<(String, Secret)>,
}

impl People {
    /// Accounts with random passwords.
    pub fn new(domain: &str, names: &[impl AsRef<str>], entropy: &mut Entropy) -> anyhow::Result<Self> {
        let mut people = Self { store: MemoryStore::new(), passwords: Vec::new() };
        for name in names {
            let password = Secret::new(entropy.token(12));
            let name = name.as_ref();
            if people.passwords.iter().any(|(known, _)| known == name) {
                return Err(Failure::new(Exit::NotUnderstood, format!("{name} stands there twice: name each person once.")).into());
            }
            people.store.add_user(UserName::parse(name)?, domain, &password, entropy)?;
            people.passwords.push((name.to_owned(), password));
        }
        Ok(people)
    }
}
