//! The proxy against phones made of text.

mod bench;
mod calls;
mod dialogs;
mod limits;
mod queue;
mod refusals;
