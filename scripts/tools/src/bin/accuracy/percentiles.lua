-- What wrk and wrk2 know of their latencies, in microseconds: the percentiles that they do not print, too.
done = function(summary, latency, requests)
  local line = "latency_us"
  for _, percent in pairs({50, 75, 90, 95, 99, 99.9}) do
    line = line .. string.format(" %d", latency:percentile(percent))
  end
  io.write(string.format("%s %d\nanswered %d\n", line, latency.max, summary.requests))
end
