//! The grammar and the rules of the headers that every element relies on.

use super::{Framing, Message, ParseError, StartLine};
use crate::grammar::{Number, VISIBLE, all, number, skip_space, trim};
use crate::header::{CSeq, HeaderName, NameAddr, Via, list, position};
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
    route: Option<NameAddr<'a>>,
    content_length: Option<usize>,
    content_type: Option<()>,
    star: bool,
    contact: bool,
}

pub(super) fn check<'a>(head: Head<'a>, framing: Framing) -> Result<Message<'a>, ParseError> {
    let start = StartLine::parse(head.start_line)?;
    let mut found = Found::default();
    for field in head.fields() {
        found.header(field.name, head.value(field))?;
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
    let has_content_length = found.content_length.is_some();
    Ok(Message {
        head,
        start,
        via,
        from,
        to,
        cseq,
        call_id,
        max_forwards: found.max_forwards.flatten(),
        route: found.route,
        has_content_length,
        body,
    })
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

#[inline]
fn one_address<'a>(slot: &mut Option<NameAddr<'a>>, value: &'a [u8], name: HeaderName<'static>) -> Result<(), ParseError> {
    if slot.is_some() {
        return Err(ParseError::Repeated(name));
    }
    match NameAddr::read(value) {
        Some((address, [])) => {
            *slot = Some(address);
            Ok(())
        }
        _ => Err(ParseError::Invalid(name)),
    }
}

impl<'a> Found<'a> {
    #[inline]
    fn header(&mut self, name: u8, value: &'a [u8]) -> Result<(), ParseError> {
        match name {
            position::VIA => self.vias(value),
            position::FROM => one_address(&mut self.from, value, HeaderName::From),
            position::TO => one_address(&mut self.to, value, HeaderName::To),
            position::CSEQ => once(&mut self.cseq, CSeq::parse(value), HeaderName::CSeq),
            position::CALL_ID => once(&mut self.call_id, Some(trim(value)).filter(|v| all(v, VISIBLE)), HeaderName::CallId),
            position::MAX_FORWARDS => once(&mut self.max_forwards, max_forwards(value), HeaderName::MaxForwards),
            position::CONTENT_LENGTH => once(&mut self.content_length, content_length(value), HeaderName::ContentLength),
            position::CONTENT_TYPE => once(&mut self.content_type, Some(()), HeaderName::ContentType),
            position::CONTACT => self.contacts(value),
            position::ROUTE => {
                let first = routes(value, HeaderName::Route)?;
                self.route = self.route.or(first);
                Ok(())
            }
            position::RECORD_ROUTE => routes(value, HeaderName::RecordRoute).map(drop),
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

/// The first of the values, all of which must be sound.
fn routes<'a>(value: &'a [u8], name: HeaderName<'static>) -> Result<Option<NameAddr<'a>>, ParseError> {
    let mut routes = list::read(value, NameAddr::read);
    let first = routes.next();
    let bracketed = first.is_none_or(|r| r.is_bracketed()) && routes.by_ref().all(|r| r.is_bracketed());
    if bracketed && routes.is_complete() { Ok(first) } else { Err(ParseError::Invalid(name)) }
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
