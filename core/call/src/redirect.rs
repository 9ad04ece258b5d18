//! Pointers to another address (RFC 3261 8.1.3.4): which are followed.

use std::collections::VecDeque;

use cooee_machine::Pii;
use cooee_sip::{Scheme, Uri};

use crate::RedirectTrouble;

/// So many pointers are followed, one after the other.
const MOST: usize = 5;
/// So many places are kept in mind.
const MOST_LEFT: usize = 16;

/// Where a call has been sent on to.
#[derive(Debug)]
pub(crate) struct Redirect {
    dialled: Pii<String>,
    followed: Vec<Pii<String>>,
    /// Further places that were named, the latest word first.
    left: VecDeque<Pii<String>>,
    /// So many were followed in all.
    hops: usize,
}

impl Redirect {
    pub(crate) fn new(dialled: Pii<String>) -> Self {
        Self { dialled, followed: Vec::new(), left: VecDeque::new(), hops: 0 }
    }

    /// Another address of the same person is called; what the last one pointed to is of no concern to it.
    pub(crate) fn begin_anew(&mut self, dialled: Pii<String>) {
        *self = Self { hops: self.hops, ..Self::new(dialled) };
    }

    /// The first of these places that may be called instead, in the order of the peer's preference; the others are kept for when it
    /// refuses.
    pub(crate) fn follow(&mut self, places: &[Pii<String>]) -> Result<Pii<String>, RedirectTrouble> {
        for place in places.iter().rev() {
            self.left.retain(|other| other != place);
            self.left.push_front(place.clone());
        }
        self.left.truncate(MOST_LEFT);
        self.next()
    }

    /// The first of the places left that may be called.
    pub(crate) fn next(&mut self) -> Result<Pii<String>, RedirectTrouble> {
        if self.hops >= MOST {
            return Err(RedirectTrouble::TooMany);
        }
        let mut trouble = RedirectTrouble::Nowhere;
        while let Some(place) = self.left.pop_front() {
            match self.judge(&place) {
                Ok(()) => {
                    self.followed.push(place.clone());
                    self.hops += 1;
                    return Ok(place);
                }
                Err(why) => trouble = why.unwrap_or(trouble),
            }
        }
        Err(trouble)
    }

    /// The last place was none that can be called from here, and was not.
    pub(crate) fn pass_over(&mut self) {
        self.hops -= usize::from(self.followed.pop().is_some());
    }

    /// Whether a place may be called; else why not, if that is worth telling.
    fn judge(&self, place: &Pii<String>) -> Result<(), Option<RedirectTrouble>> {
        let uri = Uri::parse(place.reveal()).map_err(|_| None)?;
        if uri.is_emergency_service() {
            return Err(Some(RedirectTrouble::Emergency));
        }
        if !matches!(uri.scheme(), Scheme::Sip | Scheme::Sips | Scheme::Tel) || uri.has_headers() {
            return Err(None);
        }
        let known = || self.tried().filter_map(|tried| Uri::parse(tried).ok());
        if known().any(|tried| tried.is_equivalent(&uri)) {
            return Err(Some(RedirectTrouble::Loop));
        }
        if known().any(|tried| tried.scheme() == Scheme::Sips) && uri.scheme() != Scheme::Sips {
            return Err(Some(RedirectTrouble::Insecure));
        }
        Ok(())
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
        assert_eq!(redirect.followed.len(), 2);
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
