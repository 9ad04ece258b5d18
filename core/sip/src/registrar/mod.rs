//! The registrar (RFC 3261 10.3, RFC 5626 6, RFC 3327): which devices an address of record can be reached at.
//!
//! It holds no bindings. It asks for them (`Locate`), works out the change, asks to keep it (`Persist`), and answers only
//! then, so the same machine runs above a map in a test, SQLite, or storage shared by many servers. Who may register is the
//! server's question, answered before.

mod answer;
mod binding;
mod change;
mod contact;
mod machine;
#[cfg(test)]
mod tests;

pub use binding::{Binding, BindingKey};
pub use machine::{Lending, RegisterRequest, Registrar, RegistrarConfig, RegistrarOutput, Ticket};
