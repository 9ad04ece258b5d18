use super::{Card, CardError, read};
use crate::Region;

fn swiss() -> Option<Region> {
    Some("CH".parse().unwrap())
}

fn cards(file: &[u8]) -> Vec<Card> {
    read(file, swiss()).collect::<Result<_, _>>().unwrap()
}

/// Name and addresses of each card.
fn shown(file: &[u8]) -> Vec<(String, Vec<String>)> {
    cards(file).into_iter().map(|card| (card.name.0, card.addresses.iter().map(|address| address.canonical().0).collect())).collect()
}

fn one(name: &str, addresses: &[&str]) -> Vec<(String, Vec<String>)> {
    vec![(name.to_owned(), addresses.iter().map(|address| (*address).to_owned()).collect())]
}

#[test]
fn a_card_as_android_exports_it_is_read() {
    let file = "BEGIN:VCARD\r\nVERSION:2.1\r\n\
        N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4E=61=67=79=2D=4D=C3=BC=6C=6C=65=72;=41=\r\n=6E=6E=61;;;\r\n\
        FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=41=6E=6E=61=20=4E=61=67=79=2D=4D=C3=\r\n=BC=6C=6C=65=72\r\n\
        TEL;CELL;PREF:078-123-45-67\r\nTEL;HOME:+41 44 668 18 00\r\nTEL;X-Arbeit:0041446681800\r\n\
        EMAIL;HOME:anna@example.org\r\nX-JABBER:Anna@Example.org\r\nX-SIP:anna@sip.example.org\r\n\
        PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD=\r\n /9j/4AAQ=\r\n\r\n\
        X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Anni;1;;;;;;;;;;;;;\r\nEND:VCARD\r\n";
    let addresses =
        ["tel:+41781234567", "tel:+41446681800", "mailto:anna@example.org", "xmpp:anna@example.org", "sip:anna@sip.example.org"];
    assert_eq!(shown(file.as_bytes()), one("Anna Nagy-Müller", &addresses));
    assert_eq!(cards(file.as_bytes())[0].unreadable, 0);
}

#[test]
fn a_card_as_iphones_and_mail_programs_export_it_is_read() {
    let file = "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//Apple Inc.//iPhone OS 18.0//EN\nN:Nagy;Anna;;;\nFN:Anna\\, die\n  Nachbarin\n\
        EMAIL;type=INTERNET;type=HOME;type=pref:anna@bücher.example\nitem1.TEL;type=pref:\u{202a}+41 (0)44 668 18 00\u{202c}\nitem1.X-ABLabel:_$!<Other>!$_\n\
        IMPP;X-SERVICE-TYPE=Jabber;type=HOME:x-apple:anna\nIMPP;X-SERVICE-TYPE=Jabber:xmpp:anna@example.org\nIMPP;X-SERVICE-TYPE=Skype:skype:anna\n\
        URL:https\\://example.org\nURL;TYPE=home:sip:anna@example.org\nEND:VCARD\n";
    let addresses = ["mailto:anna@xn--bcher-kva.example", "tel:+41446681800", "xmpp:anna@example.org", "sip:anna@example.org"];
    assert_eq!(shown(file.as_bytes()), one("Anna, die Nachbarin", &addresses));
    assert_eq!(cards(file.as_bytes())[0].unreadable, 0, "other services and pages are no faults");
}

#[test]
fn a_card_of_the_newest_version_is_read() {
    // RFC 6350 8, with an address of each kind.
    let file = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Simon Perreault\r\nN:Perreault;Simon;;;ing. jr,M.Sc.\r\nBDAY:--0203\r\nORG;TYPE=work:Viagenie\r\n\
        TEL;VALUE=uri;TYPE=\"work,voice\";PREF=1:tel:+1-418-656-9254;ext=102\r\nTEL;VALUE=uri;TYPE=\"work,cell,voice,video,text\":tel:+1-418-262-6501\r\n\
        TEL;VALUE=uri:sip:simon@example.net\r\nEMAIL;TYPE=work:simon.perreault@viagenie.ca\r\nIMPP;PREF=1:xmpp:simon@example.net\r\nIMPP:sips:simon@\r\n example.com\r\n\
        KEY;TYPE=work;VALUE=uri:http://www.viagenie.ca/simon.perreault/simon.asc\r\nEND:VCARD\r\n";
    let addresses = [
        "tel:+14186569254",
        "tel:+14182626501",
        "sip:simon@example.net",
        "mailto:simon.perreault@viagenie.ca",
        "xmpp:simon@example.net",
        "sip:simon@example.com",
    ];
    assert_eq!(shown(file.as_bytes()), one("Simon Perreault", &addresses));
}

