//! Header fields: names, and the values that have a grammar of their own.

mod cseq;
mod date;
pub(crate) mod list;
mod media_type;
mod name;
mod name_addr;
pub(crate) mod param;
mod reason;
mod via;

pub use cseq::CSeq;
pub use date::{parse_date, print_date};
pub use media_type::MediaType;
pub use name::HeaderName;
pub(crate) use name::{WORD, find as find_name, find_before_colon, position};
pub use name_addr::{NameAddr, name_addr};
pub use param::{Param, Params};
pub use reason::{Reason, sip_reason};
pub use via::{MAGIC_COOKIE, Via};
