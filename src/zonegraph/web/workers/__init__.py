"""Query workers: processes that can be killed, on read-only handles, without a network."""
