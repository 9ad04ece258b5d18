use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use cooee_machine::{Question, RecordType, Resolution};
use cooee_net::{DnsServer, DnsServers, Resolver, ResolverConfig, Trust};

use crate::zone::{self, Signing, Zone};

/// What Unbound's certificate is for.
pub const SERVER_NAME: &str = "dns.lab";

/// NSD and Unbound, running for as long as this lives.
#[derive(Debug)]
pub struct Lab {
    folder: PathBuf,
    ports: Ports,
    authority: String,
    running: Vec<Child>,
}

/// Where each door is, on 127.0.0.1.
#[derive(Clone, Copy, Debug)]
struct Ports {
    authoritative: u16,
    plain: u16,
    tls: u16,
    https: u16,
}

/// Why there is no lab.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A program is missing.
    #[error("{0} is needed: apt-get install --no-install-recommends nsd unbound ldnsutils")]
    Missing(&'static str),
    /// A program does not do what it is asked for.
    #[error("{0} failed: {1}")]
    Failed(String, String),
    /// The system.
    #[error(transparent)]
    System(#[from] io::Error),
    /// The certificate of the server.
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
}

/// Signing and starting take two seconds; a busy machine may take long.
const STARTING: Duration = Duration::from_secs(60);

impl Lab {
    /// The usual zones and these.
    ///
    /// # Errors
    /// A program is missing or does not start.
    pub fn start(more: Vec<Zone>) -> Result<Self, LabError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cooee-dns-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let mut lab = Self { folder, ports: Ports::free()?, authority: String::new(), running: Vec::new() };
        let mut zones = zone::usual();
        zones.extend(more);
        let zones = lab.write_zones(zones)?;
        lab.authority = lab.write_certificates()?;
        lab.run("nsd", &lab.nsd(&zones))?;
        lab.run("unbound", &lab.unbound(&zones))?;
        // On a thread of its own: whoever starts a lab may run within a runtime.
        std::thread::scope(|scope| scope.spawn(|| lab.wait()).join())
            .unwrap_or_else(|_| Err(LabError::Failed("the lab".to_owned(), "its first question panicked".to_owned())))?;
        Ok(lab)
    }

    /// Unbound in the clear: UDP and TCP.
    #[must_use]
    pub fn plain(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.plain).into()
    }

    /// Unbound over TLS, as it is typed: `tls://dns.lab:…@127.0.0.1`.
    #[must_use]
    pub fn over_tls(&self) -> String {
        format!("tls://{SERVER_NAME}:{}@127.0.0.1", self.ports.tls)
    }

    /// Unbound over HTTPS, as it is typed: `https://dns.lab:…/dns-query@127.0.0.1`.
    #[must_use]
    pub fn over_https(&self) -> String {
        format!("https://{SERVER_NAME}:{}/dns-query@127.0.0.1", self.ports.https)
    }

    /// NSD, which knows its zones only and validates nothing.
    #[must_use]
    pub fn authoritative(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.authoritative).into()
    }

    /// Who signed the server's certificate, as PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The DNSKEY record of the root, in a file.
    #[must_use]
    pub fn anchor(&self) -> PathBuf {
        self.folder.join("anchor.key")
    }

    /// A resolver that asks `servers`, e.g. [`Lab::over_tls`], and trusts the lab's authority.
    ///
    /// # Errors
    /// `servers` cannot be read.
    pub fn resolver(&self, servers: &str) -> Result<Resolver, LabError> {
        let failed = |error: &dyn std::fmt::Display| LabError::Failed("the resolver".to_owned(), error.to_string());
        let servers: DnsServers = servers.parse().map_err(|error| failed(&error))?;
        let trust = Trust::nobody().with_pem(self.authority.as_bytes()).map_err(|error| failed(&error))?;
        Ok(Resolver::new(ResolverConfig { servers, trust, patience: STARTING, ..ResolverConfig::default() }))
    }

    /// Signs leaves first, so that the parent has what proves them when it is signed.
    fn write_zones(&self, mut zones: Vec<Zone>) -> Result<Vec<Zone>, LabError> {
        let mut known_to_parent = String::new();
        for zone in &zones {
            known_to_parent += &format!("{}. NS ns.lab.\n{}", zone.origin, self.write_zone(zone)?);
        }
        let lab = Zone::new("lab", Signing::Nsec3, format!("ns A 127.0.0.1\n{known_to_parent}"));
        let proof = self.write_zone(&lab)?;
        let root = Zone::new("", Signing::Nsec, format!("lab. NS ns.lab.\nns.lab. A 127.0.0.1\n{proof}"));
        self.write_zone(&root)?;
        zones.extend([lab, root]);
        Ok(zones)
    }

    /// What its parent has to say for it (DS records).
    fn write_zone(&self, zone: &Zone) -> Result<String, LabError> {
        let file = self.zone_file(zone);
        if zone.signing == Signing::None {
            std::fs::write(&file, zone.text())?;
            return Ok(String::new());
        }
        let bare = file.with_extension("bare");
        std::fs::write(&bare, zone.text())?;
        let origin = format!("{}.", zone.origin);
        let key = |kind: &[&str]| self.tool("ldns-keygen", &[kind, &["-a", "ECDSAP256SHA256", &origin]].concat());
        let (signing_key, zone_key) = (key(&["-k"])?, key(&[])?);
        let mut options = match zone.signing {
            Signing::Expired => vec!["-i", "20200101000000", "-e", "20200201000000"],
            Signing::Nsec3 => vec!["-n", "-t", "0"],
            _ => Vec::new(),
        };
        let (file_name, bare_name) = (file.to_string_lossy(), bare.to_string_lossy());
        options.extend(["-f", &file_name, &bare_name, &signing_key, &zone_key]);
        self.tool("ldns-signzone", &options)?;
        if zone.origin.is_empty() {
            std::fs::copy(self.folder.join(format!("{signing_key}.key")), self.anchor())?;
        }
        match zone.signing {
            Signing::Tampered => self.tamper(&file)?,
            Signing::Island => return Ok(String::new()),
            _ => {}
        }
        Ok(std::fs::read_to_string(self.folder.join(format!("{signing_key}.ds")))?)
    }

    /// Leads the first server elsewhere.
    fn tamper(&self, file: &Path) -> Result<(), LabError> {
        let signed = std::fs::read_to_string(file)?;
        let tampered = signed.replace("127.0.1.1", "127.6.6.6").replace("10 60 5061", "10 60 6666");
        if tampered == signed {
            return Err(LabError::Failed("ldns-signzone".to_owned(), "nothing to tamper with".to_owned()));
        }
        std::fs::write(file, tampered)?;
        Ok(())
    }

    fn zone_file(&self, zone: &Zone) -> PathBuf {
        self.folder.join(format!("{}.zone", if zone.origin.is_empty() { "root" } else { &zone.origin }))
    }

    fn tool(&self, name: &'static str, arguments: &[&str]) -> Result<String, LabError> {
        let output = Command::new(name).args(arguments).current_dir(&self.folder).output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LabError::Missing(name),
            _ => error.into(),
        })?;
        if !output.status.success() {
            return Err(LabError::Failed(name.to_owned(), String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn write_certificates(&self) -> Result<String, LabError> {
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "an authority for a lab");
        let key = rcgen::KeyPair::generate()?;
        let authority = params.self_signed(&key)?.pem();
        let issuer = rcgen::Issuer::new(params, key);
        let key = rcgen::KeyPair::generate()?;
        let mut params = rcgen::CertificateParams::new([SERVER_NAME.to_owned()])?;
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        std::fs::write(self.folder.join("dns.pem"), params.signed_by(&key, &issuer)?.pem())?;
        std::fs::write(self.folder.join("dns.key"), key.serialize_pem())?;
        Ok(authority)
    }

    fn nsd(&self, zones: &[Zone]) -> String {
        let (port, folder) = (self.ports.authoritative, self.folder.display());
        let mut text = format!(
            "server:\n ip-address: 127.0.0.1@{port}\n username: \"\"\n chroot: \"\"\n zonesdir: \"{folder}\"\n database: \"\"\n \
             pidfile: \"{folder}/nsd.pid\"\n logfile: \"{folder}/nsd.log\"\n zonelistfile: \"{folder}/zone.list\"\n \
             xfrdfile: \"{folder}/xfrd.state\"\n xfrdir: \"{folder}\"\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n"
        );
        for zone in zones {
            text += &format!("zone:\n name: \"{}.\"\n zonefile: \"{}\"\n", zone.origin, self.zone_file(zone).display());
        }
        text
    }

    fn unbound(&self, zones: &[Zone]) -> String {
        let (Ports { plain, tls, https, .. }, folder) = (self.ports, self.folder.display());
        let mut text = format!(
            "server:\n username: \"\"\n chroot: \"\"\n directory: \"{folder}\"\n pidfile: \"{folder}/unbound.pid\"\n \
             logfile: \"{folder}/unbound.log\"\n use-syslog: no\n verbosity: 1\n interface: 127.0.0.1@{plain}\n \
             interface: 127.0.0.1@{tls}\n interface: 127.0.0.1@{https}\n tls-port: {tls}\n https-port: {https}\n \
             tls-service-key: \"{folder}/dns.key\"\n tls-service-pem: \"{folder}/dns.pem\"\n access-control: 127.0.0.0/8 allow\n \
             do-not-query-localhost: no\n do-ip6: no\n trust-anchor-file: \"{}\"\n module-config: \"validator iterator\"\n \
             ede: yes\n minimal-responses: no\n incoming-num-tcp: 100\n num-queries-per-thread: 4096\n outgoing-range: 4096\n\
             remote-control:\n control-enable: no\n",
            self.anchor().display()
        );
        // A delegation names a host and no port, so each zone is told where it is; the chain of trust is real all the same.
        for zone in zones {
            text += &format!("stub-zone:\n name: \"{}.\"\n stub-addr: 127.0.0.1@{}\n", zone.origin, self.ports.authoritative);
        }
        text
    }

    /// In the foreground of a shell that ends it when we do, however we end: its standard input closes then.
    fn run(&mut self, name: &'static str, config: &str) -> Result<(), LabError> {
        let program =
            ["/usr/sbin", "/usr/bin", "/usr/local/sbin"].iter().map(|place| Path::new(place).join(name)).find(|path| path.exists());
        let program = program.ok_or(LabError::Missing(name))?;
        let file = self.folder.join(format!("{name}.conf"));
        std::fs::write(&file, config)?;
        let script = "\"$0\" -d -c \"$1\" >\"$1.out\" 2>&1 & child=$!; cat >/dev/null; kill $child; wait $child; rm -rf \"$2\"";
        let child = Command::new("sh").args(["-c", script]).arg(program).arg(file).arg(&self.folder).stdin(Stdio::piped()).spawn()?;
        self.running.push(child);
        Ok(())
    }

    fn wait(&self) -> Result<(), LabError> {
        let resolver = Resolver::new(ResolverConfig {
            servers: DnsServers::Chosen(vec![DnsServer::Plain(self.plain())]),
            patience: Duration::from_secs(1),
            ..ResolverConfig::default()
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let begun = Instant::now();
        while begun.elapsed() < STARTING {
            let question = Question { name: "a.secure.lab".to_owned(), kind: RecordType::A };
            if let Resolution::Records { .. } = runtime.block_on(resolver.resolve(question)) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let said = ["nsd.log", "nsd.conf.out", "unbound.log", "unbound.conf.out"]
            .map(|name| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default());
        Err(LabError::Failed("the lab".to_owned(), said.concat()))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for child in &mut self.running {
            drop(child.stdin.take());
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Ports {
    /// Free a moment ago, for TCP and UDP.
    fn free() -> io::Result<Self> {
        let mut held = Vec::new();
        while held.len() < 4 {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr()?) {
                held.push((tcp, udp));
            }
        }
        let mut ports = held.iter().map(|(tcp, _)| tcp.local_addr().map(|address| address.port()));
        let mut next = || ports.next().unwrap_or_else(|| Err(io::ErrorKind::AddrNotAvailable.into()));
        Ok(Self { authoritative: next()?, plain: next()?, tls: next()?, https: next()? })
    }
}
