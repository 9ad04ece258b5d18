use std::sync::OnceLock;

use cooee_phone::{Address, Region, probe, vcard};

/// What people write, and files of cards, read as they are dialled somewhere and nowhere in particular.
pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for region in [None, somewhere()] {
        if let Ok(understood) = Address::understand(&text, region) {
            let keys = probe::person_keys(&understood.address);
            assert!(keys.iter().all(|key| key.0.len() <= 64 + 4 * text.len()), "a key is no longer than what it stands for");
        }
        for card in vcard::read(input, region) {
            if card.is_err() {
                break;
            }
        }
    }
}

fn somewhere() -> Option<Region> {
    static REGION: OnceLock<Option<Region>> = OnceLock::new();
    *REGION.get_or_init(|| "CH".parse().ok())
}

/// Every kind of address, and a card in each version.
pub(crate) fn corpus() -> Vec<Vec<u8>> {
    let texts = [
        "anna@example.org",
        "Anna Nagy <anna@bücher.example>",
        "sip:anna%20b@example.org:5070;transport=tls?subject=x",
        "sips:+41446681800@example.org;user=phone",
        "xmpp:anna@example.org/desk?message",
        "tel:+41-44-668-18-00;ext=12",
        "tel:117;phone-context=example.org",
        "mailto:anna@example.org,ben@example.org?cc=c@d.example",
        "0041 (44) 668 18 00",
        "044/668 18 00",
        "sip:ben@[2001:db8::1]:5061",
        "ben",
        "\"a b\"@example.org",
        "аnna@exаmple.org",
    ];
    let cards = [
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:N=C3=A1gy;Anna;;;\r\nTEL;CELL:044 668 18=\r\n 00\r\nX-SIP:anna@example.org\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nitem1.EMAIL;TYPE=INTERNET,PREF:anna@exa\r\n mple.org\r\nIMPP:xmpp:anna@example.org\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna\r\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+41446681800;ext=1\r\nIMPP;PREF=1:sip:anna@example.org\r\nEND:VCARD\r\n",
    ];
    texts.iter().chain(&cards).map(|text| text.as_bytes().to_vec()).collect()
}
