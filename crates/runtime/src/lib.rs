//! Goroutines, stacks, scheduler, heap and collector, channels, maps, strings, interfaces, panics, timers.
