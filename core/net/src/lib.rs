//! What the operating system lends: UDP, TCP, TLS, DNS, interfaces, and the one loop that drives any machine.
