module loadgen.example/counters

go 1.19
