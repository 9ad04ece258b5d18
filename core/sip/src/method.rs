use std::fmt;

use crate::grammar::text;

macro_rules! methods {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A method (RFC 3261 7.1). Methods are case-sensitive; one we do not know is carried as it came.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Method<'a> {
            $($(#[$doc])* $variant,)*
            /// Any other token.
            Other(&'a [u8]),
        }

        impl<'a> Method<'a> {
            /// The method whose name is exactly `name`.
            #[must_use]
            pub fn from_bytes(name: &'a [u8]) -> Self {
                $(if name == $name.as_bytes() { return Self::$variant; })*
                Self::Other(name)
            }

            /// The name as it goes on the wire.
            #[must_use]
            pub fn as_bytes(self) -> &'a [u8] {
                match self {
                    $(Self::$variant => $name.as_bytes(),)*
                    Self::Other(name) => name,
                }
            }

            /// The same method without a borrow, or `None` for one we do not know.
            #[must_use]
            pub fn known(self) -> Option<Method<'static>> {
                match self {
                    $(Self::$variant => Some(Method::$variant),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

methods! {
    /// RFC 3261 13.
    Invite = "INVITE",
    /// RFC 3261 13, 17.
    Ack = "ACK",
    /// RFC 3261 15.
    Bye = "BYE",
    /// RFC 3261 9.
    Cancel = "CANCEL",
    /// RFC 3261 10.
    Register = "REGISTER",
    /// RFC 3261 11.
    Options = "OPTIONS",
    /// RFC 3262.
    Prack = "PRACK",
    /// RFC 3311.
    Update = "UPDATE",
    /// RFC 3515.
    Refer = "REFER",
    /// RFC 6665.
    Notify = "NOTIFY",
    /// RFC 6665.
    Subscribe = "SUBSCRIBE",
    /// RFC 3428.
    Message = "MESSAGE",
    /// RFC 6086.
    Info = "INFO",
    /// RFC 3903.
    Publish = "PUBLISH",
}

impl<'a> Method<'a> {
    /// The name as text (a method is a token, hence ASCII).
    #[must_use]
    pub fn as_str(self) -> &'a str {
        text(self.as_bytes())
    }

    /// Whether it is followed by an ACK instead of ending with its response.
    #[must_use]
    pub fn is_invite(self) -> bool {
        self == Self::Invite
    }
}

impl fmt::Display for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_case_sensitive_and_never_unescaped() {
        assert_eq!(Method::from_bytes(b"INVITE"), Method::Invite);
        assert_eq!(Method::from_bytes(b"invite"), Method::Other(b"invite"));
        assert_eq!(Method::from_bytes(b"RE%47ISTER"), Method::Other(b"RE%47ISTER"));
        assert_eq!(Method::from_bytes(b"UPDATE").to_string(), "UPDATE");
    }
}
