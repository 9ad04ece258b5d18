use std::fs;
use std::path::Path;

use super::Power;

/// Below this many percent a battery is to last, unless it is being charged.
const LOW: u32 = 30;

/// What the kernel's folder of power supplies (`/sys/class/power_supply`, its ABI `testing/sysfs-class-power`) says. A machine
/// without one has no battery.
pub(super) fn power(folder: &Path) -> Power {
    let supplies = fs::read_dir(folder).into_iter().flatten().flatten();
    if supplies.map(|supply| supply.path()).any(|supply| is_low(&supply)) { Power::Saving } else { Power::Free }
}

fn is_low(supply: &Path) -> bool {
    let word = |name: &str| fs::read_to_string(supply.join(name)).map(|text| text.trim().to_owned()).unwrap_or_default();
    // The battery of a mouse is of scope "Device".
    word("type") == "Battery"
        && word("scope") != "Device"
        && word("status") == "Discharging"
        && word("capacity").parse::<u32>().is_ok_and(|percent| percent < LOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn a_battery_that_runs_out_is_to_last() {
        let folder = Folder::new();
        assert_eq!(power(&folder.path().join("nowhere")), Power::Free);
        let supply = |name: &str, files: &[(&str, &str)]| {
            fs::create_dir_all(folder.path().join(name)).unwrap();
            files.iter().for_each(|(file, text)| fs::write(folder.path().join(name).join(file), format!("{text}\n")).unwrap());
            power(folder.path())
        };
        assert_eq!(supply("AC", &[("type", "Mains"), ("online", "0")]), Power::Free);
        assert_eq!(supply("mouse", &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging"), ("capacity", "5")]), Power::Free);
        assert_eq!(supply("BAT0", &[("type", "Battery"), ("status", "Discharging"), ("capacity", "30")]), Power::Free);
        assert_eq!(supply("BAT0", &[("capacity", "29")]), Power::Saving);
        assert_eq!(supply("BAT0", &[("status", "Charging")]), Power::Free);
        assert_eq!(supply("BAT0", &[("status", "Discharging"), ("capacity", "?")]), Power::Free);
    }
}
