use cooee_phone::Numbering;

use super::{Store, StoreError};

const REGION: &str = "region";
/// "no" if off.
const OWN_ZONE: &str = "enum-own-zone";
/// With blanks between.
const SUFFIXES: &str = "enum-suffixes";
/// "yes" if on.
const ARPA: &str = "enum-arpa";

impl Store {
    /// How numbers are dialled; what only a later version knows is as if it was not set.
    pub(crate) fn numbering(&mut self) -> Result<Numbering, StoreError> {
        let suffixes = self.setting(SUFFIXES)?.unwrap_or_default();
        Ok(Numbering {
            region: self.setting(REGION)?.and_then(|region| region.parse().ok()),
            own_zone: self.setting(OWN_ZONE)?.is_none_or(|word| word != "no"),
            suffixes: suffixes.split_whitespace().filter_map(|suffix| suffix.parse().ok()).collect(),
            arpa: self.setting(ARPA)?.is_some_and(|word| word == "yes"),
            emergency: None,
        })
    }

    /// Keeps it, but for what the platform says.
    pub(crate) fn set_numbering(&mut self, numbering: &Numbering) -> Result<(), StoreError> {
        let suffixes: Vec<String> = numbering.suffixes.iter().map(ToString::to_string).collect();
        self.set_setting(REGION, numbering.region.map(|region| region.code()))?;
        self.set_setting(OWN_ZONE, (!numbering.own_zone).then_some("no"))?;
        self.set_setting(SUFFIXES, Some(suffixes.join(" ")).filter(|list| !list.is_empty()).as_deref())?;
        self.set_setting(ARPA, numbering.arpa.then_some("yes"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::StoreLocation;
    use super::*;

    #[test]
    fn how_numbers_are_dialled_is_kept() {
        let mut store = Store::open(&StoreLocation::Memory).unwrap();
        assert_eq!(store.numbering().unwrap(), Numbering::default());
        let suffixes = vec!["a.example".parse().unwrap(), "b.example".parse().unwrap()];
        let numbering = Numbering { region: Some("CH".parse().unwrap()), own_zone: false, suffixes, arpa: true, emergency: None };
        store.set_numbering(&numbering).unwrap();
        assert_eq!(store.numbering().unwrap(), numbering);
        store.set_numbering(&Numbering::default()).unwrap();
        store.set_setting(REGION, Some("XX")).unwrap();
        assert_eq!(store.numbering().unwrap(), Numbering::default());
    }
}
