//! Certificates that prove nothing, shown by a real server.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::process::{Cooee, Ended, Folder};

/// Writes an authority, and a server's certificate and key made by it.
fn make(folder: &Path, change: impl Fn(&mut CertificateParams)) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let mut server = CertificateParams::new(vec!["example.org".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    change(&mut server);
    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &authority).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

/// Logs in to `cooee serve` with such a certificate.
fn log_in(name: &str, change: impl Fn(&mut CertificateParams)) -> Ended {
    let folder = Folder::new(name);
    make(folder.path(), change);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let user = Cooee::with_input(&folder.join("server"), &["user", "add", "anna@example.org"], "a good password\n").end();
    assert_eq!(user.code, Some(0), "{user:#?}");
    let (certificate, key, authority) = (file("server.pem"), file("server.key"), file("ca.pem"));
    let doors = ["--tls", "127.0.0.1:0", "--stun", "127.0.0.1:0"];
    let mut arguments = vec!["serve", "--domain", "example.org", "--certificate", &certificate, "--key", &key];
    arguments.extend(doors);
    let mut server = Cooee::start(&folder.join("server"), &arguments);
    let serving = server.until("serving", |event| event["event"] == "serving");
    let tls = serving["listening"].as_array().unwrap().iter().find_map(|door| door.as_str()?.strip_prefix("tls ")).unwrap().to_owned();
    let arguments = ["account", "add", "anna@example.org", "--proxy", &tls, "--trust", &authority];
    let added = Cooee::with_input(&folder.join("anna"), &arguments, "a good password\n").end();
    server.interrupt();
    assert_eq!(server.end().code, Some(0));
    added
}

#[test]
fn a_good_certificate_is_taken() {
    let added = log_in("good", |_| {});
    assert_eq!(added.code, Some(0), "{added:#?}");
    assert_eq!(added.event("account")["state"], "added");
}

#[test]
fn a_certificate_for_another_name_is_refused_by_that_name() {
    let other = |server: &mut CertificateParams| *server = CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    log_in("misnamed", other).assert(6, "other.example");
}

#[test]
fn an_expired_certificate_is_called_so() {
    log_in("expired", |server| server.not_after = rcgen::date_time_ymd(2020, 1, 1)).assert(6, "not valid at this time");
}
