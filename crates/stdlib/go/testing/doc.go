// Package testing supports tests, benchmarks, examples and fuzz targets run by `morestack test`.
//
// What the command generates is a main function that calls MainStart with lists of them, and M.Run, or the package's TestMain. M.Run runs what the
// flags (-test.run, -test.bench, ...) choose. Its output is that of the go toolchain, character by character: other programs read it.
package testing
