//! What the prober is told of the device.

use cooee_net::DnsServers;
use cooee_phone::probe::{Conditions, ResolverClass};

use crate::{Conditions as Device, Power};

/// Who reads along when these are asked.
pub(super) fn class(servers: &DnsServers) -> ResolverClass {
    match servers {
        DnsServers::Nobody => ResolverClass::None,
        servers if servers.are_private() => ResolverClass::Private,
        _ => ResolverClass::Network,
    }
}

/// A device that does not know its networks is taken for online.
pub(crate) fn conditions(class: ResolverClass, device: &Device) -> Conditions {
    Conditions {
        resolver: class,
        online: device.networks.as_ref().is_none_or(|networks| !networks.is_empty()),
        metered: device.metered,
        roaming: device.roaming,
        low_battery: device.power == Power::Saving,
    }
}
