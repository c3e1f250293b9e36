package syscall

import "sync"

// environment returns the process's environment as it was at the start.
func environment() []string

var (
	envLock sync.Mutex
	envRead bool
	envList []string // key=value
)

// env returns the environment; the lock is held.
func env() []string {
	if !envRead {
		envList = environment()
		envRead = true
	}
	return envList
}

// find returns the index and value of a key, -1 if it is not set; the lock is held.
func find(key string) (int, string) {
	for i, s := range env() {
		if len(s) > len(key) && s[len(key)] == '=' && s[:len(key)] == key {
			return i, s[len(key)+1:]
		}
	}
	return -1, ""
}

// Getenv returns the value of an environment variable.
func Getenv(key string) (value string, found bool) {
	if key == "" {
		return "", false
	}
	envLock.Lock()
	defer envLock.Unlock()
	i, value := find(key)
	return value, i >= 0
}

// Setenv sets an environment variable.
func Setenv(key, value string) error {
	if key == "" {
		return EINVAL
	}
	for i := range len(key) {
		if key[i] == '=' || key[i] == 0 {
			return EINVAL
		}
	}
	for i := range len(value) {
		if value[i] == 0 {
			return EINVAL
		}
	}
	envLock.Lock()
	defer envLock.Unlock()
	if i, _ := find(key); i >= 0 {
		envList[i] = key + "=" + value
	} else {
		envList = append(envList, key+"="+value)
	}
	return nil
}

// Unsetenv removes an environment variable.
func Unsetenv(key string) error {
	envLock.Lock()
	defer envLock.Unlock()
	if i, _ := find(key); i >= 0 {
		envList = append(envList[:i:i], envList[i+1:]...)
	}
	return nil
}

// Clearenv removes all environment variables.
func Clearenv() {
	envLock.Lock()
	envRead, envList = true, nil
	envLock.Unlock()
}

// Environ returns a copy of the environment.
func Environ() []string {
	envLock.Lock()
	defer envLock.Unlock()
	return append([]string{}, env()...)
}
