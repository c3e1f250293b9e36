package sync

// Map is a map[any]any for use by many goroutines; its zero value is empty.
type Map struct {
	_ noCopy
	m Mutex
	e map[any]any
}

// Load returns the value for key.
func (m *Map) Load(key any) (value any, ok bool) {
	m.m.Lock()
	defer m.m.Unlock()
	value, ok = m.e[key]
	return value, ok
}

// Store sets the value for key.
func (m *Map) Store(key, value any) { m.Swap(key, value) }

// Clear deletes all entries.
func (m *Map) Clear() {
	m.m.Lock()
	clear(m.e)
	m.m.Unlock()
}

// LoadOrStore returns the value for key if there is one, else it sets it.
func (m *Map) LoadOrStore(key, value any) (actual any, loaded bool) {
	m.m.Lock()
	defer m.m.Unlock()
	if actual, loaded = m.e[key]; loaded {
		return actual, true
	}
	m.set(key, value)
	return value, false
}

func (m *Map) set(key, value any) {
	if m.e == nil {
		m.e = make(map[any]any)
	}
	m.e[key] = value
}

// LoadAndDelete deletes the entry for key and returns its value.
func (m *Map) LoadAndDelete(key any) (value any, loaded bool) {
	m.m.Lock()
	defer m.m.Unlock()
	value, loaded = m.e[key]
	delete(m.e, key)
	return value, loaded
}

// Delete deletes the entry for key.
func (m *Map) Delete(key any) { m.LoadAndDelete(key) }

// Swap sets the value for key and returns the previous one.
func (m *Map) Swap(key, value any) (previous any, loaded bool) {
	m.m.Lock()
	defer m.m.Unlock()
	previous, loaded = m.e[key]
	m.set(key, value)
	return previous, loaded
}

// CompareAndSwap sets the value for key to new if it is old, and reports whether it was.
func (m *Map) CompareAndSwap(key, old, new any) (swapped bool) {
	m.m.Lock()
	defer m.m.Unlock()
	if value, ok := m.e[key]; !ok || value != old {
		return false
	}
	m.e[key] = new
	return true
}

// CompareAndDelete deletes the entry for key if its value is old, and reports whether it was.
func (m *Map) CompareAndDelete(key, old any) (deleted bool) {
	m.m.Lock()
	defer m.m.Unlock()
	if value, ok := m.e[key]; !ok || value != old {
		return false
	}
	delete(m.e, key)
	return true
}

// Range calls f for each entry until f returns false. f may use the map; entries are those of the start that still exist.
func (m *Map) Range(f func(key, value any) bool) {
	m.m.Lock()
	keys := make([]any, 0, len(m.e))
	for key := range m.e {
		keys = append(keys, key)
	}
	m.m.Unlock()
	for _, key := range keys {
		if value, ok := m.Load(key); ok && !f(key, value) {
			return
		}
	}
}
