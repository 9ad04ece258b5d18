use std::borrow::Cow;

use super::Card;
use super::card::Draft;
use super::charset::utf8;
use super::lines::Lines;
use super::property::Property;
use crate::Region;

/// More cards are no address book.
const MOST_CARDS: usize = 100_000;

/// What is wrong with a file of cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// There is no card in it.
    #[error("there is no vCard in it")]
    NoCard,
    /// There are more than 100,000; the others are not read.
    #[error("there are more than 100,000 cards in it")]
    TooMany,
}

/// Reads all cards of a file. Numbers are read as they are dialled in `region`. What is broken costs the entry or card it is in; a card that
/// never ends counts as far as it goes.
#[must_use]
pub fn read(file: &[u8], region: Option<Region>) -> Cards<'_> {
    Cards { file: utf8(file), at: 0, region, is_version_21: false, cards: 0, is_over: false }
}

/// The cards of a file, one after another.
#[derive(Debug)]
pub struct Cards<'a> {
    file: Cow<'a, [u8]>,
    at: usize,
    region: Option<Region>,
    is_version_21: bool,
    cards: usize,
    is_over: bool,
}

impl Iterator for Cards<'_> {
    type Item = Result<Card, CardError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            if self.cards >= MOST_CARDS {
                self.is_over = true;
                return Some(Err(CardError::TooMany));
            }
            match self.card() {
                Some(card) => {
                    self.cards += 1;
                    if let Some(card) = card.finish() {
                        return Some(Ok(card));
                    }
                }
                None => {
                    self.is_over = true;
                    if self.cards == 0 {
                        return Some(Err(CardError::NoCard));
                    }
                }
            }
        }
        None
    }
}

impl Cards<'_> {
    /// From the next beginning to its end, to the beginning of another card, or to the end of the file.
    fn card(&mut self) -> Option<Draft> {
        let file = self.file.get(self.at..).unwrap_or_default();
        let mut lines = Lines::new(file);
        let mut draft: Option<Draft> = None;
        // A card within the card (AGENT in vCard 2.1), of whom nothing is kept.
        let (mut is_agent, mut is_inner) = (false, false);
        loop {
            lines.keeps_white = self.is_version_21;
            let before = lines.left();
            let Some(line) = lines.next() else {
                self.at = self.file.len();
                return draft;
            };
            let Some(property) = Property::read(&line) else { continue };
            if property.is("BEGIN") && property.says("VCARD") {
                match draft {
                    Some(_) if is_agent => (is_inner, is_agent) = (true, false),
                    // The former never ended: it is read again as the first of the next card.
                    Some(_) => {
                        self.at += file.len() - before;
                        return draft;
                    }
                    None => draft = Some(Draft::default()),
                }
                self.is_version_21 &= is_inner;
            } else if property.is("END") && property.says("VCARD") {
                if is_inner {
                    is_inner = false;
                } else if draft.is_some() {
                    self.at += file.len() - lines.left();
                    return draft;
                }
            } else if let Some(draft) = draft.as_mut().filter(|_| !is_inner) {
                self.is_version_21 |= property.is("VERSION") && property.says("2.1");
                is_agent = property.is("AGENT") && !property.has_value();
                draft.take(&property, self.region);
            }
        }
    }
}
