-- wrk's requests: reads of one client, of a page and of a view, and every fifth a new client under its own key.
--   wrk … -s mixed.lua URL -- TOKEN CLIENT RUN

local threads = {}

function setup(thread)
	threads[#threads + 1] = thread
end

function init(args)
	at, posts, run = 0, 0, args[3]
	reads = { "/v1/clients?limit=5", "/v1/clients/" .. args[2], "/v1/incoming_transfers?limit=5" }
	headers = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json" }
end

function request()
	at = at + 1
	if at % 5 == 0 then
		posts = posts + 1
		headers["Idempotency-Key"] = run .. "-" .. posts
		return wrk.format("POST", "/v1/clients", headers, '{"given_name": "Ilze"}')
	end
	headers["Idempotency-Key"] = nil
	return wrk.format("GET", reads[at % #reads + 1], headers)
end

function done(summary, latency)
	local e = summary.errors
	local sent = 0
	for _, thread in ipairs(threads) do
		sent = sent + thread:get("posts")
	end
	print(('{"requests":%d,"us":%d,"posts":%d,"p50":%d,"p99":%d,"max":%d,"failed":%d}'):format(
		summary.requests, summary.duration, sent, latency:percentile(50),
		latency:percentile(99), latency.max, e.connect + e.read + e.write + e.status + e.timeout))
end
