//! Sound devices: file, tone, null and desktop, behind one trait.
