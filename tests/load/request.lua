-- wrk's requests: GETs of the paths in a file, or POSTs of consultations, one case each.
--   wrk … -s request.lua URL -- get|post FILE TOKEN RUN
-- FILE holds one path a line; for post one "case_id starts_at" a line, each used once.

local threads = 0

function setup(thread)
	thread:set("part", threads)
	threads = threads + 1
	thread:set("step", 2)
end

function init(args)
	kind, run = args[1], args[4]
	lines = {}
	for line in io.lines(args[2]) do
		lines[#lines + 1] = line
	end
	at = part
	headers = { ["Authorization"] = "Bearer " .. args[3], ["Accept"] = "application/json" }
end

local function get()
	at = at + step
	return wrk.format("GET", lines[at % #lines + 1], headers)
end

local function post()
	at = at + step
	local case, starts = lines[at % #lines + 1]:match("(%S+) (%S+)")
	headers["Content-Type"] = "application/json"
	headers["Idempotency-Key"] = ("%s-%d"):format(run, at)
	return wrk.format("POST", "/v1/cases/" .. case .. "/consultations", headers,
		'{"specialist_kind":"psychologist","entitlement":"aftercare","starts_at":"' .. starts ..
		':00Z","minutes":1,"mode":"phone","language":"lv","topic":"Atgriešanās darbā"}')
end

function request()
	return kind == "get" and get() or post()
end

function done(summary, latency)
	local e = summary.errors
	print(('{"requests":%d,"us":%d,"p50":%d,"p99":%d,"errors":%d}'):format(summary.requests,
		summary.duration, latency:percentile(50), latency:percentile(99),
		e.connect + e.read + e.write + e.status + e.timeout))
end
