//! In which time zones two servers are, and what that means.

/// The zone of a server at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Such as `Africa/Nairobi`; nothing where only the offset is known.
    pub name: Option<String>,
    /// How far its clocks on the wall are ahead of UTC.
    pub offset_seconds: i32,
}

/// The smallest step between zones.
const QUARTER: i64 = 900;

/// Returns the zone by the time on the wall, when the same moment is known in UTC; both seconds since 1970, exact to a few
/// minutes. Nothing where that is no zone's.
pub fn offset(wall: i64, utc: i64) -> Option<i32> {
    let offset = wall.checked_sub(utc)?.checked_add(QUARTER / 2)?.div_euclid(QUARTER) * QUARTER;
    i32::try_from(offset).ok().filter(|offset| offset.abs() <= 18 * 3600)
}

/// Compares the zones of this server and of the parent, in words.
pub fn compared(here: &Zone, parent: &Zone) -> String {
    if here.name.is_some() && here.name == parent.name {
        return format!("both servers are in the zone {}", told(here));
    }
    if here.offset_seconds == parent.offset_seconds {
        return format!(
            "the parent's zone is {}, this server's {}: now both show the same time",
            told(parent),
            told(here)
        );
    }
    format!(
        "the parent's zone is {}, this server's {}. Times are the same instants on both, and days of birth and values that are \
         a date or a time of day stay as they are written; but a time in a form shows {} here than at the parent. Give a server \
         another zone only before it has data: OpenMRS saves times without their zone, so that a new zone moves the instant of each",
        told(parent),
        told(here),
        earlier_or_later(here.offset_seconds - parent.offset_seconds)
    )
}

fn earlier_or_later(seconds: i32) -> String {
    let (hours, minutes) = (seconds.unsigned_abs() / 3600, seconds.unsigned_abs() % 3600 / 60);
    let how = if seconds < 0 { "earlier" } else { "later" };
    if minutes == 0 { format!("{hours} h {how}") } else { format!("{hours} h {minutes} min {how}") }
}

fn told(zone: &Zone) -> String {
    let offset = zone.offset_seconds;
    let sign = if offset < 0 { '-' } else { '+' };
    let utc = format!("UTC{sign}{:02}:{:02}", offset.unsigned_abs() / 3600, offset.unsigned_abs() % 3600 / 60);
    match &zone.name {
        Some(name) => format!("{name} ({utc})"),
        None => utc,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: Option<&str>, offset_seconds: i32) -> Zone {
        Zone { name: name.map(str::to_string), offset_seconds }
    }

    #[test]
    fn difference_of_zones_is_told_with_both_zones() {
        let words = compared(&zone(Some("UTC"), 0), &zone(Some("Africa/Nairobi"), 10_800));
        for part in ["Africa/Nairobi (UTC+03:00)", "UTC (UTC+00:00)", "3 h earlier here"] {
            assert!(words.contains(part), "{words}");
        }
        assert!(words.contains("only before it has data"), "a server with data must keep its zone: {words}");
        let words = compared(&zone(Some("Asia/Kathmandu"), 20_700), &zone(None, -10_800));
        assert!(words.contains("UTC-03:00") && words.contains("8 h 45 min later"), "{words}");
    }

    #[test]
    fn zones_that_show_the_same_time_are_told_so() {
        let nairobi = zone(Some("Africa/Nairobi"), 10_800);
        assert_eq!(compared(&nairobi, &nairobi), "both servers are in the zone Africa/Nairobi (UTC+03:00)");
        let words = compared(&nairobi, &zone(Some("Africa/Kampala"), 10_800));
        assert!(words.contains("the same time"), "{words}");
    }

    #[test]
    fn wall_time_gives_the_zone_though_clocks_differ_a_little() {
        assert_eq!(offset(10_800 + 1_000_070, 1_000_000), Some(10_800));
        assert_eq!(offset(1_000_000 - 12_600, 1_000_030), Some(-12_600));
        assert_eq!(offset(1_000_000, 1_000_000), Some(0));
        assert_eq!(offset(1_000_000 + 86_400, 1_000_000), None);
    }
}
