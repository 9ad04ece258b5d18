use super::config::Names;
use super::end::End;
use super::seal::{Seal, Side};
use crate::{Message, Uri};

/// Two by a double `Record-Route` (RFC 5658), and no honest request has more of ours on top.
const MOST: usize = 2;

/// What the `Route` values and the request-URI of a request say to this proxy (RFC 3261 16.4).
pub(super) struct RouteInformation<'a> {
    /// Leading values that are ours.
    pub(super) own: usize,
    /// Whether others follow them.
    pub(super) leads_on: bool,
    /// A strict router upstream had put ours in the place of the request-URI, and that at the end of the route.
    pub(super) strict: Option<Strict<'a>>,
}

/// What a strict router did to a request.
#[derive(Clone, Copy)]
pub(super) struct Strict<'a> {
    /// Our route, which stands where the request-URI belongs.
    ours: Uri<'a>,
    /// The request-URI to go on with.
    pub(super) target: Uri<'a>,
}

/// Whom the tokens in our routes name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// There is none.
    None,
    /// One is not of this dialog, or there are too many.
    Forged,
    /// The other end of this dialog.
    Of(Side, End),
}

impl<'a> RouteInformation<'a> {
    pub(super) fn read(request: &Message<'a>, names: &Names) -> Self {
        let (mut own, mut count, mut last) = (0, 0, None);
        for route in request.routes() {
            own += usize::from(own == count && names.is_us(&route.uri()));
            count += 1;
            last = Some(route.uri());
        }
        let ours = request.request_uri().filter(|uri| uri.is_loose_route() && names.is_us(uri));
        let strict = ours.zip(last).map(|(ours, target)| Strict { ours, target });
        if strict.is_some() {
            count -= 1;
            own = own.min(count);
        }
        Self { own, leads_on: own < count, strict }
    }

    /// Opens what tokens our routes bear.
    pub(super) fn token(&self, request: &Message<'a>, seal: &Seal) -> Token {
        let own = request.routes().take(self.own).map(|route| route.uri());
        let all = self.strict.map(|strict| strict.ours).into_iter().chain(own);
        let mut token = Token::None;
        for (place, user) in all.filter_map(|uri| uri.user()).enumerate() {
            match seal.open(user, request).filter(|_| place < MOST) {
                None => return Token::Forged,
                Some((side, end)) if token == Token::None => token = Token::Of(side, end),
                Some(_) => {}
            }
        }
        token
    }

    /// The routes of others that a strict router left, without the request-URI at their end.
    pub(super) fn rest(&self, request: &Message<'a>) -> impl Iterator<Item = Uri<'a>> {
        let count = request.routes().count().saturating_sub(usize::from(self.strict.is_some()));
        request.routes().take(count).skip(self.own).map(|route| route.uri())
    }
}
