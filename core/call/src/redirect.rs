//! Pointers to another address (RFC 3261 8.1.3.4): which are followed.

use cooee_machine::Pii;
use cooee_sip::{Scheme, Uri};

use crate::RedirectTrouble;

/// So many pointers are followed, one after the other.
const MOST: usize = 5;

/// Where a call has been sent on to.
#[derive(Debug)]
pub(crate) struct Redirect {
    dialled: Pii<String>,
    followed: Vec<Pii<String>>,
}

impl Redirect {
    pub(crate) fn new(dialled: Pii<String>) -> Self {
        Self { dialled, followed: Vec::new() }
    }

    /// In order; the last is being called.
    pub(crate) fn followed(&self) -> &[Pii<String>] {
        &self.followed
    }

    /// The first of these places that may be called instead, in the order of the peer's preference.
    pub(crate) fn follow(&mut self, places: &[Pii<String>]) -> Result<Pii<String>, RedirectTrouble> {
        if self.followed.len() >= MOST {
            return Err(RedirectTrouble::TooMany);
        }
        let known: Vec<Uri<'_>> = self.tried().filter_map(|tried| Uri::parse(tried).ok()).collect();
        let must_be_secure = known.iter().any(|uri| uri.scheme() == Scheme::Sips);
        let mut trouble = RedirectTrouble::Nowhere;
        for place in places {
            let Ok(uri) = Uri::parse(place.reveal()) else { continue };
            if !matches!(uri.scheme(), Scheme::Sip | Scheme::Sips | Scheme::Tel) || uri.has_headers() {
                continue;
            }
            if known.iter().any(|tried| tried.is_equivalent(&uri)) {
                trouble = RedirectTrouble::Loop;
            } else if must_be_secure && uri.scheme() != Scheme::Sips {
                trouble = RedirectTrouble::Insecure;
            } else {
                self.followed.push(place.clone());
                return Ok(place.clone());
            }
        }
        Err(trouble)
    }

    fn tried(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.dialled).chain(&self.followed).map(|tried| tried.reveal().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialled(uri: &str) -> Redirect {
        Redirect::new(Pii(uri.to_owned()))
    }

    fn follow(redirect: &mut Redirect, places: &[&str]) -> Result<String, RedirectTrouble> {
        let places: Vec<Pii<String>> = places.iter().map(|place| Pii((*place).to_owned())).collect();
        redirect.follow(&places).map(|place| place.0)
    }

    #[test]
    fn the_first_place_that_may_be_called_is_followed() {
        let mut redirect = dialled("sip:ben@example.org");
        let places = ["http://example.org", "mailto:ben@example.org", "sip:ben@example.net?Subject=x", "sip:ben@example.com", "tel:+49301"];
        assert_eq!(follow(&mut redirect, &places), Ok("sip:ben@example.com".into()));
        assert_eq!(follow(&mut redirect, &["tel:+49301"]), Ok("tel:+49301".into()));
        assert_eq!(redirect.followed().len(), 2);
        assert_eq!(follow(&mut redirect, &[]), Err(RedirectTrouble::Nowhere));
        assert_eq!(follow(&mut redirect, &["garbage"]), Err(RedirectTrouble::Nowhere));
    }

    #[test]
    fn nobody_is_sent_in_circles() {
        let mut redirect = dialled("sip:ben@example.org");
        assert_eq!(follow(&mut redirect, &["sip:ben@EXAMPLE.org"]), Err(RedirectTrouble::Loop));
        follow(&mut redirect, &["sip:b@example.net"]).unwrap();
        assert_eq!(follow(&mut redirect, &["sip:ben@example.org", "sip:b@example.net"]), Err(RedirectTrouble::Loop));
        assert_eq!(follow(&mut redirect, &["sip:ben@example.org", "sip:c@example.net"]), Ok("sip:c@example.net".into()));
    }

    #[test]
    fn an_encrypted_address_leads_to_no_other_kind() {
        let mut redirect = dialled("sips:ben@example.org");
        assert_eq!(follow(&mut redirect, &["sip:ben@example.net", "tel:+49301"]), Err(RedirectTrouble::Insecure));
        assert_eq!(follow(&mut redirect, &["sip:ben@example.net", "sips:ben@example.net"]), Ok("sips:ben@example.net".into()));
        let mut redirect = dialled("sip:ben@example.org");
        follow(&mut redirect, &["sips:ben@example.net"]).unwrap();
        assert_eq!(follow(&mut redirect, &["sip:ben@example.com"]), Err(RedirectTrouble::Insecure), "nor later");
    }

    #[test]
    fn five_pointers_are_followed_and_no_more() {
        let mut redirect = dialled("sip:0@example.org");
        for hop in 1..=5 {
            assert!(follow(&mut redirect, &[&format!("sip:{hop}@example.org")]).is_ok());
        }
        assert_eq!(follow(&mut redirect, &["sip:6@example.org"]), Err(RedirectTrouble::TooMany));
    }
}
