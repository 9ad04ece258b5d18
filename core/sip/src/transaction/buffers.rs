/// Room for the messages that are kept, used again and again: keeping one costs no allocation once there were as
/// many before.
#[derive(Default)]
pub(crate) struct Buffers(Vec<Vec<u8>>);

/// Buffers that wait for another message.
const SPARE: usize = 64;
/// A larger one is given back to the system.
const LARGEST: usize = 8192;

impl Buffers {
    /// An empty one.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_default()
    }

    /// One whose message is not needed any more.
    pub(crate) fn give_back(&mut self, mut buffer: Vec<u8>) {
        forget(&mut buffer);
        if buffer.capacity() > 0 && self.0.len() < SPARE {
            self.0.push(buffer);
        }
    }
}

/// Keeps `message` in place of what was there.
pub(super) fn keep(buffer: &mut Vec<u8>, message: &[u8]) {
    forget(buffer);
    buffer.extend_from_slice(message);
}

/// Empties a buffer, and keeps no large one.
pub(super) fn forget(buffer: &mut Vec<u8>) {
    if buffer.capacity() > LARGEST {
        *buffer = Vec::new();
    }
    buffer.clear();
}

/// A message tells who people are.
impl std::fmt::Debug for Buffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffers({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_unless_it_is_large_or_there_are_enough() {
        let mut buffers = Buffers::default();
        buffers.give_back(vec![1; 100]);
        buffers.give_back(vec![1; LARGEST + 1]);
        let again = buffers.take();
        assert!(again.is_empty() && again.capacity() >= 100);
        assert_eq!(buffers.take().capacity(), 0);
        (0..2 * SPARE).for_each(|_| buffers.give_back(vec![1; 10]));
        assert_eq!(buffers.0.len(), SPARE);
    }
}
