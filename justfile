# Everyday commands. Each is a line of cargo, for where just is missing.

# Run a Go program.
run *ARGS:
    cargo run --release -q -- run {{ARGS}}

# All tests.
test *ARGS:
    cargo test --workspace {{ARGS}}

# All tests with one processor, two, and eight.
test-processors:
    for procs in 1 2 8; do GOMAXPROCS=$procs cargo test --workspace || exit 1; done

# Compare with the real Go toolchain on programs/bench.
bench *ARGS:
    cargo run --release -q -p morestack-bench --bin morestack-bench -- {{ARGS}}

# Everything at once, for an hour: each engine and several numbers of processors in turn, then the stress modes.
soak SECONDS="300":
    cargo build --release -q
    for procs in 1 2 8; do for engine in interp jit tiered; do \
        GOMAXPROCS=$procs SOAK_SECONDS={{SECONDS}} target/release/morestack run --engine=$engine programs/soak/soak.go || exit 1; done; done
    for stress in move gc preempt; do \
        MORESTACK_STRESS=$stress SOAK_SECONDS={{SECONDS}} target/release/morestack run programs/soak/soak.go || exit 1; done

# Go's own test programs: DIR is the test/ folder of a Go tree, NAMES the list of programs.
conformance DIR NAMES="../shared/conformance/go-test-run.txt" *ARGS:
    cargo run --release -q -p morestack-bench --bin conformance -- {{DIR}} {{NAMES}} {{ARGS}}

# Make the expected outputs anew with the real toolchain (--check: compare only).
bless *ARGS:
    cargo run -q -p morestack-bench --bin bless -- {{ARGS}}

# Formatting and lints, warnings denied.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
