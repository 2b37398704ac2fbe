//! An engine that is opened and closed a thousand times in one process, as a module is that is stopped, updated and
//! configured over the years, leaves neither memory nor threads behind.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::time::{Duration, Instant};

use sync2::engine::Engine;
use sync2::testing::mock_parent::MockParent;
use sync2::testing::objects::state;
use sync2::testing::sqlite_host::SqliteHost;

/// Counts the bytes that this program holds. SQLite, which is the host's, has its own.
struct Counting;

static HELD: AtomicIsize = AtomicIsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: all is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size().cast_signed(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size().cast_signed(), Ordering::Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

/// After so many, everything has been made that is made once only.
const FIRST: usize = 20;
const ALL: usize = 1000;

/// Less than an engine's smallest thread or connection would leave in so many rounds.
const NOISE: isize = 64 * 1024;

const PATIENCE: Duration = Duration::from_secs(60);

/// Opens an engine that tries to pull, from a parent that is away, and closes it.
fn live(document: &str, host: &mut SqliteHost) {
    let engine = Engine::open(document, host).unwrap();
    assert_eq!(state(&engine.pull(host).unwrap()), "interrupted");
    engine.close().unwrap();
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, |tasks| tasks.count())
}

#[test]
fn engine_that_is_closed_a_thousand_times_leaves_nothing() {
    let parent = MockParent::start();
    parent.stop();
    let document = parent.config_document(&["patient"]).to_string();
    let mut host = SqliteHost::in_memory().unwrap();

    for _ in 0..FIRST {
        live(&document, &mut host);
    }
    let (held, running) = (HELD.load(Ordering::Relaxed), threads());
    for _ in FIRST..ALL {
        live(&document, &mut host);
    }

    // A thread that has ended is told of for a moment longer.
    let deadline = Instant::now() + PATIENCE;
    while threads() > running && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert!(threads() <= running, "{} threads, {running} before", threads());
    let more = HELD.load(Ordering::Relaxed) - held;
    assert!(more < NOISE, "{more} bytes more after {} rounds", ALL - FIRST);
}
