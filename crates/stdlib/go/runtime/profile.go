package runtime

// Profiles are not collected: these say so in the ways their callers understand.

// StackRecord is a stack.
type StackRecord struct {
	Stack0 [32]uintptr // ends at the first 0
}

func untilZero(stack []uintptr) []uintptr {
	for i, pc := range stack {
		if pc == 0 {
			return stack[:i]
		}
	}
	return stack
}

// Stack returns the record's part that is used.
func (r *StackRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

// MemProfileRecord counts the objects that were allocated at one place.
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64
	AllocObjects, FreeObjects int64
	Stack0                    [32]uintptr
}

// InUseBytes returns the bytes of live objects.
func (r *MemProfileRecord) InUseBytes() int64 { return r.AllocBytes - r.FreeBytes }

// InUseObjects returns the number of live objects.
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }

// Stack returns the record's part that is used.
func (r *MemProfileRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

// BlockProfileRecord counts waits at one place.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// MemProfile returns no records.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) { return 0, true }

// BlockProfile returns no records.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// MutexProfile returns no records.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// ThreadCreateProfile returns no records.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// GoroutineProfile returns how many goroutines there are, without their stacks.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	n = NumGoroutine()
	return n, n <= len(p)
}

// SetBlockProfileRate has no effect.
func SetBlockProfileRate(rate int) {}

// SetCPUProfileRate has no effect.
func SetCPUProfileRate(hz int) {}

// SetMutexProfileFraction has no effect and returns the rate, 0.
func SetMutexProfileFraction(rate int) int { return 0 }

// CPUProfile panics.
func CPUProfile() []byte { panic("CPUProfile no longer available") }
