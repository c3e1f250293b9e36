module cycle

go 1.27
