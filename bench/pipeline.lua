-- Sixteen requests at a time, without waiting for the replies to the first ones.
init = function()
	local one = wrk.format("GET")
	requests = string.rep(one, 16)
end

request = function()
	return requests
end
