use cooee_phone::Numbering as CoreNumbering;

use crate::Refused;

/// Whose calls and texts are not taken.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Blocked {
    /// `ben@example.org`, `example.org` for everybody there, or a number.
    pub whom: String,
    /// So many texts of theirs came and were not told.
    pub texts: u32,
}

/// How telephone numbers are understood and looked up.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Numbering {
    /// Where the owner telephones from, e.g. `CH`; none: only numbers in full are understood.
    pub region: Option<String>,
    /// Look numbers up below the calling account's own domain, unless its server takes numbers and learns them anyhow.
    pub own_zone: bool,
    /// Below these domains next, in this order.
    pub suffixes: Vec<String>,
    /// In the public tree last: its operators, all of its delegations and whoever is on the way learn who is called.
    pub arpa: bool,
}

impl From<&CoreNumbering> for Numbering {
    fn from(numbering: &CoreNumbering) -> Self {
        Self {
            region: numbering.region.map(|region| region.code().to_owned()),
            own_zone: numbering.own_zone,
            suffixes: numbering.suffixes.iter().map(ToString::to_string).collect(),
            arpa: numbering.arpa,
        }
    }
}

impl Numbering {
    /// `before`: for what the owner does not choose.
    pub(crate) fn into_core(self, before: &CoreNumbering) -> Result<CoreNumbering, Refused> {
        let suffixes: Result<_, _> = self.suffixes.iter().map(|suffix| suffix.parse()).collect();
        Ok(CoreNumbering {
            region: self.region.map(|region| region.parse()).transpose().map_err(|_| Refused::BadRegion)?,
            own_zone: self.own_zone,
            suffixes: suffixes.map_err(|_| Refused::BadDomain)?,
            arpa: self.arpa,
            emergency: before.emergency.clone(),
        })
    }
}
