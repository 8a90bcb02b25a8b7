//! What the processes of a server cost: CPU time and memory, children included (proc(5)).

use std::fs;

/// Processes and their descendants.
#[derive(Clone, Debug)]
pub struct Processes(pub Vec<u32>);

/// What /proc says of a process.
struct Stat {
    id: u32,
    parent: u32,
    /// Its own time and that of children that ended, in ticks.
    ticks: u64,
}

/// Ticks per second: `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux that this runs on.
const TICKS: f64 = 100.0;

fn stat(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may contain anything, so count from its end.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Stat {
        id,
        parent: u32::try_from(number(1)?).ok()?,
        ticks: number(11)? + number(12)? + number(13)? + number(14)?,
    })
}

impl Processes {
    /// These and all that descend from them, now.
    fn family(&self) -> Vec<Stat> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut strangers: Vec<Stat> = ids.filter_map(stat).collect();
        let mut family: Vec<Stat> = Vec::new();
        loop {
            let belongs = |one: &Stat| self.0.contains(&one.id) || family.iter().any(|them| them.id == one.parent);
            let (found, rest): (Vec<Stat>, Vec<Stat>) = strangers.into_iter().partition(belongs);
            strangers = rest;
            if found.is_empty() {
                return family;
            }
            family.extend(found);
        }
    }

    /// CPU-seconds of all of them so far.
    pub fn cpu_seconds(&self) -> f64 {
        let ticks: u64 = self.family().iter().map(|one| one.ticks).sum();
        ticks as f64 / TICKS
    }

    /// What is resident of all of them, in bytes: `Pss` where the system tells it, since processes share pages.
    pub fn resident(&self) -> u64 {
        self.family().iter().map(|one| resident(one.id)).sum()
    }
}

fn resident(id: u32) -> u64 {
    let of = |file: &str, what: &str| {
        let text = fs::read_to_string(format!("/proc/{id}/{file}")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(what))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let pages = of("smaps_rollup", "Pss:").or_else(|| of("status", "VmRSS:"));
    pages.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_has_used_time_and_memory_and_nobody_has_none() {
        let me = Processes(vec![std::process::id()]);
        let before = me.cpu_seconds();
        let mut sum = 0_u64;
        while me.cpu_seconds() < before + 0.05 {
            sum = (0..1_000_000).fold(sum, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
        }
        assert!(me.resident() > 100_000, "{sum}");
        assert_eq!(Processes(Vec::new()).resident(), 0);
    }
}
