use cooee_machine::Pii;

use super::plan::Plan;
use super::signs::Signs;
use super::{E164, Number, Region};
use crate::Remark;

/// Dialled for help from any mobile telephone, whatever its region (3GPP TS 22.101 10.1).
const EMERGENCY_EVERYWHERE: &[&str] = &["112", "911"];

/// Whether whoever dials this asks for help, in whatever country.
pub(crate) fn helps_everywhere(dialled: &str) -> bool {
    EMERGENCY_EVERYWHERE.contains(&dialled)
}

/// How a written number was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) number: Number,
    pub(crate) remarks: Vec<Remark>,
}

impl Reading {
    /// Reads a number with whatever signs make it readable. `None` if it is none.
    pub(crate) fn of(text: &str, region: Option<Region>) -> Option<Self> {
        let Signs { dialled, afterwards } = Signs::read(text)?;
        let reading = match dialled.strip_prefix('+') {
            Some(digits) => Self::international(digits).unwrap_or_else(|| Self::local(&dialled).and(Remark::NoSuchNumber)),
            None => Self::from_within(&dialled, region),
        };
        Some(reading.and_if(afterwards.map(|digits| Remark::DialAfterwards(Pii(digits)))))
    }

    /// Reads what stands behind `tel:` (RFC 3966 3).
    pub(crate) fn of_tel(rest: &str, region: Option<Region>) -> Option<Self> {
        let mut parts = rest.trim_start_matches('/').split(';');
        let number = parts.next()?;
        let parameters: Vec<(&str, &str)> = parts.filter_map(|parameter| parameter.split_once('=')).collect();
        let parameter =
            |wanted: &str| parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| (*value).to_owned());
        let number = if number.contains('%') {
            number.replace("%2B", "+").replace("%2b", "+").replace("%20", " ").replace("%23", "#")
        } else {
            number.to_owned()
        };
        let reading = match parameter("phone-context").filter(|_| !number.starts_with('+')) {
            // A number of that context, which must not be read as one of our region.
            Some(context) => Self::in_context(&number, context)?,
            None => Self::of(&number, region)?,
        };
        Some(reading.and_if(parameter("ext").and_then(|ext| Signs::read(&ext)).map(|ext| Remark::DialAfterwards(Pii(ext.dialled)))))
    }

    fn in_context(number: &str, context: String) -> Option<Self> {
        let dialled = Signs::read(number)?.dialled;
        if helps_everywhere(&dialled) {
            return Some(Self { number: Number::Emergency(Pii(dialled)), remarks: Vec::new() });
        }
        let is_context = !context.is_empty() && context.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        let remarks = vec![Remark::Context(context.clone())];
        is_context.then_some(Self { number: Number::Local { dialled: Pii(dialled), context: Some(context) }, remarks })
    }

    /// With a country code; `None` if it is longer or shorter than any number.
    fn international(digits: &str) -> Option<Self> {
        let Some((plan, rest)) = Plan::of_number(digits) else { return Some(Self::new(E164::new(digits)?).and(Remark::NoSuchNumber)) };
        let national = plan.without_national_prefix(rest);
        // Too little would be left of it: that was no prefix.
        let is_prefixed = national != rest && !plan.is_too_short(&national);
        let national = if is_prefixed { national.as_str() } else { rest };
        let reading = Self::new(E164::new(&format!("{}{national}", plan.country_code))?);
        let reading = reading.and_if(is_prefixed.then_some(Remark::TrunkPrefixLeftOut));
        Some(reading.and_if((!plan.is_possible_abroad(national)).then_some(Remark::NoSuchNumber)))
    }

    /// As dialled in a region.
    fn from_within(dialled: &str, region: Option<Region>) -> Self {
        if helps_everywhere(dialled) {
            return Self { number: Number::Emergency(Pii(dialled.to_owned())), remarks: Vec::new() };
        }
        let Some((region, plan)) = region.and_then(|region| Some((region, Plan::of(region)?))) else {
            return Self::local(dialled).and(Remark::NoRegion);
        };
        if plan.is_emergency(dialled) {
            return Self { number: Number::Emergency(Pii(dialled.to_owned())), remarks: vec![Remark::NumberOf(region)] };
        }
        if plan.is_short(dialled) {
            return Self { number: Number::Short(Pii(dialled.to_owned())), remarks: vec![Remark::NumberOf(region)] };
        }
        if let Some(reading) = plan.after_international_prefix(dialled).and_then(Self::international) {
            return reading.and(Remark::InternationalPrefix(region));
        }
        Self::national(dialled, region, plan).unwrap_or_else(|| Self::local(dialled).and(Remark::NoNumberOf(region)))
    }

    fn national(dialled: &str, region: Region, plan: &Plan) -> Option<Self> {
        if !dialled.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // `41 44 668 18 00`: the country code without anything before it, where the whole is no number of the country.
        let abroad = dialled.strip_prefix(plan.country_code).map(|rest| plan.without_national_prefix(rest));
        if let Some(rest) = abroad.filter(|rest| (!plan.is_national(dialled) && plan.is_national(rest)) || plan.is_too_long(dialled)) {
            let reading = Self::new(E164::new(&format!("{}{rest}", plan.country_code))?);
            return plan.is_possible(&rest).then(|| reading.and(Remark::CountryCodeOf(region)));
        }
        let national = plan.without_national_prefix(dialled);
        if !plan.is_possible(&national) || !plan.is_national(&national) {
            return None;
        }
        Some(Self::new(E164::new(&format!("{}{national}", plan.country_code))?).and(Remark::NumberOf(region)))
    }

    fn new(number: E164) -> Self {
        Self { number: Number::International(number), remarks: Vec::new() }
    }

    fn local(dialled: &str) -> Self {
        Self { number: Number::Local { dialled: Pii(dialled.to_owned()), context: None }, remarks: Vec::new() }
    }

    fn and(self, remark: Remark) -> Self {
        self.and_if(Some(remark))
    }

    fn and_if(mut self, remark: Option<Remark>) -> Self {
        self.remarks.extend(remark);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLES: &str = include_str!("../../numbering/examples.tsv");

    fn region(code: &str) -> Region {
        code.parse().unwrap()
    }

    fn read(text: &str, code: &str) -> (String, Vec<Remark>) {
        let reading = Reading::of(text, Some(region(code))).unwrap();
        (reading.number.dialled().into_owned(), reading.remarks)
    }

    #[test]
    fn numbers_of_all_regions_are_read_as_another_implementation_reads_them() {
        let examples: Vec<_> = EXAMPLES.lines().filter(|line| !line.starts_with('#')).collect();
        let differs = |line: &&&str| {
            let [code, text, wanted] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            !Reading::of(text, Some(region(code)))
                .is_some_and(|read| matches!(read.number, Number::International(_)) && read.number.dialled() == wanted)
        };
        let different: Vec<_> = examples.iter().filter(differs).collect();
        assert!(examples.len() > 1_000 && different.is_empty(), "{} of {}: {different:#?}", different.len(), examples.len());
    }

    #[test]
    fn a_number_is_read_from_where_it_is_dialled() {
        let swiss = || vec![Remark::NumberOf(region("CH"))];
        assert_eq!(read("044 668 18 00", "CH"), ("+41446681800".to_owned(), swiss()));
        assert_eq!(read("446681800", "CH"), ("+41446681800".to_owned(), swiss()));
        assert_eq!(read("0041 44 668 18 00", "CH"), ("+41446681800".to_owned(), vec![Remark::InternationalPrefix(region("CH"))]));
        assert_eq!(read("41 44 668 18 00", "CH"), ("+41446681800".to_owned(), vec![Remark::CountryCodeOf(region("CH"))]));
        assert_eq!(read("+41 (0)44 668 18 00", "DE"), ("+41446681800".to_owned(), vec![Remark::TrunkPrefixLeftOut]));
        assert_eq!(read("011 41 44 668 18 00", "US"), ("+41446681800".to_owned(), vec![Remark::InternationalPrefix(region("US"))]));
        assert_eq!(read("+39 06 1234 5678", "CH"), ("+390612345678".to_owned(), vec![]), "the zero is part of Italian numbers");
    }

    #[test]
    fn numbers_for_help_and_short_ones_are_told_apart() {
        let kind = |text: &str, code: Option<&str>| Reading::of(text, code.map(region)).unwrap().number;
        for (text, code) in [
            ("112", None),
            ("911", None),
            ("1-1-2", Some("US")),
            ("144", Some("CH")),
            ("999", Some("GB")),
            ("000", Some("AU")),
            ("110", Some("DE")),
        ] {
            assert!(matches!(kind(text, code), Number::Emergency(_)), "{text} in {code:?}");
        }
        for (text, code) in [("1811", "CH"), ("411", "US")] {
            assert!(matches!(kind(text, Some(code)), Number::Short(_)), "{text} in {code}");
        }
        assert!(matches!(kind("144", None), Number::Local { .. }) && matches!(kind("144", Some("US")), Number::Local { .. }));
    }

    #[test]
    fn what_is_no_number_of_the_region_is_left_to_the_exchange() {
        for (text, code) in [("1234567", "CH"), ("*21#", "CH"), ("0123", "US"), ("668 1800", "US")] {
            assert!(matches!(Reading::of(text, Some(region(code))).unwrap().number, Number::Local { .. }), "{text}");
            assert_eq!(read(text, code).1, [Remark::NoNumberOf(region(code))], "{text}");
        }
        assert_eq!(read("+999 123 456", "CH").1, [Remark::NoSuchNumber]);
        assert_eq!(read("+41 44", "CH").1, [Remark::NoSuchNumber]);
        assert_eq!(read("+4144668180012345", "CH").1, [Remark::NoSuchNumber]);
    }

    #[test]
    fn tel_uris_are_read_with_their_context_and_extension() {
        let read = |rest: &str| Reading::of_tel(rest, Some(region("CH"))).unwrap();
        assert_eq!(read("+41-44-668-18-00;isub=1").number.dialled(), "+41446681800");
        assert_eq!(read("%2B41446681800").number.dialled(), "+41446681800");
        assert_eq!(read("+41446681800;ext=12").remarks, [Remark::DialAfterwards(Pii("12".to_owned()))]);
        let within = read("7042;phone-context=example.com");
        assert_eq!(within.number.tel_uri().reveal(), "tel:7042;phone-context=example.com");
        assert_eq!(within.remarks, [Remark::Context("example.com".to_owned())]);
        assert_eq!(Reading::of_tel("7042;phone-context=<x>", None), None);
    }
}
