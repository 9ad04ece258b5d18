//! The grammar and the rules of the headers that every element relies on.

use super::{Framing, Message, ParseError, StartLine};
use crate::grammar::{Number, VISIBLE, all, number, skip_space, trim};
use crate::header::{CSeq, HeaderName, NameAddr, Via, list};
use crate::message::Head;

/// The mandatory fields, as they are found.
#[derive(Default)]
struct Found<'a> {
    via: Option<Via<'a>>,
    from: Option<NameAddr<'a>>,
    to: Option<NameAddr<'a>>,
    cseq: Option<CSeq<'a>>,
    call_id: Option<&'a [u8]>,
    max_forwards: Option<Option<u8>>,
    content_length: Option<usize>,
    content_type: bool,
    star: bool,
    contact: bool,
}

pub(super) fn check<'a>(head: Head<'a>, framing: Framing) -> Result<Message<'a>, ParseError> {
    let start = StartLine::parse(head.start_line)?;
    let mut found = Found::default();
    for (name, value) in head.known() {
        found.header(name, value)?;
    }
    let missing = |name| move || ParseError::Missing(name);
    let via = found.via.ok_or_else(missing(HeaderName::Via))?;
    let from = found.from.ok_or_else(missing(HeaderName::From))?;
    let to = found.to.ok_or_else(missing(HeaderName::To))?;
    let cseq = found.cseq.ok_or_else(missing(HeaderName::CSeq))?;
    let call_id = found.call_id.ok_or_else(missing(HeaderName::CallId))?;
    if let StartLine::Request { method, .. } = start
        && method != cseq.method
    {
        return Err(ParseError::MethodMismatch { known: method.known().is_some() });
    }
    let body = body(&head, framing, found.content_length)?;
    Ok(Message { head, start, via, from, to, cseq, call_id, max_forwards: found.max_forwards.flatten(), body })
}

fn body<'a>(head: &Head<'a>, framing: Framing, length: Option<usize>) -> Result<&'a [u8], ParseError> {
    let rest = head.bytes.get(head.end..).unwrap_or_default();
    match (length, framing) {
        (Some(length), _) => rest.get(..length).ok_or(ParseError::Truncated),
        (None, Framing::Datagram) => Ok(rest),
        (None, Framing::Stream) => Err(ParseError::Missing(HeaderName::ContentLength)),
    }
}

/// Keeps the first value and refuses a second.
fn once<T>(slot: &mut Option<T>, value: Option<T>, name: HeaderName<'static>) -> Result<(), ParseError> {
    let value = value.ok_or(ParseError::Invalid(name))?;
    if slot.replace(value).is_some() { Err(ParseError::Repeated(name)) } else { Ok(()) }
}

impl<'a> Found<'a> {
    #[inline]
    fn header(&mut self, name: u8, value: &'a [u8]) -> Result<(), ParseError> {
        let Some(name) = HeaderName::from_index(name) else { return Ok(()) };
        match name {
            HeaderName::Via => self.vias(value),
            HeaderName::From => once(&mut self.from, NameAddr::parse(value), name),
            HeaderName::To => once(&mut self.to, NameAddr::parse(value), name),
            HeaderName::CSeq => once(&mut self.cseq, CSeq::parse(value), name),
            HeaderName::CallId => once(&mut self.call_id, Some(trim(value)).filter(|v| all(v, VISIBLE)), name),
            HeaderName::MaxForwards => once(&mut self.max_forwards, max_forwards(value), name),
            HeaderName::ContentLength => once(&mut self.content_length, content_length(value), name),
            HeaderName::ContentType if std::mem::replace(&mut self.content_type, true) => Err(ParseError::Repeated(name)),
            HeaderName::Contact => self.contacts(value),
            HeaderName::Route | HeaderName::RecordRoute => routes(value, name),
            _ => Ok(()),
        }
    }

    fn vias(&mut self, value: &'a [u8]) -> Result<(), ParseError> {
        let mut vias = list::read(value, Via::read);
        let first = vias.next();
        self.via = self.via.or(first);
        vias.by_ref().for_each(drop);
        if first.is_none() || !vias.is_complete() {
            return Err(ParseError::Invalid(HeaderName::Via));
        }
        Ok(())
    }

    /// Values, or one `*` alone. An empty `Contact` names nobody, which harms nobody.
    fn contacts(&mut self, value: &'a [u8]) -> Result<(), ParseError> {
        let star = trim(value) == b"*";
        if self.star || (star && self.contact) {
            return Err(ParseError::Invalid(HeaderName::Contact));
        }
        self.contact = true;
        self.star = star;
        let mut contacts = list::read(value, NameAddr::read);
        if star || skip_space(value).is_empty() || (contacts.by_ref().count() > 0 && contacts.is_complete()) {
            return Ok(());
        }
        Err(ParseError::Invalid(HeaderName::Contact))
    }
}

fn routes(value: &[u8], name: HeaderName<'static>) -> Result<(), ParseError> {
    let mut routes = list::read(value, NameAddr::read);
    let bracketed = routes.by_ref().all(|r| r.is_bracketed());
    if bracketed && routes.is_complete() { Ok(()) } else { Err(ParseError::Invalid(name)) }
}

fn max_forwards(value: &[u8]) -> Option<Option<u8>> {
    match number(trim(value))? {
        Number::Fits(hops) => Some(u8::try_from(hops).ok()),
        Number::TooLarge => Some(None),
    }
}

fn content_length(value: &[u8]) -> Option<usize> {
    match number(trim(value))? {
        Number::Fits(length) => usize::try_from(length).ok(),
        Number::TooLarge => None,
    }
}
