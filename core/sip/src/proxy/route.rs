use super::config::Names;
use super::end::End;
use super::seal::{Seal, Side};
use crate::{Message, Uri};

/// What the `Route` values and the request-URI of a request say to this proxy (RFC 3261 16.4).
pub(super) struct Way<'a> {
    /// Leading values that are ours.
    pub(super) own: usize,
    /// What follows them.
    pub(super) rest: Vec<Uri<'a>>,
    /// The other end, if one of ours bears a token of this dialog.
    pub(super) end: Option<(Side, End)>,
    /// One of ours bears a token that is not of this dialog.
    pub(super) is_forged: bool,
    /// The request-URI to go on with, where a strict router upstream had put ours in its place.
    pub(super) target: Option<Uri<'a>>,
}

impl<'a> Way<'a> {
    pub(super) fn read(request: &Message<'a>, names: &Names, seal: &Seal) -> Self {
        let mut routes: Vec<Uri<'a>> = request.routes().map(|route| route.uri()).collect();
        let mut way = Self { own: 0, rest: Vec::new(), end: None, is_forged: false, target: None };
        if let Some(uri) = request.request_uri()
            && uri.is_loose_route()
            && names.is_us(&uri)
            && let Some(last) = routes.pop()
        {
            way.target = Some(last);
            way.take(&uri, request, seal);
        }
        way.own = routes.iter().take_while(|uri| names.is_us(uri)).count();
        way.rest = routes.split_off(way.own);
        routes.iter().for_each(|uri| way.take(uri, request, seal));
        way
    }

    fn take(&mut self, uri: &Uri<'a>, request: &Message<'a>, seal: &Seal) {
        let Some(user) = uri.user() else { return };
        match seal.open(user, request) {
            Some(end) => self.end = self.end.take().or(Some(end)),
            None => self.is_forged = true,
        }
    }
}
