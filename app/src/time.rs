//! Points in time, as a person at the device reads them. Both sides render with the same offset and the same "now",
//! so that hydration finds what the server wrote.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use leptos::prelude::*;
use model::Timestamp;

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What a device needs to know to tell the time to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wall {
    /// What it adds to UTC, in minutes.
    pub offset_minutes: i32,
    /// About now, in milliseconds since the epoch.
    pub now_millis: i64,
}

impl Wall {
    fn local(self, moment: Timestamp) -> DateTime<Utc> {
        moment.plus(TimeDelta::minutes(self.offset_minutes.into())).datetime()
    }

    /// A number that is the same for two moments of one day.
    #[must_use]
    pub fn day(self, moment: Timestamp) -> i32 {
        self.local(moment).num_days_from_ce()
    }

    fn today(self) -> Option<DateTime<Utc>> {
        Timestamp::from_millis(self.now_millis).map(|now| self.local(now))
    }

    /// Hours and minutes.
    #[must_use]
    pub fn clock(self, moment: Timestamp) -> String {
        let local = self.local(moment);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// Today, Yesterday, or the date.
    #[must_use]
    pub fn date(self, moment: Timestamp) -> String {
        let local = self.local(moment);
        let weekday = WEEKDAYS[local.weekday().num_days_from_monday() as usize % 7];
        let (day, month) = (local.day(), MONTHS[local.month0() as usize % 12]);
        let today = self.today();
        match today.map(|today| today.num_days_from_ce() - local.num_days_from_ce()) {
            Some(0) => "Today".into(),
            Some(1) => "Yesterday".into(),
            _ if today.is_some_and(|today| today.year() == local.year()) => format!("{weekday}, {day} {month}"),
            _ => format!("{day} {month} {}", local.year()),
        }
    }

    /// As short as can be: the time today, the weekday this week, the date otherwise.
    #[must_use]
    pub fn brief(self, moment: Timestamp) -> String {
        let local = self.local(moment);
        let month = MONTHS[local.month0() as usize % 12].get(..3).unwrap_or_default();
        let weekday = WEEKDAYS[local.weekday().num_days_from_monday() as usize % 7]
            .get(..3)
            .unwrap_or_default();
        let today = self.today();
        match today.map(|today| today.num_days_from_ce() - local.num_days_from_ce()) {
            Some(0) => self.clock(moment),
            Some(1..=6) => weekday.to_owned(),
            _ if today.is_some_and(|today| today.year() == local.year()) => format!("{} {month}", local.day()),
            _ => format!("{} {month} {}", local.day(), local.year()),
        }
    }

    /// Everything, for a title.
    #[must_use]
    pub fn full(self, moment: Timestamp) -> String {
        let local = self.local(moment);
        let month = MONTHS[local.month0() as usize % 12];
        format!("{} {month} {}, {}", local.day(), local.year(), self.clock(moment))
    }
}

/// The device's wall clock.
#[must_use]
pub fn use_wall() -> RwSignal<Wall> {
    use_context().unwrap_or_else(|| RwSignal::new(Wall::default()))
}

/// Provides the wall clock as the server knew it, and puts it right once the device speaks for itself.
pub(crate) fn provide_wall(offset_minutes: i32, now_millis: i64) {
    let wall = RwSignal::new(Wall {
        offset_minutes,
        now_millis,
    });
    provide_context(wall);
    Effect::new(move || {
        look_up(wall);
        _ = set_interval_with_handle(move || look_up(wall), std::time::Duration::from_secs(60));
    });
}

/// Reads the device's clock; remembers its offset in a cookie, so that the next page comes right from the server.
fn look_up(wall: RwSignal<Wall>) {
    let now = js_sys::Date::new_0();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "offsets and dates are whole numbers far below the limits"
    )]
    let fresh = Wall {
        offset_minutes: -now.get_timezone_offset() as i32,
        now_millis: now.get_time() as i64,
    };
    if wall.get_untracked() != fresh {
        wall.set(fresh);
    }
    crate::ui::keep_cookie("tz", &fresh.offset_minutes.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("in range")
    }

    #[test]
    fn the_day_is_the_devices_day_not_utcs() {
        let noon = 1_795_262_400_000; // 2026-11-21T12:00:00Z, a Saturday
        let wall = Wall {
            offset_minutes: 13 * 60,
            now_millis: noon,
        };
        assert_eq!(wall.clock(at(noon)), "01:00");
        assert_eq!(wall.date(at(noon)), "Today");
        assert_eq!(wall.date(at(noon - 2 * 3_600_000)), "Yesterday");
        assert_eq!(wall.brief(at(noon - 2 * 3_600_000)), "Sat");
        assert_eq!(wall.date(at(noon - 9 * 86_400_000)), "Friday, 13 November");
        assert_eq!(wall.brief(at(noon - 400 * 86_400_000)), "18 Oct 2025");
        assert_eq!(wall.full(at(noon)), "22 November 2026, 01:00");
    }
}
