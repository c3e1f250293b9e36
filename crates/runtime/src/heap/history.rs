//! What is told of past collections: in MemStats, by GODEBUG=gctrace=1, and by `run --stats`.

use std::sync::atomic::Ordering;

use super::collect::Cycle;
use crate::runtime::Runtime;

/// Past collections.
#[derive(Clone)]
pub struct History {
    /// Nanoseconds that the program was stopped, all together.
    pub pause_total_ns: u64,
    /// The most recent pauses (both stops of a collection together) and their ends (wall clock), circular by number.
    pub pause_ns: [u64; 256],
    pub pause_end: [u64; 256],
    pub forced: u32,
    /// Wall clock of the last collection's end.
    pub last: u64,
    /// Nanoseconds of all processors that collections took.
    pub cpu_ns: u64,
    /// Single stops by length: how many took less than 2^(i/4) nanoseconds, and not less than the i before.
    stops: [u32; 192],
}

impl Default for History {
    fn default() -> History {
        History {
            pause_total_ns: 0,
            pause_ns: [0; 256],
            pause_end: [0; 256],
            forced: 0,
            last: 0,
            cpu_ns: 0,
            stops: [0; 192],
        }
    }
}

/// Steps of the stops' lengths for a doubling.
const STEPS: f64 = 4.0;

impl History {
    fn count_stop(&mut self, ns: i64) {
        let at = ((ns.max(1) as f64).log2() * STEPS) as usize + 1;
        self.stops[at.min(191)] += 1;
    }

    /// The length that a share of the stops did not exceed, to a fifth: in nanoseconds.
    pub fn stop_percentile(&self, share: f64) -> u64 {
        let all: u32 = self.stops.iter().sum();
        let wanted = (f64::from(all) * share).ceil() as u32;
        let mut seen = 0;
        for (i, count) in self.stops.iter().enumerate() {
            seen += count;
            if seen >= wanted.max(1) {
                return (i as f64 / STEPS).exp2() as u64;
            }
        }
        0
    }

    /// How often the program was stopped.
    pub fn stops(&self) -> u32 {
        self.stops.iter().sum()
    }
}

impl Runtime {
    /// Counts a collection whose marking has ended.
    pub(crate) fn record(&self, cycle: &Cycle) {
        let [begin, marking, ending, end] = cycle.times;
        let (first, mark, last) = (marking - begin, ending - marking, end - ending);
        let procs = self.sched.procs() as i64;
        let assist = self.gc.assist_ns.load(Ordering::Relaxed) as i64;
        let number = self.gc.cycles.fetch_add(1, Ordering::Relaxed);
        let mut history = self.gc.history.lock().unwrap();
        let at = (number % 256) as usize;
        history.pause_ns[at] = (first + last) as u64;
        history.pause_end[at] = self.wall_of(end) as u64;
        history.pause_total_ns += (first + last) as u64;
        history.last = self.wall_of(end) as u64;
        history.forced += u32::from(cycle.forced);
        history.cpu_ns += ((first + last) * procs + cycle.mark_ns + assist) as u64;
        history.count_stop(first);
        history.count_stop(last);
        if self.config.gctrace {
            let ms = |ns: i64| {
                let ms = ns as f64 / 1e6;
                // As many digits as tell something.
                match ms {
                    ms if ms >= 10.0 => format!("{ms:.0}"),
                    ms if ms >= 1.0 => format!("{ms:.1}"),
                    ms if ms >= 0.1 => format!("{ms:.2}"),
                    ms => format!("{ms:.3}"),
                }
            };
            let text = format!(
                "gc {} @{:.3}s {}%: {}+{}+{} ms clock, {}+{}/{}/0+{} ms cpu, {}->{}->{} MB, {} MB goal, {} MB stacks, {} MB globals, {} P{}\n",
                number + 1,
                begin as f64 / 1e9,
                history.cpu_ns * 100 / (end.max(1) * procs) as u64,
                ms(first),
                ms(mark),
                ms(last),
                ms(first * procs),
                ms(assist),
                ms(cycle.mark_ns),
                ms(last * procs),
                cycle.live[0] >> 20,
                cycle.live[1] >> 20,
                self.heap.pacer.last_marked() >> 20,
                cycle.goal >> 20,
                self.stacks.in_use.load(Ordering::Relaxed) >> 20,
                self.globals.bytes() >> 20,
                procs,
                if cycle.forced { " (forced)" } else { "" },
            );
            crate::traceback::write_stderr(text.as_bytes());
        }
    }

    /// The collections of the run, for `--stats`.
    pub fn gc_report(&self) -> String {
        let history = self.gc.history.lock().unwrap();
        let us = |share| history.stop_percentile(share) as f64 / 1000.0;
        format!(
            "collections: {}, {} stops of 50% {:.0}, 99% {:.0}, 99.9% {:.0}, all {:.0} us at most; {} ms of processors",
            self.gc.cycles(),
            history.stops(),
            us(0.5),
            us(0.99),
            us(0.999),
            us(1.0),
            history.cpu_ns / 1_000_000,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_single_stops() {
        let mut history = History::default();
        for _ in 0..999 {
            history.count_stop(1000);
        }
        history.count_stop(1_000_000);
        assert!((1000..1200).contains(&history.stop_percentile(0.5)));
        assert!((1000..1200).contains(&history.stop_percentile(0.999)));
        assert!((1_000_000..1_200_000).contains(&history.stop_percentile(1.0)));
        assert_eq!(history.stops(), 1000);
    }
}
