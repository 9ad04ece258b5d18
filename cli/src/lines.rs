//! Lines for a reader who may be slow: a thread of their own writes them, so that nobody else waits.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use crate::line::Line;

/// Lines that may wait; further ones are counted and lost.
const ROOM: usize = 1024;

/// How long the last lines may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where lines wait to be written.
pub struct Lines {
    queue: SyncSender<Line>,
    lost: Arc<AtomicU64>,
    /// Tells by its end that all is written.
    written: Receiver<()>,
}

impl Lines {
    /// Starts the thread, which writes by `write`.
    pub fn new(mut write: impl FnMut(&Line) + Send + 'static) -> io::Result<Self> {
        let (queue, waiting) = sync_channel::<Line>(ROOM);
        let (done, written) = sync_channel(1);
        let lost = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&lost);
        std::thread::Builder::new().name("cooee-lines".to_owned()).spawn(move || {
            let _done: SyncSender<()> = done;
            while let Ok(line) = waiting.recv() {
                write(&line);
                match count.swap(0, Ordering::Relaxed) {
                    0 => {}
                    lost => write(&Line::Server { text: format!("{lost} line(s) before this could not be written in time") }),
                }
            }
        })?;
        Ok(Self { queue, lost, written })
    }

    /// Never waits: where there is no room the line is lost, and counted.
    pub fn put(&self, line: Line) {
        if self.queue.try_send(line).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all is written, and not for ever.
    pub fn close(self) {
        drop(self.queue);
        // Whether it was in time or not, there is nothing more to do.
        let _ = self.written.recv_timeout(PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc;

    use super::*;

    fn text(line: &Line) -> String {
        if let Line::Server { text } = line { text.clone() } else { String::new() }
    }

    #[test]
    fn who_does_not_read_keeps_nobody_waiting_and_hears_how_much_was_lost() {
        let written = Arc::new(Mutex::new(Vec::new()));
        let (read, reader) = mpsc::channel::<()>();
        let lines = Lines::new({
            let written = Arc::clone(&written);
            move |line| {
                // Nobody reads until the sender is gone.
                let _ = reader.recv();
                written.lock().unwrap().push(text(line));
            }
        })
        .unwrap();
        for number in 0..3000 {
            lines.put(Line::Server { text: number.to_string() });
        }
        drop(read);
        lines.close();
        let written = written.lock().unwrap();
        assert_eq!(written.first().map(String::as_str), Some("0"));
        let lost = written.iter().find_map(|line| line.split_once(" line(s)")?.0.parse::<usize>().ok());
        assert_eq!(written.len() - 1 + lost.unwrap(), 3000);
    }
}
