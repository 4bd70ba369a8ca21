//! Rules of time zones, made into data for the heart: the machine's zone files first, since they are what the operator
//! keeps current, the bundled copy where the machine has none.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};
use routewright_engine::calendar::ZoneRules;

/// Changes of offset are listed up to this instant, 2100-01-01T00:00:00Z; nobody plans opening hours beyond it.
const LAST_SECOND: i64 = 4_102_444_800;

/// Where systems keep their zone files, and in them the file that names their release.
const ZONE_DIRECTORY: &str = "/usr/share/zoneinfo";

/// The zone databases of this process, and the rules already made.
#[derive(Debug)]
pub struct Zones {
    made: Mutex<BTreeMap<String, Arc<ZoneRules>>>,
    system: Option<(TimeZoneDatabase, String)>,
    bundled: TimeZoneDatabase,
}

impl Default for Zones {
    fn default() -> Self {
        let directory = Path::new(ZONE_DIRECTORY);
        let system = TimeZoneDatabase::from_dir(directory).ok().map(|zones| (zones, release(directory)));
        Self { made: Mutex::default(), system, bundled: TimeZoneDatabase::bundled() }
    }
}

impl Zones {
    /// The rules of a zone; `None` for a name that neither database has.
    #[must_use]
    pub fn rules(&self, name: &str) -> Option<Arc<ZoneRules>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = made.get(name) {
            return Some(Arc::clone(rules));
        }
        let from_system =
            self.system.as_ref().and_then(|(zones, release)| Some((zones.get(name).ok()?, release.clone())));
        let (zone, version) = match from_system {
            Some(found) => found,
            None => (self.bundled.get(name).ok()?, "bundled".to_owned()),
        };
        let rules = Arc::new(ZoneRules { name: name.to_owned(), version, offsets: offsets(&zone) });
        made.insert(name.to_owned(), Arc::clone(&rules));
        Some(rules)
    }
}

fn offsets(zone: &TimeZone) -> Vec<(i64, i32)> {
    let start = Timestamp::UNIX_EPOCH;
    let first = (start.as_second(), zone.to_offset(start).seconds());
    let later = zone.following(start).map(|change| (change.timestamp().as_second(), change.offset().seconds()));
    std::iter::once(first).chain(later.take_while(|(second, _)| *second < LAST_SECOND)).collect()
}

/// The release of the machine's zone files, where it says.
fn release(directory: &Path) -> String {
    let text = |name: &str| fs::read_to_string(directory.join(name)).ok();
    // `tzdata.zi` begins with "# version 2025b"; `+VERSION` holds "2025b".
    let named = text("tzdata.zi").and_then(|t| t.lines().next()?.strip_prefix("# version ").map(str::to_owned));
    named.or_else(|| text("+VERSION")).map_or_else(|| "system".to_owned(), |version| version.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_every_change_and_unknown_zones_are_unknown() {
        let zones = Zones::default();
        let paris = zones.rules("Europe/Paris").expect("every database has it");
        // 2026-03-29T01:00:00Z: summer time begins in Europe.
        assert!(paris.offsets.contains(&(1_774_746_000, 7_200)), "{} {:?}", paris.version, paris.offsets.len());
        assert!(paris.offsets.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!(zones.rules("UTC").expect("every database has it").offsets, [(0, 0)]);
        assert_eq!(zones.rules("Europe/Atlantis"), None);
    }

    #[test]
    fn the_bundled_copy_serves_where_the_machine_has_none() {
        let zones = Zones { system: None, ..Zones::default() };
        assert_eq!(zones.rules("Asia/Kathmandu").expect("it is bundled").offsets.last(), Some(&(504_901_800, 20_700)));
    }
}
