// Package testing supports tests, benchmarks, examples and fuzz targets run by `morestack test`.
package testing
