//! Figures that Linux gives of this process, and medians.

use std::fs;
use std::time::{Duration, Instant};

/// The length of a tick in `/proc`: `USER_HZ` is 100 on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// Where user and system time stand in `/proc/self/stat`, counted from the field after the command's name.
const USER_TIME: usize = 11;

/// The cost of one run.
#[derive(Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    /// User and system time of all threads of this process.
    pub cpu: Duration,
}

/// Runs something and says what it took.
pub fn cost<T>(run: impl FnOnce() -> T) -> (T, Cost) {
    let (start, cpu_before) = (Instant::now(), cpu_time());
    let result = run();
    (result, Cost { wall: start.elapsed(), cpu: cpu_time() - cpu_before })
}

fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux's /proc");
    let (_, fields) = stat.rsplit_once(") ").expect("the command in brackets");
    let ticks = fields.split(' ').skip(USER_TIME).take(2).map(|field| field.parse::<u32>().expect("a number of ticks"));
    TICK * ticks.sum::<u32>()
}

/// Resident memory in bytes.
pub fn resident() -> u64 {
    memory("VmRSS:")
}

/// The most resident memory, in bytes, since [`forget_peak`].
pub fn peak_resident() -> u64 {
    memory("VmHWM:")
}

/// Lets the peak begin anew with what is resident now (proc(5), `clear_refs`).
pub fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("a kernel that can reset the peak");
}

fn memory(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux's /proc");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a field of /proc/self/status");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of kilobytes") * 1024
}

/// The median; of an even number the upper one.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// To two decimals: what a line of figures shows.
pub fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