#[test]
fn every_encoding_gives_the_same_card() {
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jörg Weiß\r\nEMAIL:joerg@example.org\r\nEND:VCARD\r\n";
    let wanted = one("Jörg Weiß", &["mailto:joerg@example.org"]);
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = ["\u{feff}", text].concat();
    for file in [text.as_bytes(), &latin, &le, marked.as_bytes()] {
        assert_eq!(shown(file), wanted);
    }
    // Folded in the middle of a letter.
    let file =
        [b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:J\xc3\r\n \xb6rg Wei\xc3\x9f\r\nEMAIL:joerg@example.org\r\nEND:VCARD".as_slice()].concat();
    assert_eq!(shown(&file), wanted);
}

#[test]
fn what_is_broken_costs_no_more_than_itself() {
    let file = b"rubbish\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:Anna\r\nno colon\r\nTEL:\r\nTEL:ask her\r\nEMAIL:anna(at)example.org\r\nEMAIL:anna@example.org\r\n\
        BEGIN:VCARD\r\nN:Ben\r\nTEL;TYPE=\"cell:+41 44 668 18 00\r\nEND:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\nbegin:vcard\r\nEMAIL:c@example.org\r\nFN:\xff\xfe";
    let found = cards(file);
    let names: Vec<&str> = found.iter().map(|card| card.name.reveal().as_str()).collect();
    assert_eq!(names, ["Anna", "Ben", "ÿþ"], "a card without end, one without name of its own, an empty one, one that is cut");
    assert_eq!(found.iter().map(|card| (card.addresses.len(), card.unreadable)).collect::<Vec<_>>(), [(1, 2), (1, 0), (1, 0)]);
}

#[test]
fn a_card_within_a_card_is_somebody_else() {
    let file = b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Anna\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:Ben\r\nTEL:+41446681800\r\nEND:VCARD\r\nEMAIL:anna@example.org\r\nEND:VCARD\r\n";
    assert_eq!(shown(file), one("Anna", &["mailto:anna@example.org"]));
}

#[test]
fn without_a_name_a_card_is_called_by_its_organisation_or_address() {
    assert_eq!(shown(b"BEGIN:VCARD\nFN: \nORG:Example;\nTEL:117\nEND:VCARD"), one("Example", &["tel:117"]));
    assert_eq!(shown(b"BEGIN:VCARD\nEMAIL:anna@example.org\nEND:VCARD"), one("anna@example.org", &["mailto:anna@example.org"]));
}

#[test]
fn what_is_no_address_book_is_refused() {
    for file in [&b""[..], b"\n\n", b"<html>", &[0; 100], &[0xff; 100]] {
        assert_eq!(read(file, None).collect::<Vec<_>>(), [Err(CardError::NoCard)]);
    }
    let many = "BEGIN:VCARD\nFN:x\nEND:VCARD\n".repeat(100_001);
    let read: Vec<_> = read(many.as_bytes(), None).collect();
    assert_eq!((read.len(), read.last()), (100_001, Some(&Err(CardError::TooMany))));
}

#[test]
fn one_persons_card_is_bounded() {
    let numbers: String = (0..1_000).map(|n| format!("TEL:+4144668{n:04}\n")).collect();
    let file = format!("BEGIN:VCARD\nFN:{}\n{numbers}PHOTO:{}\nEND:VCARD\n", "x".repeat(5_000), "A".repeat(1 << 20));
    let card = &cards(file.as_bytes())[0];
    assert_eq!((card.name.reveal().len(), card.addresses.len()), (200, 64));
}

#[test]
fn no_mutant_of_a_card_does_harm() {
    let file = b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=\r\n=B6\r\nTEL;X=\"a\":+41 44 668 18 00,12\r\nEMAIL:a@b.example\r\n x\r\nEND:VCARD\r\n";
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap()
    };
    let mut read_any = 0;
    for _ in 0..5_000 {
        let mut mutant = file.to_vec();
        for _ in 0..=next() % 4 {
            let at = next() % mutant.len();
            match next() % 4 {
                0 => mutant.truncate(at + 1),
                1 => mutant[at] = u8::try_from(next() % 256).unwrap(),
                2 => mutant.insert(at, b"\r\n =:;\"\\@"[next() % 9]),
                _ => mutant.extend_from_within(at..),
            }
        }
        read_any += read(&mutant, swiss()).filter(Result::is_ok).count();
    }
    assert!(read_any > 1_000, "{read_any}: mutants are to be like cards");
}
