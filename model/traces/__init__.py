"""Real vLLM's traces: workloads and states as JSON documents (F1 to F4), played and compared."""
